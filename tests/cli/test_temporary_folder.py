"""A command has one temporary folder. The next command deletes the folder of a killed one."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from headway.cli.error_report import print_crash

CODE = """
import os, signal, sys, tempfile
from headway.cli import temporary_folder
temporary_folder.create()
from multiprocessing.util import get_temp_dir
tempfile.mkdtemp(prefix="headway-tree-")
get_temp_dir()
if sys.argv[1] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
"""


def run(folder: Path, how: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", CODE, how],
        env={"TMPDIR": str(folder), "PATH": ""},
        capture_output=True,
        check=False,
    )
    assert done.stderr == b""
    return done.returncode


WORKERS = """
import os, signal, sys, tempfile
from pathlib import Path
from headway.cli import temporary_folder
temporary_folder._SHORT_PARENTS = (Path("/missing"), Path(sys.argv[1]))
print(temporary_folder.create() or tempfile.gettempdir(), os.path.realpath(tempfile.gettempdir()))
from headway.workers.pool import Workers
with Workers(1) as workers:
    print(workers.submit(len, "short").result(), flush=True)
    if sys.argv[2] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
"""


def run_workers(folder: Path, short: Path, how: str = "ends") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WORKERS, str(short), how],
        env={"TMPDIR": str(folder), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def run_command(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "headway", "schema"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def short_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        yield Path(name)


@pytest.mark.fault(38)
def test_temporary_files_of_a_killed_command_are_deleted_by_the_next_one(
    short_folder: Path,
) -> None:
    assert run(short_folder, "killed") == -9
    (left,) = short_folder.iterdir()
    assert sorted(path.name.partition("-")[0] for path in left.iterdir()) == ["headway", "pymp"]
    assert run(short_folder, "ends") == 0
    assert list(short_folder.iterdir()) == []


@pytest.mark.fault(38)
def test_a_folder_that_was_still_in_use_is_deleted_when_the_next_command_ends(
    short_folder: Path,
) -> None:
    code = f"""
import os, sys
{CODE.partition("tempfile.mkdtemp")[0].strip()}
print("ready", flush=True)
sys.stdin.read()
"""
    environment = {"TMPDIR": str(short_folder), "PATH": ""}
    with subprocess.Popen(
        [sys.executable, "-c", code, "ends"], env=environment, stdin=-1, stdout=-1
    ) as next_command:
        assert next_command.stdout is not None
        assert next_command.stdout.readline() == b"ready\n"
        # A worker of the killed command held the lock of this folder until now.
        (short_folder / f".h{os.getuid()}.headway-killed").mkdir()
        next_command.communicate()
    assert next_command.returncode == 0
    assert list(short_folder.iterdir()) == []


@pytest.mark.fault(42)
def test_workers_start_in_a_temporary_folder_with_a_long_path(short_folder: Path) -> None:
    folder = short_folder / ("x" * 120)
    folder.mkdir()
    done = run_workers(folder, short_folder)
    assert (done.returncode, done.stderr) == (0, "")
    used, real, answer = done.stdout.split()
    assert len(used) <= 72
    assert Path(real).parent == folder
    assert answer == "5"
    assert [path.name for path in short_folder.iterdir()] == [folder.name]
    assert list(folder.iterdir()) == []


@pytest.mark.fault(42)
def test_what_a_killed_command_left_at_both_paths_is_deleted(short_folder: Path) -> None:
    folder = short_folder / ("x" * 120)
    folder.mkdir()
    for how, code in (("killed", -9), ("ends", 0)):
        assert run_workers(folder, short_folder, how).returncode == code
        assert len(list(folder.iterdir())) == (1 if how == "killed" else 0)
        assert len(list(short_folder.iterdir())) == (2 if how == "killed" else 1)


@pytest.mark.fault(42)
@pytest.mark.parametrize("kind", ["missing", "a file"])
def test_a_temporary_folder_that_cannot_be_used_is_replaced_with_a_warning(
    short_folder: Path, kind: str
) -> None:
    folder = short_folder / "\x1btmp"
    if kind == "a file":
        folder.touch()
    done = run_command({"TMPDIR": str(folder), "PATH": os.environ["PATH"]})
    assert done.returncode == 0
    warning = done.stderr.replace(str(short_folder), "FOLDER")
    assert warning.startswith("warning: TMPDIR is FOLDER/\\x1btmp, which is missing, read-only or ")
    assert re.search(r" full; using /\S+ instead\.\n$", warning)


@pytest.mark.fault(42)
def test_without_any_temporary_folder_a_command_ends_with_one_sentence(tmp_path: Path) -> None:
    code = """
import tempfile
from headway.__main__ import main
tempfile._candidate_tempdir_list = lambda: ["/missing"]
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code, "schema"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "error: there is no folder for temporary files: the usual ones are missing, read-only or "
        "full; set TMPDIR to a writable folder that has a short path and is not full.\n"
    )


@pytest.mark.fault(42)
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_folder_that_can_no_longer_be_written_is_no_crash(
    capsys: pytest.CaptureFixture[str], number: int
) -> None:
    print_crash(OSError(number, os.strerror(number)))
    said = capsys.readouterr().err
    assert said.startswith(f"error: cannot write {tempfile.gettempdir()}: {os.strerror(number)}; ")
    assert said.count("\n") == 1


def test_a_crash_that_cannot_be_written_to_a_file_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/missing")
    print_crash(ValueError("x"))
    first, *_, last = capsys.readouterr().err.splitlines()
    assert first == "ValueError: x"
    assert last.startswith("error: Headway crashed (ValueError), and the traceback above could not")
