"""Describe the needed actions and the last week's changes in the words of the digest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from headway.metrics.attention.attention_records import Attention, NeedKind
from headway.metrics.records import TeamContact
from headway.site.pagination import link
from headway.site.template_context.shared_context import NeedEntry, NeedMember
from headway.urls import team_page
from headway.wording.action_sentences import CampaignNeeds, NeedLine, need_lines, shared_action
from headway.wording.forecast_sentences import forecast_shift
from headway.wording.movements import main_contributors
from headway.wording.rich_text import Phrase, say, strong
from headway.wording.sentences import before, capital

WEEK = timedelta(days=6)
"""The time between the first and the last day of a week."""

_MOST_CAMPAIGNS = 3
_FEWEST_IN_GROUP = 3
_NOTEWORTHY = timedelta(days=7)
"""The minimum change of the forecast date that is mentioned."""


def first_of_week(today: date) -> date:
    """Return the first of the seven days that end today."""
    return today - WEEK


def need_entries(
    attentions: Sequence[Attention],
    contacts: Sequence[TeamContact],
    teams: Collection[str],
    path: str,
) -> tuple[NeedEntry, ...]:
    """Return the actions needed, most urgent first, for the page at `path`.

    For some kinds of actions, three or more teams that must take the same action share one entry.

    Args:
        attentions: The recent changes and actions needed in each campaign.
        contacts: The lead and channel of each team.
        teams: The names of the teams that have a page.
        path: The path of the page that lists the actions, relative to the site's root.
    """
    known: Mapping[str, TeamContact] = {contact.team: contact for contact in contacts}
    lines = need_lines(attentions, known)
    by_kind: dict[NeedKind, list[NeedLine]] = defaultdict(list)
    for line in lines:
        by_kind[line.kind].append(line)
    entries = []
    for line in lines:
        group = by_kind[line.kind]
        several = len({other.name for other in group}) >= _FEWEST_IN_GROUP
        what = shared_action(group) if several else None
        if what is None:
            entries.append(_entry(line, known, teams, path))
        elif line is group[0]:
            entries.append(_shared_entry(group, what, teams, path))
    return tuple(entries)


def own_need_entries(campaigns: Sequence[CampaignNeeds]) -> tuple[NeedEntry, ...]:
    """Return the actions that one team must take, most urgent first, for the team's own page.

    The entries do not repeat the team's contact, and do not link to the page.
    """
    return tuple(_entry(line, {}, (), "") for line in need_lines(campaigns, {}, titled=True))


def _entry(
    line: NeedLine, contacts: Mapping[str, TeamContact], teams: Collection[str], path: str
) -> NeedEntry:
    return NeedEntry(
        line.kind,
        line.name,
        contacts.get(line.name or ""),
        _begun(line.what),
        line.campaigns[:_MOST_CAMPAIGNS],
        len(line.campaigns[_MOST_CAMPAIGNS:]),
        _team(line, teams, path),
        line.deadline,
    )


def _shared_entry(
    lines: Sequence[NeedLine], what: Phrase, teams: Collection[str], path: str
) -> NeedEntry:
    """Return one entry for an action of several teams. `lines` begins with the most urgent one."""
    campaigns = tuple(dict.fromkeys(title for line in lines for title in line.campaigns))
    items: Counter[str] = Counter()
    pages = {line.name or "": _team(line, teams, path) for line in lines}
    for line in lines:
        items[line.name or ""] += line.items
    return NeedEntry(
        lines[0].kind,
        None,
        None,
        _begun(what),
        campaigns[:_MOST_CAMPAIGNS],
        len(campaigns[_MOST_CAMPAIGNS:]),
        None,
        lines[0].deadline,
        tuple(NeedMember(name, pages[name], count) for name, count in items.most_common()),
    )


def _team(line: NeedLine, teams: Collection[str], path: str) -> str | None:
    if line.name is None or line.name not in teams:
        return None
    return link(line.name, team_page(line.name), path).href


def week_in_words(facts: Attention) -> tuple[Phrase, ...]:
    """Describe the last week's changes: health, main contributors and forecast."""
    return tuple(_week(facts))


def _week(facts: Attention) -> Iterator[Phrase]:
    earlier = facts.before
    ago = before(facts.first, facts.last)
    if earlier is not None and earlier.health != facts.status.health:
        was, now_is = capital(earlier.health), facts.status.health
        yield say("{was} {ago}, now {now}.", was=was, ago=ago, now=strong(now_is))
    who = main_contributors(facts)
    if who:
        yield _begun(who) + say(".")
    now, then = facts.forecast, facts.forecast_before
    moved = abs(now.p50 - then.p50) if now.p50 and then and then.p50 else timedelta()
    if facts.moves.activity and moved >= _NOTEWORTHY:
        yield say("The forecast is {shift}.", shift=forecast_shift(now, then, ago))


def _begun(phrase: Phrase) -> Phrase:
    """Capitalise the first letter of a phrase that begins a sentence."""
    first, *others = phrase.parts
    return Phrase((first._replace(text=capital(first.text)), *others))


def briefly(facts: Attention) -> Attention:
    """Return a copy without the long lists, because the index page does not show them."""
    return replace(
        facts,
        repositories=(),
        teams=(),
        team_parts=(),
        regressions=(),
        dead=(),
        unseen=(),
        marks=(),
        facts={},
    )
