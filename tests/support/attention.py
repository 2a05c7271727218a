"""Create attention records for tests of wording, by default for a week without changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from headway.metrics.attention.actions_needed import needs
from headway.metrics.attention.attention_records import Attention, Moves, TeamAttention
from headway.metrics.forecast_records import CampaignForecast
from headway.metrics.records import StatusRow
from headway.model.movement import FLOW_SIGNS

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 8)
DUE = date(2026, 6, 30)


def status(**changes: Any) -> StatusRow:
    """Return the status row of a campaign in which 10 of 20 items are fixed."""
    row = StatusRow(
        campaign="remove-six",
        title="Remove six",
        repository=None,
        team=None,
        state="open",
        open=10,
        fixed=10,
        exempt=0,
        completion=0.5,
        coverage=1.0,
        health="on track",
        p50=date(2026, 5, 1),
        p85=date(2026, 6, 1),
        due=DUE,
        owner="platform",
        repositories=4,
        pace=1.5,
        chance=0.9,
    )
    return row._replace(**changes)


def forecast(**changes: Any) -> CampaignForecast:
    """Return the forecast of the campaign that `status` describes."""
    answer = CampaignForecast(
        campaign="remove-six",
        team=None,
        today=LAST,
        open=10,
        due=DUE,
        reason=None,
        p50=date(2026, 5, 1),
        p85=date(2026, 6, 1),
        horizon=5,
        chance=0.9,
        pace=1.5,
        pace_needed=0.6,
        growth=0.0,
        weeks=20,
        fixing_weeks=15,
        unknown=0,
        quantiles=(),
        fan=(),
    )
    return replace(answer, **changes)


def moves(before: int = 10, **flows: int) -> Moves:
    """Return the movements of a period that began with `before` open items."""
    nothing = Moves(open_before=before, open=before, **flows)
    change = sum(sign * getattr(nothing, column) for column, sign in FLOW_SIGNS.items())
    return replace(nothing, open=before + change)


def team(name: str, **changes: Any) -> TeamAttention:
    """Return a team that has ten open items and no movements."""
    part = TeamAttention(
        team=name,
        status=status(team=name),
        forecast=forecast(team=name),
        moves=moves(),
        stalled=None,
        due=None,
        left=(),
        contact=None,
        works=(),
        more=0,
    )
    return replace(part, **changes)


def attention(**changes: Any) -> Attention:
    """Return the record of a campaign with these fields and the resulting actions."""
    facts = Attention(
        campaign="remove-six",
        title="Remove six",
        owner="platform",
        guide=None,
        first=FIRST,
        last=LAST,
        scanned_on=LAST,
        status=status(),
        before=status(),
        forecast=forecast(),
        forecast_before=forecast(),
        moves=moves(),
        open_repositories=3,
        incomplete=(),
        repositories=(),
        teams=(),
        team_parts=(),
        regressions=(),
        scope_added=(),
        scope_removed=(),
        stalled=(),
        dead=(),
        lapsing=(),
        lapsed=(),
        granted=(),
        idle=(),
        unseen=(),
        milestones=(),
        marks=(),
        needs=(),
        facts={},
    )
    changed = replace(facts, **changes)
    return replace(changed, needs=needs(changed))
