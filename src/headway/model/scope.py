"""Determine the repositories in a campaign's scope, and the reasons why others are outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from pathspec import PathSpec
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from headway.model.campaign import Scope
from headway.model.repository import Repository


def reason_outside(scope: Scope, repository: Repository) -> str | None:
    """Return a phrase that explains why a repository is out of scope, or None if it is in scope."""
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
        return f"none of its topics is {_alternatives(scope.topics)}"
    if not _shares(scope.languages, repository.languages):
        return f"none of its languages is {_alternatives(scope.languages)}"
    if scope.visibility and repository.visibility not in scope.visibility:
        return f"its visibility is {repository.visibility}, not {_alternatives(scope.visibility)}"
    return None


def name_matches(patterns: Sequence[str], name: str) -> bool:
    """Return whether patterns match a repository name or a path. No patterns match everything."""
    return not patterns or compiled(tuple(patterns)).match_file(name)


@lru_cache(maxsize=1024)
def compiled(patterns: tuple[str, ...]) -> PathSpec[GitIgnoreSpecPattern]:
    """Compile patterns in `.gitignore` syntax. The last matching pattern decides.

    Unlike in git, `!folder/` excludes all files below a folder, no matter which earlier pattern
    included them. If every pattern begins with `!`, all other paths are included.
    """
    admitting = not all(pattern.startswith("!") for pattern in patterns)
    return PathSpec.from_lines(GitIgnoreSpecPattern, patterns if admitting else ("**", *patterns))


def _shares(wanted: Sequence[str], present: Iterable[str]) -> bool:
    return not wanted or not {word.lower() for word in wanted}.isdisjoint(
        word.lower() for word in present
    )


def _alternatives(words: Sequence[str]) -> str:
    return " or ".join(words)
