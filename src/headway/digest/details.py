"""Compose the detailed sections of one campaign in the digest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from headway.digest.activity_lines import mover_line, regression_lines
from headway.digest.digest_context import Section
from headway.metrics.attention.attention_records import Attention, Unseen
from headway.metrics.forecast_records import CampaignForecast
from headway.metrics.records import ExemptionRow
from headway.progress.forecast import PACE_WEEKS
from headway.wording.formats import length, percent
from headway.wording.movements import movements
from headway.wording.rich_text import Phrase, say, strong
from headway.wording.sentences import before, day, plural, rate, verb
from headway.wording.throughput_sentences import reconciliation

MOST_LINES = 8


def sections(facts: Attention) -> tuple[Section, ...]:
    """Return the detailed sections of one campaign, without empty sections."""
    today = facts.last
    found = [
        ("Changes in open items", list(_ledger(facts))),
        ("Changes by repository", [mover_line(mover) for mover in facts.repositories]),
        ("Regressed", regression_lines(facts.regressions, today)),
        ("Forecast", list(_forecast(facts))),
        ("Milestones", list(_milestones(facts))),
        ("Unknown repositories", [_unseen(unseen, today) for unseen in facts.unseen]),
        ("Scope changes", list(_scope(facts))),
        ("Stalled teams", list(_stalled(facts))),
        ("No commits for a year", list(_dead(facts))),
        ("Exemptions", list(_exemptions(facts))),
        ("Recorded changes", list(_marks(facts))),
    ]
    return tuple(section(title, lines) for title, lines in found if lines)


def section(title: str, lines: Sequence[Phrase], most: int = MOST_LINES) -> Section:
    """Return a section with the first `most` lines, or all lines if only one would be cut."""
    shown = lines if len(lines) <= most + 1 else lines[:most]
    return Section(title, tuple(shown), len(lines) - len(shown))


def _ledger(facts: Attention) -> Iterator[Phrase]:
    moves, today = facts.moves, facts.last
    if moves.activity:
        yield say(
            "{before} open {ago}, {moves}: {now} open on {day}",
            before=moves.open_before,
            ago="before" if facts.before is None else before(facts.first, today),
            moves=movements(moves),
            now=moves.open,
            day=day(today, today),
        )
    if moves.exempt != moves.exempt_before:
        yield say(
            "exempt items: {before} before, {now} now",
            before=moves.exempt_before,
            now=moves.exempt,
        )
    if facts.before is not None and facts.before.health != facts.status.health:
        yield say(
            "health: {before} before, {now} now",
            before=facts.before.health,
            now=strong(facts.status.health),
        )


def _forecast(facts: Attention) -> Iterator[Phrase]:
    now, then, today = facts.forecast, facts.forecast_before, facts.last
    if not facts.status.open:
        return
    if now.reason is not None:
        yield say("no forecast yet: {reason}", reason=now.reason)
        return
    ago = before(facts.first, today)
    for chance, value, old in (
        ("50%", now.p50, then.p50 if then else None),
        ("85%", now.p85, then.p85 if then else None),
    ):
        finish = _finish(value, now.horizon, today)
        yield say("{chance} likely {finish}", chance=chance, finish=finish) + _shift(
            value, old, then, ago, today
        )
    if now.chance is not None:
        old_chance = then.chance if then else None
        change = ""
        if old_chance is not None and old_chance != now.chance:
            change = f"; {ago}: {percent(old_chance)}"
        yield say(
            "Chance of meeting the due date: {now}{change}", now=percent(now.chance), change=change
        )
    yield _pace(now)
    if why := reconciliation(now):
        yield say("Why the chance does not match the throughput: {why}", why=why)


def _finish(value: date | None, horizon: int, today: date) -> str:
    return f"by {day(value, today)}" if value else f"only after more than {horizon} years"


def _shift(
    value: date | None, old: date | None, then: CampaignForecast | None, ago: str, today: date
) -> Phrase:
    """Describe the change in a finish date since an earlier forecast."""
    if then is None:
        return Phrase()
    if then.reason is not None:
        return say("; {ago}: no forecast", ago=ago)
    if value == old:
        return say(", unchanged from {ago}", ago=ago)
    if old is None or value is None:
        return say("; {ago}: {finish}", ago=ago, finish=_finish(old, then.horizon, today))
    days = (value - old).days
    return say(
        ", {length} {direction} than {ago} ({old})",
        length=length(abs(days)),
        direction="later" if days > 0 else "earlier",
        ago=ago,
        old=day(old, today),
    )


def _pace(now: CampaignForecast) -> Phrase:
    needed = ""
    if now.pace_needed is not None:
        needed = f"; needed to meet the due date: {rate(now.pace_needed)}"
    return say(
        "Fixes per week over the last {weeks} weeks: {pace}{needed}",
        weeks=PACE_WEEKS,
        pace=rate(now.pace),
        needed=needed,
    )


def _milestones(facts: Attention) -> Iterator[Phrase]:
    today = facts.last
    for news in facts.milestones:
        row = news.row
        name = strong(row.milestone or "")
        if news.state == "reached":
            yield say("{name}: reached", name=name)
            continue
        assert row.due is not None
        due = f"due on {day(row.due, today)}"
        if news.state == "missed":
            due = f"missed on {day(row.due, today)}, {length((today - row.due).days)} ago"
        unknown = ""
        if row.unknown:
            unknown = f", {plural(row.unknown, 'repository', 'repositories')} unknown"
        yield say(
            "{name}: {due}; {open}, {health}{unknown}",
            name=name,
            due=due,
            open=plural(row.open, "open item"),
            health=row.health,
            unknown=unknown,
        )


def _unseen(unseen: Unseen, today: date) -> Phrase:
    since = day(unseen.since, today)
    if unseen.until is not None:
        return say(
            "{name}: readable again since {until}, after being unknown since {since} ({reason})",
            name=strong(unseen.repository),
            until=day(unseen.until, today),
            since=since,
            reason=unseen.reason,
        )
    return say(
        "{name}: unknown since {since} ({fresh}{reason}); {open} when last read",
        name=strong(unseen.repository),
        fresh="new: " if unseen.fresh else "",
        since=since,
        open=plural(unseen.open, "open item"),
        reason=unseen.reason,
    )


def _scope(facts: Attention) -> Iterator[Phrase]:
    for change in facts.scope_added:
        yield say(
            "{name}: in scope since {day}, with {items}",
            name=strong(change.repository),
            day=day(change.day, facts.last),
            items=plural(change.items, "open item"),
        )
    for change in facts.scope_removed:
        yield say(
            "{name}: out of scope since {day}, with {items}{reason}",
            name=strong(change.repository),
            day=day(change.day, facts.last),
            items=plural(change.items, "open item"),
            reason=f": {change.reason}" if change.reason else "",
        )


def _stalled(facts: Attention) -> Iterator[Phrase]:
    for team in facts.stalled:
        pattern = "{team}: {open}, no fixes since {day}"
        if team.last_fix is None:
            pattern = "{team}: {open}, no fixes yet"
        yield say(
            pattern,
            team=strong(team.team),
            open=plural(team.open, "open item"),
            day=day(team.since, facts.last),
        )


def _dead(facts: Attention) -> Iterator[Phrase]:
    for dead in facts.dead:
        yield say(
            "{name} ({team}): {open}, last commit on {day}",
            name=strong(dead.repository),
            team=dead.team,
            open=plural(dead.open, "open item"),
            day=day(dead.last_commit, facts.last),
        )


def _exemptions(facts: Attention) -> Iterator[Phrase]:
    shown: set[ExemptionRow] = set()
    for rows, pattern in (
        (facts.lapsed, "{reason}: lapsed after {until}, and {items} {are} open again"),
        (facts.lapsing, "{reason}: lapses after {until}, and {items} will be open again"),
        (facts.idle, "{reason}: covers no unfixed items"),
        (facts.granted, "{reason}: new since {since}, covers {items}"),
    ):
        for row in rows:
            if row not in shown:
                shown.add(row)
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
        approved=approved,
    )


def _marks(facts: Attention) -> Iterator[Phrase]:
    for mark in facts.marks:
        yield say("{day}: {text}", day=day(mark.date, facts.last), text=mark.text)
