"""Look up GitLab projects by their IDs."""

from __future__ import annotations

from dataclasses import dataclass

from headway.forges.address import Address
from headway.forges.forge_errors import ForgeTrouble
from headway.forges.gitlab_client import GitlabClient
from headway.forges.gitlab_records import GitlabRecords
from headway.forges.json_fields import UnexpectedResponse, mapping, text_or_none
from headway.forges.lookups import NOT_VISIBLE
from headway.model.repository import Lookup


@dataclass(frozen=True, slots=True)
class GitlabLookup:
    """Looks up projects through REST: https://docs.gitlab.com/api/projects/."""

    client: GitlabClient
    records: GitlabRecords
    address: Address
    group: str
    """The full path of the group whose projects the source lists."""

    def look_up(self, key: str) -> Lookup:
        """Look up one project. Raise `ForgeTrouble` or `HeadwayError` if GitLab fails."""
        response = self.client.get(f"/projects/{self.address.identity(key)}")
        if response.status == 404:
            return NOT_VISIBLE
        if response.status == 403:
            return Lookup(reason="GitLab blocks access to it")
        if response.status != 200:
            raise ForgeTrouble(f"the forge responded with status {response.status}")
        entry = mapping(response.body, "project")
        if not isinstance(entry.get("empty_repo"), bool):
            # The response lacks this field if the repository is hidden from the token.
            raise UnexpectedResponse("empty_repo")
        repository = self.records.from_rest(entry, {})
        if repository.key != key:
            return Lookup(reason="the forge responded with a different project")
        deletion = text_or_none(entry, "marked_for_deletion_on")
        if deletion is not None:
            return Lookup(repository, departure=f"it is scheduled for deletion on {deletion[:10]}")
        if not repository.name.lower().startswith(f"{self.group.lower()}/"):
            return Lookup(repository, departure=f"it was transferred to {repository.name}")
        return Lookup(repository)
