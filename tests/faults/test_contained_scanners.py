"""Scanners that fork, start programs or change their process affect no other rules.

Files of the repository `odd` contain code that the scanner runs when it reads them. The results for
all other files, repositories and campaigns must not depend on that code.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from headway.workers.process_state import ProcessState
from tests.support.git import Repo
from tests.support.processes import alive, run
from tests.support.workspaces import REMOVE_SIX, headway, rows, workspace

TODAY = ("--today", "2020-03-02")
Item = tuple[str, str, str, str]
"""The campaign, repository, path and commit of an item."""

PLUGIN = """
import builtins, ctypes, hashlib, itertools, json, os, re, resource, signal, subprocess, sys, time
from pathlib import Path
from headway import ContentScanner, Match, Options

class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("no")

class Unpicklable(Exception):
    def __reduce__(self):
        raise TypeError("no")

class Odd(str):
    def split(self, *_):
        raise RuntimeError("no")
    __len__ = encode = split

class OddMatch(Match):
    def __init__(self):
        pass

def daemon(pid_file):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            Path(pid_file).write_text(str(os.getpid()))
            time.sleep(600)
        os._exit(0)

class Evil(ContentScanner[Options]):
    name = "evil"

    def find(self, options, path, content):
        if path.startswith("harm"):
            names = dict(globals())
            exec(content, names)
            if "match" in names:
                yield names["match"]
        for number, line in enumerate(content.decode("utf-8", "replace").split("\\n"), start=1):
            if "note" in line:
                yield Match(text=line, line=number)
"""
EVIL = "title: Evil\nstarts: 2020-01-06\ndeprecated: [{id: evil, scanner: evil, paths: ['%s']}]\n"


@pytest.fixture(scope="module")
def clones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return repositories without harmful files."""
    folder = tmp_path_factory.mktemp("clones")
    for name in ("one", "two", "odd", "three"):
        repo = Repo(folder / name)
        repo.commit("2020-02-10", {"note.txt": f"note {name}\n", "a.py": "import six\n"})
    return folder


@pytest.fixture(scope="module")
def expected(clones: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Item]:
    """Return the items that a scan finds in the files that are not harmful."""
    folder = evil(tmp_path_factory.mktemp("twin"), clones, {"harmless": "pass # note"})
    headway(folder, "scan", *TODAY)
    return without_harm(items(folder))


def evil(folder: Path, clones: Path, harm: Mapping[str, str], limits: str = "") -> Path:
    """Create a workspace with a campaign `evil`, and a campaign for each piece of harmful code."""
    names = {name.replace(" ", "_"): EVIL % f"harm/{name}" for name in harm}
    workspace(folder, evil=EVIL % "**", remove_six=REMOVE_SIX, **names)
    with (folder / "headway.toml").open("a") as config:
        config.write(f"[limits]\n{limits}\n")
    (folder / "scanners").mkdir()
    (folder / "scanners" / "evil.py").write_text(PLUGIN)
    shutil.copytree(clones, folder / "clones", dirs_exist_ok=True)
    repo = Repo(folder / "clones" / "odd")
    # The walk reads this file with git. A fork of the scanner keeps the pipes to git open.
    repo.commit("2020-02-10", {".gitattributes": "*.generated linguist-generated\n"})
    repo.commit("2020-02-11", {f"harm/{name}": f"{code}\n" for name, code in harm.items()})
    repo.commit("2020-02-12", {"b.py": "import six\n", "later.txt": "another note\n"})
    return folder


def items(folder: Path) -> list[Item]:
    listed = rows(folder, "items", "--state", "all", *TODAY)
    return sorted(
        (row["campaign"], row["repository"], row["path"], str(row["opened_at"])) for row in listed
    )


def without_harm(found: list[Item]) -> list[Item]:
    return [item for item in found if not item[2].startswith("harm")]


def unread(folder: Path) -> dict[str, str]:
    """Map each piece of harmful code to the reason why its campaign cannot read the repository."""
    listed = rows(folder, "status", "--by", "repository", *TODAY)
    return {
        row["campaign"].replace("-", " "): row["reason"]
        for row in listed
        if row["repository"] == "odd" and row["reason"] and row["campaign"] != "evil"
    }


FORKS = {
    "python": "os.fork() # note",
    "libc": "ctypes.CDLL(None).fork() # note",
    "copy raises": "os.fork() or (_ for _ in ()).throw(ValueError('copy')) # note",
    "copy exits": "os.fork() or sys.exit(0) # note",
    "copy hangs": "os.fork() or time.sleep(600) # note",
}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_forked_copy_of_a_scanner_answers_nothing(
    tmp_path: Path, clones: Path, expected: list[Item], jobs: str
) -> None:
    folder = evil(tmp_path / "ws", clones, FORKS)
    done = run(folder, "scan", "--jobs", jobs, *TODAY)
    assert done.returncode == 0, done.stderr
    assert unread(folder) == {}
    found = items(folder)
    assert without_harm(found) == expected
    harmful = [item for item in found if item[2].startswith("harm") and item[0] != "evil"]
    assert [item[0].replace("-", " ") for item in harmful] == sorted(FORKS)


@pytest.mark.fault(26)
def test_daemons_and_output_of_a_scanner_end_with_the_scan(
    tmp_path: Path, clones: Path, expected: list[Item]
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    harm = {
        "calm": f"daemon({str(first)!r}); print('loud'); os.system('echo loudest')",
        "dies": f"daemon({str(second)!r}); time.sleep(0.5); os._exit(3)",
    }
    folder = evil(tmp_path / "ws", clones, harm)
    done = run(folder, "scan", "--jobs", "2", *TODAY)
    assert done.returncode == 3, done.stderr
    assert "loud" not in done.stdout
    assert "loudest" in done.stderr
    assert not alive(int(first.read_text()))
    assert not alive(int(second.read_text()))
    assert unread(folder).keys() == {"dies"}
    assert without_harm(items(folder)) == expected


NO_STRING = "whose `text` or `path` is not a string"
NO_NUMBER = "whose `line` or `column` is not a whole number"
NO_CAPTURES = "whose `captures` do not map strings to strings"
NONSENSE = {
    "bytes as text": ("match = Match(text=b'harm')", NO_STRING),
    "no text": ("match = Match(text=None)", NO_STRING),
    "number as path": ("match = Match(text='x', path=5)", NO_STRING),
    "text as line": ("match = Match(text='x', line='1')", NO_NUMBER),
    "true as line": ("match = Match(text='x', line=True)", NO_NUMBER),
    "line zero": ("match = Match(text='x', line=0)", NO_NUMBER),
    "huge line": ("match = Match(text='x', line=10**12)", NO_NUMBER),
    "huge column": ("match = Match(text='x', line=1, column=2**31)", NO_NUMBER),
    "negative column": ("match = Match(text='x', line=1, column=-1)", NO_NUMBER),
    "captures as list": ("match = Match(text='x', captures=['a'])", NO_CAPTURES),
    "captured bytes": ("match = Match(text='x', captures={'a': b'b'})", NO_CAPTURES),
    "capture without name": ("match = Match(text='x', captures={1: 'b'})", NO_CAPTURES),
    "many captures": (
        "match = Match(text='x', captures={str(n): '' for n in range(101)})",
        "which has more than 100 `captures`",
    ),
    "raises a surrogate": ("raise ValueError('\\udc80 odd')", "ValueError: \\udc80 odd"),
    "raises lines": ("raise ValueError('one\\n\\x1b[31mtwo')", "ValueError: one \\x1b[31mtwo"),
    "unprintable error": ("raise Unprintable", "Unprintable"),
    "unpicklable error": ("raise Unpicklable", "Unpicklable"),
    "no fields": ("match = OddMatch()", "AttributeError"),
    "no match": ("match = 42", "the scanner returned 42 instead of a Match"),
}


@pytest.mark.fault(26)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_a_scanner_returns_and_raises_is_checked(
    tmp_path: Path, clones: Path, expected: list[Item], jobs: str
) -> None:
    harm = {name: code for name, (code, _) in NONSENSE.items()}
    harm["another string"] = "match = Match(text=Odd('x'), captures={Odd('y'): Odd('z')})"
    folder = evil(tmp_path / "ws", clones, harm)
    done = headway(folder, "scan", "--jobs", jobs, *TODAY, code=3)
    assert "\x1b" not in done.output
    reasons = unread(folder)
    assert reasons.keys() == NONSENSE.keys()
    for name, (_, part) in NONSENSE.items():
        assert f"harm/{name} could not be read at commit" in reasons[name]
        assert part in reasons[name]
    found = items(folder)
    assert without_harm(found) == expected
    assert "another-string" in {item[0] for item in found}


TAMPERING = {
    "files": "resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))",
    "size": "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))",
    "cwd": "os.chdir('/proc')",
    "path": "os.environ['PATH'] = '/nonexistent'",
    "json": "json.dumps = json.loads = None",
    "hash": "hashlib.blake2b = hashlib.sha1 = lambda *_, **__: 1 / 0",
    "popen": "subprocess.Popen = os.pipe = builtins.sorted = None",
    "method": "Path.read_bytes = lambda _: b''",
    "sorted": "builtins.sorted = lambda values, **_: list(values)",
    "modules": "sys.modules.pop('subprocess')",
    "umask": "os.umask(0o777)",
    "signals": "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "error output": "os.close(2)",
    "descriptors": "os.closerange(0, 100)",
}


@pytest.mark.fault(26)
def test_a_scanner_that_changes_its_process_affects_only_itself(
    tmp_path: Path, clones: Path, expected: list[Item]
) -> None:
    folder = evil(tmp_path / "ws", clones, TAMPERING)
    done = headway(folder, "scan", "--jobs", "2", *TODAY, code=3)
    assert "scanner evil: its process died" in done.output
    reasons = unread(folder)
    assert "descriptors" in reasons
    for name, reason in reasons.items():
        assert f"harm/{name} could not be read at commit" in reason
    assert without_harm(items(folder)) == expected


@pytest.mark.parametrize("name", sorted(TAMPERING.keys() - {"descriptors"}))
def test_a_change_of_the_process_is_noticed(name: str) -> None:
    context = multiprocessing.get_context("fork")
    child = context.Process(target=_tamper, args=(TAMPERING[name],))
    child.start()
    child.join()
    assert child.exitcode == 0


def _tamper(code: str) -> None:
    exit_now = os._exit
    names: dict[str, object] = {"Path": Path}
    exec("import builtins, hashlib, json, os, resource, signal, subprocess, sys", names)
    before = ProcessState.now()
    if before.first_change() is not None:
        exit_now(2)
    exec(code, names)
    exit_now(0 if before.first_change() is not None else 1)


@pytest.mark.fault(26)
def test_the_memory_limit_covers_all_processes_of_a_scanner(
    tmp_path: Path, clones: Path, expected: list[Item]
) -> None:
    eat = "held = b'x' * 200_000_000; time.sleep(300); os._exit(0)"
    harm = {"eats": f"[os.fork() or exec({eat!r}) for _ in range(4)]; time.sleep(300)"}
    folder = evil(tmp_path / "ws", clones, harm, limits="memory_gigabytes = 0.5")
    headway(folder, "scan", "--jobs", "2", *TODAY, code=3)
    assert "memory_gigabytes" in unread(folder)["eats"]
    assert without_harm(items(folder)) == expected
