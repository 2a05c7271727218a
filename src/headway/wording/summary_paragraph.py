"""The paragraph for whoever has a minute: how far, what moved and why, when, what is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from headway.metrics.attention.actions_needed import is_outdated
from headway.metrics.attention.attention_records import Attention, Mover, Moves, ScopeChange
from headway.metrics.records import CampaignForecast, StatusRow
from headway.progress.health import OFF_TRACK, ON_TRACK
from headway.progress.path_owners import UNOWNED
from headway.wording.action_sentences import needed
from headway.wording.rich_text import Phrase, joined, link, say, strong
from headway.wording.sentences import (
    before,
    capital,
    day,
    length,
    names,
    percent,
    plural,
    rate,
    verb,
    when,
)

_NOTEWORTHY = 7
"""Days by which a forecast must move to be worth a word."""

_TELLING = 4
"""So many items must have moved before it tells something who moved them."""


def paragraph(
    facts: Attention, page: str | None = None, *, alone: bool = False
) -> tuple[Phrase, ...]:
    """One sentence each, in the order in which they are read.

    page: of the campaign, to link to. alone: what is said is all that its readers have.
    """
    row = facts.status
    name = link(facts.title, page) if page else strong(facts.title)
    if row.reason is not None:
        return (say("Nothing is known of {title}: {reason}.", title=name, reason=row.reason),)
    sentences = [how_far(facts, name), outdated(facts), coverage(facts)]
    if row.state != "not affected":
        sentences.append(moved(facts))
    if row.open:
        # where nothing moved, all that moved the forecast is chance
        then = facts.forecast_before if facts.moves.activity else None
        sentences.append(forecast(facts.forecast, then, before(facts.first, facts.last)))
        sentences.append(due(row, facts.forecast, facts.last))
    sentences.append(needed(facts, "" if alone else " below"))
    return tuple(sentence for sentence in sentences if sentence)


def how_far(facts: Attention, title: Phrase) -> Phrase:
    """What share is done, and what is left where."""
    row = facts.status
    if row.open:
        return say(
            "{title} ({health}) is {share} done: {fixed} and {open} {are} open, in "
            "{where}{exempt}.",
            title=title,
            health=row.health,
            share=percent(row.completion or 0.0),
            fixed=_fixed_of(row),
            open=row.open if row.fixed else plural(row.open, "item"),
            are=verb(row.open, "is", "are"),
            where=_where(facts.open_repositories, row.repositories),
            exempt=_exempt(row),
        )
    if row.state == "not affected":
        where = plural(row.repositories, "repository", "repositories")
        return say("{title} has found nothing in {where}.", title=title, where=where)
    fixed = say(
        "{fixed} {are} fixed", fixed=plural(row.fixed, "item"), are=verb(row.fixed, "is", "are")
    )
    if row.state == "unknown":
        return say(
            "{title} is not known to be done: {fixed} and none is known to be open{exempt}.",
            title=title,
            fixed=fixed,
            exempt=_exempt(row),
        )
    if row.state == "incomplete":
        return say(
            "{title} is not done: what has to go is gone, but {names} {lack} what has to be there "
            "instead ({fixed}{exempt}).",
            title=title,
            names=names(facts.incomplete),
            lack=verb(len(facts.incomplete), "lacks", "lack"),
            fixed=fixed,
            exempt=_exempt(row),
        )
    if row.state == "exempt":
        exempt = plural(row.exempt, "item")
        return say(
            "{title} has nothing left to do: {fixed}, and {exempt} {are} exempt.",
            title=title,
            fixed=fixed,
            exempt=exempt,
            are=verb(row.exempt, "is", "are"),
        )
    all_of_it = fixed if row.fixed > 1 else "its one item is fixed"
    return say(
        "{title} is done: {all}{fixed}.",
        title=title,
        all=verb(row.fixed, "", "all "),
        fixed=all_of_it,
    )


def _fixed_of(row: StatusRow) -> str:
    if not row.fixed:
        return "nothing is fixed"
    return f"{row.fixed:,} of {row.fixed + row.open:,} items {verb(row.fixed, 'is', 'are')} fixed"


def _where(places: int, repositories: int) -> str:
    if places == repositories:
        return verb(places, "its one repository", f"all {places:,} repositories")
    return f"{places:,} of {repositories:,} repositories"


def outdated(facts: Attention) -> Phrase:
    """What nobody looked at did not stand still."""
    if facts.scanned_on is None or not is_outdated(facts):
        return Phrase()
    return say(
        "This is how it was on {day}, when it was last scanned, {ago} ago.",
        day=day(facts.scanned_on, facts.last),
        ago=length((facts.last - facts.scanned_on).days),
    )


def coverage(facts: Attention) -> Phrase:
    """Unknown is never done, and whoever reads the share must read this too."""
    row = facts.status
    dark = [each for each in facts.unseen if each.until is None]
    if not row.unknown:
        whole = f"All {row.repositories:,} repositories in scope were read."
        return say(verb(row.repositories, "The one repository in scope was read.", whole))
    since = f" since {day(min(each.since for each in dark), facts.last)}" if dark else ""
    last = sum(each.open for each in dark)
    said = [
        f"coverage is {percent(row.coverage or 0.0)}",
        verb(row.unknown, "it is not counted as done", "none of them is counted as done"),
    ]
    if last:
        its = f"{verb(row.unknown, 'its', 'their')} {plural(last, 'last known open item')}"
        said.append(f"{its} still {verb(last, 'counts', 'count')}")
    return say(
        "{unknown} of {all} could not be read{since}: {said}.",
        unknown=row.unknown,
        all=plural(row.repositories, "repository", "repositories"),
        since=since,
        said=joined(said),
    )


def moved(facts: Attention) -> Phrase:
    """By how much the open count moved, and what did it."""
    span = period(facts)
    text = moves_text(facts.moves, span, facts.scope_added, facts.scope_removed)
    who = whose(facts)
    return text + (say("; ") + who if who else who) + say(".")


def period(facts: Attention) -> str:
    """How the days are spoken of within a sentence."""
    if facts.before is None:
        return f"since it began on {day(facts.first, facts.last)}"
    return when(facts.first, facts.last)


def moves_text(
    its: Moves, span: str, entered: Sequence[ScopeChange], left: Sequence[ScopeChange]
) -> Phrase:
    """`This week the open count fell by 4, from 12 to 8: 5 were fixed and 1 is new`."""
    if not its.activity:
        return say("Nothing moved {span}", span=span)
    if its.change:
        count = say(
            "{span} the open count {way} by {change}, from {before} to {now}: ",
            span=capital(span),
            way="rose" if its.change > 0 else "fell",
            change=abs(its.change),
            before=its.open_before,
            now=its.open,
        )
    else:
        count = say("{span} the open count stayed at {now}: ", span=capital(span), now=its.open)
    return count + joined(list(_movements(its, entered, left)))


def _movements(
    its: Moves, entered: Sequence[ScopeChange], left: Sequence[ScopeChange]
) -> Iterator[Phrase]:
    for count, one, many, changes in (
        (its.fixed, "was fixed", "were fixed", ()),
        (its.new, "is new", "are new", ()),
        (its.regressed, "came back", "came back", ()),
        (its.scope_added, "came into scope", "came into scope", entered),
        (its.scope_removed, "left the scope", "left the scope", left),
        (its.exempted, "is newly exempt", "are newly exempt", ()),
        (its.lapsed, "is exempt no longer", "are exempt no longer", ()),
    ):
        if count:
            who = [each.repository for each in changes if each.items]
            with_them = say(" with {who}", who=names(who, 2)) if who else Phrase()
            yield say("{count} {did}", count=count, did=verb(count, one, many)) + with_them


def whose(facts: Attention) -> Phrase:
    """Who fixed most, and where most of the new came from; empty where that tells nothing."""
    fixes = _mostly(facts, lambda moves: moves.fixed)
    births = _mostly(facts, lambda moves: moves.new + moves.regressed)
    said = []
    if fixes:
        said.append(say("most fixes were in {who}", who=fixes))
    if births:
        said.append(say("most of what is new or back is in {who}", who=births))
    return joined(said)


def _mostly(facts: Attention, count: Callable[[Moves], int]) -> Phrase | None:
    """The teams, or where there are none the repositories, that make up most of it."""
    total = count(facts.moves)
    if total < _TELLING:
        return None
    movers = [mover for mover in facts.teams if mover.name != UNOWNED] or facts.repositories
    ordered = sorted(movers, key=lambda mover: (-count(mover.moves), mover.name))
    chosen: list[Mover] = []
    for mover in ordered[:3]:
        if sum(count(each.moves) for each in chosen) * 4 >= total * 3:
            break
        if count(mover.moves):
            chosen.append(mover)
    if sum(count(each.moves) for each in chosen) * 2 <= total:
        return None
    return joined(
        say("{name} ({count})", name=each.name, count=count(each.moves)) for each in chosen
    )


def forecast(now: CampaignForecast, then: CampaignForecast | None, ago: str) -> Phrase:
    """When it will be done, and by how much that moved. ago: when `then` was."""
    if now.reason is not None:
        return say("When it will be done cannot be said: {reason}.", reason=now.reason)
    if now.p50 is None:
        return say(
            "At this pace it is more likely than not to take over {years} years{shift}.",
            years=now.horizon,
            shift=_shift(now, then, ago),
        )
    text = say(
        "It is as likely as not to be done by {p50}{shift}",
        p50=day(now.p50, now.today),
        shift=_shift(now, then, ago),
    )
    if now.p85 is None:
        return text + say(
            "; a date that is 85\u00a0% likely is over {years} years away.",
            years=now.horizon,
        )
    return text + say(", and 85\u00a0% likely by {p85}.", p85=day(now.p85, now.today))


def _shift(now: CampaignForecast, then: CampaignForecast | None, ago: str) -> Phrase:
    moved = shift(now, then, ago)
    return say(" (") + moved + say(")") if moved else moved


def shift(now: CampaignForecast, then: CampaignForecast | None, ago: str) -> Phrase:
    """By how much the 50 % day moved; empty where there is nothing to compare."""
    if then is None or then.reason is not None or now.p50 is then.p50 is None:
        return Phrase()
    if now.p50 is None or then.p50 is None:
        before = "sooner than that" if now.p50 is None else "no such date"
        return say("{ago}: {before}", ago=ago, before=before)
    days = (now.p50 - then.p50).days
    if abs(days) < _NOTEWORTHY:
        return say("as {ago}", ago=ago)
    way = "later" if days > 0 else "earlier"
    return say("{much} {way} than {ago}", much=length(abs(days)), way=way, ago=ago)


def due(row: StatusRow, now: CampaignForecast, today: date) -> Phrase:
    """Whether the due date is realistic."""
    if row.due is None:
        return say("It has no due date.")
    if row.due < today:
        ago = length((today - row.due).days)
        return say("It was due on {day}, {ago} ago.", day=day(row.due, today), ago=ago)
    date_text = day(row.due, today)
    pace = Phrase()
    if now.pace_needed is not None:
        pace = say(
            ": it takes {needed} fixes a week, and the last four weeks had {seen}",
            needed=rate(now.pace_needed),
            seen=rate(now.pace),
        )
    if row.chance is None:
        return say(
            "Whether the due date, {day}, holds cannot be said{pace}.", day=date_text, pace=pace
        )
    if row.chance >= ON_TRACK:
        verdict, pace = "is realistic", Phrase()
    else:
        verdict = "is not realistic" if row.chance < OFF_TRACK else "is at risk"
    return say(
        "The due date, {day}, {verdict}, {chance} likely{pace}.",
        day=date_text,
        verdict=strong(verdict) if row.chance < ON_TRACK else verdict,
        chance=percent(row.chance),
        pace=pace,
    )


def _exempt(row: StatusRow) -> str:
    if not row.exempt:
        return ""
    return f"; {row.exempt:,} more {verb(row.exempt, 'is', 'are')} exempt"
