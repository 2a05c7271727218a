"""Start, call and end the hosts of one Dask worker. Only Dask workers call these functions."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait

_GRACE_SECONDS = 5.0
"""The time after which a host that has not exited is killed, in seconds."""
_LONGEST_CALL = 12 * 3600.0
"""The time after which a host that does not reply is killed, in seconds."""

ANSWERED, LOST = "answered", "lost"
"""The kinds of replies: a message from the host, or the reason why the host was lost."""


class _Host:
    """A host process. Only one thread at a time may call it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            # The host detects the end of this process from its standard input. `-P` prevents
            # the import of modules in the current folder.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "headway.cli.cluster_host", str(theirs.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
            self._pipe = Connection(ours.detach())

    def call(self, message: bytes) -> tuple[str, bytes | str]:
        """Send a message, and return the kind and the content of the reply."""
        try:
            self._pipe.send_bytes(message)
            if not wait([self._pipe], _LONGEST_CALL):
                self.end()
                return LOST, f"its host did not respond within {_LONGEST_CALL / 3600:g} hours"
            return ANSWERED, self._pipe.recv_bytes()
        except (EOFError, OSError):
            self.end()
            return LOST, f"its host ended with exit code {self._process.returncode}"

    def end(self) -> None:
        """End the process. Any thread may call this method."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


_hosts: dict[tuple[str, int], _Host] = {}
_lock = threading.Lock()


def call_host(command: str, slot: int, settings: bytes, message: bytes) -> tuple[str, bytes | str]:
    """Start a host if necessary, send a message to it, and return the reply.

    Args:
        command: The ID of the running command. Each command has its own hosts.
        slot: The number of the host in this Dask worker.
        settings: The first message to a new host.
        message: The message. If it is empty, the function only returns a new host's reply to
            `settings`.
    """
    with _lock:
        host = _hosts.get((command, slot))
        is_new = host is None
        if host is None:
            host = _hosts[command, slot] = _Host()
    reply = host.call(settings) if is_new else (ANSWERED, b"")
    if reply[0] == ANSWERED and message:
        reply = host.call(message)
    if reply[0] == LOST:
        with _lock:
            _hosts.pop((command, slot), None)
    return reply


def end_hosts(command: str) -> None:
    """End all hosts of a command."""
    with _lock:
        ended = [_hosts.pop(key) for key in list(_of(command))]
    for host in ended:
        # Use a separate thread, because Dask calls this function in its event loop.
        threading.Thread(target=host.end, daemon=True).start()


def _of(command: str) -> Iterator[tuple[str, int]]:
    yield from (key for key in _hosts if key[0] == command)
