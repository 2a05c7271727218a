"""Run a scanner that needs a work tree on the tip, in a child process with limits.

The child and all processes that it starts form one process group, so that they can be killed
together.
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

from headway.git.attributes import Attributes
from headway.git.history import TooManyFilesError
from headway.git.objects import UnreadableObjectError
from headway.git.process import GitError
from headway.git.worktree import write_files
from headway.model.campaign import Rule
from headway.model.scope import compiled
from headway.progress.opening import Found, Spot
from headway.scan.job import Job
from headway.scan.matching import BoundRule, Matcher, spot_of, spot_order
from headway.scanner import Match, Options, RepositoryScanner
from headway.workers.active_rule import error_text
from headway.workers.sandbox import ProcessLimits, begin_scanner, how_it_died


def find_at_tip(
    job: Job, bound: BoundRule, matcher: Matcher, index: int
) -> dict[str, Found] | None:
    """Find the matches of one rule in the files of the tip.

    Returns:
        The rule's matches by path; None if the files could not be read or the scanner failed. The
        matcher then records the failure.

    Raises:
        UnreadableObjectError: A blob could not be read, but may be fetched.
    """
    scanner, rule = bound.scanner, bound.rule
    assert isinstance(scanner, RepositoryScanner)
    with tempfile.TemporaryDirectory(prefix="headway-tree-") as name:
        folder = Path(name)
        try:
            written = write_files(
                job.git_dir,
                job.tip,
                folder,
                max_files=job.limits.max_files,
                max_bytes=job.limits.max_text_bytes,
            )
        except (GitError, UnreadableObjectError, TooManyFilesError) as error:
            if job.can_fetch:
                raise
            matcher.fail(index, f"rule {rule.id}: {error}")
            return None
        answer = _find_in_child(scanner, bound.options, folder, job.limits.memory_bytes)
    if isinstance(answer, str):
        matcher.fail(index, f"rule {rule.id}: scanner {rule.scanner} failed: {answer:.300}")
        return None
    return _by_path(answer, rule, frozenset(written), job.tip, matcher.attributes)


def _by_path(
    matches: Sequence[Match],
    rule: Rule,
    written: frozenset[str],
    tip: str,
    attributes: Attributes,
) -> dict[str, Found]:
    spots: dict[str, set[Spot]] = defaultdict(set)
    for match in matches:
        if match.path not in written:
            continue
        admitted = not rule.paths or compiled(rule.paths).match_file(match.path)
        if admitted and (rule.include_vendored or not attributes.excludes(match.path.encode())):
            spots[match.path].add(spot_of(match))
    return {path: Found(tip, tuple(sorted(group, key=spot_order))) for path, group in spots.items()}


def _find_in_child(
    scanner: RepositoryScanner[Options], options: Options, folder: Path, memory_bytes: int
) -> list[Match] | str:
    """Return the matches, or a message that explains the failure."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    # The maximum processor time of each process. The child reaches its timeout before this limit.
    # The limit stops processes that the child leaves behind.
    processor_seconds = scanner.timeout_seconds * (os.cpu_count() or 1)
    limits = ProcessLimits(memory_bytes, processor_seconds)
    child = context.Process(target=_find, args=(theirs, scanner, options, folder, limits))
    child.start()
    theirs.close()
    try:
        # Wait for the child to exit too, because a process that it started may keep the pipe open.
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
    """Kill the child and all processes that it started, even if the child has exited."""
    assert child.pid is not None
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    # The child may not have created its process group yet.
    child.kill()
    child.join()


def _find(
    answer: Connection,
    scanner: RepositoryScanner[Options],
    options: Options,
    folder: Path,
    limits: ProcessLimits,
) -> None:
    begin_scanner(limits)
    try:
        matches = list(scanner.find(options, folder))
        invalid = [match for match in matches if not isinstance(match, Match) or not match.path]
        if invalid:
            answer.send(f"the scanner returned {invalid[0]!r:.80} instead of a Match with a path")
        else:
            answer.send(matches)
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything
        answer.send(error_text(error))
    finally:
        answer.close()
