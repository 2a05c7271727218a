"""The `gitlab` source: the projects of a group on GitLab.com or a self-managed GitLab."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from headway.config.setting_types import Text, Url, VariableName
from headway.forges.address import Address, gitlab_address, is_account_name
from headway.forges.ca_file import find_ca_file
from headway.forges.credentials import Credential, GitAccess, git_access, read_secret
from headway.forges.forge_errors import (
    AccountNameError,
    ForgeTrouble,
    GraphqlUnavailableError,
    JobTokenError,
    TokenRefusedError,
)
from headway.forges.json_fields import inside
from headway.forges.source_plugin import InitOption, SourceContext, SourcePlugin, SourceSettings
from headway.forges.wait_policy import WaitPolicy
from headway.model.repository import Listing, Lookup

if TYPE_CHECKING:
    # Import these modules on demand. Many commands load this module without contacting a forge, and
    # importing python-gitlab is slow.
    from headway.forges.diagnosis import Finding
    from headway.forges.gitlab_client import GitlabClient

_JOB_TOKEN = "CI_JOB_TOKEN"  # noqa: S105 - a name
_DEPLOY_TOKEN_PREFIX = "gldt-"  # noqa: S105 - only a prefix
"""The prefix of deploy tokens. They work only with git, because the API rejects all of them."""


class GitlabSettings(SourceSettings):
    """Settings that select a group, including its subgroups."""

    group: Text
    """The full path of the group on GitLab, such as `acme/platform`."""
    url: Url = "https://gitlab.com"
    token: VariableName | None = None
    git_token: VariableName | None = None
    """The variable with the token that git uses to fetch, or None to use `token`."""
    ca_file: Text | None = None
    """A file with the certificates that the API client and git trust instead of the public ones."""


@dataclass(frozen=True, slots=True)
class GitlabSource(SourcePlugin):
    """Lists projects through GraphQL, or through REST if GraphQL is not available."""

    name = "gitlab"
    Settings = GitlabSettings
    init_option = InitOption(
        key="group",
        metavar="GROUP",
        help="Read the projects of this group on GitLab.",
        placeholder="acme/platform",
        more_lines=(
            'token = "GITLAB_TOKEN"  # the name of an environment variable, never the token',
        ),
    )

    address: Address
    group: str
    """The full path of the group on GitLab, such as `acme/platform`."""
    credential: Credential | None
    """The credential for requests, or None for unauthenticated requests.

    Unauthenticated requests list only public projects.
    """
    wait_policy: WaitPolicy
    git_credential: Credential | None = None
    """The credential that git uses to fetch, or None to use `credential`."""
    ca_file: Path | None = None

    @classmethod
    def from_settings(cls, settings: GitlabSettings, context: SourceContext) -> Self:
        address = gitlab_address(
            settings.url, source=cls.name, allow_loopback_http=context.allow_loopback_http
        )
        group = settings.group.strip("/")
        source = source_id(address, group)
        if not all(is_account_name(part) for part in group.split("/")):
            raise AccountNameError(source, "group", group)
        if settings.token == _JOB_TOKEN:
            raise JobTokenError(source)
        credential = _credential(settings.token, "token", source, context)
        git_credential = _credential(settings.git_token, "git_token", source, context)
        ca_file = find_ca_file(context.workspace, settings.ca_file, source=source)
        return cls(address, group, credential, context.wait_policy(), git_credential, ca_file)

    @property
    def id(self) -> str:
        return source_id(self.address, self.group)

    def list_repositories(self) -> Listing:
        """List all projects. Raise `HeadwayError` for an invalid group or token."""
        from headway.forges.gitlab_listing import GitlabGraphql, GitlabRest
        from headway.forges.gitlab_records import GitlabRecords
        from headway.forges.paging import read_pages

        records = GitlabRecords(self.id, self.address)
        with closing(self._client()) as client:
            graphql = GitlabGraphql(client, records, self.id)
            rest = GitlabRest(client, records, self.id)
            confirm = partial(rest.finds_exactly, self.group)
            try:
                # GraphQL lists the newest project first. REST lists it last.
                found = read_pages(
                    partial(graphql.page, self.group),
                    stable=True,
                    confirm=partial(confirm, descending=False),
                )
            except GraphqlUnavailableError:
                found = read_pages(
                    partial(rest.page, self.group),
                    stable=False,
                    confirm=partial(confirm, descending=True),
                )
        return found.to_listing(self.id)

    def accepts_git_token(self) -> bool | None:
        """Return whether the API accepts git's token, or None if this cannot be determined."""
        from headway.forges.gitlab_client import GitlabClient

        credential = self.git_credential or self.credential
        if credential is None or credential.token().startswith(_DEPLOY_TOKEN_PREFIX):
            return None
        is_job_token = credential.variable == _JOB_TOKEN
        client = GitlabClient(
            self.id,
            self.address,
            credential,
            self.wait_policy,
            is_job_token=is_job_token,
            ca_file=self.ca_file,
        )
        try:
            with closing(client):
                client.get("/job" if is_job_token else "/personal_access_tokens/self")
        except TokenRefusedError:
            return False
        except ForgeTrouble:
            return None
        return True

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Lookup]:
        """Look up projects by key. The result of a failed look-up contains no repository."""
        from headway.forges.gitlab_lookup import GitlabLookup
        from headway.forges.gitlab_records import GitlabRecords
        from headway.forges.lookups import look_up_all

        records = GitlabRecords(self.id, self.address)
        with closing(self._client()) as client:
            return look_up_all(
                keys, GitlabLookup(client, records, self.address, self.group).look_up
            )

    def git_access(self, clone_url: str) -> GitAccess | None:
        """Return git's current credentials for a URL, or None for unauthenticated access."""
        return git_access(self.git_credential or self.credential, clone_url)

    def repository_sizes(self) -> Mapping[str, int]:
        """Return the sizes in bytes, by repository key. Unknown sizes are missing."""
        from headway.forges.repository_sizes import gitlab_sizes

        with closing(self._client()) as client:
            return gitlab_sizes(client, self.address, self.group)

    def site_is_public(self, environ: Mapping[str, str]) -> bool | None:
        """Return whether the pages of the job's project are public, or None if unknown."""
        project = environ.get("CI_PROJECT_ID", "")
        is_here = environ.get("CI_API_V4_URL", "").startswith(f"{self.address.programs}/")
        if not is_here or not (project.isascii() and project.isdigit()):
            return None
        try:
            with closing(self._client()) as client:
                body = client.get(f"/projects/{project}").body
        except ForgeTrouble:
            return None
        access = inside(body, "pages_access_level")
        if access == "enabled":
            return inside(body, "visibility") == "public"
        return {"public": True, "private": False}.get(str(access))

    def diagnose(self) -> Iterator[Finding]:
        """Check the tokens, their scopes and expiry dates, and this machine's clock."""
        from headway.forges.diagnosis import Finding, clock_finding, token_finding

        try:
            with closing(self._client()) as client:
                has_token = self.credential is not None
                response = client.get("/personal_access_tokens/self" if has_token else "/projects")
        except ForgeTrouble as trouble:
            yield Finding(self.id, "reachable", False, str(trouble))
            return
        yield token_finding(self.id, given=self.credential is not None)
        yield clock_finding(self.id, response.headers, self.wait_policy.now())
        needed = {"read_api"} if self.git_credential else {"read_api", "read_repository"}
        yield from self._token_findings(response.body, "token expiry", "scopes", needed)
        git_token = self.git_credential
        if git_token is None or git_token.variable == _JOB_TOKEN:
            return
        if git_token.token().startswith(_DEPLOY_TOKEN_PREFIX):
            return
        try:
            with closing(self._client(git_token)) as client:
                response = client.get("/personal_access_tokens/self")
        except (ForgeTrouble, TokenRefusedError) as error:
            yield Finding(self.id, "git token", False, str(error))
            return
        check = "git token expiry"
        yield from self._token_findings(response.body, check, "git scopes", {"read_repository"})

    def _token_findings(
        self, body: object, expiry: str, scopes: str, needed: set[str]
    ) -> Iterator[Finding]:
        """Yield findings about a token.

        Args:
            body: GitLab's description of the token.
            expiry: The name of the expiry check.
            scopes: The name of the scope check.
            needed: The scopes that the token needs. The `api` scope includes all of them.
        """
        from headway.forges.diagnosis import Finding, expiry_finding, parse_expiry

        listed = inside(body, "scopes")
        if isinstance(listed, list):
            words = {word for word in listed if isinstance(word, str)}
            enough = "api" in words or needed <= words
            yield Finding(self.id, scopes, enough, ", ".join(sorted(words)))
            expires = parse_expiry(inside(body, "expires_at"))
            yield expiry_finding(self.id, expires, self.wait_policy.now(), expiry)

    def _client(self, credential: Credential | None = None) -> GitlabClient:
        from headway.forges.gitlab_client import GitlabClient

        chosen = credential or self.credential
        return GitlabClient(self.id, self.address, chosen, self.wait_policy, ca_file=self.ca_file)


def source_id(address: Address, group: str) -> str:
    """Return a source's ID, such as `gitlab:acme`, with the host if it is not gitlab.com."""
    if address.host == "gitlab.com":
        return f"gitlab:{group}"
    return f"gitlab:{address.host}/{group}"


def _credential(
    variable: str | None, key: str, source: str, context: SourceContext
) -> Credential | None:
    """Return the credential from an environment variable, or None if `variable` is None.

    Job tokens require a specific user name (https://docs.gitlab.com/ci/jobs/ci_job_token/). All
    other tokens accept any non-empty user name.
    """
    if variable is None:
        return None
    username = "gitlab-ci-token" if variable == _JOB_TOKEN else "oauth2"
    secret = read_secret(context.environ, variable, source=source, key=key)
    return Credential(secret, variable=variable, username=username)
