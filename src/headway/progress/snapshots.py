"""The counts and the completion of a repository at the end of each week."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from headway.model.movement import Movement
from headway.progress.ledger import Ledger
from headway.progress.series import completion
from headway.progress.state import Holdings


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """The parts of a rule's definition that affect the counts."""

    weight: float
    replacement: bool
    """True for a required rule, false for a deprecated rule."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The counts and the completion of one repository at the end of a day."""

    day: date
    holdings: Holdings
    completion: float | None
    """The weighted share that is fixed, from 0 to 1; None if there is nothing to fix."""


class Tally:
    """The running totals of one repository, by rule."""

    def __init__(self, terms: Mapping[str, RuleTerms]) -> None:
        self._terms = terms
        self._open = dict.fromkeys(terms, 0)
        self._fixed = dict.fromkeys(terms, 0)
        self._exempt = dict.fromkeys(terms, 0)
        self._exempt_fixed = dict.fromkeys(terms, 0)

    def add(self, rule: str, movement: Movement) -> None:
        """Add a movement of one rule. Rules that are no longer defined are ignored."""
        if rule in self._terms:
            self._open[rule] += movement.open_change
            self._fixed[rule] += movement.fixed_change
            self._exempt[rule] += movement.exempt_change
            self._exempt_fixed[rule] += movement.exempt_fixed_change

    def standing(self, day: date) -> Standing:
        """Return the repository's standing, computed from the totals."""
        deprecated = [rule for rule, terms in self._terms.items() if not terms.replacement]
        missing = sum(
            1 for rule, terms in self._terms.items() if terms.replacement and not self._open[rule]
        )
        holdings = Holdings(
            open=sum(self._open[rule] for rule in deprecated),
            fixed=sum(self._fixed[rule] for rule in deprecated),
            exempt=sum(self._exempt[rule] for rule in deprecated),
            exempt_fixed=sum(self._exempt_fixed[rule] for rule in deprecated),
            missing=missing,
        )
        done = completion(
            sum(self._fixed[rule] * self._terms[rule].weight for rule in deprecated),
            sum(self._open[rule] * self._terms[rule].weight for rule in deprecated),
        )
        return Standing(day, holdings, done)


def weekly(ledger: Ledger, terms: Mapping[str, RuleTerms], first: date) -> Iterator[Standing]:
    """Yield the standing at the end of each ISO week in which the standing changed.

    The current week is included, because the ledger may not be read again after the week.

    Args:
        ledger: The ledger of one repository in one campaign.
        terms: Maps the ID of every defined rule to its terms.
        first: The campaign's first day.
    """
    movements = sorted(ledger.items(), key=lambda entry: entry[0][2])
    if not movements:
        return
    tally = Tally(terms)
    position = 0
    before: Standing | None = None
    for end in _week_ends(first, {day for _, _, day in ledger}):
        while position < len(movements) and movements[position][0][2] <= end:
            (rule, _, _), movement = movements[position]
            tally.add(rule, movement)
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
    """Return the Sundays of the days' weeks. Days before `first` count as `first`."""
    return sorted({_week_end(max(day, first)) for day in days})
