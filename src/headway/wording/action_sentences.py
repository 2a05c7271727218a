"""What is needed from whom: in a clause for the paragraph, in a line for the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from headway.metrics.attention.actions_needed import rank
from headway.metrics.attention.attention_records import Attention, Need, NeedKind
from headway.metrics.audience_policy import HIDDEN
from headway.metrics.records import TeamContact
from headway.progress.health import STALLED_AFTER_WEEKS
from headway.wording.rich_text import Phrase, joined, say, strong
from headway.wording.sentences import day, names, plural, verb

_MOST_CLAUSES = 3
_MERGED: tuple[NeedKind, ...] = (
    "not scanned",
    "unknown",
    "stalled",
    "not begun",
    "unowned",
    "scope added",
)
"""What is one thing to do, in however many campaigns it shows."""

_CLAUSES: Mapping[NeedKind, str] = {
    "not scanned": "{owner} to have it scanned again",
    "unknown": "{owner} to make {repositories} readable again",
    "overdue": "{owner} to agree on a new due date",
    "unlikely": "{owner} to find more hands, cut scope or move the due date",
    "milestone missed": "{owner} to reset {milestones}, missed with {open}",
    "milestone unlikely": "{owner} to look after {milestones}, not likely to be met with {open}",
    "stalled": "{teams} to resume work ({open}, no fixes for {weeks} weeks or more)",
    "not begun": "{teams} to begin ({open}, and nothing fixed yet)",
    "regressed": "{teams} to fix what came back ({items})",
    "incomplete": "{owner} to have what replaces it put into {repositories}",
    "exemption lapsed": "a decision on {exemptions} that lapsed ({items} open again)",
    "exemption lapses": "a decision on {exemptions} about to lapse ({items})",
    "dead": "a decision on {repositories} without a commit for a year ({open})",
    "unowned": "an owner for {items} that nobody owns",
}
"""What is worth a word in the paragraph; the list below it has the rest too."""

_LINES: Mapping[NeedKind, str] = {
    "not scanned": "have it scanned again: what happened since {day} is not known",
    "unknown": "make {names} readable again: unknown since {day}, last seen with {open}",
    "overdue": "agree on a new due date: {day} has passed with {open}",
    "unlikely": (
        "find more hands, cut scope or move the due date: {day} is not realistic with {open}"
    ),
    "milestone missed": "reset the milestone {name}: it was due on {day} and has {open}",
    "milestone unlikely": (
        "look after the milestone {name}: due on {day}, it has {open} and is not likely to be met"
    ),
    "stalled": "pick it up again: {open}, and nothing fixed since {day}",
    "not begun": "begin: {open} since {day}, and nothing fixed yet",
    "regressed": "fix what came back: {items} in {names}",
    "incomplete": "have what replaces it put into {names}: what had to go is gone there",
    "exemption lapsed": "the exemption “{reason}” lapsed after {day}: {items} {are} open again",
    "exemption lapses": (
        "the exemption “{reason}” lapses after {day}: renew it, or {items} {are} open again"
    ),
    "dead": "archive, exempt or adopt {names}: {open}, and no commit since {day}",
    "unowned": "find an owner for {items} in {names}",
    "scope added": "plan for {items} that came into scope with {names}",
    "milestone due": "the milestone {name} is due on {day} and has {open}",
    "idle exemption": (
        "the exemption “{reason}” covers nothing that is open: take it out, or correct its patterns"
    ),
}


@dataclass(frozen=True, slots=True)
class NeedLine:
    """One line of the list. who: whom it is for, and `name` the bare name of that; None for nobody
    that is known. campaigns: titles of those that it is about; empty where the digest is of one
    alone.
    """

    kind: NeedKind
    name: str | None
    who: Phrase
    what: Phrase
    campaigns: tuple[str, ...]


def needed(facts: Attention, where: str = " below") -> Phrase:
    """The sentence that ends the paragraph; empty when nothing is needed.

    where: the points are that it leaves out; empty where they are not at hand.
    """
    said = [
        _clause(_CLAUSES[kind], list(group), facts.owner)
        for kind, group in groupby(facts.needs, key=lambda need: need.kind)
        if kind in _CLAUSES
    ]
    if not said:
        going = facts.status.open and facts.status.health == "on track"
        return say("Nothing is needed but to go on.") if going else Phrase()
    more = len(said) - _MOST_CLAUSES
    points = plural(more, "more point")
    rest = say("; and {points}{where}", points=points, where=where) if more > 0 else Phrase()
    return say("Needed: ") + joined(said[:_MOST_CLAUSES], last="; ", between="; ") + rest + say(".")


def need_lines(
    attentions: Sequence[Attention], contacts: Mapping[str, TeamContact]
) -> tuple[NeedLine, ...]:
    """All needs of all campaigns, the most pressing first."""
    several = len(attentions) > 1
    return tuple(
        NeedLine(
            need.kind,
            need.who,
            addressee(need.who, contacts),
            _line(_LINES[need.kind], need, facts.last),
            tuple(titles) if several else (),
        )
        for need, facts, titles in _merged(attentions)
    )


def addressee(who: str | None, contacts: Mapping[str, TeamContact]) -> Phrase:
    """A team or person, with lead and channel where they are known."""
    if who is None:
        return say("whoever runs it")
    contact = contacts.get(who)
    known = [text for text in (contact.lead, contact.channel) if text] if contact else []
    return strong(who) + (say(" ({known})", known=joined(known, last=", ")) if known else Phrase())


def _merged(attentions: Sequence[Attention]) -> list[tuple[Need, Attention, list[str]]]:
    found: dict[tuple[object, ...], tuple[Need, Attention, list[str]]] = {}
    for facts in attentions:
        for need in facts.needs:
            key: tuple[object, ...] = (need.kind, need.who, need.subject)
            if need.kind not in _MERGED or HIDDEN in need.subject:
                key = (*key, facts.campaign, need.day)
            known = found.get(key)
            if known is None:
                found[key] = need, facts, [facts.title]
            else:
                both = replace(
                    need,
                    items=known[0].items + need.items,
                    # in none of them anything was fixed since the last fix in any of them
                    day=max(filter(None, (known[0].day, need.day)), default=None),
                )
                found[key] = both, known[1], [*known[2], facts.title]
    return sorted(found.values(), key=lambda entry: rank(entry[0]))


def _clause(pattern: str, needs: Sequence[Need], owner: str | None) -> Phrase:
    items = sum(need.items for need in needs)
    repositories = [name for need in needs for name in need.subject]
    word = verb(len(needs), "the milestone ", "the milestones ")
    return say(
        pattern,
        owner=strong(owner) if owner else "whoever runs it",
        teams=names([need.who or "" for need in needs], 3, emphatic=True),
        items=plural(items, "item"),
        open=plural(items, "open item"),
        weeks=STALLED_AFTER_WEEKS,
        exemptions=plural(len(needs), "exemption"),
        milestones=say(word) + names([need.subject[0] for need in needs if need.subject], 2),
        repositories=names(repositories)
        if len(repositories) == 1
        else plural(len(repositories), "repository", "repositories"),
    )


def _line(pattern: str, need: Need, today: date) -> Phrase:
    return say(
        pattern,
        names=names(need.subject),
        name=names(need.subject[:1], emphatic=True),
        reason=need.subject[0].rstrip(".") if need.subject else "",
        day=day(need.day, today) if need.day is not None else "",
        items=plural(need.items, "item"),
        open=plural(need.items, "open item"),
        are=verb(need.items, "is", "are"),
    )
