"""The counts and the completion of a repository at the end of each week."""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from headway.model.campaign import Campaign, Role
from headway.model.movement import Movement
from headway.progress.ledger import Ledger
from headway.progress.series import completion
from headway.progress.state import Holdings


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """The parts of a rule's definition that affect the counts."""

    weight: float
    role: Role
    counted: bool
    """Whether items of the rule must be fixed. See `Campaign.counted`."""


def terms_of(campaign: Campaign) -> dict[str, RuleTerms]:
    """Map the ID of each rule to its terms."""
    counted = campaign.counted
    return {rule.id: RuleTerms(rule.weight, rule.role, rule in counted) for rule in campaign.rules}


class RulesByUse(NamedTuple):
    """The IDs of a campaign's rules, grouped by the use of their matches."""

    counted: tuple[str, ...]
    """The rules whose items must be fixed."""
    required: tuple[str, ...]
    """The required rules, which a repository must match to be done. Empty if the campaign has no
    deprecated rules, because `counted` then contains the required rules.
    """
    conditions: tuple[str, ...]
    """A repository that matches one of these rules is affected. Empty without conditions."""
    has_deprecated: bool

    @classmethod
    def of(cls, terms: Mapping[str, RuleTerms]) -> RulesByUse:
        others = {rule: kept.role for rule, kept in terms.items() if not kept.counted}
        return cls(
            tuple(rule for rule in terms if rule not in others),
            tuple(rule for rule, role in others.items() if role == "required"),
            tuple(rule for rule, role in others.items() if role == "applies_to"),
            any(kept.role == "deprecated" for kept in terms.values()),
        )

    def affected(self, *, matched: bool) -> bool | None:
        """Return whether a repository is affected, or None if this depends on its items.

        `matched` states whether a rule in `conditions` matches.
        """
        if self.conditions:
            return matched
        return None if self.has_deprecated or not self.counted else True


@dataclass(frozen=True, slots=True)
class Standing:
    """The counts and the completion of one repository at the end of a day."""

    day: date
    holdings: Holdings
    completion: float | None
    """The weighted share of fixed items, from 0 to 1, or None if there is nothing to fix."""


class Tally:
    """The running totals of one repository."""

    def __init__(self, terms: Mapping[str, RuleTerms], rules: RulesByUse | None = None) -> None:
        """Start with all totals at 0.

        Args:
            terms: Maps the ID of every defined rule to its terms.
            rules: The result of `RulesByUse.of(terms)`. A caller with many repositories computes it
                only once.
        """
        self._terms = terms
        self._rules = RulesByUse.of(terms) if rules is None else rules
        self._open = dict.fromkeys(terms, 0)
        self._fixed = dict.fromkeys(terms, 0)
        self._exempt = self._exempt_fixed = self._left = 0

    def add(self, rule: str, movement: Movement) -> None:
        """Add a movement of one rule. Rules that are no longer defined are ignored."""
        if rule in self._terms:
            self._open[rule] += movement.open_change
            self._fixed[rule] += movement.fixed_change
            if self._terms[rule].counted:
                self._exempt += movement.exempt_change
                self._exempt_fixed += movement.exempt_fixed_change
                self._left += movement.left_change

    def standing(self, day: date) -> Standing:
        """Return the repository's standing, computed from the totals."""
        counted = self._rules.counted
        fixed = [self._fixed[rule] for rule in counted]
        still_open = [self._open[rule] for rule in counted]
        weights = [self._terms[rule].weight for rule in counted]
        holdings = Holdings(
            open=sum(still_open),
            fixed=sum(fixed),
            exempt=self._exempt,
            exempt_fixed=self._exempt_fixed,
            missing=sum(not self._open[rule] for rule in self._rules.required),
            left=self._left,
            affected=self._rules.affected(
                matched=any(self._open[rule] for rule in self._rules.conditions)
            ),
        )
        done = completion(
            sum(map(operator.mul, fixed, weights)), sum(map(operator.mul, still_open, weights))
        )
        return Standing(day, holdings, done)


def weekly(ledger: Ledger, terms: Mapping[str, RuleTerms], first: date) -> Iterator[Standing]:
    """Yield the standing at the end of each ISO week in which the standing changed.

    The current week is included, because it is possible that no later scan reads the ledger.

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
