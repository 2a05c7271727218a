"""What each audience may see of the records behind the digest and the actions needed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TypeVar

from headway.metrics.attention.attention_records import (
    Attention,
    DeadRepository,
    Mover,
    Need,
    NeedKind,
    ScopeChange,
    TeamAttention,
    Unseen,
    Work,
)
from headway.model.audience import Audience, may_see

HIDDEN = "a repository that not all readers may see"
"""Takes the place of a name; it comes once for each repository, and is counted in a list."""


_OF_REPOSITORIES: tuple[NeedKind, ...] = (
    "unknown",
    "regressed",
    "incomplete",
    "dead",
    "unowned",
    "scope_added",
)
"""Needs whose subject is repositories."""


_Named = TypeVar("_Named", ScopeChange, DeadRepository, Unseen)


def hidden_from(audience: Audience, facts: Attention) -> frozenset[str]:
    """Names of the repositories of which the audience gets counts only."""
    return frozenset(
        name for name, its in facts.facts.items() if not may_see(its.visibility, audience)
    )


def shown_to(audience: Audience, facts: Attention) -> Attention:
    """What the audience may read of it."""
    hidden = hidden_from(audience, facts)
    if not hidden:
        return facts
    seen = replace(
        facts,
        repositories=tuple(_without_works(each, hidden) for each in facts.repositories),
        teams=tuple(_without_works(each, hidden) for each in facts.teams),
        team_parts=tuple(_team(each, hidden) for each in facts.team_parts),
        regressions=tuple(each for each in facts.regressions if each.repository not in hidden),
    )
    return _nameless(seen, hidden) if audience == "public" else seen


def _nameless(facts: Attention, hidden: Collection[str]) -> Attention:
    return replace(
        facts,
        incomplete=tuple(_name(each, hidden) for each in facts.incomplete),
        repositories=tuple(
            replace(each, name=_name(each.name, hidden)) for each in facts.repositories
        ),
        team_parts=tuple(
            replace(
                part,
                left=tuple(
                    replace(each, repository=_name(each.repository, hidden)) for each in part.left
                ),
            )
            for part in facts.team_parts
        ),
        scope_added=_all(facts.scope_added, hidden),
        scope_removed=_all(facts.scope_removed, hidden),
        dead=_all(facts.dead, hidden),
        # a reason can name a file
        unseen=_all(
            (
                replace(each, reason="it cannot be read") if each.repository in hidden else each
                for each in facts.unseen
            ),
            hidden,
        ),
        # what is on record of a repository names it
        marks=tuple(mark for mark in facts.marks if mark.repository not in hidden),
        needs=tuple(_need(need, hidden) for need in facts.needs),
        facts={name: its for name, its in facts.facts.items() if name not in hidden},
    )


def _all(each: Iterable[_Named], hidden: Collection[str]) -> tuple[_Named, ...]:
    return tuple(replace(row, repository=_name(row.repository, hidden)) for row in each)


def _name(name: str, hidden: Collection[str]) -> str:
    return HIDDEN if name in hidden else name


def _works(works: Iterable[Work], hidden: Collection[str]) -> tuple[Work, ...]:
    return tuple(work for work in works if work.repository not in hidden)


def _without_works(mover: Mover, hidden: Collection[str]) -> Mover:
    works = _works(mover.works, hidden)
    # how many commits there are is a count; which, is not
    return replace(mover, works=works, more=mover.more + len(mover.works) - len(works))


def _team(part: TeamAttention, hidden: Collection[str]) -> TeamAttention:
    works = _works(part.works, hidden)
    return replace(part, works=works, more=part.more + len(part.works) - len(works))


def _need(need: Need, hidden: Collection[str]) -> Need:
    if need.kind not in _OF_REPOSITORIES:
        return need
    return replace(need, subject=tuple(_name(name, hidden) for name in need.subject))
