"""What somebody must act on, the most pressing first: from facts to a ranked list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import get_args

from headway.metrics.attention.attention_records import Attention, Need, NeedKind
from headway.progress.health import OFF_TRACK
from headway.progress.path_owners import UNOWNED

OUTDATED_AFTER = timedelta(days=3)
"""A nightly scan may fail once, and nobody looks over a weekend."""

_RANK = {kind: place for place, kind in enumerate(get_args(NeedKind))}


def needs(facts: Attention) -> tuple[Need, ...]:
    """All of them; those of one kind by how many items hang on them."""
    found = [
        *_sight(facts),
        *_dates(facts),
        *_milestones(facts),
        *_teams(facts),
        *_exemptions(facts),
        *_repositories(facts),
    ]
    return tuple(sorted(found, key=rank))


def rank(need: Need) -> tuple[int, int, str, tuple[str, ...]]:
    """Sorts needs by how pressing they are."""
    return _RANK[need.kind], -need.items, need.who or "", need.subject


def is_outdated(facts: Attention) -> bool:
    """Whether the last scan is so old that a quiet week may not have been one."""
    return facts.scanned_on is not None and facts.last - facts.scanned_on >= OUTDATED_AFTER


def _sight(facts: Attention) -> Iterator[Need]:
    if is_outdated(facts):
        yield Need("not scanned", facts.owner, (), facts.status.open, facts.scanned_on)
    dark = [each for each in facts.unseen if each.until is None]
    if dark:
        yield Need(
            "unknown",
            facts.owner,
            tuple(each.repository for each in dark),
            sum(each.open for each in dark),
            min(each.since for each in dark),
        )


def _dates(facts: Attention) -> Iterator[Need]:
    row = facts.status
    if row.due is None or not row.open:
        return
    if row.due < facts.last:
        yield Need("overdue", facts.owner, (), row.open, row.due)
    elif row.chance is not None and row.chance < OFF_TRACK:
        yield Need("unlikely", facts.owner, (), row.open, row.due)


def _milestones(facts: Attention) -> Iterator[Need]:
    for each in facts.milestones:
        row = each.row
        if each.state == "reached":
            continue
        kind: NeedKind = "milestone due"
        if each.state == "missed":
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
    still = [each for each in facts.regressions if each.open]
    for team in sorted({each.team for each in still}):
        its = [each for each in still if each.team == team]
        subject = tuple(dict.fromkeys(each.repository for each in its))
        yield Need("regressed", team, subject, len(its), min(each.day for each in its))


def _exemptions(facts: Attention) -> Iterator[Need]:
    for row in facts.lapsed:
        if not row.items:
            continue
        yield Need("exemption lapsed", row.approved_by, (row.reason,), row.items, row.until)
    for row in facts.lapsing:
        yield Need("exemption lapses", row.approved_by, (row.reason,), row.items, row.until)
    for row in facts.idle:
        yield Need("idle exemption", row.approved_by or facts.owner, (row.reason,), 0, None)


def _repositories(facts: Attention) -> Iterator[Need]:
    if facts.incomplete:
        yield Need("incomplete", facts.owner, facts.incomplete, 0, None)
    for team in sorted({each.team for each in facts.dead}):
        its = [each for each in facts.dead if each.team == team]
        subject = tuple(each.repository for each in its)
        latest = max(each.last_commit for each in its)
        yield Need("dead", team, subject, sum(each.open for each in its), latest)
    came = [each for each in facts.scope_added if each.items]
    if came:
        subject = tuple(each.repository for each in came)
        items = sum(each.items for each in came)
        yield Need("scope added", facts.owner, subject, items, min(each.day for each in came))
