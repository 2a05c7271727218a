"""The summary paragraph for executives: progress, changes, forecast and actions needed."""

from __future__ import annotations

from headway.metrics.attention.actions_needed import is_outdated
from headway.metrics.attention.attention_records import Attention
from headway.metrics.records import StatusRow
from headway.wording.action_sentences import needed
from headway.wording.definition_sentences import definition_change
from headway.wording.forecast_sentences import due_sentences, forecast_sentence, tail_sentence
from headway.wording.formats import length, percent
from headway.wording.movements import movement_sentence
from headway.wording.rich_text import Phrase, link, say, strong
from headway.wording.sentences import before, day, names, plural, verb


def paragraph(
    facts: Attention, page: str | None = None, *, alone: bool = False
) -> tuple[Phrase, ...]:
    """Return the sentences of a campaign's summary paragraph, in reading order.

    Args:
        facts: The campaign's status, its recent changes, and the actions needed.
        page: The URL that the campaign's title links to. None means no link.
        alone: Whether the paragraph appears without a list of actions below it.
    """
    row = facts.status
    title = link(facts.title, page) if page else strong(facts.title)
    if row.reason is not None:
        return (say("{title} has no data: {reason}.", title=title, reason=row.reason),)
    changed = definition_change(row.definition_changed)
    sentences = [completion(facts, title), scan_age(facts), changed, coverage(facts)]
    if row.state != "no matches":
        sentences.append(movement_sentence(facts))
    if row.open:
        # If no items changed, the forecasts differ only by chance.
        earlier = facts.forecast_before if facts.moves.activity else None
        ago = before(facts.first, facts.last)
        sentences.append(forecast_sentence(facts.forecast, earlier, ago))
        sentences.append(due_sentences(row, facts.forecast, facts.last))
        sentences.append(tail_sentence(facts.forecast))
    sentences.append(needed(facts, "" if alone else " below"))
    return tuple(sentence for sentence in sentences if sentence)


def completion(facts: Attention, title: Phrase) -> Phrase:
    """State how much of the campaign is done, and the number of repositories with open items."""
    row = facts.status
    if row.open:
        return _open(facts, title)
    if row.state == "no matches":
        where = plural(row.repositories, "repository", "repositories")
        return say("{title} has no matches in {where}.", title=title, where=where)
    fixed = say(
        "{fixed} {are} fixed", fixed=plural(row.fixed, "item"), are=verb(row.fixed, "is", "are")
    )
    if row.state == "unknown":
        return say(
            "{title} cannot be confirmed as done: {fixed} and no known items are open{exempt}.",
            title=title,
            fixed=fixed,
            exempt=_exempt(row),
        )
    if row.state == "incomplete":
        return say(
            "{title} is not done: nothing is left to remove, but {names} {lack} what is required "
            "({fixed}{exempt}).",
            title=title,
            names=names(facts.incomplete),
            lack=verb(len(facts.incomplete), "lacks", "lack"),
            fixed=fixed,
            exempt=_exempt(row),
        )
    if row.state == "exempt":
        return say(
            "{title} has nothing left to do: {fixed} and {exempt} {are} exempt.",
            title=title,
            fixed=fixed,
            exempt=plural(row.exempt, "item"),
            are=verb(row.exempt, "is", "are"),
        )
    if row.fixed == 1:
        return say("{title} is done: its only item is fixed.", title=title)
    return say("{title} is done: all {fixed}.", title=title, fixed=fixed)


def _open(facts: Attention, title: Phrase) -> Phrase:
    """State how much of a campaign with open items is done."""
    row = facts.status
    total = row.fixed + row.open
    return say(
        "{title} ({health}) is {share} done: {fixed} of {total} items {are_fixed} fixed and {open} "
        "{are_open} open in {where}{exempt}.",
        title=title,
        health=row.health,
        share=percent(row.completion or 0.0),
        fixed=row.fixed,
        total=total,
        are_fixed=verb(row.fixed, "is", "are"),
        open=row.open,
        are_open=verb(row.open, "is", "are"),
        where=_where(facts.open_repositories, row),
        exempt=_exempt(row),
    )


def _where(count: int, row: StatusRow) -> str:
    """Describe the number of repositories with open items."""
    total, noun = row.repositories, ("repository", "repositories")
    if row.affected is not None and row.affected < total:
        total, noun = row.affected, ("affected repository", "affected repositories")
    if count == total:
        return verb(count, f"its only {noun[0]}", f"all {count:,} {noun[1]}")
    return f"{count:,} of {plural(total, *noun)}"


def _exempt(row: StatusRow) -> str:
    if not row.exempt:
        return ""
    return f"; {row.exempt:,} more {verb(row.exempt, 'is', 'are')} exempt"


def scan_age(facts: Attention) -> Phrase:
    """Return a warning if the last scan is old, or an empty phrase if it is recent."""
    if facts.scanned_on is None or not is_outdated(facts):
        return Phrase()
    return say(
        "The last scan was on {day}, {length} ago; later changes are not included.",
        day=day(facts.scanned_on, facts.last),
        length=length((facts.last - facts.scanned_on).days),
    )


def coverage(facts: Attention) -> Phrase:
    """State how many repositories could not be read, or that all of them were read."""
    row = facts.status
    if not row.unknown:
        whole = f"All {row.repositories:,} repositories in scope were read."
        return say(verb(row.repositories, "The only repository in scope was read.", whole))
    unreadable = [period for period in facts.unseen if period.until is None]
    since = "could not be read"
    if unreadable:
        first = day(min(period.since for period in unreadable), facts.last)
        since = f"{verb(row.unknown, 'has', 'have')} been unreadable since {first}"
    last_known = sum(period.open for period in unreadable)
    items = ""
    if last_known:
        owner, still = verb(row.unknown, "its", "their"), verb(last_known, "counts", "count")
        items = f", while {owner} {plural(last_known, 'last known open item')} still {still}"
    return say(
        "{unknown} of {all} {since}, so coverage is {share}. {they} not count as done{items}.",
        unknown=row.unknown,
        all=plural(row.repositories, "repository", "repositories"),
        since=since,
        share=percent(row.coverage or 0.0),
        they=verb(row.unknown, "It does", "They do"),
        items=items,
    )
