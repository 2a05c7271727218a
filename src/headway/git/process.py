"""Run git so that neither the repository nor the machine can influence what it does.

Git gets an environment of its own: no user or system configuration, no hooks, no prompts, no
replacement objects, no lazy fetching. Repositories and their names are untrusted input.
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

_MEMORY_BYTES = 2 << 30
"""How much memory one git process may allocate."""

_PIPE_BYTES = 1 << 20
"""How far git may be ahead of us. With the usual 64 KiB, both sides often wait for each other."""


class GitMissingError(HeadwayError):
    """The git program is not installed."""

    def __init__(self) -> None:
        super().__init__("the git program was not found; install git 2.39 or later.")


class GitError(Exception):
    """A git command failed.

    The reason is git's own error line, without its prefix and without folders of this machine,
    because it is shown on pages.
    """

    def __init__(self, arguments: Sequence[str], returncode: int, stderr: bytes) -> None:
        lines = stderr.decode("utf-8", "replace").strip().splitlines()
        line = next((line for line in lines if line.startswith(("fatal:", "error:"))), "")
        line = line or (lines[-1] if lines else f"exit code {returncode}")
        line = line.removeprefix("fatal:").removeprefix("error:").strip()
        self.reason = _FOLDERS.sub("", line)
        self.returncode = returncode
        super().__init__(f"git {arguments[0]}: {self.reason}")


def environment(configuration: Sequence[tuple[str, str]] = ()) -> dict[str, str]:
    """The complete environment of a git process.

    Only PATH is taken from our own environment, because it tells where git is.

    Args:
        configuration: git settings (key, value) that override the fixed ones.
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
    """Run one git command and return its standard output.

    Args:
        arguments: The command and its arguments.
        git_dir: The repository; None for a command that needs none.
        stdin: Its standard input; None for an empty one.
        env: Its environment; None for `environment()`.
        timeout: Seconds that it may take; None means no limit.

    Raises:
        GitError: The command failed or exceeded the timeout.
        GitMissingError: git is not installed.
    """
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
    """The version of git: (2, 39) for `git version 2.39.5`; (0, 0) if it cannot be parsed."""
    found = re.search(rb"(\d+)\.(\d+)", run_git(["version"]))
    return (int(found[1]), int(found[2])) if found else (0, 0)


@contextmanager
def stream_git(
    arguments: Sequence[str], *, git_dir: Path, stdin: IO[bytes] | int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a git command whose output is read while it runs.

    An exception in the block kills the command.

    Raises:
        GitError: The command failed; raised when the block ends.
        GitMissingError: git is not installed.
    """
    # a file instead of a pipe, because a full pipe would block git until the end
    with TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                _command(arguments, git_dir),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment(),
                bufsize=_PIPE_BYTES,
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
    """Limits the memory of git, which is not used up by mapped packs.

    Git collects all changes of a commit in memory before it prints them, and one commit of a tiny
    repository can change more files than fit into any memory.
    """
    if hasattr(resource, "prlimit"):
        with suppress(ProcessLookupError, PermissionError, ValueError, OSError):
            resource.prlimit(pid, resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))


def _widen(pipe: IO[bytes] | None) -> None:
    """Enlarge a pipe if the system allows it; a small pipe is only slower."""
    if pipe is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _command(arguments: Sequence[str], git_dir: Path | None) -> list[str]:
    place = [f"--git-dir={git_dir}"] if git_dir is not None else []
    return ["git", *place, *arguments]
