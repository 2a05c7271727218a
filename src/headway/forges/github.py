"""GitHub, its Enterprise Server too, as a source: an organisation, a user, named repositories."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

from headway.forges.address import Address
from headway.forges.credentials import Credential, GitAccess, git_access
from headway.forges.github_client import GithubClient
from headway.forges.github_graphql import AccountKind, GithubGraphql, GraphqlUnavailableError
from headway.forges.github_records import GithubRecords
from headway.forges.github_rest import GithubRest
from headway.forges.github_teams import owning_teams
from headway.forges.paging import Found, read_pages
from headway.forges.wait_policy import Pace
from headway.model.repository import Listing


@dataclass(frozen=True, slots=True)
class Account:
    """All that an organisation or a user owns."""

    kind: AccountKind
    login: str


@dataclass(frozen=True, slots=True)
class Named:
    """Repositories one by one, as `owner/name`."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GithubSource:
    """credential: None asks as nobody, which GitHub allows 60 times an hour."""

    address: Address
    wanted: Account | Named
    credential: Credential | None
    pace: Pace

    @property
    def id(self) -> str:
        return source_id(self.address, self.wanted)

    def list_repositories(self) -> Listing:
        """Raises `HeadwayError` when the account or the token is at fault."""
        records = GithubRecords(self.id, self.address)
        with closing(GithubClient(self.id, self.address, self.credential, self.pace)) as client:
            try:
                found = self._list(GithubGraphql(client, records, self.id))
            except GraphqlUnavailableError:
                listing = to_listing(self.id, self._list(GithubRest(client, records, self.id)))
                unknown = f"{self.id}: without GraphQL the teams are not known"
                return replace(listing, groups_unknown=unknown)
            return self._with_teams(to_listing(self.id, found), client)

    def _with_teams(self, listing: Listing, client: GithubClient) -> Listing:
        if not isinstance(self.wanted, Account) or self.wanted.kind != "organization":
            return listing
        if not listing.repositories:
            # whatever stood in the way would stand in the way again
            return listing
        owning = owning_teams(client, self.wanted.login)
        if owning.problem is not None:
            return replace(listing, groups_unknown=f"{self.id}: {owning.problem}")
        owned = (
            replace(it, groups=owning.of(self.address.identity(it.key)))
            for it in listing.repositories
        )
        return replace(listing, repositories=tuple(owned))

    def git_access(self, clone_url: str) -> GitAccess | None:
        """What git needs to fetch from there, as of now; None asks as nobody."""
        return git_access(self.credential, clone_url)

    def _list(self, forge: GithubGraphql | GithubRest) -> Found:
        if isinstance(self.wanted, Named):
            return forge.named(self.wanted.names)
        ask = partial(forge.account_page, self.wanted.kind, self.wanted.login)
        return read_pages(ask, stable=isinstance(forge, GithubGraphql))


def source_id(address: Address, wanted: Account | Named) -> str:
    """`github:acme`, with the host when it is not github.com.

    A source of named repositories goes by the names: were it still the same source after one was
    taken off the list, that repository would count as gone.
    """
    if isinstance(wanted, Account):
        what = wanted.login
    elif len(wanted.names) == 1:
        what = wanted.names[0]
    else:
        digest = hashlib.sha256("\n".join(sorted(wanted.names)).encode()).hexdigest()[:8]
        what = f"{len(wanted.names)} repositories ({digest})"
    return f"github:{what}" if address.host == "github.com" else f"github:{address.host}/{what}"


def to_listing(source: str, found: Found) -> Listing:
    """What was found as a listing: complete when there was no problem."""
    return Listing(
        source=source,
        repositories=tuple(sorted(found.repositories.values(), key=lambda entry: entry.name)),
        complete=not found.problems,
        problems=tuple(f"{source}: {problem}" for problem in found.problems),
        unlisted=tuple(sorted(found.unlisted.values(), key=lambda entry: entry.name)),
    )
