"""What a verb works with: the workspace, its campaigns, today's date."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.config.problems import likely
from headway.errors import HeadwayError

if TYPE_CHECKING:
    from headway.config.load import LoadedCampaigns
    from headway.config.workspace import Workspace
    from headway.forges.source_plugin import SourcePlugin
    from headway.model.campaign import Campaign
    from headway.plugins import Scanners
    from headway.progress.path_owners import Team
    from headway.store.store_reader import Store


class NoSuchCampaignError(HeadwayError):
    """A campaign was named that the workspace does not have."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        hint = likely(name, known) or "its campaigns/ folder is empty"
        super().__init__(f"there is no campaign `{name}`; {hint}")


class NoSuchTeamError(HeadwayError):
    """A team was named that teams.yaml does not have and that never owned anything."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        hint = likely(name, known) or "no team owns anything yet"
        super().__init__(f"there is no team `{name}`; {hint}")


class NoSuchRuleError(HeadwayError):
    """A rule was named that none of the campaigns in question has."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no rule `{name}`; {likely(name, known)}")


class NoSuchRepositoryError(HeadwayError):
    """A pattern matches the name of no repository that a scan ever saw."""

    def __init__(self, glob: str, known: Sequence[str]) -> None:
        near = likely(glob, known) if known else ""
        hint = near if near.startswith("did you mean") else "`headway repositories` lists them."
        super().__init__(f"no repository matches `{glob}`; {hint}")


class NoCampaignError(HeadwayError):
    """The workspace has no campaign at all."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"there is no campaign in {folder}; write one, or let `headway init` write the first."
        )


@dataclass(frozen=True, slots=True)
class Session:
    """A workspace that was found and read without a problem."""

    workspace: Workspace
    scanners: Scanners
    loaded: LoadedCampaigns
    teams: tuple[Team, ...]
    today: date

    def campaigns(self, names: Sequence[str] = ()) -> tuple[Campaign, ...]:
        """The named campaigns, or all; raises `NoSuchCampaignError`, `NoCampaignError`."""
        if not self.loaded.campaigns:
            raise NoCampaignError(self.workspace.campaigns)
        by_id = {campaign.id: campaign for campaign in self.loaded.campaigns}
        for name in names:
            if name not in by_id:
                raise NoSuchCampaignError(name, sorted(by_id))
        return tuple(by_id[name] for name in dict.fromkeys(names)) or self.loaded.campaigns

    def team(self, store: Store, name: str | None) -> str | None:
        """The team that goes by a name or alias; None for None.

        One that is not in teams.yaml must at least own or have owned something, by that name;
        raises `NoSuchTeamError`.
        """
        from headway.progress.path_owners import TeamList

        if name is None:
            return None
        team = TeamList(self.teams).known(name) or name.lstrip("@")
        known = {each.name for each in self.teams} | set(store.ledger.team_names())
        if team not in known:
            raise NoSuchTeamError(name, sorted(known))
        return team

    def repository(self, store: Store, glob: str | None) -> str | None:
        """The pattern itself; raises `NoSuchRepositoryError` where no name matches it."""
        from headway.model.scope import name_matches

        if glob is not None:
            known = sorted(record.listed.name for record in store.repositories.records().values())
            if not any(name_matches((glob,), name) for name in known):
                raise NoSuchRepositoryError(glob, known)
        return glob

    def rule(self, campaigns: Sequence[Campaign], name: str | None) -> str | None:
        """The rule itself; raises `NoSuchRuleError` where none of the campaigns has it."""
        known = {rule.id for campaign in campaigns for rule in campaign.rules}
        if name is not None and name not in known:
            raise NoSuchRuleError(name, sorted(known))
        return name

    def campaign(self, name: str) -> Campaign:
        """One campaign by its id."""
        return self.campaigns([name])[0]


def today() -> date:
    """The day given with --today, else the UTC day of now."""
    given = click.get_current_context().find_root().ensure_object(dict).get("today")
    return given.date() if given is not None else now().date()


def now() -> datetime:
    """The clock, in UTC."""
    return datetime.now(UTC)


def directory() -> Path:
    """The folder given with -C, else the current one."""
    given = click.get_current_context().find_root().ensure_object(dict).get("directory")
    return Path(given) if given is not None else Path.cwd()


def find(folder: Path | None = None) -> Workspace:
    """The workspace that `folder` is in; None: the folder given with -C, or the current one.

    Raises `WorkspaceNotFoundError` or `DefinitionError`.
    """
    from headway.config.workspace import find_workspace
    from headway.forges.source_registry import load_source_types

    return find_workspace(directory() if folder is None else folder, load_source_types)


def allows_loopback_http() -> bool:
    """Whether forges on this machine may be spoken to without TLS: an option for tests."""
    settings = click.get_current_context().find_root().ensure_object(dict)
    return bool(settings.get("allow_loopback_http"))


def sources(
    workspace: Workspace, on_wait: Callable[[str, datetime], None]
) -> tuple[SourcePlugin, ...]:
    """The sources of a workspace, with secrets from the environment.

    Args:
        workspace: The workspace whose headway.toml names the sources.
        on_wait: Called with the reason and the end of each wait that a forge imposes.

    Raises:
        HeadwayError: Settings or environment variables cannot be used.
    """
    from headway.forges.source_plugin import SourceContext
    from headway.forges.source_registry import build_sources

    context = SourceContext(
        workspace.root,
        dict(os.environ),
        on_wait,
        allow_loopback_http=allows_loopback_http(),
    )
    return build_sources(workspace, context)


def open_session(folder: Path | None = None) -> Session:
    """Finds the workspace as `find` does and reads its campaigns.

    Raises `DefinitionError` with every problem.
    """
    from headway.config.load import load_campaigns
    from headway.config.problems import DefinitionError
    from headway.config.teams_file import load_teams
    from headway.plugins import load_scanners

    workspace = find(folder)
    scanners = load_scanners(workspace.scanners)
    loaded = load_campaigns(workspace.campaigns, scanners)
    teams = load_teams(workspace.root)
    if loaded.problems or teams.problems:
        raise DefinitionError([*loaded.problems, *teams.problems], workspace.root)
    for problem in (*scanners.problems, *workspace.source_types.problems):
        click.echo(f"warning: {problem}", err=True)
    return Session(workspace, scanners, loaded, teams.teams, today())
