"""The digest's table of teams: each team's open items, changes, next due date and contact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from headway.metrics.attention.attention_records import Attention, TeamAttention
from headway.metrics.records import TeamContact
from headway.progress.state import Health
from headway.wording.formats import length, percent
from headway.wording.movements import movements
from headway.wording.rich_text import Phrase, link, say, strong
from headway.wording.sentences import day, plural


@dataclass(frozen=True, slots=True)
class TeamPart:
    """A row in the table of teams: one team's part of one campaign, in words."""

    campaign: Phrase
    """The campaign's title, linked to the campaign's page if the URL of the site is known."""
    open: int
    """The number of open items."""
    left: Phrase
    """The number of open items, the number of repositories that contain them, and the share of
    fixed items.
    """
    moved: Phrase
    """The changes in the period, such as `+1 new, −3 fixed`."""
    due: Phrase
    """The next due date in words, or `none` if there is no due date."""
    state: Phrase
    """The health in words, such as `stalled since 5 January` or `at risk, 1 repository unknown`."""
    health: Health


@dataclass(frozen=True, slots=True)
class TeamDigest:
    """A team, with all campaigns in which it has open items or changes."""

    team: str
    """The team's name."""
    name: Phrase
    """The team's name, linked to the team's page if the URL of the site is known."""
    lead: str | None
    """The team's lead, or None if teams.yaml does not name one."""
    channel: str | None
    """The team's channel, or None if teams.yaml does not name one."""
    open: int
    """The number of open items in all campaigns."""
    parts: tuple[TeamPart, ...]


def team_digests(
    attentions: Sequence[Attention],
    contacts: Mapping[str, TeamContact],
    team_page: Callable[[str], str | None],
    campaign_page: Callable[[str], str | None],
) -> tuple[TeamDigest, ...]:
    """Return the teams with open items or changes, most urgent first. See `_urgency`."""
    by_team: dict[str, list[tuple[Attention, TeamAttention]]] = defaultdict(list)
    for facts in attentions:
        for part in facts.team_parts:
            if part.status.open or part.moves.activity:
                by_team[part.team].append((facts, part))
    ordered = sorted(by_team.items(), key=lambda entry: _urgency(entry[0], entry[1]))
    return tuple(
        TeamDigest(
            team=team,
            name=link(team, team_page(team)),
            lead=contacts[team].lead if team in contacts else None,
            channel=contacts[team].channel if team in contacts else None,
            open=sum(part.status.open for _, part in parts),
            parts=tuple(
                team_part(part, link(facts.title, campaign_page(facts.campaign)), facts.last)
                for facts, part in parts
            ),
        )
        for team, parts in ordered
    )


def _urgency(
    team: str, parts: Sequence[tuple[Attention, TeamAttention]]
) -> tuple[bool, bool, date, int, str]:
    """Return a sort key that puts the most urgent team first.

    Overdue, stalled and off-track teams come first, those with the most open items at the top.
    Other teams with open items follow, earliest due date first. Teams without open items come last.
    """
    open_items = sum(part.status.open for _, part in parts)
    behind = any(_is_behind(part, facts.last) for facts, part in parts)
    due = min((part.due.day for _, part in parts if part.due), default=date.max)
    return not open_items, not behind, date.min if behind else due, -open_items, team


def _is_behind(part: TeamAttention, today: date) -> bool:
    late = part.due is not None and part.due.day < today
    return late or part.stalled is not None or part.status.health == "off track"


def team_part(part: TeamAttention, campaign: Phrase, today: date) -> TeamPart:
    """Describe one team's part of one campaign in words."""
    row = part.status
    return TeamPart(
        campaign=campaign,
        open=row.open,
        left=_open(part),
        moved=movements(part.moves),
        due=_due(part, today),
        state=_state(part, today),
        health=row.health,
    )


def _open(part: TeamAttention) -> Phrase:
    row = part.status
    if not row.open:
        if row.unknown:
            return say("0 known ({unknown})", unknown=_unknown(row.unknown))
        return say("0")
    where = plural(len(part.left), "repository", "repositories")
    share = f" ({percent(row.completion)} done)" if row.completion is not None else ""
    return say("{open} in {where}{share}", open=row.open, where=where, share=share)


def _due(part: TeamAttention, today: date) -> Phrase:
    if part.due is None:
        return say("none")
    text = day(part.due.day, today)
    if part.due.day < today:
        text += f", {length((today - part.due.day).days)} overdue"
    if part.due.milestone is None:
        return say("{text}", text=text)
    return say("{text} ({milestone})", text=text, milestone=part.due.milestone)


def _state(part: TeamAttention, today: date) -> Phrase:
    row = part.status
    if part.stalled is not None:
        if part.stalled.last_fix is None:
            return strong("stalled") + say(", no fixes yet")
        return strong("stalled") + say(" since {since}", since=day(part.stalled.since, today))
    if row.health == "done":
        return say("done")
    # A team whose open items are all recent is not stalled, even if its last fix was long ago. If
    # there is no due date, the due date column already says `none`.
    health = "open" if row.health in ("stalled", "no due date") else row.health
    if row.unknown:
        return say("{health}, {unknown}", health=health, unknown=_unknown(row.unknown))
    return say("{health}", health=health)


def _unknown(count: int) -> str:
    return f"{plural(count, 'repository', 'repositories')} unknown"
