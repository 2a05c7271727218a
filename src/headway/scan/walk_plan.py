"""What there is to do: which rule has to be followed in which repository, and from where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from headway.model.campaign import Campaign, Rule
from headway.model.store_records import Cursor, TrackKey


@dataclass(frozen=True, slots=True)
class RuleNow:
    """A rule as the definition has it now. baseline: the day at whose start its walk begins."""

    campaign: str
    rule: Rule
    fingerprint: str
    baseline: date


@dataclass(frozen=True, slots=True)
class TrackPlan:
    """One rule to follow in one repository; without a cursor it is walked afresh."""

    key: TrackKey
    now: RuleNow
    cursor: Cursor | None


def plan_repository(
    repository: str, tip: str, rules: Iterable[RuleNow], cursors: Mapping[TrackKey, Cursor]
) -> list[TrackPlan]:
    """The rules that are not at the tip yet, each with the cursor that it may continue from.

    A rule whose fingerprint changed, or that must reach further back, is walked afresh.
    """
    plans = []
    for now in rules:
        key = TrackKey(now.campaign, now.rule.id, repository)
        cursor = cursors.get(key)
        if cursor is not None and (
            cursor.fingerprint != now.fingerprint or cursor.baseline > now.baseline
        ):
            cursor = None
        if cursor is None or cursor.commit != tip:
            plans.append(TrackPlan(key, now, cursor))
    return plans


def first_day(campaign: Campaign, first_scanned_on: date) -> date:
    """The burndown's first day: as the definition says, else the day of the first scan."""
    return campaign.starts or first_scanned_on
