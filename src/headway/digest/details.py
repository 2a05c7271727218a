"""The facts behind the paragraph, under headings; a heading without a fact is left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from headway.digest.digest_context import Section
from headway.metrics.attention.attention_records import Attention, Mover, Regression, Unseen, Work
from headway.metrics.records import CampaignForecast, ExemptionRow
from headway.wording.movements import movements
from headway.wording.rich_text import Phrase, code, joined, link, say, strong
from headway.wording.sentences import before, day, length, names, percent, plural, rate, verb

MOST_LINES = 8
MOST_PLACES = 5


def sections(facts: Attention) -> tuple[Section, ...]:
    """All that there is something to say about."""
    today = facts.last
    found = [
        ("Why the count moved", list(_ledger(facts))),
        ("Where it moved", [mover_line(each) for each in facts.repositories]),
        ("Came back", regression_lines(facts.regressions, today)),
        ("Forecast", list(_forecast(facts))),
        ("Milestones", list(_milestones(facts))),
        ("Unknown", [_unseen(each, today) for each in facts.unseen]),
        ("Scope", list(_scope(facts))),
        ("Stalled teams", list(_stalled(facts))),
        ("No commit for a year", list(_dead(facts))),
        ("Exemptions", list(_exemptions(facts))),
        ("Changes on record", list(_marks(facts))),
    ]
    return tuple(section(title, lines) for title, lines in found if lines)


def section(title: str, lines: Sequence[Phrase], most: int = MOST_LINES) -> Section:
    """The first lines of it; all of them where only one would be left out."""
    shown = lines if len(lines) <= most + 1 else lines[:most]
    return Section(title, tuple(shown), len(lines) - len(shown))


def _ledger(facts: Attention) -> Iterator[Phrase]:
    its, today = facts.moves, facts.last
    if its.activity:
        yield say(
            "{before} open {ago}, {moves}: {now} open on {day}",
            before=its.open_before,
            ago="before" if facts.before is None else before(facts.first, today),
            moves=movements(its),
            now=its.open,
            day=day(today, today),
        )
    if its.exempt != its.exempt_before:
        yield say("{before} exempt before, {now} now", before=its.exempt_before, now=its.exempt)
    if facts.before is not None and facts.before.health != facts.status.health:
        yield say(
            "health: {before} before, {now} now",
            before=facts.before.health,
            now=strong(facts.status.health),
        )


def mover_line(mover: Mover) -> Phrase:
    """One repository or team: what moved, and the commits that did it."""
    line = say("{name}: {moves}", name=strong(mover.name), moves=movements(mover.moves))
    if mover.works:
        line += say("; ") + works_text(mover.works[:3], mover.more + len(mover.works[3:]))
    return line


def works_text(works: Sequence[Work], more: int) -> Phrase:
    """The commits, with whoever did the work."""
    said: list[Phrase | str] = [_work(work) for work in works]
    if more:
        said.append(plural(more, "more commit"))
    return joined(said)


def _work(work: Work) -> Phrase:
    did = []
    if work.fixed:
        did.append(f"fixed {work.fixed:,}")
    if work.opened:
        did.append(f"brought {work.opened:,}")
    commit = link(work.commit[:10], work.url)
    if work.author:
        return say(
            "{author} {did} in {commit}", author=work.author, did=" and ".join(did), commit=commit
        )
    return say("{commit} {did}", commit=commit, did=" and ".join(did))


def regression_lines(found: Sequence[Regression], today: date) -> list[Phrase]:
    """What came back: one line for what one commit brought back in one repository."""
    by_commit: dict[tuple[str, str], list[Regression]] = defaultdict(list)
    for each in found:
        by_commit[each.repository, each.commit].append(each)
    return [_regression_line(its, today) for its in by_commit.values()]


def _regression_line(its: Sequence[Regression], today: date) -> Phrase:
    first = its[0]
    places: list[Phrase | str] = [_place(each) for each in its[:MOST_PLACES]]
    if len(its) > MOST_PLACES:
        places.append(f"{len(its) - MOST_PLACES:,} more")
    teams = tuple(dict.fromkeys(each.team for each in its))
    again = sum(not each.open for each in its)
    return say(
        "{repository} ({teams}): {items} on {day} with {commit}{by}{again}: {places}",
        repository=strong(first.repository),
        teams=names(teams),
        items=plural(len(its), "item"),
        day=day(first.day, today),
        commit=link(first.commit[:10], first.commit_url),
        by=say(" by {author}", author=first.author) if first.author else Phrase(),
        again=f", {again:,} of them fixed again since" if again else "",
        places=joined(places),
    )


def _place(each: Regression) -> Phrase:
    place = each.path if each.line is None else f"{each.path}:{each.line}"
    return link(place, each.url) if each.url else code(place)


def _forecast(facts: Attention) -> Iterator[Phrase]:
    now, then, today = facts.forecast, facts.forecast_before, facts.last
    if not facts.status.open:
        return
    if now.reason is not None:
        yield say("none: {reason}", reason=now.reason)
        return
    ago = before(facts.first, today)
    for name, value, old in (
        ("As likely as not", now.p50, then.p50 if then else None),
        ("85\u00a0% likely", now.p85, then.p85 if then else None),
    ):
        shown = f"by {day(value, today)}" if value else f"only after {now.horizon} years"
        yield say("{name} {shown}", name=name, shown=shown) + _moved(value, old, then, ago, today)
    if now.chance is not None:
        was = then.chance if then else None
        text = f"; {ago} {percent(was)}" if was is not None and was != now.chance else ""
        yield say("Chance of making the due date: {now}{text}", now=percent(now.chance), text=text)
    yield _pace(now)


def _moved(
    value: date | None, old: date | None, then: CampaignForecast | None, ago: str, today: date
) -> Phrase:
    if then is None:
        return Phrase()
    if then.reason is not None:
        return say("; {ago} there was no forecast", ago=ago)
    if value == old:
        return say("; the same {ago}", ago=ago)
    if old is None:
        return say("; {ago} only after {years} years", ago=ago, years=then.horizon)
    if value is None:
        return say("; {ago} by {day}", ago=ago, day=day(old, today))
    days = (value - old).days
    way = "later" if days > 0 else "earlier"
    return say(
        "; {ago} by {old}, so {much} {way}",
        ago=ago,
        old=day(old, today),
        much=length(abs(days)),
        way=way,
    )


def _pace(now: CampaignForecast) -> Phrase:
    need = f"; the due date takes {rate(now.pace_needed)}" if now.pace_needed is not None else ""
    return say("Fixes a week in the last four: {pace}{need}", pace=rate(now.pace), need=need)


def _milestones(facts: Attention) -> Iterator[Phrase]:
    for each in facts.milestones:
        row, today = each.row, facts.last
        if each.state == "reached":
            yield say("{name}: reached", name=strong(row.milestone or ""))
            continue
        assert row.due is not None
        when = f"due on {day(row.due, today)}"
        if each.state == "missed":
            when = f"missed on {day(row.due, today)}, {length((today - row.due).days)} ago"
        text = f"{plural(row.open, 'open item')}, {row.health}"
        if row.unknown:
            text += f", {plural(row.unknown, 'repository', 'repositories')} unknown"
        yield say("{name}: {when}, {text}", name=strong(row.milestone or ""), when=when, text=text)


def _unseen(each: Unseen, today: date) -> Phrase:
    since = day(each.since, today)
    if each.until is not None:
        until = day(each.until, today)
        return say(
            "{name}: known again since {until}, after it was unknown from {since} ({reason})",
            name=strong(each.repository),
            until=until,
            since=since,
            reason=each.reason,
        )
    return say(
        "{name}: unknown since {since}{fresh}, last seen with {open}: {reason}",
        name=strong(each.repository),
        fresh=" (new)" if each.fresh else "",
        since=since,
        open=plural(each.open, "open item"),
        reason=each.reason,
    )


def _scope(facts: Attention) -> Iterator[Phrase]:
    for each in facts.scope_added:
        yield say(
            "{name}: in scope since {day}, with {items}",
            name=strong(each.repository),
            day=day(each.day, facts.last),
            items=plural(each.items, "open item"),
        )
    for each in facts.scope_removed:
        yield say(
            "{name}: out of scope since {day}, with {items}{reason}",
            name=strong(each.repository),
            day=day(each.day, facts.last),
            items=plural(each.items, "open item"),
            reason=f": {each.reason}" if each.reason else "",
        )


def _stalled(facts: Attention) -> Iterator[Phrase]:
    for each in facts.stalled:
        pattern = "{team}: {open}, and no fix since {day}"
        if each.last_fix is None:
            pattern = "{team}: {open} since {day}, and nothing fixed yet"
        yield say(
            pattern,
            team=strong(each.team),
            open=plural(each.open, "open item"),
            day=day(each.since, facts.last),
        )


def _dead(facts: Attention) -> Iterator[Phrase]:
    for each in facts.dead:
        yield say(
            "{name} ({team}): {open}, last commit on {day}",
            name=strong(each.repository),
            team=each.team,
            open=plural(each.open, "open item"),
            day=day(each.last_commit, facts.last),
        )


def _exemptions(facts: Attention) -> Iterator[Phrase]:
    seen: set[ExemptionRow] = set()
    for rows, pattern in (
        (facts.lapsed, "{reason}: lapsed after {until}, {items} {are} open again"),
        (facts.lapsing, "{reason}: lapses after {until}, {items} {come} back then"),
        (facts.idle, "{reason}: covers nothing that is open"),
        (facts.granted, "{reason}: new since {since}, covers {items}"),
    ):
        for row in rows:
            if row not in seen:
                seen.add(row)
                yield _exemption(row, pattern, facts.last)


def _exemption(row: ExemptionRow, pattern: str, today: date) -> Phrase:
    approved = f" (approved by {row.approved_by})" if row.approved_by else ""
    return say(
        pattern + "{approved}",
        reason=strong(row.reason.rstrip(".")),
        until=day(row.until, today) if row.until else "",
        since=day(row.since, today) if row.since else "",
        items=plural(row.items, "item"),
        are=verb(row.items, "is", "are"),
        come=verb(row.items, "comes", "come"),
        approved=approved,
    )


def _marks(facts: Attention) -> Iterator[Phrase]:
    for mark in facts.marks:
        yield say("{day}: {text}", day=day(mark.date, facts.last), text=mark.text)


def held_lines(held: Iterable[tuple[str, int]]) -> list[Phrase]:
    """Repositories with what is open in them."""
    return [
        say("{name}: {open}", name=strong(name), open=plural(count, "open item"))
        for name, count in held
    ]
