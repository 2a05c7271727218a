"""The interface of repository sources that scans use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from headway.model.repository import Listing, Lookup

if TYPE_CHECKING:
    from pathlib import Path

    from headway.forges.credentials import GitAccess
    from headway.forges.wait_policy import WaitPolicy


class Source(Protocol):
    """A source of repositories."""

    @property
    def id(self) -> str:
        """The ID of the source in the store and in messages, such as `github:acme`."""
        ...

    def list_repositories(self) -> Listing:
        """List all repositories. Raise `HeadwayError` only for problems that the user must fix."""
        ...


@runtime_checkable
class RemoteSource(Source, Protocol):
    """A source on another machine. Git must fetch its repositories before a scan."""

    @property
    def wait_policy(self) -> WaitPolicy:
        """The policy for waiting for the forge, with a deadline."""
        ...

    @property
    def ca_file(self) -> Path | None:
        """The certificates that git trusts, or None for the public certificates."""
        ...

    def git_access(self, clone_url: str) -> GitAccess | None:
        """Return git's current credentials for a URL, or None for unauthenticated access."""
        ...


@runtime_checkable
class TokenCheckSource(RemoteSource, Protocol):
    """A source whose forge can report whether it accepts git's token."""

    def accepts_git_token(self) -> bool | None:
        """Return whether the API accepts git's token, or None if this cannot be determined."""
        ...


@runtime_checkable
class LookupSource(Source, Protocol):
    """A source whose forge can describe individual repositories by their IDs."""

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Lookup]:
        """Look up repositories by their keys, and return a result for each key.

        The result of a failed look-up contains no repository. If all other requests would fail too,
        no more requests are sent.
        """
        ...


@runtime_checkable
class SizedSource(Source, Protocol):
    """A source whose forge reports the sizes of its repositories."""

    def repository_sizes(self) -> Mapping[str, int]:
        """Return the sizes in bytes, by repository key. Unknown sizes are missing."""
        ...


@runtime_checkable
class PublishingSource(Source, Protocol):
    """A source whose forge can also publish Headway's pages."""

    def site_is_public(self, environ: Mapping[str, str]) -> bool | None:
        """Return whether anybody can read the pages that this CI job publishes.

        Args:
            environ: The environment variables, which name the repository of the CI job.

        Returns:
            The result, or None if this is not a CI job of the forge or the forge does not answer.
        """
        ...
