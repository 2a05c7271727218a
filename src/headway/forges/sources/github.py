"""The `github` source: repositories on GitHub or GitHub Enterprise Server."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from headway.config.setting_types import Text, Url, VariableName
from headway.forges.address import (
    Address,
    github_address,
    is_account_name,
    is_repository_name,
)
from headway.forges.ca_file import find_ca_file
from headway.forges.credentials import (
    AppCredential,
    Credential,
    GitAccess,
    git_access,
    read_private_key,
    read_secret,
)
from headway.forges.forge_errors import (
    AccountNameError,
    AppSettingsError,
    ForgeTrouble,
    GraphqlUnavailableError,
    RepositoryNameError,
    TokenRefusedError,
)
from headway.forges.json_fields import inside
from headway.forges.source_plugin import InitOption, SourceContext, SourcePlugin, SourceSettings
from headway.forges.wait_policy import WaitPolicy
from headway.model.repository import Listing, Lookup

if TYPE_CHECKING:
    # Import these modules on demand. Many commands load this module without contacting a forge, and
    # importing PyGithub alone takes half a second.
    from headway.forges.diagnosis import Finding
    from headway.forges.github_client import GithubClient
    from headway.forges.github_graphql import GithubGraphql
    from headway.forges.github_rest import GithubRest
    from headway.forges.paging import Found


_EXPIRY_HEADER = "github-authentication-token-expiration"


class GithubSettings(SourceSettings):
    """Settings that select an organisation, a user or named repositories."""

    organization: Text | None = None
    user: Text | None = None
    repositories: tuple[Text, ...] = ()
    """Full names, such as `acme/shop`."""
    url: Url = "https://api.github.com"
    """The base URL of the API. For GitHub Enterprise Server, it is `https://HOST/api/v3`."""
    token: VariableName | None = None
    app_id: int | None = None
    """The ID of a GitHub App to use instead of a token. It requires `installation_id` and
    `private_key`.
    """
    installation_id: int | None = None
    private_key: VariableName | None = None
    ca_file: Text | None = None
    """A file with the certificates that the API client and git trust instead of the public ones."""

    @model_validator(mode="after")
    def _check_account(self) -> Self:
        given = [bool(self.organization), bool(self.user), bool(self.repositories)]
        if sum(given) != 1:
            raise ValueError(
                "a github source needs exactly one of organization, user and repositories"
            )
        return self


@dataclass(frozen=True, slots=True)
class Account:
    """All repositories that an organisation or a user owns."""

    kind: Literal["organization", "user"]
    login: str


@dataclass(frozen=True, slots=True)
class Named:
    """The repositories named in the settings."""

    names: tuple[str, ...]
    """Full names, such as `acme/shop`."""


@dataclass(frozen=True, slots=True)
class GithubSource(SourcePlugin):
    """Lists repositories through GraphQL, or through REST if GraphQL is not available."""

    name = "github"
    Settings = GithubSettings
    init_option = InitOption(
        key="organization",
        metavar="ORGANISATION",
        help="Read the repositories of this organisation on GitHub.",
        placeholder="acme",
        more_lines=(
            'token = "GITHUB_TOKEN"  # the name of an environment variable, never the token',
        ),
    )

    address: Address
    wanted: Account | Named
    credential: Credential | None
    """The credential for requests, or None for unauthenticated requests.

    GitHub allows at most 60 unauthenticated requests per hour.
    """
    wait_policy: WaitPolicy
    ca_file: Path | None = None

    @classmethod
    def from_settings(cls, settings: GithubSettings, context: SourceContext) -> Self:
        address = github_address(
            settings.url, source=cls.name, allow_loopback_http=context.allow_loopback_http
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
        wait_policy = context.wait_policy()
        ca_file = find_ca_file(context.workspace, settings.ca_file, source=source)
        credential = _credential(settings, address, source, context, wait_policy, ca_file)
        return cls(address, wanted, credential, wait_policy, ca_file)

    @property
    def id(self) -> str:
        return source_id(self.address, self.wanted)

    def list_repositories(self) -> Listing:
        """List all repositories. Raise `HeadwayError` for an invalid account or token."""
        from headway.forges.github_graphql import GithubGraphql
        from headway.forges.github_records import GithubRecords
        from headway.forges.github_rest import GithubRest

        records = GithubRecords(self.id, self.address)
        with closing(self._client()) as client:
            try:
                found = self._list(GithubGraphql(client, records, self.id), stable=True)
            except GraphqlUnavailableError:
                found = self._list(GithubRest(client, records, self.id), stable=False)
                reason = f"{self.id}: teams are unknown, because GraphQL is not available"
                return replace(found.to_listing(self.id), groups_unknown=reason)
            return self._with_teams(found.to_listing(self.id), client)

    def accepts_git_token(self) -> bool | None:
        """Return whether the API accepts the token, or None if this cannot be determined."""
        if self.credential is None:
            return None
        try:
            with closing(self._client()) as client:
                client.get("/rate_limit")
        except TokenRefusedError:
            return False
        except ForgeTrouble:
            return None
        return True

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Lookup]:
        """Look up repositories by key. The result of a failed look-up contains no repository."""
        from headway.forges.github_lookup import GithubLookup
        from headway.forges.github_records import GithubRecords
        from headway.forges.lookups import look_up_all

        records = GithubRecords(self.id, self.address)
        owner = self.wanted.login if isinstance(self.wanted, Account) else None
        with closing(self._client()) as client:
            return look_up_all(keys, GithubLookup(client, records, self.address, owner).look_up)

    def git_access(self, clone_url: str) -> GitAccess | None:
        """Return git's current credentials for a URL, or None for unauthenticated access."""
        return git_access(self.credential, clone_url)

    def repository_sizes(self) -> Mapping[str, int]:
        """Return the sizes in bytes, by repository key. Unknown sizes are missing."""
        from headway.forges.repository_sizes import github_sizes

        with closing(self._client()) as client:
            if isinstance(self.wanted, Named):
                return github_sizes(client, self.address, "", "", self.wanted.names)
            return github_sizes(client, self.address, self.wanted.kind, self.wanted.login)

    def site_is_public(self, environ: Mapping[str, str]) -> bool | None:
        """Return whether the pages of the workflow's repository are public, or None if unknown."""
        repository = environ.get("GITHUB_REPOSITORY", "")
        is_here = environ.get("GITHUB_API_URL", "").rstrip("/") == self.address.programs
        if not is_here or not is_repository_name(repository, depth=2):
            return None
        try:
            with closing(self._client()) as client:
                public = inside(client.get(f"/repos/{repository}/pages").body, "public")
        except ForgeTrouble:
            return None
        return public if isinstance(public, bool) else None

    def diagnose(self) -> Iterator[Finding]:
        """Check the token, its scopes and rate limits, and this machine's clock."""
        from headway.forges.diagnosis import (
            Finding,
            clock_finding,
            expiry_finding,
            parse_expiry,
            token_finding,
        )

        try:
            with closing(self._client()) as client:
                response = client.get("/rate_limit")
        except ForgeTrouble as trouble:
            yield Finding(self.id, "reachable", False, str(trouble))
            return
        yield token_finding(self.id, given=self.credential is not None)
        now = self.wait_policy.now()
        yield clock_finding(self.id, response.headers, now)
        expires = response.headers.get(_EXPIRY_HEADER)
        if expires is not None:
            yield expiry_finding(self.id, parse_expiry(expires), now)
        scopes = response.headers.get("x-oauth-scopes")
        if scopes is not None:
            reads_private = "repo" in scopes.replace(",", " ").split()
            result = scopes or "none: only public repositories are listed"
            yield Finding(self.id, "scopes", reads_private or None, result)
        for limit in ("core", "graphql"):
            remaining = inside(response.body, "resources", limit, "remaining")
            total = inside(response.body, "resources", limit, "limit")
            if isinstance(remaining, int) and isinstance(total, int):
                result = f"{remaining:,} of {total:,} left this hour"
                yield Finding(self.id, f"{limit} limit", remaining > 0, result)
        if isinstance(self.wanted, Account) and "x-github-sso" in response.headers:
            result = "the token is not authorised for single sign-on"
            yield Finding(self.id, "single sign-on", False, result)

    def _client(self) -> GithubClient:
        from headway.forges.github_client import GithubClient

        return GithubClient(self.id, self.address, self.credential, self.wait_policy, self.ca_file)

    def _list(self, forge: GithubGraphql | GithubRest, *, stable: bool) -> Found:
        from headway.forges.paging import read_pages

        if isinstance(self.wanted, Named):
            return forge.named(self.wanted.names)
        read_page = partial(forge.account_page, self.wanted.kind, self.wanted.login)
        return read_pages(read_page, stable=stable)

    def _with_teams(self, listing: Listing, client: GithubClient) -> Listing:
        from headway.forges.github_teams import owning_teams

        if not isinstance(self.wanted, Account) or self.wanted.kind != "organization":
            return listing
        if not listing.repositories:
            # Without any repositories, the listing has probably failed, so reading the teams would
            # also fail.
            return listing
        owners = owning_teams(client, self.wanted.login)
        if owners.problem is not None:
            return replace(listing, groups_unknown=f"{self.id}: {owners.problem}")
        repositories = tuple(
            replace(repository, groups=owners.of(self.address.identity(repository.key)))
            for repository in listing.repositories
        )
        return replace(listing, repositories=repositories)


def source_id(address: Address, wanted: Account | Named) -> str:
    """Return a source's ID, such as `github:acme`, with the host if it is not github.com.

    For named repositories, the ID depends on all names. Otherwise, a repository that is removed
    from the settings would be missing from a complete listing and count as deleted.
    """
    if isinstance(wanted, Account):
        label = wanted.login
    elif len(wanted.names) == 1:
        label = wanted.names[0]
    else:
        fingerprint = hashlib.sha256("\n".join(sorted(wanted.names)).encode()).hexdigest()[:8]
        label = f"{len(wanted.names)} repositories ({fingerprint})"
    return f"github:{label}" if address.host == "github.com" else f"github:{address.host}/{label}"


def _credential(
    settings: GithubSettings,
    address: Address,
    source: str,
    context: SourceContext,
    wait_policy: WaitPolicy,
    ca_file: Path | None,
) -> Credential | None:
    app = (settings.app_id, settings.installation_id, settings.private_key)
    if any(value is not None for value in app):
        return _app_credential(settings, address, source, context, wait_policy, ca_file)
    if settings.token is None:
        return None
    secret = read_secret(context.environ, settings.token, source=source, key="token")
    return Credential(secret, variable=settings.token, username="x-access-token")


def _app_credential(
    settings: GithubSettings,
    address: Address,
    source: str,
    context: SourceContext,
    wait_policy: WaitPolicy,
    ca_file: Path | None,
) -> Credential:
    from headway.forges.github_app import AppTokens

    if (
        settings.app_id is None
        or settings.installation_id is None
        or not settings.private_key
        or settings.token
    ):
        raise AppSettingsError(source)
    tokens = AppTokens(
        source,
        address,
        app_id=settings.app_id,
        installation_id=settings.installation_id,
        private_key=read_private_key(context.environ, settings.private_key, source=source),
        variable=settings.private_key,
        wait_policy=wait_policy,
        ca_file=ca_file,
    )
    return AppCredential(tokens.issue, variable=settings.private_key, now=wait_policy.now)
