"""What each team has left, what it moved, what is due next, and who speaks for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from headway.metrics.attention.attention_records import Attention, TeamAttention
from headway.metrics.records import TeamContact
from headway.progress.state import Health
from headway.wording.movements import movements
from headway.wording.rich_text import Phrase, link, say, strong
from headway.wording.sentences import day, length, percent, plural, verb


@dataclass(frozen=True, slots=True)
class TeamPart:
    """What one team has of one campaign.

    left, moved, due, state: in words, for a cell or a line.
    """

    campaign: Phrase
    open: int
    left: Phrase
    moved: Phrase
    due: Phrase
    state: Phrase
    health: Health


@dataclass(frozen=True, slots=True)
class TeamDigest:
    """One team, with all campaigns that it has something open of, or moved something of.

    name: linked to its page where that is known. open: items of all of them. lead, channel: None
    where teams.yaml does not say.
    """

    team: str
    name: Phrase
    lead: str | None
    channel: str | None
    open: int
    parts: tuple[TeamPart, ...]


def team_digests(
    attentions: Sequence[Attention],
    contacts: Mapping[str, TeamContact],
    team_page: Callable[[str], str | None],
    campaign_page: Callable[[str], str | None],
) -> tuple[TeamDigest, ...]:
    """Teams that have something left or moved something; those that are behind first."""
    held: dict[str, list[tuple[Attention, TeamAttention]]] = defaultdict(list)
    for facts in attentions:
        for part in facts.team_parts:
            if part.status.open or part.moves.activity:
                held[part.team].append((facts, part))
    ordered = sorted(held.items(), key=lambda entry: _urgency(entry[0], entry[1]))
    return tuple(
        TeamDigest(
            team=team,
            name=link(team, team_page(team)),
            lead=contacts[team].lead if team in contacts else None,
            channel=contacts[team].channel if team in contacts else None,
            open=sum(part.status.open for _, part in its),
            parts=tuple(
                team_part(part, link(facts.title, campaign_page(facts.campaign)), facts.last)
                for facts, part in its
            ),
        )
        for team, its in ordered
    )


def _urgency(
    team: str, its: Sequence[tuple[Attention, TeamAttention]]
) -> tuple[bool, bool, date, int, str]:
    """Who is behind comes first, whoever has most left first among them; then by what is due."""
    held = sum(part.status.open for _, part in its)
    behind = any(_is_behind(part, facts.last) for facts, part in its)
    due = min((part.due.day for _, part in its if part.due), default=date.max)
    return not held, not behind, date.min if behind else due, -held, team


def _is_behind(part: TeamAttention, today: date) -> bool:
    late = part.due is not None and part.due.day < today
    return late or part.stalled is not None or part.status.health == "off track"


def team_part(part: TeamAttention, campaign: Phrase, today: date) -> TeamPart:
    """One team's part of one campaign, in words."""
    row = part.status
    return TeamPart(
        campaign=campaign,
        open=row.open,
        left=_left(part),
        moved=movements(part.moves),
        due=_due(part, today),
        state=_state(part, today),
        health=row.health,
    )


def _left(part: TeamAttention) -> Phrase:
    row = part.status
    if not row.open:
        if row.unknown:
            return say("none known, {count} unknown", count=row.unknown)
        return say("none")
    where = plural(len(part.left), "repository", "repositories")
    share = f" ({percent(row.completion)} done)" if row.completion is not None else ""
    return say("{open} in {where}{share}", open=row.open, where=where, share=share)


def _due(part: TeamAttention, today: date) -> Phrase:
    if part.due is None:
        return say("no date" if part.status.open else "–")
    text = day(part.due.day, today)
    if part.due.day < today:
        text += f", {length((today - part.due.day).days)} over"
    if part.due.milestone is None:
        return say("{text}", text=text)
    return say("{text} ({milestone})", text=text, milestone=part.due.milestone)


def _state(part: TeamAttention, today: date) -> Phrase:
    row = part.status
    if part.stalled is not None:
        since = day(part.stalled.since, today)
        ever = ", nothing fixed yet" if part.stalled.last_fix is None else ""
        return strong("stalled") + say(" since {since}{ever}", since=since, ever=ever)
    if row.health == "done":
        return say("done")
    # a team that has something again since lately has not stalled, whatever its last fix is
    health = "open" if row.health == "stalled" else row.health
    if row.unknown:
        word = verb(row.unknown, "repository", "repositories")
        return say(
            "{health}, {unknown} {word} unknown", health=health, unknown=row.unknown, word=word
        )
    return say("{health}", health=health)
