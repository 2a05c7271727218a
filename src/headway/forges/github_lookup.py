"""Look up GitHub repositories by their IDs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from headway.forges.address import Address
from headway.forges.forge_errors import ForgeTrouble
from headway.forges.github_client import GithubClient
from headway.forges.github_records import GithubRecords
from headway.forges.json_fields import mapping
from headway.forges.lookups import NOT_VISIBLE
from headway.model.repository import Lookup

_EMPTY = 409
"""The status of GitHub's response to a request for the commits of an empty repository."""


@dataclass(frozen=True, slots=True)
class GithubLookup:
    """Looks up repositories through REST. A second request shows whether a repository is empty."""

    client: GithubClient
    records: GithubRecords
    address: Address
    owner: str | None
    """The account whose repositories the source lists, or None for named repositories."""

    def look_up(self, key: str) -> Lookup:
        """Look up one repository. Raise `ForgeTrouble` or `HeadwayError` if GitHub fails."""
        path = f"/repositories/{self.address.identity(key)}"
        response = self.client.get(path)
        if response.status == 404:
            return NOT_VISIBLE
        if response.status in (403, 451):
            return Lookup(reason="GitHub blocks access to it")
        if response.status != 200:
            raise ForgeTrouble(f"the forge responded with status {response.status}")
        repository = self.records.from_rest(mapping(response.body, "repository"))
        if repository.key != key:
            return Lookup(reason="the forge responded with a different repository")
        owner = repository.name.partition("/")[0]
        if self.owner is not None and owner.lower() != self.owner.lower():
            return Lookup(repository, departure=f"it was transferred to {repository.name}")
        if repository.disabled:
            return Lookup(repository)
        commits = self.client.get(f"{path}/commits", per_page=1)
        if commits.status == _EMPTY:
            return Lookup(replace(repository, empty=True))
        if commits.status != 200 or not isinstance(commits.body, list) or not commits.body:
            return Lookup(reason="the forge does not say whether it has commits")
        return Lookup(repository)
