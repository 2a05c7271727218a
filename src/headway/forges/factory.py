"""From settings to sources."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from headway.config.workspace import GithubSettings, GitlabSettings, LocalSettings, Workspace
from headway.forges.address import (
    Address,
    github_address,
    gitlab_address,
    is_account_name,
    is_repository_name,
)
from headway.forges.credentials import Credential, read_private_key, read_secret
from headway.forges.forge_errors import (
    AccountNameError,
    AppSettingsError,
    JobTokenError,
    RepositoryNameError,
)
from headway.forges.local import LocalSource
from headway.forges.source import Source
from headway.forges.wait_policy import Pace

LONGEST_WAIT = timedelta(hours=2)

_JOB_TOKEN = "CI_JOB_TOKEN"  # noqa: S105 - a name


def _nobody(_reason: str, _until: datetime) -> None:
    """Hears of waits and does nothing."""


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What sources need from outside.

    environ: where the tokens that the settings name are looked up. waiting: told why and until
    when a forge makes us wait. longest_wait: no wait ends later than this after the start.
    allow_loopback_http: for forges on this machine only, and never from a file.
    """

    environ: Mapping[str, str]
    waiting: Callable[[str, datetime], None] = _nobody
    longest_wait: timedelta = LONGEST_WAIT
    allow_loopback_http: bool = False

    def pace(self) -> Pace:
        """Real time, from now on."""
        return Pace(_now, time.sleep, self.waiting, _now() + self.longest_wait)


def build_sources(workspace: Workspace, surroundings: SourceContext) -> tuple[Source, ...]:
    """One source for each `[[sources]]` table, in the file's order.

    Raises `HeadwayError` for settings and variables that cannot be used; asks no forge.
    """
    return tuple(_build(workspace, it, surroundings) for it in workspace.settings.sources)


def _build(
    workspace: Workspace,
    settings: GithubSettings | GitlabSettings | LocalSettings,
    surroundings: SourceContext,
) -> Source:
    if isinstance(settings, LocalSettings):
        folder = (workspace.root / settings.path).absolute()
        return LocalSource(folder, os.path.normpath(settings.path))
    if isinstance(settings, GithubSettings):
        return _github(settings, surroundings)
    return _gitlab(settings, surroundings)


def _github(settings: GithubSettings, surroundings: SourceContext) -> Source:
    from headway.forges.github import Account, GithubSource, Named, source_id

    address = github_address(
        settings.url,
        source="github",
        allow_loopback_http=surroundings.allow_loopback_http,
    )
    wanted: Account | Named
    if settings.organization:
        wanted = Account("organization", settings.organization)
    elif settings.user:
        wanted = Account("user", settings.user)
    else:
        wanted = Named(settings.repositories)
    source = source_id(address, wanted)
    if isinstance(wanted, Account) and not is_account_name(wanted.login):
        raise AccountNameError(source, wanted.kind, wanted.login)
    for name in settings.repositories:
        if not is_repository_name(name, depth=2):
            raise RepositoryNameError(source, name)
    pace = surroundings.pace()
    credential = _github_credential(settings, address, source, pace, surroundings.environ)
    return GithubSource(address, wanted, credential, pace)


def _github_credential(
    settings: GithubSettings,
    address: Address,
    source: str,
    pace: Pace,
    environ: Mapping[str, str],
) -> Credential | None:
    from headway.forges.github_client import app_credential

    app_id, installation_id, variable = (
        settings.app_id,
        settings.installation_id,
        settings.private_key,
    )
    if app_id is not None and installation_id is not None and variable and not settings.token:
        return app_credential(
            source,
            address,
            app_id=app_id,
            installation_id=installation_id,
            private_key=read_private_key(environ, variable, source=source),
            variable=variable,
            pace=pace,
        )
    if app_id is not None or installation_id is not None or variable:
        raise AppSettingsError(source)
    if settings.token is None:
        return None
    secret = read_secret(environ, settings.token, source=source, key="token")
    return Credential(secret, variable=settings.token, username="x-access-token")


def _gitlab(settings: GitlabSettings, surroundings: SourceContext) -> Source:
    from headway.forges.gitlab import GitlabSource, source_id

    address = gitlab_address(
        settings.url, source="gitlab", allow_loopback_http=surroundings.allow_loopback_http
    )
    group = settings.group.strip("/")
    source = source_id(address, group)
    if not all(is_account_name(part) for part in group.split("/")):
        raise AccountNameError(source, "group", group)
    if settings.token == _JOB_TOKEN:
        raise JobTokenError(source)
    environ = surroundings.environ
    credential = _gitlab_credential(settings.token, "token", source, environ)
    for_git = _gitlab_credential(settings.git_token, "git_token", source, environ)
    return GitlabSource(address, group, credential, surroundings.pace(), for_git)


def _gitlab_credential(
    variable: str | None, key: str, source: str, environ: Mapping[str, str]
) -> Credential | None:
    """User names: https://docs.gitlab.com/ci/jobs/ci_job_token/ and, for tokens of all other kinds,
    any that is not empty.
    """
    if variable is None:
        return None
    username = "gitlab-ci-token" if variable == _JOB_TOKEN else "oauth2"
    secret = read_secret(environ, variable, source=source, key=key)
    return Credential(secret, variable=variable, username=username)


def _now() -> datetime:
    return datetime.now(UTC)
