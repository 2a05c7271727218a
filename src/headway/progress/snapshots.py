"""The state of a repository at the end of each week, wherever that differs from the week before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from headway.progress.ledger import Ledger
from headway.progress.series import completion
from headway.progress.state import Holdings


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """What of a rule's definition counts here: its weight, and whether it is a replacement."""

    weight: float
    replacement: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How one repository stands at the end of `day`."""

    day: date
    holdings: Holdings
    completion: float | None


class Tally:
    """Running totals of one repository's rules, from which its standing follows."""

    def __init__(self, terms: Mapping[str, RuleTerms]) -> None:
        self._terms = terms
        self._open = dict.fromkeys(terms, 0)
        self._fixed = dict.fromkeys(terms, 0)
        self._exempt = dict.fromkeys(terms, 0)

    def add(self, rule: str, opened: int, fixed: int, exempt: int) -> None:
        """Changes of the counts of one rule; a rule that is no longer defined counts nothing."""
        if rule in self._terms:
            self._open[rule] += opened
            self._fixed[rule] += fixed
            self._exempt[rule] += exempt

    def standing(self, day: date) -> Standing:
        """What the totals amount to."""
        deprecated = [rule for rule, terms in self._terms.items() if not terms.replacement]
        missing = sum(
            1 for rule, terms in self._terms.items() if terms.replacement and not self._open[rule]
        )
        holdings = Holdings(
            open=sum(self._open[rule] for rule in deprecated),
            fixed=sum(self._fixed[rule] for rule in deprecated),
            exempt=sum(self._exempt[rule] for rule in deprecated),
            missing=missing,
        )
        done = completion(
            sum(self._fixed[rule] * self._terms[rule].weight for rule in deprecated),
            sum(self._open[rule] * self._terms[rule].weight for rule in deprecated),
        )
        return Standing(day, holdings, done)


def weekly(ledger: Ledger, terms: Mapping[str, RuleTerms], first: date) -> Iterator[Standing]:
    """One standing for each week that changes something, those still to end included: nobody may
    look at this ledger again when they have ended.

    first: the campaign's first day. Weeks are ISO weeks.
    """
    booked = sorted(ledger.items(), key=lambda entry: entry[0][2])
    if not booked:
        return
    tally = Tally(terms)
    position = 0
    before: Standing | None = None
    for end in _week_ends(first, {day for _, _, day in ledger}):
        while position < len(booked) and booked[position][0][2] <= end:
            (rule, _, _), moved = booked[position]
            tally.add(rule, moved.open_change, moved.fixed_change, moved.exempt_change)
            position += 1
        now = tally.standing(end)
        if before is None or (now.holdings, now.completion) != (
            before.holdings,
            before.completion,
        ):
            yield now
        before = now


def _week_end(day: date) -> date:
    return day + timedelta(days=6 - day.weekday())


def _week_ends(first: date, days: Collection[date]) -> Sequence[date]:
    """The Sundays of the weeks in which something is booked, `first` for all before it."""
    return sorted({_week_end(max(day, first)) for day in days})
