"""Records of campaign definitions. Later scans compare them to detect edits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from headway.model.campaign import Campaign, Exemption, Milestone, Scope


class RecordedRule(NamedTuple):
    """The parts of a rule that affect a campaign's numbers."""

    id: str
    role: str
    weight: float
    fingerprint: str
    """The rule's fingerprint, computed without the scanner's version."""


@dataclass(frozen=True, slots=True)
class DefinitionRecord:
    """The parts of a definition that affect the numbers and dates of the campaign.

    Milestones, exemptions and rules are sorted, so their order in the campaign file is irrelevant.
    """

    starts: date | None = None
    due: date | None = None
    scope: Scope = field(default_factory=Scope)
    milestones: tuple[Milestone, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    rules: tuple[RecordedRule, ...] = ()


class DatedDefinition(NamedTuple):
    """A definition, and the day on which it came into force."""

    day: date
    """The day of the first scan that used the definition."""
    definition: DefinitionRecord


def definition_record(campaign: Campaign) -> DefinitionRecord:
    return DefinitionRecord(
        starts=campaign.starts,
        due=campaign.due,
        scope=campaign.scope,
        milestones=tuple(sorted(campaign.milestones, key=attrgetter("name", "due"))),
        exemptions=tuple(
            sorted(
                campaign.exemptions,
                key=attrgetter("repositories", "paths", "rules", "until", "reason"),
            )
        ),
        rules=tuple(
            sorted(
                RecordedRule(rule.id, rule.role, rule.weight, rule.fingerprint(""))
                for rule in campaign.rules
            )
        ),
    )
