"""All scanner plugins load in the same way, and a broken plugin affects only its rules."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

import pytest

from headway import contained_import
from headway.config.workspace import shipped_folder
from headway.plugins import (
    declared_names,
    load_scanner_file,
    load_scanners,
    modules_in_folder,
)
from tests.support.git import Repo
from tests.support.processes import alive, run
from tests.support.workspaces import REMOVE_SIX, headway, rows, workspace

SHIPPED = shipped_folder() / "scanners"
TODAY = ("--today", "2020-03-01")

SCANNER = """
import os, signal
from headway import ContentScanner, Match

class Odd(ContentScanner):
    name = "odd"

    def find(self, options, path, content):
        if b"trigger" in content:
            {body}
        return []
"""
ODD = "title: Odd\nstarts: 2020-01-06\ndeprecated: [{id: odd, scanner: odd}]\n"


def plugin(folder: Path, name: str, text: str) -> Path:
    (folder / "scanners").mkdir(exist_ok=True)
    file = folder / "scanners" / name
    file.write_text(text)
    return file


def test_shipped_scanners_are_loaded_like_any_other() -> None:
    scanners = load_scanners([SHIPPED])
    assert {"regex", "file"} <= set(scanners.names)
    assert scanners.origins["regex"] == str(SHIPPED / "regex.py")
    assert scanners.problems == ()


@pytest.mark.parametrize("file", [file for file, _ in modules_in_folder(SHIPPED, "scanner")])
def test_a_shipped_module_declares_the_names_of_its_scanners(file: str) -> None:
    names = [scanner.name for scanner in load_scanner_file(Path(file))]
    assert declared_names(Path(file)) == names
    assert {load_scanners([SHIPPED]).origins[name] for name in names} == {file}


def test_a_scanner_hides_the_shipped_scanner_with_its_name(tmp_path: Path) -> None:
    own = plugin(tmp_path, "a.py", SCANNER.format(body="pass").replace('"odd"', '"command"'))
    scanners = load_scanners([tmp_path / "scanners", SHIPPED])
    assert type(scanners.by_name["command-project"]).__name__ == "CommandProject"
    assert type(scanners.by_name["command"]).__name__ == "Odd"
    assert [str(problem) for problem in scanners.problems] == [
        f"{SHIPPED / 'command.py'}: the `command` scanner is already defined in {own}"
    ]


def test_two_scanners_with_the_same_name_are_reported_with_both_files(tmp_path: Path) -> None:
    first = plugin(tmp_path, "a.py", SCANNER.format(body="pass"))
    second = plugin(tmp_path, "b.py", SCANNER.format(body="pass"))
    scanners = load_scanners([tmp_path / "scanners", SHIPPED])
    assert [str(problem) for problem in scanners.problems] == [
        f"{second}: the `odd` scanner is already defined in {first}"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "import nowhere_at_all\n",
            "the plugin cannot be imported (ModuleNotFoundError: No module named",
        ),
        ("def broken(:\n", "the plugin cannot be imported (SyntaxError:"),
        ("raise SystemExit(3)\n", "the plugin cannot be imported (SystemExit: 3)"),
        ("x = 1\n", "the module defines no scanner; define a subclass of ContentScanner"),
        (SCANNER.format(body="pass").replace('"odd"', "5"), "Odd has no `name`"),
    ],
)
def test_an_unusable_plugin_is_reported_with_its_file(
    tmp_path: Path, text: str, message: str
) -> None:
    file = plugin(tmp_path, "odd.py", text)
    (problem,) = load_scanners([tmp_path / "scanners", SHIPPED]).problems
    assert str(problem).startswith(f"{file}: {message}")


STARTS = """
import os, pathlib
child = os.spawnvp(os.P_NOWAIT, "sleep", ["sleep", "600"])
pathlib.Path(__file__ + ".pid").write_text(str(child))
"""
IMPORTS = {
    "hangs": ("import time; time.sleep(600)", "did not finish within 0.5 s"),
    "hangs in C": ("import itertools; sum(itertools.repeat(0))", "did not finish within 0.5 s"),
    "exits": ("import os; os._exit(7)", "it ended the process (exit code 7)"),
    "dies": ("import os, signal; os.kill(os.getpid(), 9)", "it ended the process (signal 9)"),
    "prints": ("import os; print('loud'); os.system('echo louder'); os.write(1, b'loudest')", None),
    "forks": ("import os; os.fork()", None),
    "starts a program": (STARTS, None),
}


@pytest.mark.parametrize(("text", "problem"), IMPORTS.values(), ids=IMPORTS.keys())
def test_a_plugin_cannot_stop_or_disturb_a_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, problem: str | None
) -> None:
    folder = workspace(tmp_path / "work", odd=ODD, remove_six=REMOVE_SIX)
    Repo(folder / "clones" / "one").commit("2020-01-10", {"a.py": "import six\ntrigger\n"})
    file = plugin(folder, "odd.py", f"{text}\n{SCANNER.format(body='pass')}")
    seconds = 0.5 if problem and "did not finish" in problem else 30
    monkeypatch.setattr(contained_import, "IMPORT_SECONDS", seconds)
    done = headway(folder, *TODAY, "scan", "--jobs", "2", code=3 if problem else 0)
    assert (problem or "") in done.stderr
    listed = run(folder, *TODAY, "status", "--format", "json") if problem is None else None
    if listed is not None:
        assert {row["campaign"] for row in json.loads(listed.stdout)} == {"odd", "remove-six"}
    else:
        assert {row["campaign"] for row in rows(folder, *TODAY, "status")} == {"odd", "remove-six"}
    pid = Path(f"{file}.pid")
    assert not pid.exists() or not alive(int(pid.read_text()))


@pytest.mark.fault(39)
def test_an_import_whose_process_is_killed_once_is_tried_again(tmp_path: Path) -> None:
    killed = tmp_path / "killed"

    def kill_once() -> None:
        if not killed.exists():
            killed.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    def kill_always() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    imports = [kill_once, kill_always, killed.exists, kill_always]
    assert contained_import.problems_of_imports(imports) == [
        None,
        "it ended the process (signal 9)",
        None,
        "it ended the process (signal 9)",
    ]


def test_what_the_options_of_a_scanner_raise_is_an_error_at_the_rule(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "work", odd=ODD)
    options = """
class Odd2(Options):
    @model_validator(mode="before")
    def check(cls, values):
        raise RuntimeError("no \\x1b[31m idea")
"""
    text = SCANNER.replace("import ContentScanner", "import Options, ContentScanner").format(
        body="pass"
    )
    text = f"from headway import Options\nfrom pydantic import model_validator\n{options}{text}"
    plugin(folder, "odd.py", text.replace('name = "odd"', 'name = "odd"; Options = Odd2'))
    done = headway(folder, "validate", code=1)
    assert "odd.yaml:3:14" in done.output
    assert (
        "the `odd` scanner failed on these options: RuntimeError: no \\x1b[31m idea" in done.output
    )


LINE_BY_LINE = """
    path_matters = False

    def each_line_alone(self, options):
        return True
"""
UNREAD = r"unknown: bad: rule odd: a\.txt could not be read at commit [0-9a-f]{12}: "
NO_LINE = "scanner odd failed: the scanner returned Match(text='x', line="


def assert_unread(output: str, reason: str) -> None:
    assert re.search(UNREAD + re.escape(reason), output), output


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise ValueError('no idea')", "scanner odd failed: ValueError: no idea"),
        ("return [Match(text='x')]", NO_LINE),
        ("return [Match(text='x', line=0)]", NO_LINE),
        ("return [Match(text='x', line=9)]", NO_LINE),
    ],
)
def test_a_scanner_of_single_lines_must_return_valid_lines(
    tmp_path: Path, body: str, reason: str
) -> None:
    folder = workspace(tmp_path / "work", odd=ODD)
    plugin(folder, "odd.py", SCANNER.format(body=body) + LINE_BY_LINE)
    bad = Repo(folder / "clones" / "bad")
    bad.commit("2020-01-10", {"a.txt": "trigger\n", "b.txt": "more\n"})
    bad.commit("2020-01-11", {"b.txt": "trigger\nmore\n"})
    result = headway(folder, *TODAY, "scan", "--jobs", "1", code=3)
    assert_unread(result.stderr, reason)


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise ValueError('no idea')", "scanner odd failed: ValueError"),
        ("return [42]", "scanner odd failed: the scanner returned 42"),
        ("os._exit(0)", "scanner odd: its process died (exit code 0)"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "scanner odd: its process died (SIGSEGV)"),
    ],
    ids=["raises", "nonsense", "exits", "segfault"],
)
def test_a_failing_scanner_makes_only_its_repository_unknown(
    tmp_path: Path, body: str, reason: str, jobs: str
) -> None:
    folder = workspace(tmp_path / "work", odd=ODD, remove_six=REMOVE_SIX)
    plugin(folder, "odd.py", SCANNER.format(body=body))
    Repo(folder / "clones" / "bad").commit("2020-01-10", {"a.txt": "trigger\n"})
    for name in ("one", "two"):
        Repo(folder / "clones" / name).commit("2020-01-10", {"a.py": "import six\n"})
    result = headway(folder, *TODAY, "scan", "--jobs", jobs, code=3)
    assert_unread(result.stderr, reason)
    states = {
        (row["campaign"], row["repository"]): row["state"]
        for row in rows(folder, *TODAY, "status", "--by", "repository")
    }
    assert states["odd", "bad"] == "unknown"
    assert states["remove-six", "one"] == states["remove-six", "two"] == "open"
