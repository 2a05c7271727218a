"""Sentences about a campaign's forecast and due date."""

from __future__ import annotations

from datetime import date

from headway.metrics.forecast_records import CampaignForecast
from headway.metrics.records import StatusRow
from headway.progress.forecast import PACE_WEEKS
from headway.progress.health import STALLED_AFTER_WEEKS, is_likely, is_unlikely
from headway.wording.definition_sentences import due_moves
from headway.wording.formats import length, percent
from headway.wording.rich_text import Phrase, as_phrase, say, strong
from headway.wording.sentences import day, plural, rate, verb
from headway.wording.throughput_sentences import reconciliation

_NOTEWORTHY_DAYS = 7
"""The minimum change in the 50% date that is reported, in days."""


def forecast_sentence(now: CampaignForecast, then: CampaignForecast | None, ago: str) -> Phrase:
    """State when the campaign will probably finish, and how the forecast has changed.

    Args:
        now: The current forecast.
        then: An earlier forecast for comparison, or None to omit the change.
        ago: The time of the earlier forecast in words, such as `a week ago`.
    """
    if now.reason is not None:
        return say("No forecast yet ({reason}).", reason=now.reason)
    shift = forecast_shift(now, then, ago)
    change = say(" (") + shift + say(")") if shift else shift
    if now.p50 is None:
        return say(
            "It will probably take more than {years} years{change}.",
            years=now.horizon,
            change=change,
        )
    text = say(
        "{it} is 50% likely to finish by {p50}{change}",
        it=_unless_it_stalls(now),
        p50=day(now.p50, now.today),
        change=change,
    )
    if now.p85 is None:
        return text + say("; the 85% date is more than {years} years away.", years=now.horizon)
    return text + say(" and 85% likely by {p85}.", p85=day(now.p85, now.today))


def _unless_it_stalls(now: CampaignForecast) -> str:
    return f"Unless it stalls for good ({percent(now.stall)} likely), it" if now.stall else "It"


def forecast_shift(now: CampaignForecast, then: CampaignForecast | None, ago: str) -> Phrase:
    """Compare the 50% date with an earlier forecast: `2 weeks later than a week ago`.

    The result is empty if there is no earlier forecast, or if neither forecast has a 50% date.
    """
    if then is None or then.reason is not None or now.p50 is then.p50 is None:
        return Phrase()
    if now.p50 is None or then.p50 is None:
        years = f"{'less' if now.p50 is None else 'more'} than {then.horizon} years"
        return say("{ago}: {years}", ago=ago, years=years)
    days = (now.p50 - then.p50).days
    if abs(days) < _NOTEWORTHY_DAYS:
        return say("unchanged from {ago}", ago=ago)
    direction = "later" if days > 0 else "earlier"
    return say(
        "{length} {direction} than {ago}", length=length(abs(days)), direction=direction, ago=ago
    )


def tail_sentence(forecast: CampaignForecast) -> Phrase:
    """State which part is likely to be done by which date, and which part needs a decision.

    The result is empty if all repositories with open items have had a commit in the last year.
    """
    quiet = forecast.quiet
    if quiet is None:
        return Phrase()
    have = verb(quiet.repositories, "has", "have")
    items = plural(quiet.open, "open item")
    # `quiet.since` is the day of the latest commit in any of the quiet repositories. All others
    # have been quiet for longer.
    since = f"{quiet.since.year}{verb(quiet.repositories, '', ' or earlier')}"
    tail = f"{have} had no commit since {since} and will not finish without a decision."
    if quiet.p50 is None:
        repositories = plural(quiet.repositories, "repository", "repositories")
        return say(f"{repositories} ({items}) {tail}")
    last = "repository" if quiet.repositories == 1 else f"{quiet.repositories:,} repositories"
    return say(
        "{share} is 50% likely to be done by {p50}; the last {last} ({items}) {tail}",
        share=percent(quiet.share),
        p50=day(quiet.p50, forecast.today),
        last=last,
        items=items,
        tail=tail,
    )


def due_sentences(row: StatusRow, forecast: CampaignForecast, today: date) -> Phrase:
    """State whether the due date is realistic, and how often and how far it has moved."""
    moves = due_moves(row)
    return _due_sentence(row, forecast, today) + (say(f" The {moves}.") if moves else Phrase())


def _due_sentence(row: StatusRow, forecast: CampaignForecast, today: date) -> Phrase:
    if row.due is None:
        return say("It has no due date.")
    due = day(row.due, today)
    if row.due < today:
        return say("It was due on {due}, {length} ago.", due=due, length=_length(row.due, today))
    chance, because = row.chance, _because(forecast)
    if chance is None:
        return say(
            "It is too early to say whether the due date, {due}, is realistic{because}.",
            due=due,
            because=because,
        )
    if is_likely(chance) and row.health in ("on track", "stalled"):
        verdict = as_phrase("is realistic")
        if row.health == "stalled":
            because = f", but only if work resumes after {STALLED_AFTER_WEEKS} weeks without fixes"
        elif not reconciliation(forecast):
            because = ""
    else:
        verdict = strong("is not realistic" if _is_hopeless(row, chance) else "is at risk")
    return say(
        "The due date, {due}, {verdict} ({chance} likely){because}.",
        due=due,
        verdict=verdict,
        chance=percent(chance),
        because=because,
    )


def _is_hopeless(row: StatusRow, chance: float) -> bool:
    return row.health == "off track" or is_unlikely(chance)


def _because(forecast: CampaignForecast) -> str:
    """Return a colon followed by the throughput that explains the verdict.

    The result is empty if the forecast has no required throughput.
    """
    if forecast.pace_needed is None:
        return ""
    reason = reconciliation(forecast) or (
        f"fixes must average {rate(forecast.pace_needed)} per week, and averaged "
        f"{rate(forecast.pace)} over the last {PACE_WEEKS} weeks"
    )
    return f": {reason}"


def _length(first: date, last: date) -> str:
    return length((last - first).days)
