"""The interface of repository sources that scans use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from headway.model.repository import Listing, Lookup

if TYPE_CHECKING:
    from headway.forges.credentials import GitAccess
    from headway.forges.wait_policy import WaitPolicy


class Source(Protocol):
    """A source of repositories."""

    @property
    def id(self) -> str:
        """The ID of the source in the store and in messages, such as `github:acme`."""
        ...

    def list_repositories(self) -> Listing:
        """List all repositories; raise `HeadwayError` only for problems that the user must fix."""
        ...


@runtime_checkable
class RemoteSource(Source, Protocol):
    """A source whose repositories are on another machine, so git must fetch them for a scan."""

    @property
    def wait_policy(self) -> WaitPolicy:
        """Determines how to wait for the forge, and until when."""
        ...

    def git_access(self, clone_url: str) -> GitAccess | None:
        """Return git's current credentials for this URL; None means unauthenticated."""
        ...


@runtime_checkable
class TokenCheckSource(RemoteSource, Protocol):
    """A source whose forge can say whether it accepts the token that git uses."""

    def accepts_git_token(self) -> bool | None:
        """Return whether the API accepts git's token; None if that cannot be determined."""
        ...


@runtime_checkable
class LookupSource(Source, Protocol):
    """A source whose forge can describe single repositories by their IDs."""

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Lookup]:
        """Look up repositories by their keys; return the answer for each key.

        A failure is an answer without a repository. After a failure that would affect all other
        requests too, no more requests are sent.
        """
        ...
