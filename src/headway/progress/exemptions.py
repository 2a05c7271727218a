"""Determine the days on which items are exempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headway.model.days import Span
from headway.model.scope import compiled, name_matches
from headway.progress.ownership_history import Trail, overlap, stretches


@dataclass(frozen=True, slots=True)
class ExemptionPeriod:
    """An exemption and the days on which it is in force."""

    repositories: tuple[str, ...]
    paths: tuple[str, ...]
    rules: tuple[str, ...]
    span: Span

    def covers(self, rule: str, path: str) -> bool:
        """Return whether the exemption covers this rule and path.

        The repository is not checked. See `exemption_periods_for`.
        """
        in_rules = not self.rules or rule in self.rules
        return in_rules and (not self.paths or compiled(self.paths).match_file(path))


def exemption_periods_for(
    periods: Sequence[ExemptionPeriod], repository: str
) -> list[ExemptionPeriod]:
    """Return the exemption periods that cover the named repository."""
    return [period for period in periods if name_matches(period.repositories, repository)]


def exempt_days(periods: Sequence[ExemptionPeriod], rule: str, trail: Trail) -> tuple[Span, ...]:
    """Return the spans of days on which an item is exempt. The spans may overlap.

    Args:
        periods: All exemption periods that cover the item's repository.
        rule: The ID of the item's rule.
        trail: The paths of the item over time.
    """
    days = []
    for period in periods:
        for first, last, path in stretches(trail):
            if period.covers(rule, path):
                common = overlap(first, last, period.span)
                if common is not None:
                    days.append(common)
    return tuple(dict.fromkeys(days))
