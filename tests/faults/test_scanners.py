"""Scanners that hang, crash or exhaust memory affect only the repository that they scan."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.git import Repo
from tests.support.processes import alive, begin, eventually
from tests.support.workspaces import REMOVE_SIX, headway, rows, workspace

TODAY = ("--today", "2020-03-02")
IMPORTS = "import ctypes, itertools, os, subprocess, sys, time\nfrom pathlib import Path\n"
KINDS = {
    "content": """
from headway import ContentScanner, Match, Options

class Evil(ContentScanner[Options]):
    name = "evil"

    def find(self, options, path, content):
        if b"harm" in content:
            {harm}
        if b"note" in content:
            yield Match(text="note", line=1)
""",
    "tree": """
from headway import Match, Options, TreeScanner

class Evil(TreeScanner[Options]):
    name = "evil"

    def find(self, options, paths):
        if "harm.txt" in paths:
            {harm}
        return [Match(text="note", path=path) for path in paths if path == "note.txt"]
""",
    "repository": """
from headway import Match, Options, RepositoryScanner

class Evil(RepositoryScanner[Options]):
    name = "evil"
    timeout_seconds = 2

    def find(self, options, tree):
        if (tree / "harm.txt").exists():
            {harm}
        if (tree / "note.txt").exists():
            yield Match(text="note", path="note.txt")
""",
}
EVIL = "title: Evil\nstarts: 2020-01-06\ndeprecated: [{id: evil, scanner: evil}]\n"

HANGS = "[time.sleep(1) for _ in itertools.repeat(0)]"
HANGS_AND_CATCHES_ALL = "[0 for _ in iter(lambda: hold_on(), 1)]"
# This loop runs in C. It neither handles signals nor releases the GIL.
HANGS_IN_C = "sum(itertools.repeat(0))"
EATS = "held = [bytearray(1 << 24) for _ in range(1 << 20)]"
HOLD_ON = """
def hold_on():
    try:
        time.sleep(60)
    except BaseException:
        pass
"""


def evil(folder: Path, kind: str, harm: str, limits: str = "") -> Path:
    """Create a workspace with a scanner that misbehaves only in the repository `odd`."""
    workspace(folder, evil=EVIL, remove_six=REMOVE_SIX)
    with (folder / "headway.toml").open("a") as config:
        config.write(f"[limits]\n{limits}\n")
    (folder / "scanners").mkdir()
    plugin = IMPORTS + HOLD_ON + KINDS[kind].format(harm=harm)
    (folder / "scanners" / "evil.py").write_text(plugin)
    for name, text in (("one", "note"), ("two", "fine"), ("odd", "harm")):
        files: dict[str, str | bytes | None] = {f"{text}.txt": f"{text}\n", "a.py": "import six\n"}
        Repo(folder / "clones" / name).commit("2020-02-10", files)
    return folder


def states(folder: Path) -> dict[tuple[str, str], tuple[str, str | None]]:
    listed = rows(folder, "status", "--by", "repository", *TODAY)
    return {(row["campaign"], row["repository"]): (row["state"], row["reason"]) for row in listed}


def assert_only_the_odd_one_is_unknown(folder: Path, reason_part: str) -> None:
    found = states(folder)
    state, reason = found.pop(("evil", "odd"))
    assert state == "unknown"
    assert reason_part in (reason or "")
    assert found == {
        ("evil", "one"): ("open", None),
        ("evil", "two"): ("not affected", None),
        ("remove-six", "odd"): ("open", None),
        ("remove-six", "one"): ("open", None),
        ("remove-six", "two"): ("open", None),
    }


@pytest.mark.fault(26)
@pytest.mark.parametrize(
    ("kind", "harm", "reason_part"),
    [
        ("content", HANGS, "scanner evil: no response within 1 s"),
        ("content", HANGS_IN_C, "scanner evil: no response within 1 s"),
        ("content", HANGS_AND_CATCHES_ALL, "scanner evil: no response within 1 s"),
        ("tree", HANGS, "scanner evil: no response within 1 s"),
        ("repository", HANGS, "scanner evil failed: no response within 2 s"),
        ("content", EATS, "needs more memory than `memory_gigabytes`"),
        ("tree", EATS, "needs more memory than `memory_gigabytes`"),
        ("repository", EATS, "needs more memory than `memory_gigabytes`"),
        ("content", "os.abort()", "scanner evil: its process died (SIGABRT)"),
        ("repository", "os.abort()", "scanner evil failed: its process died (SIGABRT)"),
        ("content", "sys.exit('enough')", "scanner evil: SystemExit: enough"),
        ("tree", "raise KeyboardInterrupt", "scanner evil: KeyboardInterrupt"),
    ],
)
def test_a_scanner_affects_only_its_own_rule_in_that_repository(
    tmp_path: Path, kind: str, harm: str, reason_part: str
) -> None:
    # On a busy machine, even a call that succeeds may take longer than a second.
    seconds = 1 if "no response within" in reason_part else 60
    limits = f"scanner_seconds = {seconds}\nmemory_gigabytes = 0.25"
    folder = evil(tmp_path / "ws", kind, harm, limits)
    done = headway(folder, "scan", "--jobs", "2", *TODAY, code=3)
    assert "Traceback" not in done.output
    assert_only_the_odd_one_is_unknown(folder, reason_part)


@pytest.mark.fault(26)
def test_processes_started_by_a_repository_scanner_end_with_it(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    harm = (
        f"Path({str(pid_file)!r}).write_text(str(subprocess.Popen(['sleep', '600']).pid)); {HANGS}"
    )
    folder = evil(tmp_path / "ws", "repository", harm)
    headway(folder, "scan", "--jobs", "1", *TODAY, code=3)
    assert eventually(lambda: not alive(int(pid_file.read_text())))


@pytest.mark.fault(2)
def test_no_worker_outlives_a_killed_scan(tmp_path: Path) -> None:
    """Workers end on their own, because a killed coordinator cannot end them."""
    pid_file = tmp_path / "pid"
    harm = f"Path({str(pid_file)!r}).write_text(str(os.getpid())); {HANGS}"
    folder = evil(tmp_path / "ws", "content", harm)
    scan = begin(folder, "scan", "--jobs", "2", *TODAY)
    assert eventually(pid_file.exists)
    scan.kill()
    scan.communicate()
    assert eventually(lambda: not alive(int(pid_file.read_text())))


@pytest.mark.fault(26)
def test_a_crash_affects_only_the_file_that_causes_it(tmp_path: Path) -> None:
    folder = evil(tmp_path / "ws", "content", "os.abort()")
    repo = Repo(folder / "clones" / "odd")
    repo.commit("2020-02-20", {"note.txt": "note\n", "harm.txt": "note harm\n"})
    headway(folder, "scan", "--jobs", "2", *TODAY, code=3)
    row, *_ = rows(folder, "status", "evil", "--by", "repository", *TODAY)
    assert (row["repository"], row["state"], row["open"]) == ("odd", "unknown", 1)
    assert "harm.txt could not be read at commit" in row["reason"]
    # The scanner can read the next version of the file.
    repo.commit("2020-02-25", {"harm.txt": "note\n"})
    headway(folder, "scan", "--jobs", "2", *TODAY)
    items = rows(folder, "items", "evil", "--repository", "odd")
    assert [item["path"] for item in items] == ["harm.txt", "note.txt"]


@pytest.mark.fault(26)
def test_a_rule_whose_scanner_crashes_leaves_other_rules_of_the_scanner_alone(
    tmp_path: Path,
) -> None:
    folder = evil(tmp_path / "ws", "content", "os.abort()")
    notes = EVIL.replace("Evil", "Notes").replace("evil}", "evil, paths: [note.txt]}")
    (folder / "campaigns" / "notes.yaml").write_text(notes)
    Repo(folder / "clones" / "odd").commit("2020-02-20", {"note.txt": "note\n"})
    headway(folder, "scan", "--jobs", "2", *TODAY, code=3)
    found = states(folder)
    assert found["notes", "odd"] == ("open", None)
    assert found["evil", "odd"][0] == "unknown"
