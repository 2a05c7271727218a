"""Open the current workspace with its campaigns, teams and sources."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli import invocation
from headway.cli.selection_errors import (
    NoCampaignError,
    NoScannedRepositoryError,
    NoSuchCampaignError,
    NoSuchRuleError,
    NoSuchTeamError,
)

if TYPE_CHECKING:
    from headway.config.load import LoadedCampaigns
    from headway.config.workspace import Workspace
    from headway.forges.source_plugin import SourcePlugin
    from headway.model.campaign import Campaign
    from headway.plugins import Scanners
    from headway.progress.path_owners import Team
    from headway.store.store_reader import Store


_FORGE_TOKENS = (
    *("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GH_ENTERPRISE_TOKEN"),
    *("ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
    *("GITLAB_TOKEN", "CI_JOB_TOKEN", "CI_REPOSITORY_URL", "CI_REGISTRY_PASSWORD"),
    *("CI_DEPENDENCY_PROXY_PASSWORD", "CI_DEPLOY_PASSWORD"),
)
"""Variables in which users and CI systems put tokens. They are hidden from plugins even if no
source uses them. GitLab sets some of them in every job.
"""
_LEFTOVER = re.compile(r"\.headway-|\.new(?:\.|\Z)|\.(?:tmp|exporting)-\d+")
"""Matches the name of every temporary file that a killed command can leave, and a few other names.
"""


@dataclass(frozen=True, slots=True)
class Session:
    """A workspace whose settings, campaigns and teams are valid."""

    workspace: Workspace
    scanners: Scanners
    loaded: LoadedCampaigns
    teams: tuple[Team, ...]
    today: date

    def campaigns(self, names: Sequence[str] = ()) -> tuple[Campaign, ...]:
        """Return the named campaigns in the given order, or all campaigns if no name is given.

        Raises:
            NoCampaignError: The workspace has no campaigns.
            NoSuchCampaignError: No campaign has one of the names.
        """
        if not self.loaded.campaigns:
            raise NoCampaignError(self.workspace.campaigns)
        by_id = {campaign.id: campaign for campaign in self.loaded.campaigns}
        for name in names:
            if name not in by_id:
                raise NoSuchCampaignError(name, sorted(by_id))
        return tuple(by_id[name] for name in dict.fromkeys(names)) or self.loaded.campaigns

    def campaign(self, name: str) -> Campaign:
        """Return the campaign with this ID. Raise the same errors as `campaigns`."""
        return self.campaigns([name])[0]

    def team(self, store: Store, name: str | None) -> str | None:
        """Return the name of the team that has this name or alias, or None if `name` is None.

        Raises:
            NoSuchTeamError: The team is not in teams.yaml and has never owned an item.
        """
        from headway.progress.path_owners import TeamList

        if name is None:
            return None
        known = {listed.name for listed in self.teams} | set(store.ledger.team_names())
        team = TeamList(self.teams).team_called(name)
        if team is None:
            spellings = {spelling.casefold(): spelling for spelling in sorted(known)}
            team = spellings.get(name.lstrip("@").casefold())
        if team is None or team not in known:
            raise NoSuchTeamError(name, sorted(known))
        return team

    def repository_glob(self, store: Store, glob: str | None) -> str | None:
        """Check that a pattern matches a scanned repository, and return the pattern.

        Without a pattern, return None.

        Raises:
            NoScannedRepositoryError: The pattern matches no scanned repository.
        """
        from headway.model.scope import name_matches

        if glob is not None:
            known = sorted(record.listed.name for record in store.repositories.records().values())
            if not any(name_matches((glob,), name) for name in known):
                raise NoScannedRepositoryError(glob, known)
        return glob

    def rule(self, campaigns: Sequence[Campaign], name: str | None) -> str | None:
        """Check that one of the campaigns has a rule, and return the ID of the rule.

        Without a name, return None.

        Raises:
            NoSuchRuleError: None of the campaigns has the rule.
        """
        known = {rule.id for campaign in campaigns for rule in campaign.rules}
        if name is not None and name not in known:
            raise NoSuchRuleError(name, sorted(known))
        return name


def find_workspace(folder: Path | None = None) -> Workspace:
    """Return the workspace that contains `folder`, which defaults to the folder given with `-C`.

    Hide the workspace's credentials from plugins, and delete temporary files of killed commands.

    Raises:
        WorkspaceNotFoundError: Neither the folder nor a folder above it is a workspace.
        DefinitionError: headway.toml has errors.
    """
    found = hide_credentials(invocation.directory() if folder is None else folder)
    _remove_leftovers(found)
    return found


def hide_credentials(folder: Path) -> Workspace:
    """Return the workspace that contains `folder`, and hide its credentials from plugins.

    Raises the errors of `find_workspace`. Nothing in the workspace is changed.
    """
    from headway.config import workspace
    from headway.forges.source_registry import load_source_types

    found = workspace.find_workspace(folder, load_source_types)
    own = {*_variables_of_sources(found), *_variables_of_storage(found)}
    invocation.hide_variables(own | {*_FORGE_TOKENS})
    return found


def _remove_leftovers(workspace: Workspace) -> None:
    """Delete the temporary files of killed commands."""
    store, out = workspace.settings.store, workspace.settings.out
    for folder in {store.parent, out.parent}:
        with contextlib.suppress(OSError):
            if any(_LEFTOVER.search(path.name) for path in folder.iterdir()):
                # Imported only here, because most commands find nothing to delete.
                from headway.scratch_dir import remove_stale_scratch_dirs
                from headway.store.leftovers import remove_leftovers

                remove_leftovers(store, invocation.now())
                remove_stale_scratch_dirs(out.resolve())


def _variables_of_sources(workspace: Workspace) -> Iterator[str]:
    """Yield the names of the environment variables that contain the secrets of sources.

    A setting is assumed to name a secret if its value is the name of an environment variable. PATH
    is never a secret, even if an organisation has this name.
    """
    for source in workspace.settings.sources:
        for value in source.settings.model_dump().values():
            if isinstance(value, str) and value in os.environ and value != "PATH":
                yield value


def _variables_of_storage(workspace: Workspace) -> Iterable[str]:
    """Return the names of the variables with the object storage credentials."""
    from headway.model.object_address import storage_variables

    address = workspace.settings.remote_store
    return storage_variables(address, os.environ) if address else ()


def open_sources(
    workspace: Workspace, on_wait: Callable[[str, datetime], None]
) -> tuple[SourcePlugin, ...]:
    """Return the sources of a workspace, with secrets from the environment.

    Args:
        workspace: The workspace whose headway.toml names the sources.
        on_wait: Called with the reason and the end of each wait for a forge.

    Raises:
        HeadwayError: A source cannot be used, for example because its token is not set.
    """
    from headway.forges.source_plugin import SourceContext
    from headway.forges.source_registry import build_sources

    context = SourceContext(
        workspace.root,
        invocation.environment(),
        on_wait,
        allow_loopback_http=invocation.allows_loopback_http(),
    )
    return build_sources(workspace, context)


def open_session(folder: Path | None = None) -> Session:
    """Find the workspace and read its scanners, campaigns and teams.

    Warnings about unusable plugins are printed.

    Args:
        folder: A folder in the workspace. None means the folder given with `-C`.

    Raises:
        WorkspaceNotFoundError: Neither the folder nor a folder above it is a workspace.
        DefinitionError: Some files have errors. The message lists all of them.
    """
    from headway.config.load import load_campaigns
    from headway.config.problems import DefinitionError
    from headway.config.teams_file import load_teams
    from headway.plugins import load_scanners

    workspace = find_workspace(folder)
    scanners = load_scanners(workspace.scanners)
    loaded = load_campaigns(workspace.campaigns, scanners, workspace.root)
    teams = load_teams(workspace.root)
    if loaded.problems or teams.problems:
        raise DefinitionError([*loaded.problems, *teams.problems], workspace.root)
    for problem in (*scanners.problems, *workspace.source_types.problems):
        click.echo(f"warning: {problem}", err=True)
    return Session(workspace, scanners, loaded, teams.teams, invocation.today())
