"""What a source of repositories must provide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from headway.model.repository import Listing

if TYPE_CHECKING:
    from headway.forges.credentials import GitAccess
    from headway.forges.wait_policy import WaitPolicy


class Source(Protocol):
    """Where repositories come from."""

    @property
    def id(self) -> str:
        """Names this source in the store and in messages, such as `github:acme`."""
        ...

    def list_repositories(self) -> Listing:
        """Asks for everything; raises `HeadwayError` only for what the user must fix."""
        ...


@runtime_checkable
class RemoteSource(Source, Protocol):
    """A source whose repositories lie on another machine, and are fetched from there."""

    @property
    def wait_policy(self) -> WaitPolicy:
        """How this source waits."""
        ...

    def git_access(self, clone_url: str) -> GitAccess | None:
        """What git needs to fetch from there, as of now; None asks as nobody."""
        ...
