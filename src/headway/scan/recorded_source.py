"""Sources with a given list of repositories. They request no listing from a forge."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from headway.forges.source import RemoteSource
from headway.model.repository import Listing, Repository

if TYPE_CHECKING:
    from headway.forges.credentials import GitAccess
    from headway.forges.wait_policy import WaitPolicy


@dataclass(frozen=True, slots=True)
class FixedSource:
    """A source with a given list of local repositories."""

    id: str
    repositories: tuple[Repository, ...]

    def list_repositories(self) -> Listing:
        """Return the given repositories as a complete listing."""
        return Listing(self.id, self.repositories)


@dataclass(frozen=True, slots=True)
class RecordedSource(FixedSource):
    """A source with a given list of repositories on a forge, such as that of the last scan."""

    wait_policy: WaitPolicy
    forge: RemoteSource | None = None
    """The source to fetch from, or None if only mirrors are read."""

    @property
    def ca_file(self) -> Path | None:
        """The certificates that git trusts for the forge, or None without a forge."""
        return None if self.forge is None else self.forge.ca_file

    def git_access(self, clone_url: str) -> GitAccess | None:
        """Return the credentials for the forge, or None without a forge."""
        return None if self.forge is None else self.forge.git_access(clone_url)
