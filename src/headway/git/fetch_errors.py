"""Reasons why a repository could not be fetched from its forge."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

REFUSED = "the forge refuses the token for git"
INVALID_ANSWER = "the forge did not send a valid response to git"
NOT_FOUND = "the repository was not found, or this token has no permission to read it"
REDIRECTED = "the forge redirects git to another URL, which is not followed"
BLOBS_REFUSED = "the forge does not serve individual blobs"
NOT_HTTPS = "the URL does not begin with https://"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A response in which the forge refuses requests for some time."""

    status: int
    seconds: float | None
    """The number of seconds that git must wait, or None if the forge states no number."""


class FetchError(Exception):
    """A repository could not be fetched. The message is the reason and appears on pages."""

    def __init__(
        self,
        reason: str,
        *,
        refused: bool = False,
        transient: bool = False,
        limit: RateLimit | None = None,
    ) -> None:
        """Record the reason for the failure and how to handle the failure.

        Args:
            reason: The reason why the repository could not be fetched.
            refused: Whether the forge rejected the token.
            transient: Whether a retry could succeed.
            limit: The wait that the forge requests because of a rate limit or an unavailable
                service, or None for other failures.
        """
        self.refused = refused
        self.transient = transient
        self.limit = limit
        super().__init__(reason)


def limit_error(limit: RateLimit) -> FetchError:
    """Return the error for a response that requests a wait."""
    if limit.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return FetchError("the forge's git service is unavailable", limit=limit)
    return FetchError("the forge's rate limit for git is exceeded", limit=limit)


class BlobRefusedError(FetchError):
    """The forge does not serve individual blobs by ID."""


class NoDirectAnswerError(Exception):
    """A direct request cannot be answered, so git must send its own requests."""

    def __init__(self, *, whole_forge: bool = False) -> None:
        """Record whether the forge probably answers no direct requests at all."""
        self.whole_forge = whole_forge
        super().__init__()
