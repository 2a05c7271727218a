"""The shipped catalogue of campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from headway.config.load import LoadedCampaigns, load_campaigns
from headway.config.problems import likely
from headway.config.workspace import shipped_folder
from headway.config.workspace_templates import MODELINE, with_settings
from headway.errors import HeadwayError
from headway.model.campaign import Campaign
from headway.plugins import Scanners


class NotInCatalogueError(HeadwayError):
    """The catalogue has no campaign with the requested name."""

    def __init__(self, name: str, known: list[str]) -> None:
        hint = likely(name, known) or "the catalogue is missing: reinstall Headway."
        super().__init__(f"there is no campaign `{name}` in the catalogue; {hint}")


def catalogue_folder() -> Path:
    """Return the folder that contains the shipped campaigns."""
    return shipped_folder() / "campaigns"


def load_catalogue(scanners: Scanners) -> LoadedCampaigns:
    """Load all shipped campaigns, sorted by ID."""
    return load_campaigns(catalogue_folder(), scanners)


def catalogue_file(name: str) -> Path:
    """Return the file of a shipped campaign.

    Raises:
        NotInCatalogueError: No shipped campaign has this name.
    """
    shipped = {file.stem: file for file in sorted(catalogue_folder().glob("*.yaml"))}
    if name not in shipped:
        raise NotInCatalogueError(name, list(shipped))
    return shipped[name]


def matches_words(campaign: Campaign, words: Sequence[str]) -> bool:
    """Return whether all words occur in a campaign, ignoring case.

    The words are searched for in the campaign's ID, title, summary, milestone names and rules.
    """
    parts = [
        campaign.id,
        campaign.title,
        campaign.summary,
        *(entry.name for entry in campaign.milestones),
    ]
    for rule in campaign.rules:
        parts += [rule.id, rule.scanner, *rule.paths, *map(str, rule.options.values())]
    text = "\n".join(parts).casefold()
    return all(word.casefold() in text for word in words)


def copied_text(name: str, shipped: str, version: str, today: date, *, schema: bool) -> str:
    """Return the contents of a copy of a shipped campaign. The copy names its origin.

    The copy has a start date, and commented-out examples of settings that the shipped campaign
    lacks.

    Args:
        name: The name of the shipped campaign.
        shipped: The contents of the shipped file.
        version: The version of Headway.
        today: The date from which the start date is calculated.
        schema: Whether a JSON Schema for editors is in the folder of the copy.
    """
    origin = f"# Copied from the catalogue of Headway {version}: campaigns/{name}.yaml"
    lines = [MODELINE] if schema else []
    return "\n".join([*lines, origin, with_settings(shipped, today)])
