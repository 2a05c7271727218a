"""Find the campaign for `headway try`: in the workspace, in any file, or in the catalogue."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli.selection_errors import NoSuchCampaignError, NoSuchRuleError
from headway.errors import HeadwayError

if TYPE_CHECKING:
    from headway.config.load import LoadedCampaigns
    from headway.config.workspace import Workspace
    from headway.model.campaign import Campaign
    from headway.plugins import Scanners

_ENDINGS = (".yaml", ".yml")


class NoSuchFileError(HeadwayError):
    """The campaign file that the user named does not exist."""

    def __init__(self, path: str) -> None:
        super().__init__(f"there is no file {path}; correct the path of the campaign file.")


def find_campaign(name: str, workspace: Workspace, scanners: Scanners) -> LoadedCampaigns:
    """Load the campaign with this ID or path. Errors in other files are ignored.

    Args:
        name: The ID of a campaign in the workspace or in the catalogue, or the path of a file. A
            path contains a slash or ends with `.yaml` or `.yml`.
        workspace: The workspace.
        scanners: The scanners of the workspace.

    Raises:
        NoSuchFileError: No file exists at this path.
        NoSuchCampaignError: No campaign has this ID.
        DefinitionError: The file has errors.
    """
    from headway.config.load import load_campaign_file
    from headway.config.problems import DefinitionError

    loaded = load_campaign_file(_file_of(name, workspace), scanners, workspace.root)
    if loaded.problems:
        raise DefinitionError(loaded.problems, workspace.root)
    for plugin_problem in scanners.problems:
        click.echo(f"warning: {plugin_problem}", err=True)
    return loaded


def only_rule(campaign: Campaign, name: str | None) -> Campaign:
    """Return the campaign with only the named rule. None keeps all rules.

    The rules of `applies_to` are also kept, because they determine the affected repositories. If
    the named rule is one of them, only that rule is kept.

    Raises:
        NoSuchRuleError: The campaign has no such rule.
    """
    if name is None:
        return campaign
    if name not in {rule.id for rule in campaign.rules}:
        raise NoSuchRuleError(name, sorted(rule.id for rule in campaign.rules))
    own = tuple(rule for rule in campaign.applies_to if rule.id == name)
    return replace(
        campaign,
        applies_to=own or campaign.applies_to,
        deprecated=tuple(rule for rule in campaign.deprecated if rule.id == name),
        replacement=tuple(rule for rule in campaign.replacement if rule.id == name),
    )


def _file_of(name: str, workspace: Workspace) -> Path:
    from headway.config.workspace import shipped_folder

    if "/" in name or name.endswith(_ENDINGS):
        path = Path(name)
        if not path.is_file():
            raise NoSuchFileError(name)
        return path.absolute()
    known = {}
    for folder in (shipped_folder() / "campaigns", workspace.campaigns):
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            if file.suffix in _ENDINGS and not file.name.startswith("."):
                known[file.stem] = file
    if name not in known:
        raise NoSuchCampaignError(name, sorted(known))
    return known[name]
