"""Starting the git program so that nothing in a repository or on the machine can steer it.

The environment is built from nothing: no user or system configuration, no hooks, no prompts, no
replacement objects, no lazy fetching. Repositories are hostile input, and so are their names.
"""

from __future__ import annotations

import fcntl
import os
import re
import resource
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from headway.errors import HeadwayError

_CONFIGURATION = (
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.symlinks", "false"),
    ("core.protectHFS", "true"),
    ("core.protectNTFS", "true"),
    ("core.attributesFile", "/dev/null"),
    ("core.alternateRefsCommand", "/bin/false"),
    ("core.logAllRefUpdates", "false"),
    ("core.bigFileThreshold", "5m"),
    ("core.quotePath", "false"),
    ("protocol.allow", "never"),
    ("transfer.bundleURI", "false"),
    ("submodule.recurse", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("credential.helper", ""),
    ("i18n.logOutputEncoding", "UTF-8"),
    ("log.showRoot", "true"),
    ("log.showSignature", "false"),
    ("log.mailmap", "false"),
    ("diff.renames", "false"),
)


_FOLDERS = re.compile(r"(?<![^\s'\"(=:])/(?:[^\s/'\"]+/)+")

_MEMORY = 2 << 30
"""Bytes that one git may allocate."""

_PIPE = 1 << 20
"""Bytes that git may be ahead: with the usual 64 KiB it waits for us, and we for it, in turns."""


class GitMissingError(HeadwayError):
    """The git program is not there."""

    def __init__(self) -> None:
        super().__init__("the git program was not found; install git 2.39 or later.")


class GitError(Exception):
    """git ended with an error; the caller decides what that makes unknown.

    reason: the last line that git wrote to its standard error, without its prefix and without
    the folders of this machine: it is shown on pages.
    """

    def __init__(self, arguments: Sequence[str], returncode: int, stderr: bytes) -> None:
        lines = stderr.decode("utf-8", "replace").strip().splitlines()
        said = next((line for line in lines if line.startswith(("fatal:", "error:"))), "")
        said = said or (lines[-1] if lines else f"exit code {returncode}")
        said = said.removeprefix("fatal:").removeprefix("error:").strip()
        self.reason = _FOLDERS.sub("", said)
        self.returncode = returncode
        super().__init__(f"git {arguments[0]}: {self.reason}")


def environment(configuration: Sequence[tuple[str, str]] = ()) -> dict[str, str]:
    """Everything that git gets to see; `configuration` comes after the fixed settings.

    PATH is the one thing taken over from the surroundings: it says where git is.
    """
    variables = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "/bin/false",
        "SSH_ASKPASS": "/bin/false",
        "GIT_SSH_COMMAND": "/bin/false",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PAGER": "cat",
    }
    settings = (*_CONFIGURATION, *configuration)
    variables["GIT_CONFIG_COUNT"] = str(len(settings))
    for index, (key, value) in enumerate(settings):
        variables[f"GIT_CONFIG_KEY_{index}"] = key
        variables[f"GIT_CONFIG_VALUE_{index}"] = value
    return variables


def run_git(
    arguments: Sequence[str],
    *,
    git_dir: Path | None = None,
    stdin: bytes | None = None,
    env: dict[str, str] | None = None,
    timeout: float | None = None,
) -> bytes:
    """Standard output of one git command; raises `GitError` when it fails or takes too long."""
    command = _command(arguments, git_dir)
    try:
        done = subprocess.run(
            command,
            input=stdin if stdin is not None else b"",
            capture_output=True,
            env=env or environment(),
            timeout=timeout,
            start_new_session=True,
            check=False,
        )
    except FileNotFoundError:
        raise GitMissingError from None
    except subprocess.TimeoutExpired:
        raise GitError(arguments, -1, b"no answer within %d s" % int(timeout or 0)) from None
    if done.returncode:
        raise GitError(arguments, done.returncode, done.stderr)
    return done.stdout


@lru_cache(maxsize=1)
def git_version() -> tuple[int, int]:
    """(2, 39) for `git version 2.39.5`; (0, 0) for what cannot be read."""
    found = re.search(rb"(\d+)\.(\d+)", run_git(["version"]))
    return (int(found[1]), int(found[2])) if found else (0, 0)


@contextmanager
def stream_git(
    arguments: Sequence[str], *, git_dir: Path, stdin: IO[bytes] | int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """A running git command whose output is read as it comes.

    Leaving the block early ends the command; leaving it at the end raises `GitError` when the
    command failed.
    """
    # a file, not a pipe: a pipe that nobody reads until the end could block git
    with TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                _command(arguments, git_dir),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment(),
                bufsize=_PIPE,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise GitMissingError from None
        _limit(process.pid)
        _widen(process.stdout)
        finished = False
        try:
            yield process
            finished = True
        finally:
            if not finished:
                process.kill()
            assert process.stdout is not None
            process.stdout.close()
            returncode = process.wait()
        if returncode:
            errors.seek(0)
            raise GitError(arguments, returncode, errors.read())


def _limit(pid: int) -> None:
    """git holds all that one commit changes in memory before it says any of it, and a tiny
    repository can change more than any machine holds. Packs, which are mapped, do not count.
    """
    if hasattr(resource, "prlimit"):
        with suppress(ProcessLookupError, PermissionError, ValueError, OSError):
            resource.prlimit(pid, resource.RLIMIT_DATA, (_MEMORY, _MEMORY))


def _widen(pipe: IO[bytes] | None) -> None:
    """As far as this system lets us; a narrow pipe is only slower."""
    if pipe is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


def _command(arguments: Sequence[str], git_dir: Path | None) -> list[str]:
    place = [f"--git-dir={git_dir}"] if git_dir is not None else []
    return ["git", *place, *arguments]
