"""Which repositories a campaign is about, and why the others are not in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from pathspec import GitIgnoreSpec

from headway.model.campaign import Scope
from headway.model.repository import Repository


def reason_outside(scope: Scope, repository: Repository) -> str | None:
    """Why a repository is not in scope, as a phrase; None when it is."""
    if not name_matches(scope.repositories, repository.name):
        return "its name does not match scope.repositories"
    if repository.empty:
        return "it is empty"
    if repository.disabled:
        return "it is disabled on its forge"
    if repository.archived and not scope.archived:
        return "it is archived"
    if repository.fork and not scope.forks:
        return "it is a fork"
    if not _shares(scope.topics, repository.topics):
        return f"none of its topics is {_listed(scope.topics)}"
    if not _shares(scope.languages, repository.languages):
        return f"none of its languages is {_listed(scope.languages)}"
    if scope.visibility and repository.visibility not in scope.visibility:
        return f"its visibility is {repository.visibility}, not {_listed(scope.visibility)}"
    return None


def name_matches(patterns: Sequence[str], name: str) -> bool:
    """Whether gitignore patterns over repository names admit `name`; none at all admit all."""
    return not patterns or compiled(tuple(patterns)).match_file(name)


@lru_cache(maxsize=1024)
def compiled(patterns: tuple[str, ...]) -> GitIgnoreSpec:
    """The patterns, ready to match; the last that matches wins."""
    return GitIgnoreSpec.from_lines(patterns)


def _shares(wanted: Sequence[str], present: Iterable[str]) -> bool:
    return not wanted or not {word.lower() for word in wanted}.isdisjoint(
        word.lower() for word in present
    )


def _listed(words: Sequence[str]) -> str:
    return " or ".join(words)
