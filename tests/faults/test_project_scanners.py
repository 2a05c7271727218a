"""Project scanners that hang, crash or return nonsense affect only their own rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.git import Repo
from tests.support.pins import PLUGIN, plugin
from tests.support.workspaces import REMOVE_SIX, headway, rows, workspace

TODAY = ("--today", "2020-03-02")
PINS = """title: Pins
starts: 2020-01-06
deprecated:
  - {id: six, scanner: pins, package: six}
  - {id: os, scanner: pins, package: os}
"""


def harmed(folder: Path, scanner: str, limits: str = "") -> Path:
    """Create a workspace with two repositories, one of which makes the scanner misbehave."""
    workspace(folder, pins=PINS, remove_six=REMOVE_SIX)
    with (folder / "headway.toml").open("a") as config:
        config.write(f"[limits]\n{limits}\n")
    (folder / "scanners").mkdir()
    (folder / "scanners" / "pins.py").write_text(f"import os, sys, time\n{scanner}")
    for name in ("one", "odd"):
        repo = Repo(folder / "clones" / name)
        repo.commit("2020-02-09", {"a.want": "six 1\n", "a.py": "import six\n"})
        if name == "odd":
            repo.commit("2020-02-10", {"b.want": "harm\n", "a.want": "six 1.1\n"})
            repo.commit("2020-02-11", {"c.want": "six 1\n"})
    return folder


def gaps(folder: Path) -> dict[tuple[str, str], str]:
    listed = rows(folder, "query", "SELECT * FROM gaps")
    return {(gap["rule"], gap["path"]): gap["reason"] for gap in listed}


def opened(folder: Path) -> list[tuple[str, str, str, str]]:
    listed = rows(folder, "items", *TODAY)
    return sorted(
        (item["rule"], item["repository"], item["path"], item["captures"].get("version", ""))
        for item in listed
    )


SIX = [
    ("import-six", "odd", "a.py", ""),
    ("import-six", "one", "a.py", ""),
    ("six", "odd", "a.want", "1.1"),
    ("six", "odd", "c.want", "1"),
    ("six", "one", "a.want", "1"),
]


@pytest.mark.fault(26)
@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        ("time.sleep(60)", "scanner pins: no response within 1 s"),
        ("os._exit(3)", "scanner pins: "),
        ("raise MemoryError", "scanner pins failed: "),
        ("sys.exit(1)", "scanner pins: "),
    ],
)
def test_a_file_that_crashes_read_is_a_gap_for_all_rules_of_the_scanner(
    tmp_path: Path, harm: str, reason: str
) -> None:
    calls = tmp_path / "calls"
    counted = f"os.write(os.open({str(calls)!r}, os.O_CREAT | os.O_APPEND | os.O_WRONLY), b'x')"
    harmful = plugin(harm=f"if line == 'harm': {counted}; {harm}")
    seconds = 1 if "no response within" in reason else 60
    folder = harmed(tmp_path / "ws", harmful, f"scanner_seconds = {seconds}")
    headway(folder, "scan", "--jobs", "2", *TODAY, code=3)
    found = gaps(folder)
    assert found.keys() == {("six", "b.want"), ("os", "b.want")}
    assert all(why.startswith(reason) for why in found.values())
    assert opened(folder) == SIX
    # The next scan does not pass the file to the scanner again.
    before = calls.read_text()
    Repo(folder / "clones" / "odd").commit("2020-02-12", {"c.want": None})
    headway(folder, "scan", "--jobs", "2", *TODAY, code=3)
    assert calls.read_text() == before
    assert gaps(folder) == found
    assert opened(folder) == [item for item in SIX if item[2] != "c.want"]


@pytest.mark.fault(26)
def test_a_rule_whose_find_hangs_is_unknown_in_the_repository(tmp_path: Path) -> None:
    find = "        for path, known in facts.items():\n"
    assert find in PLUGIN
    hanging = plugin().replace(
        find,
        "        if options.package == 'os' and 'b.want' in facts:\n"
        f"            time.sleep(60)\n{find}",
    )
    folder = harmed(tmp_path / "ws", hanging, "scanner_seconds = 1")
    headway(folder, "scan", "--jobs", "2", *TODAY, code=3)
    assert gaps(folder) == {}
    assert opened(folder) == SIX
    listed = rows(folder, "status", "pins", "--by", "repository", *TODAY)
    states = {row["repository"]: (row["state"], row["reason"]) for row in listed}
    assert states["one"][0] == "open"
    assert states["odd"][0] == "unknown"
    assert "scanner pins: no response within 1 s" in str(states["odd"][1])


@pytest.mark.fault(26)
def test_a_scanner_that_changes_its_process_still_finds_everything(tmp_path: Path) -> None:
    folder = harmed(tmp_path / "ws", plugin(harm="if line == 'harm': os.chdir('/proc')"))
    headway(folder, "scan", "--jobs", "2", *TODAY)
    assert gaps(folder) == {}
    assert opened(folder) == SIX


NOT_READ = "whose path is not that of a file it read"
NONSENSE = {
    "an unknown path": ("Match(text='x', path='z.want')", NOT_READ),
    "no path": ("Match(text='x')", NOT_READ),
    "an unknown file": ("Unknown('z.want', 'why')", NOT_READ),
    "a number as reason": ("Unknown('a.want', 5)", "which has a field that is not a string"),
    "a number": ("5", "the scanner returned 5 instead of a Match"),
    "a bad line": ("Match(text='x', path='a.want', line=0)", "whose `line` or `column`"),
}


@pytest.mark.fault(26)
@pytest.mark.parametrize("returned", NONSENSE)
def test_what_find_returns_is_checked(tmp_path: Path, returned: str) -> None:
    code, reason = NONSENSE[returned]
    find = "        for path, known in facts.items():\n"
    odd = plugin().replace(find, f"        if 'b.want' in facts:\n            yield {code}\n{find}")
    folder = harmed(tmp_path / "ws", odd)
    headway(folder, "scan", "--jobs", "2", *TODAY, code=3)
    found = gaps(folder)
    assert found.keys() == {("six", ""), ("os", "")}
    assert all(reason in why for why in found.values())
    # The items keep their state from before the commit at which the scanner fails.
    assert [item for item in opened(folder) if item[0] == "six"] == [
        ("six", "odd", "a.want", "1"),
        ("six", "one", "a.want", "1"),
    ]


@pytest.mark.fault(26)
@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ("[]", "`files` returned nothing"),
        ("[5]", "TypeError"),
        ("5", "TypeError"),
        ("['*.want', '']", ""),
    ],
)
def test_what_files_returns_is_checked(tmp_path: Path, files: str, reason: str) -> None:
    folder = harmed(tmp_path / "ws", plugin().replace('["*.want", "*.lock"]', files))
    done = headway(folder, "scan", "--jobs", "1", *TODAY, code=3 if reason else 0)
    assert reason in done.output
    assert [item[:3] for item in opened(folder)][:2] == [item[:3] for item in SIX[:2]]
