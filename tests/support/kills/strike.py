"""Kill one process, a process group or a whole tree of processes, at a random moment."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from headway.process_tree import children_of, descendants_of
from tests.support.kills.launcher import Running

COMMAND, GROUP, TREE, CHILD = "command", "group", "tree", "child"
_POLITE = (signal.SIGINT, signal.SIGTERM)
_FATAL = (
    *(signal.SIGKILL, signal.SIGHUP, signal.SIGQUIT, signal.SIGABRT, signal.SIGSEGV),
    *(signal.SIGBUS, signal.SIGUSR1, signal.SIGALRM, signal.SIGXCPU, signal.SIGPIPE),
)
_FIRST_CHILD_SECONDS = 0.2
"""The number of seconds to wait for a child process before killing the command itself."""

_PROGRAMS = {
    b"forkserver": "fork server",
    b"resource_tracker": "resource tracker",
    b"headway.storage.agent": "storage agent",
}
"""Maps a word in the command line of a child process to a name for the process."""


@dataclass(frozen=True)
class Plan:
    """A plan for one kill: the target, the signal and the moment."""

    target: str
    """`COMMAND`, `GROUP` (its process group, as with Ctrl-C in a terminal), `TREE` (the command and
    all its descendants) or `CHILD` (one child process).
    """
    signal: signal.Signals
    share: float
    """The moment, as a share of the usual duration of the command."""
    changes: int | None = None
    """The number of changes in the folder to wait for, instead of `share`; None means `share`."""
    then: float = 0.0
    """The number of seconds to wait after these changes."""

    def __str__(self) -> str:
        when = f"{self.share:.0%}"
        if self.changes is not None:
            when = f"change {self.changes} + {self.then * 1000:.1f} ms"
        return f"{self.signal.name} to {self.target} at {when}"


@dataclass(frozen=True)
class Hit:
    """The processes that received the signal."""

    kinds: tuple[str, ...]
    seconds: float
    """The time since the start of the command."""
    signal: signal.Signals
    """The planned signal; `SIGKILL` if a child process ignores that signal."""


def plan(rng: random.Random, *, writes: bool, is_parent: bool) -> Plan:
    """Draw a plan.

    Args:
        rng: The source of randomness.
        writes: Whether the command changes many files.
        is_parent: Whether the command starts other processes.
    """
    target = rng.choices((COMMAND, GROUP, TREE, CHILD), (40, 10, 15, 35 * is_parent))[0]
    polite = rng.random() < 0.3
    number = rng.choice(_POLITE if polite else _FATAL)
    if target != COMMAND and not polite and rng.random() < 0.5:
        number = signal.SIGKILL
    if target == COMMAND and number == signal.SIGPIPE:
        number = signal.SIGKILL  # Python ignores SIGPIPE.
    if writes and rng.random() < 0.4:
        return Plan(target, number, 0, rng.randrange(1, 6), rng.uniform(0, 0.004))
    return Plan(target, number, rng.uniform(0, 0.9))


def strike(running: Running, planned: Plan, usual_seconds: float, watched: Path) -> Hit | None:
    """Wait for the moment and send the signal. Return None if no process can receive it.

    Args:
        running: The command.
        planned: The plan to carry out.
        usual_seconds: The usual duration of the command.
        watched: The folder whose changes are counted.
    """
    if planned.changes is None:
        moment = running.started + planned.share * usual_seconds
        running.ends_within(moment - time.monotonic())
    else:
        _await_changes(running, planned.changes, watched)
        time.sleep(planned.then)
    chosen = _processes(running, planned)
    seconds = time.monotonic() - running.started
    for number in (planned.signal, *((signal.SIGKILL,) if planned.target == CHILD else ())):
        if kinds := tuple(kind for process, kind in chosen if _send(process, number)):
            return Hit(kinds, seconds, number)
    return None


def has_killed(code: int, hit: Hit) -> bool:
    """Return whether a signal ended the command, or was sent only to child processes.

    Args:
        code: The exit code of the command.
        hit: The processes to which the signal was sent.
    """
    ends = (-hit.signal, 128 + hit.signal)
    return code in ends or not {COMMAND, GROUP}.intersection(hit.kinds)


def _await_changes(running: Running, changes: int, folder: Path) -> None:
    """Wait until files were created, renamed or deleted this many times, or the command ends."""
    before = _names(folder)
    while changes and running.is_alive():
        time.sleep(0.001)
        now = _names(folder)
        if now != before:
            changes -= 1
            before = now


def _names(folder: Path) -> list[str]:
    names: list[str] = []
    for place in (folder, folder / ".headway"):
        with contextlib.suppress(OSError), os.scandir(place) as entries:
            names += (entry.name for entry in entries)
    return sorted(names)


def _processes(running: Running, planned: Plan) -> Sequence[tuple[int, str]]:
    """Return the IDs and the kinds of the processes to kill."""
    if not running.is_alive():
        return ()
    if planned.target == CHILD:
        return _one_child(running, planned)
    if planned.target == COMMAND:
        return [(running.process, COMMAND)]
    if planned.target == GROUP:
        return [(-running.process, GROUP)]
    family = descendants_of(running.process)
    return [(running.process, COMMAND), *((child, _kind(child)) for child in family)]


def _one_child(running: Running, planned: Plan) -> Sequence[tuple[int, str]]:
    until = time.monotonic() + _FIRST_CHILD_SECONDS
    while time.monotonic() < until and running.is_alive():
        if family := descendants_of(running.process):
            chosen = family[int(planned.share * 1000 + planned.then * 1e6) % len(family)]
            return [(chosen, _kind(chosen))]
        time.sleep(0.0005)
    return [(running.process, COMMAND)] if running.is_alive() else ()


def _kind(process: int) -> str:
    """Describe a process: git, the fork server, the resource tracker, a keeper or a worker."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return "ended"
    for word, kind in _PROGRAMS.items():
        if word in words:
            return "worker or keeper" if kind == "fork server" and _forked(process) else kind
    if words.startswith(b"git\0"):
        return "git"
    return "keeper" if children_of(process) else "worker"


def _forked(process: int) -> bool:
    """Return whether the parent of a process is the fork server."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        parent = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1]
        return b"forkserver" in Path(f"/proc/{parent}/cmdline").read_bytes()
    return False


def _send(process: int, number: signal.Signals) -> bool:
    """Send a signal. Return False if the process has ended, or ignores or blocks the signal."""
    if not _accepts(abs(process), number):
        return False
    try:
        if process < 0:
            os.killpg(-process, number)
        else:
            os.kill(process, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _accepts(process: int, number: signal.Signals) -> bool:
    try:
        lines = Path(f"/proc/{process}/status").read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    fields = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    bit = 1 << (number - 1)
    refused = int(fields.get("SigBlk", "0"), 16) | int(fields.get("SigIgn", "0"), 16)
    return fields.get("State", "X")[:1] not in "ZX" and not refused & bit
