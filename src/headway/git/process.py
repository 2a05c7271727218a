"""Run git so that neither the repository nor the machine can affect its behaviour.

Repositories and their names are untrusted input. Git therefore runs without user and system
configuration, hooks, prompts, replacement objects and lazy fetching.
"""

from __future__ import annotations

import fcntl
import os
import re
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TypeVar

from headway.errors import HeadwayError

_T = TypeVar("_T")

_CONFIGURATION = (
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.symlinks", "false"),
    ("core.protectHFS", "true"),
    ("core.protectNTFS", "true"),
    ("core.attributesFile", "/dev/null"),
    ("core.alternateRefsCommand", "/bin/false"),
    # A commit graph may be damaged, and git does not check it.
    ("core.commitGraph", "false"),
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
"""The maximum memory that one git process may allocate, in bytes."""

MOST_KILLS = 3
"""The maximum number of retries after a kill. Git can be killed when memory runs out."""

_EXIT_SECONDS = 5.0
"""The maximum time for git to exit after the end of its input, in seconds."""

_TIMED_OUT = 124

_PIPE_BYTES = 1 << 20
"""The size of git's output pipe, in bytes. With the default of 64 KiB, git and its reader would
often wait for each other.
"""


class GitMissingError(HeadwayError):
    """The git program is not installed."""

    def __init__(self) -> None:
        super().__init__("the git program was not found; install git 2.39 or later.")


class GitError(Exception):
    """A git command failed.

    `reason` is git's error line without its prefix. Pages show the reason, so it contains no names
    of local folders.
    """

    def __init__(self, arguments: Sequence[str], returncode: int, stderr: bytes) -> None:
        lines = stderr.decode("utf-8", "replace").strip().splitlines()
        line = next((line for line in lines if line.startswith(("fatal:", "error:"))), "")
        line = line or (lines[-1] if lines else _how_it_ended(returncode))
        line = line.removeprefix("fatal:").removeprefix("error:").strip()
        self.reason = _FOLDERS.sub("", line)
        self.returncode = returncode
        super().__init__(f"git {arguments[0]}: {self.reason}")

    @property
    def killed(self) -> bool:
        """Return whether a signal ended git, so that another attempt can succeed."""
        return self.returncode < 0


def _how_it_ended(returncode: int) -> str:
    with suppress(ValueError):
        return f"git was killed by {signal.Signals(-returncode).name}"
    return f"exit code {returncode}"


def again_if_killed(run: Callable[[], _T]) -> _T:
    """Call a function that runs git. After a kill, repeat the call up to `MOST_KILLS` times."""
    for _ in range(MOST_KILLS):
        try:
            return run()
        except GitError as error:
            if not error.killed:
                raise
    return run()


def environment(configuration: Sequence[tuple[str, str]] = ()) -> dict[str, str]:
    """Return the complete environment of a git process.

    The only variable from Headway's own environment is PATH, which is needed to find git.

    Args:
        configuration: (Key, value) pairs of git settings that override this module's defaults.
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
        git_dir: The repository's git directory, or None for a command without a repository.
        stdin: The standard input. None means empty input.
        env: The environment. None means `environment()`.
        timeout: The time limit in seconds, after which the command is killed. None means no limit.

    Raises:
        GitError: The command failed or exceeded the timeout.
        GitMissingError: git is not installed.
    """
    return again_if_killed(partial(_run_once, arguments, git_dir, stdin, env, timeout))


def _run_once(
    arguments: Sequence[str],
    git_dir: Path | None,
    stdin: bytes | None,
    env: dict[str, str] | None,
    timeout: float | None,
) -> bytes:
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
        raise GitError(
            arguments, _TIMED_OUT, b"no response within %d s" % int(timeout or 0)
        ) from None
    if done.returncode:
        raise GitError(arguments, done.returncode, done.stderr)
    return done.stdout


@lru_cache(maxsize=1)
def git_version() -> tuple[int, int]:
    """Return the version of git, such as (2, 39) for 2.39.5, or (0, 0) if parsing fails."""
    found = re.search(rb"(\d+)\.(\d+)", run_git(["version"]))
    return (int(found[1]), int(found[2])) if found else (0, 0)


@contextmanager
def stream_git(
    arguments: Sequence[str],
    *,
    git_dir: Path,
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    env: dict[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a git command whose output can be read while it runs.

    An exception inside the `with` block kills the command.

    Args:
        arguments: The command and its arguments.
        git_dir: The repository.
        stdin: The standard input.
        env: The environment. None means `environment()`.

    Raises:
        GitError: The command failed. Raised at the end of the `with` block.
        GitMissingError: git is not installed.
    """
    # Collect errors in a file instead of a pipe, because git would block on a full pipe.
    with TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                _command(arguments, git_dir),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment() if env is None else env,
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
            returncode = process.wait() if process.stdin is None else _end_of_batch(process)
        if returncode:
            errors.seek(0)
            raise GitError(arguments, returncode, errors.read())


def _end_of_batch(process: subprocess.Popen[bytes]) -> int:
    """Wait for git to exit after its standard input was closed, and return its exit code.

    If a scanner has forked, the copy of this process may keep git's standard input open, so that
    git would never exit. By now, all of git's output has been read.
    """
    try:
        return process.wait(_EXIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return 0


def _limit(pid: int) -> None:
    """Limit the memory that git allocates. Memory-mapped packs do not count.

    Git collects all changes in a commit in memory before it prints them. A single commit in a tiny
    repository can change more files than fit into memory.
    """
    if hasattr(resource, "prlimit"):
        with suppress(ProcessLookupError, PermissionError, ValueError, OSError):
            resource.prlimit(pid, resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))


def _widen(pipe: IO[bytes] | None) -> None:
    """Enlarge a pipe to make reading faster. Ignore failures."""
    if pipe is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _command(arguments: Sequence[str], git_dir: Path | None) -> list[str]:
    place = [f"--git-dir={git_dir}"] if git_dir is not None else []
    return ["git", *place, *arguments]
