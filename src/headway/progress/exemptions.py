"""Which items need not go, and on which days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headway.model.days import Span
from headway.model.scope import compiled, name_matches
from headway.progress.ownership_history import Trail, overlap, stretches


@dataclass(frozen=True, slots=True)
class ExemptionPeriod:
    """An exemption and the days on which it holds; empty patterns or rules mean all."""

    repositories: tuple[str, ...]
    paths: tuple[str, ...]
    rules: tuple[str, ...]
    span: Span

    def covers(self, rule: str, path: str) -> bool:
        """Whether an item of this rule at this path is meant, in the right repository."""
        in_rules = not self.rules or rule in self.rules
        return in_rules and (not self.paths or compiled(self.paths).match_file(path))


def exemption_periods_for(
    waivers: Sequence[ExemptionPeriod], repository: str
) -> list[ExemptionPeriod]:
    """Those that may concern a repository, by its name."""
    return [waiver for waiver in waivers if name_matches(waiver.repositories, repository)]


def exempt_days(waivers: Sequence[ExemptionPeriod], rule: str, trail: Trail) -> tuple[Span, ...]:
    """When an item that goes along these paths is exempt; spans may overlap."""
    days = []
    for waiver in waivers:
        for first, last, path in stretches(trail):
            if waiver.covers(rule, path):
                both = overlap(first, last, waiver.span)
                if both is not None:
                    days.append(both)
    return tuple(dict.fromkeys(days))
