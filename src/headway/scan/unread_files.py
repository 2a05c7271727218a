"""Reasons why rules cannot read a version of a file."""

from __future__ import annotations

from collections.abc import Callable

from headway.git.objects import TooLargeError, UnreadableObjectError, UnreadError
from headway.model.limits import Limits
from headway.progress.gaps import Unread
from headway.scan.isolation import Failure

Explain = Callable[[UnreadableObjectError], str] | None
"""A function that explains why git cannot read a blob, or None to raise the error instead."""


def unread_of(error: UnreadError, blob: str, explain: Explain) -> Unread:
    """Return the reason why no rule can read a blob.

    Raises:
        UnreadError: The error itself, if it must not be recorded.
    """
    if isinstance(error, TooLargeError):
        return Unread("too large", str(error), blob, str(error.size))
    if isinstance(error, UnreadableObjectError) and explain is not None:
        return Unread("unreadable", explain(error), blob)
    raise error


def unread_after(failure: Failure, blob: str, limits: Limits) -> Unread:
    """Return the reason to record for a blob on which the scanner of a rule has failed."""
    if failure.kind == "failed":
        return Unread("failed", failure.reason, blob)
    return Unread("crashed", failure.reason, blob, limits.of_scanners)
