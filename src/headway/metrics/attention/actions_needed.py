"""Find the actions needed in a campaign, and rank them by urgency."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import get_args

from headway.metrics.attention.attention_records import Attention, Need, NeedKind
from headway.progress.health import is_unlikely
from headway.progress.path_owners import UNOWNED

OUTDATED_AFTER = timedelta(days=3)
"""A scan is outdated at this age. Shorter interruptions, such as two nights without a scan, are
tolerated.
"""

_WITH_DUE_DATE: tuple[NeedKind, ...] = (
    "overdue",
    "unlikely",
    "milestone missed",
    "milestone unlikely",
    "milestone due",
    "exemption lapses",
)
"""The kinds of actions whose `day` is a due date."""

_OF_TEAMS: tuple[NeedKind, ...] = ("stalled", "not begun", "regressed", "dead")
"""The kinds of actions that a team must take."""

_RANK = {kind: rank for rank, kind in enumerate(get_args(NeedKind))}


def needs(facts: Attention) -> tuple[Need, ...]:
    """Return all actions needed, the most urgent kind first, then the most items first."""
    found = [
        *_unknown(facts),
        *_due_date(facts),
        *_milestones(facts),
        *_teams(facts),
        *_exemptions(facts),
        *_repositories(facts),
    ]
    dated = [replace(need, deadline=_deadline(need, facts)) for need in found]
    # Nobody reads a request that is addressed to `unowned`.
    addressed = [replace(need, who=facts.owner) if need.who == UNOWNED else need for need in dated]
    return tuple(sorted(addressed, key=rank))


def urgency(need: Need) -> tuple[object, ...]:
    """Return a sort key for the list of actions.

    An outdated scan comes first, because all other actions depend on its numbers. The other actions
    are sorted by deadline, earliest first, and then by number of items, largest first.
    """
    outdated = need.kind == "not scanned"
    return not outdated, need.deadline or date.max, -need.items, rank(need)


def rank(need: Need) -> tuple[int, int, str, tuple[str, ...]]:
    """Return a sort key that puts the most urgent action first."""
    return _RANK[need.kind], -need.items, need.who or "", need.subject


def _deadline(need: Need, facts: Attention) -> date | None:
    """Return the due date that cannot be met without an action, or None if there is none."""
    if need.kind in _WITH_DUE_DATE:
        return need.day
    if need.kind == "idle exemption":
        return None
    dues = {part.team: part.due.day for part in facts.team_parts if part.due is not None}
    if need.kind in _OF_TEAMS and need.who in dues:
        return dues[need.who]
    return facts.status.due


def is_outdated(facts: Attention) -> bool:
    """Return whether the last scan is so old that recent changes may be missing."""
    return facts.scanned_on is not None and facts.last - facts.scanned_on >= OUTDATED_AFTER


def _unknown(facts: Attention) -> Iterator[Need]:
    if is_outdated(facts):
        yield Need("not scanned", facts.owner, (), facts.status.open, facts.scanned_on)
    unknown = [period for period in facts.unseen if period.until is None]
    if unknown:
        yield Need(
            "unknown",
            facts.owner,
            tuple(period.repository for period in unknown),
            sum(period.open for period in unknown),
            min(period.since for period in unknown),
        )


def _due_date(facts: Attention) -> Iterator[Need]:
    row = facts.status
    if row.due is None or not row.open:
        return
    if row.due < facts.last:
        yield Need("overdue", facts.owner, (), row.open, row.due)
    elif row.health == "off track" or (row.chance is not None and is_unlikely(row.chance)):
        yield Need("unlikely", facts.owner, (), row.open, row.due)


def _milestones(facts: Attention) -> Iterator[Need]:
    for news in facts.milestones:
        row = news.row
        if news.state == "reached":
            continue
        kind: NeedKind = "milestone due"
        if news.state == "missed":
            kind = "milestone missed"
        elif row.health in ("off track", "stalled"):
            kind = "milestone unlikely"
        yield Need(kind, facts.owner, (row.milestone or "",), row.open, row.due)


def _teams(facts: Attention) -> Iterator[Need]:
    for team in facts.stalled:
        if team.team != UNOWNED:
            kind: NeedKind = "not begun" if team.last_fix is None else "stalled"
            yield Need(kind, team.team, (team.team,), team.open, team.since)
    yield from _regressed(facts)
    unowned = next((part for part in facts.team_parts if part.team == UNOWNED), None)
    if unowned is not None and unowned.status.open:
        subject = tuple(held.repository for held in unowned.left)
        yield Need("unowned", facts.owner, subject, unowned.status.open, None)


def _regressed(facts: Attention) -> Iterator[Need]:
    still_open = [regression for regression in facts.regressions if regression.open]
    for team in sorted({regression.team for regression in still_open}):
        of_team = [regression for regression in still_open if regression.team == team]
        subject = tuple(dict.fromkeys(regression.repository for regression in of_team))
        first = min(regression.day for regression in of_team)
        yield Need("regressed", team, subject, len(of_team), first)


def _exemptions(facts: Attention) -> Iterator[Need]:
    for row in facts.lapsed:
        if row.items:
            yield Need("exemption lapsed", row.approved_by, (row.reason,), row.items, row.until)
    for row in facts.lapsing:
        yield Need("exemption lapses", row.approved_by, (row.reason,), row.items, row.until)
    for row in facts.idle:
        yield Need("idle exemption", row.approved_by or facts.owner, (row.reason,), 0, None)


def _repositories(facts: Attention) -> Iterator[Need]:
    if facts.incomplete:
        yield Need("incomplete", facts.owner, facts.incomplete, 0, None)
    for team in sorted({dead.team for dead in facts.dead}):
        of_team = [dead for dead in facts.dead if dead.team == team]
        subject = tuple(dead.repository for dead in of_team)
        last_commit = max(dead.last_commit for dead in of_team)
        yield Need("dead", team, subject, sum(dead.open for dead in of_team), last_commit)
    added = [change for change in facts.scope_added if change.items]
    if added:
        subject = tuple(change.repository for change in added)
        items = sum(change.items for change in added)
        first = min(change.day for change in added)
        yield Need("scope added", facts.owner, subject, items, first)
