"""Look up individual repositories by their IDs, until the forge stops answering."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from headway.errors import HeadwayError
from headway.forges.forge_errors import ForgeTrouble
from headway.forges.json_fields import UnexpectedResponse
from headway.model.repository import Lookup

NOT_VISIBLE = Lookup(reason="not visible to this token", not_visible=True)
"""The result for status 404. Forges do not reveal whether a repository is gone or hidden."""


def look_up_all(keys: Sequence[str], look_up: Callable[[str], Lookup]) -> dict[str, Lookup]:
    """Look up each key. If a look-up fails, its result states the reason.

    Args:
        keys: The keys of the repositories.
        look_up: Looks up one key. After a `HeadwayError`, or a `ForgeTrouble` other than
            `UnexpectedResponse`, no more keys are looked up, because every request would be retried
            and fail.
    """
    answers: dict[str, Lookup] = {}
    failure: Lookup | None = None
    for key in keys:
        if failure is None:
            try:
                answers[key] = look_up(key)
                continue
            except UnexpectedResponse as error:
                answers[key] = Lookup(reason=str(error))
                continue
            except (ForgeTrouble, HeadwayError) as error:
                failure = Lookup(reason=str(error))
        answers[key] = failure
    return answers
