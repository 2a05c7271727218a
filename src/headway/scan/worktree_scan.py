"""Scanners that need a work tree: run at the tip, in a child process with limits.

Whatever the child starts is in one process group with it, so that all of it can be ended.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from headway.git.worktree import write_files
from headway.model.scope import compiled
from headway.progress.tracker import Found, Spot
from headway.scan.job import Job
from headway.scan.matching import BoundRule, Matcher, spot_of
from headway.scanner import Match, Options, RepositoryScanner
from headway.workers.active_rule import said
from headway.workers.sandbox import ProcessLimits, begin_scanner, how_it_died


def find_at_tip(
    job: Job, bound: BoundRule, matcher: Matcher, index: int
) -> dict[str, Found] | None:
    """Path to what the rule finds in the files of the tip; None when it failed.

    A failure is noted in `matcher.failures`. Raises what reading the tree raises.
    """
    scanner = bound.scanner
    assert isinstance(scanner, RepositoryScanner)
    with tempfile.TemporaryDirectory(prefix="headway-tree-") as name:
        folder = Path(name)
        written = write_files(
            job.git_dir,
            job.tip,
            folder,
            max_files=job.limits.max_files,
            max_bytes=job.limits.max_text_bytes,
        )
        answer = _ask_in_child(scanner, bound.options, folder, job.limits.memory_bytes)
    if isinstance(answer, str):
        rule = bound.rule
        matcher.fail(index, f"rule {rule.id}: scanner {rule.scanner} failed: {answer:.300}")
        return None
    return _by_path(answer, bound.rule.paths, frozenset(written), job.tip)


def _by_path(
    matches: Sequence[Match], patterns: tuple[str, ...], written: frozenset[str], tip: str
) -> dict[str, Found]:
    spots: dict[str, set[Spot]] = defaultdict(set)
    for match in matches:
        admitted = not patterns or compiled(patterns).match_file(match.path)
        if match.path in written and admitted:
            spots[match.path].add(spot_of(match))
    return {
        path: Found(tip, tuple(sorted(group, key=lambda s: (s.line or 0, s.column or 0, s.text))))
        for path, group in spots.items()
    }


def _ask_in_child(
    scanner: RepositoryScanner[Options], options: Options, folder: Path, memory_bytes: int
) -> list[Match] | str:
    """The matches, or what went wrong in words."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    # more than it may use in its time, on all processors: ends what is left behind of it
    processor_seconds = scanner.timeout_seconds * (os.cpu_count() or 1)
    confinement = ProcessLimits(memory_bytes, processor_seconds)
    child = context.Process(target=_find, args=(theirs, scanner, options, folder, confinement))
    child.start()
    theirs.close()
    try:
        # the sentinel too: what the child has started may hold the pipe open when it is dead
        if not wait([ours, child.sentinel], scanner.timeout_seconds):
            return f"no answer within {scanner.timeout_seconds:g} s"
        if not ours.poll(0):
            raise EOFError
        answer: list[Match] | str = ours.recv()
        return answer
    except EOFError:
        child.join(1)
        return how_it_died(child.exitcode)
    finally:
        ours.close()
        _end(child)


def _end(child: BaseProcess) -> None:
    """The child with all that it has started, also when it has ended itself."""
    assert child.pid is not None
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    # before it has made its group there is only itself
    child.kill()
    child.join()


def _find(
    answer: Connection,
    scanner: RepositoryScanner[Options],
    options: Options,
    folder: Path,
    confinement: ProcessLimits,
) -> None:
    begin_scanner(confinement)
    try:
        matches = list(scanner.find(options, folder))
        strange = [match for match in matches if not isinstance(match, Match) or not match.path]
        if strange:
            answer.send(f"it gave back {strange[0]!r:.80} where a Match with a path is due")
        else:
            answer.send(matches)
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything
        answer.send(said(error))
    finally:
        answer.close()
