"""Compose the digest of one team: open items, recent changes, due dates and where to start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from headway.digest.activity_lines import (
    open_lines,
    place,
    regression_lines,
    works_text,
)
from headway.digest.compose import Setting, by_urgency, foot
from headway.digest.details import section
from headway.digest.digest_context import CampaignDigest, Digest, Section
from headway.metrics.attention.attention_records import Attention, TeamAttention
from headway.metrics.records import ItemRow, TeamContact
from headway.metrics.redaction import attention_for, items_for
from headway.wording.action_sentences import need_lines
from headway.wording.definition_sentences import definition_change
from headway.wording.forecast_sentences import due_sentences, forecast_sentence
from headway.wording.formats import percent
from headway.wording.movements import count_change, period
from headway.wording.rich_text import Phrase, link, say, strong
from headway.wording.sentences import day, plural, span, verb

MOST_PLACES = 20

Part = tuple[Attention, TeamAttention]


def team_digest(
    team: str,
    attentions: Sequence[Attention],
    items: Sequence[ItemRow],
    contacts: Sequence[TeamContact],
    setting: Setting,
) -> Digest:
    """Compose the digest of one team.

    Args:
        team: The team's name.
        attentions: The recent changes and actions needed in each campaign.
        items: The team's open items in these campaigns.
        contacts: The lead and channel of each team.
        setting: The digest's date, its audience, and the site that it links to.
    """
    repositories = {name: known for facts in attentions for name, known in facts.facts.items()}
    shown = [
        attention_for(setting.audience, of_team(team, facts)) for facts in by_urgency(attentions)
    ]
    parts = [(facts, part) for facts in shown for part in facts.team_parts]
    by_team = {contact.team: contact for contact in contacts}
    shown_items = items_for(setting.audience, items, repositories)
    any_open = any(part.status.open for _, part in parts)
    first = min((facts.first for facts in shown), default=setting.today)
    return Digest(
        subject=_subject(team, parts),
        period=span(first, setting.today),
        first=first,
        last=setting.today,
        scanned_at=setting.scanned_at,
        team=team,
        overview=() if any_open else (_nothing_open(team, parts),),
        campaigns=tuple(
            _campaign(facts, part, shown_items, setting)
            for facts, part in parts
            if part.status.open or part.moves.activity
        ),
        needs=need_lines(shown, by_team),
        more_needs=0,
        teams=(),
        more_teams=0,
        foot=foot(attentions, setting),
    )


def of_team(team: str, facts: Attention) -> Attention:
    """Return a copy of a campaign's record for one team.

    The copy keeps only the team's own status, regressions, actions, and repositories without recent
    commits. The other fields are unchanged.
    """
    return replace(
        facts,
        team_parts=tuple(part for part in facts.team_parts if part.team == team),
        regressions=tuple(
            regression for regression in facts.regressions if regression.team == team
        ),
        dead=tuple(dead for dead in facts.dead if dead.team == team),
        needs=tuple(need for need in facts.needs if need.who == team),
    )


def _subject(team: str, parts: Sequence[Part]) -> str:
    open_items = sum(part.status.open for _, part in parts)
    if not open_items:
        return f"{team}: no known open items"
    count = sum(1 for _, part in parts if part.status.open)
    return f"{team}: {plural(open_items, 'open item')} in {plural(count, 'campaign')}"


def _nothing_open(team: str, parts: Sequence[Part]) -> Phrase:
    unknown = max((part.status.unknown for _, part in parts), default=0)
    if unknown:
        return say(
            "{team} has no known open items, but {repositories} could not be read.",
            team=strong(team),
            repositories=plural(unknown, "repository", "repositories"),
        )
    if not parts:
        return say("{team} has never had an item in these campaigns.", team=strong(team))
    return say("{team} has no open items.", team=strong(team))


def _campaign(
    facts: Attention, part: TeamAttention, items: Sequence[ItemRow], setting: Setting
) -> CampaignDigest:
    row = part.status
    page = setting.campaign_page(facts.campaign)
    name = link(facts.title, page) if page else strong(facts.title)
    own = [item for item in items if item.campaign == facts.campaign]
    return CampaignDigest(
        campaign=facts.campaign,
        name=name,
        health=row.health,
        completion=row.completion,
        open=row.open,
        paragraph=_paragraph(facts, part, name),
        sections=_sections(facts, part, own),
    )


def _paragraph(facts: Attention, part: TeamAttention, name: Phrase) -> tuple[Phrase, ...]:
    row = part.status
    added = [change for change in facts.scope_added if _has_open(part, change.repository)]
    sentences = [
        _completion(part, name),
        definition_change(row.definition_changed),
        _coverage(part),
        count_change(part.moves, period(facts), added, facts.scope_removed) + say("."),
        _transfers(part),
    ]
    if row.open:
        sentences += [
            forecast_sentence(part.forecast, None, ""),
            due_sentences(row, part.forecast, facts.last),
            _milestone(facts, part),
            _stalled(facts, part),
            _guide(facts),
        ]
    return tuple(sentence for sentence in sentences if sentence)


def _has_open(part: TeamAttention, repository: str) -> bool:
    return any(held.repository == repository for held in part.left)


def _completion(part: TeamAttention, name: Phrase) -> Phrase:
    row = part.status
    if not row.open:
        exempt = f" and {plural(row.exempt, 'item')} exempt" if row.exempt else ""
        return say(
            "{team} has no open items in {name}: {fixed} fixed{exempt}.",
            team=part.team,
            name=name,
            fixed=plural(row.fixed, "item"),
            exempt=exempt,
        )
    return say(
        "{team} has {open} in {name} ({where}); its part is {share} done.",
        team=part.team,
        name=name,
        open=plural(row.open, "open item"),
        where=plural(len(part.left), "repository", "repositories"),
        share=percent(row.completion or 0.0),
    )


def _coverage(part: TeamAttention) -> Phrase:
    row = part.status
    if not row.unknown:
        return Phrase()
    return say(
        "{count} of the team's repositories could not be read and {do} not count as done.",
        count=row.unknown,
        do=verb(row.unknown, "does", "do"),
    )


def _transfers(part: TeamAttention) -> Phrase:
    moves = part.moves
    if not moves.received and not moves.handed_over:
        return Phrase()
    return say(
        "It took over {received} from other teams and handed over {given}.",
        received=plural(moves.received, "item"),
        given=plural(moves.handed_over, "item"),
    )


def _milestone(facts: Attention, part: TeamAttention) -> Phrase:
    if part.due is None or part.due.milestone is None:
        return Phrase()
    return say(
        "Its next due date is {day}, for the milestone {name}.",
        day=day(part.due.day, facts.last),
        name=strong(part.due.milestone),
    )


def _stalled(facts: Attention, part: TeamAttention) -> Phrase:
    if part.stalled is None:
        return Phrase()
    if part.stalled.last_fix is None:
        return say("Stalled: no fixes yet.")
    return say("Stalled: no fixes since {day}.", day=day(part.stalled.since, facts.last))


def _guide(facts: Attention) -> Phrase:
    return say("Guide: {guide}", guide=link(facts.guide, facts.guide)) if facts.guide else Phrase()


def _sections(
    facts: Attention, part: TeamAttention, items: Sequence[ItemRow]
) -> tuple[Section, ...]:
    counts = ((held.repository, held.open) for held in part.left)
    found = [
        section("Open by repository", open_lines(counts)),
        section("Regressed", regression_lines(facts.regressions, facts.last)),
        section("Commits", [works_text(part.works, part.more)] if part.works else []),
        Section(
            "Open items",
            tuple(_item(item) for item in items[:MOST_PLACES]),
            len(items[MOST_PLACES:]),
        ),
    ]
    return tuple(part for part in found if part.lines)


def _item(item: ItemRow) -> Phrase:
    return say(
        "{repository}, {place}{regressed}",
        repository=item.repository,
        place=place(item.path, item.line, item.url),
        regressed=", regressed" if item.regressed else "",
    )
