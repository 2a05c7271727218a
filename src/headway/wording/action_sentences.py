"""Describe the actions needed, in one sentence or as a list with one line per action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Protocol

from headway.metrics.attention.actions_needed import urgency
from headway.metrics.attention.attention_records import Attention, Need, NeedKind
from headway.metrics.records import TeamContact
from headway.model.audience import HIDDEN
from headway.progress.health import STALLED_AFTER_WEEKS
from headway.wording.rich_text import Phrase, joined, say, strong
from headway.wording.sentences import day, names, plural, verb

_MOST_CLAUSES = 3
_MOST_MILESTONES = 3
_MERGED: tuple[NeedKind, ...] = (
    "not scanned",
    "unknown",
    "stalled",
    "not begun",
    "unowned",
    "scope added",
)
"""The kinds of actions that share one line if several campaigns need the same action."""

_CLAUSES: Mapping[NeedKind, str] = {
    "not scanned": "{owner} to run a new scan",
    "unknown": "{owner} to make {repositories} readable again",
    "overdue": "{owner} to finish the remaining work or agree on a new due date",
    "unlikely": "{owner} to add people, cut scope or move the due date",
    "milestone missed": ("{owner} to finish the missed {milestones}, or set {new_due_dates}"),
    "milestone unlikely": ("{owner} to review {milestones}, which {are} unlikely to be met"),
    "stalled": "{teams} to resume work ({open}, no fixes for {weeks} weeks or more)",
    "not begun": "{teams} to start work ({open}, no fixes yet)",
    "regressed": "{teams} to fix regressions ({items})",
    "incomplete": "{owner} to add what is required to {repositories}",
    "exemption lapsed": "a decision on {exemptions} that lapsed ({items} open again)",
    "exemption lapses": "a decision on {exemptions} about to lapse ({items})",
    "dead": "a decision on {repositories} without a commit for a year ({open})",
    "unowned": "an owner for {items} that no team owns",
}
"""Patterns for the summary paragraph, by kind of action. Other kinds appear only in the list."""

_LINES: Mapping[NeedKind, str] = {
    "not scanned": "run a new scan: changes since {day} are unknown",
    "unknown": (
        "make {names} readable again: state unknown since {day_or_later}, with "
        "{open} when last read"
    ),
    "overdue": "fix the remaining {items}, which {were} due on {day}, or agree on a new due date",
    "unlikely": ("add people, cut scope or move the due date: {day} is not realistic for {open}"),
    "milestone missed": (
        "{finish} the milestone {name}, which was due on {day}, or set a new due date"
    ),
    "milestone unlikely": (
        "review the milestone {name}, which is unlikely to be met by {day} with {open}"
    ),
    "stalled": "resume work: {open}, no fixes since {day}",
    "not begun": "start work: {open}, no fixes yet",
    "regressed": "fix regressions: {items} in {names}",
    "incomplete": "add what is required to {names}, where everything else is done",
    "exemption lapsed": (
        "review the exemption “{reason}”, which lapsed after {day}: {items} {are} open again"
    ),
    "exemption lapses": (
        "renew the exemption “{reason}”, or let it lapse after {day} and reopen {items}"
    ),
    "dead": "archive, exempt or adopt {names}: {open}, no commits since {day_or_earlier}",
    "unowned": "find an owner for {items} in {names}",
    "scope added": "plan the work on {items} that entered scope with {names}",
    "milestone due": "finish the milestone {name} by {day}: {open} left",
    "idle exemption": (
        "remove the exemption “{reason}”, which covers no unfixed items, or correct its patterns"
    ),
}
"""Patterns for the list of actions, by kind of action."""


_GROUPS: Mapping[NeedKind, str] = {
    "stalled": "resume work: {open}, no fixes for {weeks} weeks or more",
    "not begun": "start work: {open}, no fixes yet",
    "regressed": "fix regressions: {items}",
    "dead": "archive, exempt or adopt repositories that have had no commit for a year: {open}",
}
"""Patterns for an action that several teams need, by kind of action."""


class CampaignNeeds(Protocol):
    """The actions needed in one campaign."""

    @property
    def campaign(self) -> str:
        """The campaign's ID."""

    @property
    def title(self) -> str:
        """The campaign's title."""

    @property
    def last(self) -> date:
        """The day for which the actions were determined."""

    @property
    def needs(self) -> tuple[Need, ...]:
        """The actions needed."""


@dataclass(frozen=True, slots=True)
class NeedLine:
    """A line in the list of actions needed."""

    kind: NeedKind
    name: str | None
    """The team or person who must act, or None if nobody is named."""
    who: Phrase
    """The team or person who must act, in words, with the team's lead and channel."""
    what: Phrase
    """The action, as a clause without a full stop."""
    campaigns: tuple[str, ...]
    """The titles of the campaigns that need the action. Empty in the digest of a single campaign.
    """
    items: int
    deadline: date | None
    """The earliest due date, of a campaign or a milestone, that cannot be met without the action.
    It may be in the past. None if there is no such due date.
    """


def needed(facts: Attention, where: str = " below") -> Phrase:
    """Return the summary paragraph's last sentence, which lists the actions needed.

    Args:
        facts: The campaign's record.
        where: The end of the phrase `2 more actions below`. Empty if no list of actions follows.
    """
    clauses = [
        _clause(_CLAUSES[kind], list(group), facts.owner)
        for kind, group in groupby(facts.needs, key=lambda need: need.kind)
        if kind in _CLAUSES
    ]
    if not clauses:
        on_track = facts.status.open and facts.status.health == "on track"
        return say("No action needed.") if on_track else Phrase()
    more = len(clauses) - _MOST_CLAUSES
    rest = Phrase()
    if more > 0:
        rest = say("; and {actions}{where}", actions=plural(more, "more action"), where=where)
    shown = joined(clauses[:_MOST_CLAUSES], last="; ", between="; ")
    return say("Actions needed: ") + shown + rest + say(".")


def need_lines(
    campaigns: Sequence[CampaignNeeds],
    contacts: Mapping[str, TeamContact],
    *,
    titled: bool | None = None,
) -> tuple[NeedLine, ...]:
    """Return one line for each action needed in the campaigns, most urgent first.

    Args:
        campaigns: The actions needed in each campaign.
        contacts: The lead and channel of each team.
        titled: Whether the lines contain the titles of the campaigns. None means only for several
            campaigns.
    """
    several = len(campaigns) > 1 if titled is None else titled
    return tuple(
        NeedLine(
            need.kind,
            need.who,
            addressee(need.who, contacts),
            _line(_LINES[need.kind], need, facts.last, several=len(titles) > 1),
            tuple(titles) if several else (),
            need.items,
            need.deadline,
        )
        for need, facts, titles in _merged(campaigns)
    )


def shared_action(lines: Sequence[NeedLine]) -> Phrase | None:
    """Return one clause for an action that several teams need.

    The result is None if there is no common clause for this kind of action.
    """
    pattern = _GROUPS.get(lines[0].kind)
    if pattern is None:
        return None
    items = sum(line.items for line in lines)
    return say(
        pattern,
        open=plural(items, "open item"),
        items=plural(items, "item"),
        weeks=STALLED_AFTER_WEEKS,
    )


def addressee(who: str | None, contacts: Mapping[str, TeamContact]) -> Phrase:
    """Return the name of a team or person in words, with the team's lead and channel if known.

    If `who` is None, the result is `campaign owner`.
    """
    if who is None:
        return say("campaign owner")
    contact = contacts.get(who)
    details = [text for text in (contact.lead, contact.channel) if text] if contact else []
    if not details:
        return strong(who)
    return strong(who) + say(" ({details})", details=joined(details, last=", "))


def _merged(campaigns: Sequence[CampaignNeeds]) -> list[tuple[Need, CampaignNeeds, list[str]]]:
    """Collect the actions needed in all campaigns. Merge equal actions of several campaigns."""
    found: dict[tuple[object, ...], tuple[Need, CampaignNeeds, list[str]]] = {}
    for facts in campaigns:
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
                    day=_day_of_all(known[0], need),
                    deadline=min(filter(None, (known[0].deadline, need.deadline)), default=None),
                )
                found[key] = both, known[1], [*known[2], facts.title]
    return sorted(found.values(), key=lambda entry: urgency(entry[0]))


def _day_of_all(need: Need, other: Need) -> date | None:
    """Return the day to name in one line about two campaigns, or None if neither has a day.

    `no fixes since` must be true of both campaigns, so it is followed by the later day. For unknown
    repositories, the line names the earlier day, followed by `or later`.
    """
    days = [day for day in (need.day, other.day) if day is not None]
    choose = min if need.kind == "unknown" else max
    return choose(days, default=None)


def _clause(pattern: str, needs: Sequence[Need], owner: str | None) -> Phrase:
    items = sum(need.items for need in needs)
    repositories = [name for need in needs for name in need.subject]
    one = len(needs) == 1
    return say(
        pattern,
        owner=strong(owner) if owner else "the campaign owner",
        teams=names([need.who or "the campaign owner" for need in needs], 3, emphatic=True),
        items=plural(items, "item"),
        open=plural(items, "open item"),
        weeks=STALLED_AFTER_WEEKS,
        exemptions=plural(len(needs), "exemption"),
        milestones=_milestones(needs),
        new_due_dates="a new due date" if one else "new due dates",
        are="is" if one else "are",
        repositories=names(repositories)
        if len(repositories) == 1
        else plural(len(repositories), "repository", "repositories"),
    )


def _milestones(needs: Sequence[Need]) -> Phrase:
    """List milestones, each with its number of open items.

    An item can belong to several milestones, so the numbers are not added up.
    """
    named = [
        say("{name} ({open})", name=name, open=plural(need.items, "open item"))
        for need in needs
        for name in need.subject[:1]
    ]
    noun = say(verb(len(named), "milestone ", "milestones "))
    if len(named) > _MOST_MILESTONES:
        rest = len(named) - _MOST_MILESTONES + 1
        named[_MOST_MILESTONES - 1 :] = [say("{rest} others", rest=rest)]
    return noun + joined(named)


def _line(pattern: str, need: Need, today: date, *, several: bool) -> Phrase:
    """Fill in the pattern of a line.

    Args:
        pattern: The pattern.
        need: The action.
        today: The last day of the period.
        several: Whether several campaigns need the action.
    """
    since = day(need.day, today) if need.day is not None else ""
    several = several or len(need.subject) > 1
    return say(
        pattern,
        names=names(need.subject),
        name=names(need.subject[:1], emphatic=True),
        reason=need.subject[0].rstrip(".") if need.subject else "",
        day=since,
        day_or_later=f"{since} or later" if several else since,
        day_or_earlier=f"{since} or earlier" if several else since,
        finish=f"fix the remaining {plural(need.items, 'item')} of" if need.items else "finish",
        items=plural(need.items, "item"),
        open=plural(need.items, "open item"),
        are=verb(need.items, "is", "are"),
        were=verb(need.items, "was", "were"),
    )
