"""The changes to a campaign's definition, as recorded by scans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from headway.model.campaign import Campaign
from headway.model.definition_record import definition_record
from headway.progress.definition_edits import (
    DueHistory,
    changed_keys,
    due_history,
    milestone_due_history,
)
from headway.store.store_reader import Store


@dataclass(frozen=True, slots=True)
class DefinitionHistory:
    """The changes to a campaign's due dates, and the changes that no scan has recorded yet."""

    due: DueHistory
    """The changes to the campaign's due date."""
    milestones: Mapping[str, DueHistory]
    """The changes to each milestone's due date, by milestone name."""
    changed: tuple[str, ...]
    """Keys of the campaign file whose values have changed since the last scan."""


def definition_history(store: Store, campaign: Campaign, today: date) -> DefinitionHistory:
    """Return the history of a campaign's definition up to `today`."""
    history = store.campaigns.definitions(campaign.id).get(campaign.id, ())
    definitions = [dated.definition for dated in history if dated.day <= today]
    return DefinitionHistory(
        due=due_history([definition.due for definition in definitions]),
        milestones={
            milestone.name: milestone_due_history(definitions, milestone.name)
            for milestone in campaign.milestones
        },
        changed=changed_keys(history[-1].definition, definition_record(campaign))
        if history
        else (),
    )
