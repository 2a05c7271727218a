"""GitLab, self-managed too, as a source: a group with all its subgroups."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import partial

from headway.forges.address import Address
from headway.forges.credentials import Credential, GitAccess, git_access
from headway.forges.github import to_listing
from headway.forges.github_graphql import GraphqlUnavailableError
from headway.forges.gitlab_client import GitlabClient
from headway.forges.gitlab_listing import GitlabGraphql, GitlabRest
from headway.forges.gitlab_records import GitlabRecords
from headway.forges.paging import read_pages
from headway.forges.wait_policy import Pace
from headway.model.repository import Listing


@dataclass(frozen=True, slots=True)
class GitlabSource:
    """group: its full path. credential: None sees public projects only. git_credential: what git
    is given in its place; None is the same.
    """

    address: Address
    group: str
    credential: Credential | None
    pace: Pace
    git_credential: Credential | None = None

    @property
    def id(self) -> str:
        return source_id(self.address, self.group)

    def list_repositories(self) -> Listing:
        """Raises `HeadwayError` when the group or the token is at fault."""
        records = GitlabRecords(self.id, self.address)
        with closing(GitlabClient(self.id, self.address, self.credential, self.pace)) as client:
            try:
                forge = GitlabGraphql(client, records, self.id)
                found = read_pages(partial(forge.page, self.group), stable=True)
            except GraphqlUnavailableError:
                rest = GitlabRest(client, records, self.id)
                found = read_pages(partial(rest.page, self.group), stable=False)
        return to_listing(self.id, found)

    def git_access(self, clone_url: str) -> GitAccess | None:
        """What git needs to fetch from there, as of now; None asks as nobody."""
        return git_access(self.git_credential or self.credential, clone_url)


def source_id(address: Address, group: str) -> str:
    """`gitlab:acme/platform`, with the host when it is not gitlab.com."""
    if address.host == "gitlab.com":
        return f"gitlab:{group}"
    return f"gitlab:{address.host}/{group}"
