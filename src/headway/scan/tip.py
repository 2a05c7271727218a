"""Scanners that need a work tree: run at the tip, in a child process with a time limit."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from headway.definition.scope import compiled
from headway.git.worktree import write_files
from headway.progress.tracker import Found, Spot
from headway.scan.job import Job
from headway.scan.matching import BoundRule, Matcher, spot_of
from headway.scanner import Match, Options, RepositoryScanner


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
        answer = _ask_in_child(scanner, bound.options, folder)
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
    scanner: RepositoryScanner[Options], options: Options, folder: Path
) -> list[Match] | str:
    """The matches, or what went wrong in words."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_find, args=(theirs, scanner, options, folder))
    child.start()
    theirs.close()
    try:
        if not ours.poll(scanner.timeout_seconds):
            return f"no answer within {scanner.timeout_seconds:g} s"
        answer: list[Match] | str = ours.recv()
        return answer
    except EOFError:
        child.join(1)
        return f"its process ended with code {child.exitcode}"
    finally:
        ours.close()
        if child.is_alive():
            child.kill()
        child.join()


def _find(
    answer: Connection, scanner: RepositoryScanner[Options], options: Options, folder: Path
) -> None:
    try:
        matches = list(scanner.find(options, folder))
        strange = [match for match in matches if not isinstance(match, Match) or not match.path]
        if strange:
            answer.send(f"it gave back {strange[0]!r:.80} where a Match with a path is due")
        else:
            answer.send(matches)
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything
        answer.send(f"{type(error).__name__}: {error}")
    finally:
        answer.close()
