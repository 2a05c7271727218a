"""The digest of one team: what it has left, what it moved, when it is due, and where to begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from headway.digest.compose import Setting, by_urgency, foot
from headway.digest.details import (
    held_lines,
    regression_lines,
    section,
    works_text,
)
from headway.digest.digest_context import CampaignDigest, Digest, Section
from headway.metrics.attention.attention_records import Attention, TeamAttention
from headway.metrics.audience_policy import attention_for, items_for
from headway.metrics.records import ItemRow, TeamContact
from headway.wording.action_sentences import need_lines
from headway.wording.rich_text import Phrase, code, link, say, strong
from headway.wording.sentences import day, percent, plural, span, verb
from headway.wording.summary_paragraph import due, forecast, moves_text, period

MOST_PLACES = 20

Part = tuple[Attention, TeamAttention]


def team_digest(
    team: str,
    attentions: Sequence[Attention],
    items: Sequence[ItemRow],
    contacts: Sequence[TeamContact],
    setting: Setting,
) -> Digest:
    """The same as `compose.digest`, of one team's part. items: what it has open."""
    repositories = {name: known for facts in attentions for name, known in facts.facts.items()}
    seen = [of_team(team, facts) for facts in by_urgency(attentions)]
    seen = [attention_for(setting.audience, facts) for facts in seen]
    parts = [(facts, part) for facts in seen for part in facts.team_parts]
    known = {contact.team: contact for contact in contacts}
    shown = items_for(setting.audience, items, repositories)
    left = sum(part.status.open for _, part in parts)
    campaigns = [each for each in parts if each[1].status.open or each[1].moves.activity]
    first = min((facts.first for facts in seen), default=setting.today)
    return Digest(
        subject=_subject(team, parts),
        period=span(first, setting.today),
        first=first,
        last=setting.today,
        scanned_at=setting.scanned_at,
        team=team,
        overview=() if left else (_nothing(team, parts),),
        campaigns=tuple(_campaign(facts, part, shown, setting) for facts, part in campaigns),
        needs=need_lines(seen, known),
        more_needs=0,
        teams=(),
        more_teams=0,
        foot=foot(attentions, setting),
    )


def of_team(team: str, facts: Attention) -> Attention:
    """What of a campaign is this team's."""
    return replace(
        facts,
        team_parts=tuple(part for part in facts.team_parts if part.team == team),
        regressions=tuple(each for each in facts.regressions if each.team == team),
        dead=tuple(each for each in facts.dead if each.team == team),
        needs=tuple(need for need in facts.needs if need.who == team),
    )


def _subject(team: str, parts: Sequence[Part]) -> str:
    left = sum(part.status.open for _, part in parts)
    if not left:
        return f"{team}: nothing known is left"
    count = sum(1 for _, part in parts if part.status.open)
    return f"{team}: {plural(left, 'item')} left in {plural(count, 'campaign')}"


def _nothing(team: str, parts: Sequence[Part]) -> Phrase:
    unknown = max((part.status.unknown for _, part in parts), default=0)
    if unknown:
        return say(
            "Nothing of {team} is known to be open, but {count} could not be read.",
            team=strong(team),
            count=plural(unknown, "repository", "repositories"),
        )
    if not parts:
        return say("{team} never had anything to do in these campaigns.", team=strong(team))
    return say("{team} has nothing left to do.", team=strong(team))


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
    entered = [each for each in facts.scope_added if _holds(part, each.repository)]
    said = [
        _how_far(part, name),
        _coverage(part),
        moves_text(part.moves, period(facts), entered, facts.scope_removed) + say("."),
        _hands(part),
    ]
    if row.open:
        said += [forecast(part.forecast, None, ""), due(row, part.forecast, facts.last)]
        said += [_wave(facts, part), _stalled(facts, part), _guide(facts)]
    return tuple(sentence for sentence in said if sentence)


def _holds(part: TeamAttention, repository: str) -> bool:
    return any(each.repository == repository for each in part.left)


def _how_far(part: TeamAttention, name: Phrase) -> Phrase:
    row = part.status
    if not row.open:
        exempt = f", and {plural(row.exempt, 'item')} exempt" if row.exempt else ""
        fixed = plural(row.fixed, "item")
        return say(
            "{team} has nothing left of {name}: {fixed} fixed{exempt}.",
            team=part.team,
            name=name,
            fixed=fixed,
            exempt=exempt,
        )
    return say(
        "{team} has {open} left of {name}, in {where}; {share} of its part is done.",
        team=part.team,
        name=name,
        open=plural(row.open, "item"),
        where=plural(len(part.left), "repository", "repositories"),
        share=percent(row.completion or 0.0),
    )


def _coverage(part: TeamAttention) -> Phrase:
    row = part.status
    if not row.unknown:
        return Phrase()
    return say(
        "{count} of its repositories could not be read and {is_not} counted as done.",
        count=row.unknown,
        is_not=verb(row.unknown, "is not", "are not"),
    )


def _hands(part: TeamAttention) -> Phrase:
    its = part.moves
    if not its.received and not its.handed_over:
        return Phrase()
    return say(
        "It took over {received} from other teams and handed over {given}.",
        received=plural(its.received, "item"),
        given=plural(its.handed_over, "item"),
    )


def _wave(facts: Attention, part: TeamAttention) -> Phrase:
    if part.due is None or part.due.milestone is None:
        return Phrase()
    return say(
        "Its next date is {day}, for the milestone {name}.",
        day=day(part.due.day, facts.last),
        name=strong(part.due.milestone),
    )


def _stalled(facts: Attention, part: TeamAttention) -> Phrase:
    if part.stalled is None:
        return Phrase()
    return say("Nothing was fixed since {day}.", day=day(part.stalled.since, facts.last))


def _guide(facts: Attention) -> Phrase:
    return (
        say("How to do it: {guide}", guide=link(facts.guide, facts.guide))
        if facts.guide
        else (Phrase())
    )


def _sections(
    facts: Attention, part: TeamAttention, items: Sequence[ItemRow]
) -> tuple[Section, ...]:
    found = [
        section(
            "Open by repository", held_lines((each.repository, each.open) for each in part.left)
        ),
        section("Came back", regression_lines(facts.regressions, facts.last)),
        section("Done by", [works_text(part.works, part.more)] if part.works else []),
        Section(
            "Places",
            tuple(_place(item) for item in items[:MOST_PLACES]),
            len(items[MOST_PLACES:]),
        ),
    ]
    return tuple(each for each in found if each.lines)


def _place(item: ItemRow) -> Phrase:
    place = item.path if item.line is None else f"{item.path}:{item.line}"
    where = link(place, item.url) if item.url else code(place)
    again = ", came back" if item.regressed else ""
    return say("{repository}, {where}{again}", repository=item.repository, where=where, again=again)
