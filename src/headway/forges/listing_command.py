"""Run a `list` source's command without a shell, with limits and a minimal environment."""

from __future__ import annotations

import contextlib
import os
import resource
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from headway.git.transport import NETWORK_VARIABLES

_READ_SIZE = 1 << 16
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class CommandOutput:
    """The output of a command and the problem that occurred, if any."""

    content: bytes
    problem: str | None = None
    """The reason why the output may be incomplete, or None if the command succeeded."""


class _LimitReached(Exception):  # noqa: N818 - it ends the command, and is reported as a problem
    """The command exceeded a limit and must be killed. The message describes the limit."""


def run_listing_command(
    command: Sequence[str],
    *,
    folder: Path,
    secrets: Mapping[str, str],
    timeout: float,
    max_bytes: int,
) -> CommandOutput:
    """Run a command until it exits and return its standard output.

    The command runs in its own process group. When the command exits, the whole group is killed.

    Args:
        command: The program and its arguments.
        folder: The working directory.
        secrets: Additional environment variables. Their values are masked in problems.
        timeout: The time limit of the command, in seconds.
        max_bytes: The maximum length of the output. If the command writes more, it is killed.

    Raises:
        OSError: The command cannot be started.
        ValueError: An argument contains a NUL character.
    """
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(secrets),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    _forbid_core_dump(process.pid)
    output, errors = bytearray(), bytearray()
    deadline = time.monotonic() + timeout
    try:
        _read(process, output, errors, deadline, max_bytes)
        process.wait(max(deadline - time.monotonic(), 0))
    except _LimitReached as limit:
        return CommandOutput(bytes(output[:max_bytes]), str(limit))
    except subprocess.TimeoutExpired:
        return CommandOutput(bytes(output), _too_slow(timeout))
    finally:
        _kill_group(process.pid)
        _close(process)
    if process.returncode == 0:
        return CommandOutput(bytes(output))
    return CommandOutput(bytes(output), _failure(process.returncode, bytes(errors), secrets))


def _environment(secrets: Mapping[str, str]) -> dict[str, str]:
    variables = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
    network = {name: os.environ[name] for name in NETWORK_VARIABLES if name in os.environ}
    return variables | network | dict(secrets)


def _read(
    process: subprocess.Popen[bytes],
    output: bytearray,
    errors: bytearray,
    deadline: float,
    max_bytes: int,
) -> None:
    """Read both streams until they end. Keep only the last part of the error stream."""
    with selectors.DefaultSelector() as selector:
        for stream, target in ((process.stdout, output), (process.stderr, errors)):
            assert stream is not None
            selector.register(stream, selectors.EVENT_READ, target)
        while selector.get_map():
            seconds = deadline - time.monotonic()
            if seconds <= 0:
                raise subprocess.TimeoutExpired(process.args, 0)
            for key, _ in selector.select(seconds):
                block = os.read(key.fd, _READ_SIZE)
                if not block:
                    selector.unregister(key.fileobj)
                key.data.extend(block)
            if len(output) > max_bytes:
                raise _LimitReached(f"wrote more than {max_bytes >> 20} MiB")
            del errors[:-_READ_SIZE]


def _too_slow(timeout: float) -> str:
    return f"did not finish within {timeout:g} s"


def _failure(returncode: int, errors: bytes, secrets: Mapping[str, str]) -> str:
    """Describe the failure of a command, including the last line of its standard error."""
    status = f"exit code {returncode}"
    if returncode < 0:
        with contextlib.suppress(ValueError):
            status = signal.Signals(-returncode).name
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    if not lines:
        return f"failed ({status})"
    reason = lines[-1]
    for secret in secrets.values():
        reason = reason.replace(secret, "***")
    return f"failed ({status}): {reason[:_LONGEST_REASON]}"


def _close(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdout, process.stderr):
        assert stream is not None
        stream.close()
    process.wait()


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _forbid_core_dump(pid: int) -> None:
    """Disable core dumps, which would contain the token."""
    if hasattr(resource, "prlimit"):
        with contextlib.suppress(ProcessLookupError, PermissionError, ValueError, OSError):
            resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))
