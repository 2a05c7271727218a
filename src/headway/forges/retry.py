"""Retry requests after rate limits and failures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from headway.forges.forge_errors import ForgeTrouble, RepeatedFailure
from headway.forges.rate_limit import Wait
from headway.forges.wait_policy import WaitPolicy

_MOST_ATTEMPTS = 4
_MOST_WAITS = 8


@dataclass(frozen=True, slots=True)
class Response:
    """A response from a forge."""

    status: int
    headers: Mapping[str, str]
    """The headers, with names in lower case."""
    body: object
    """The decoded JSON content."""


class BrokenTransferError(Exception):
    """No complete JSON response arrived. A retry could succeed. The message is the reason."""


def decode_response(status: int, headers: Mapping[str, str], content: bytes | str) -> Response:
    """Return a response with its JSON content decoded.

    Raises:
        BrokenTransferError: The content is not JSON, although the status is not an error.
    """
    lower_case = {name.lower(): str(value) for name, value in headers.items()}
    try:
        body = json.loads(content) if content else None
    except (ValueError, RecursionError) as error:
        if status < 300:
            is_deep = isinstance(error, RecursionError)
            reason = "is nested too deeply" if is_deep else "is not JSON"
            raise BrokenTransferError(f"the forge's response {reason}") from None
        body = None
    return Response(status, lower_case, body)


def with_retries(
    send: Callable[[], Response],
    find_wait: Callable[[Response, int], Wait | None],
    wait_policy: WaitPolicy,
    is_final: Callable[[Response], bool] | None = None,
) -> Response:
    """Return the first response that requests no wait and is not a server error to be retried.

    A failing request is sent up to four times in total, with pauses of 1, 2 and 4 seconds.

    Args:
        send: Sends the request once.
        find_wait: Returns the wait that a response requests, given the number of earlier waits.
        wait_policy: Controls waits and their deadline.
        is_final: Returns whether a server error is final and must not be retried. None means that
            all server errors are retried.

    Raises:
        RepeatedFailure: All attempts failed.
        ForgeTrouble: A wait would end after the deadline, or the forge requests too many waits.
    """
    failures = waits = 0
    while True:
        failure, wait, response = None, None, None
        try:
            response = send()
        except BrokenTransferError as error:
            failure = str(error)
        else:
            wait = find_wait(response, waits)
            is_failure = response.status >= 500 and not (
                is_final is not None and is_final(response)
            )
            if wait is None and is_failure:
                failure = f"the forge responded with status {response.status}"
        if wait is not None:
            waits += 1
            if waits > _MOST_WAITS:
                raise ForgeTrouble(f"{wait.reason} did not end after {_MOST_WAITS} waits")
            wait_policy.wait(wait.reason, wait.until)
        elif failure is not None:
            failures += 1
            if failures >= _MOST_ATTEMPTS:
                raise RepeatedFailure(f"{failure}, {_MOST_ATTEMPTS} times in a row")
            pause = timedelta(seconds=2 ** (failures - 1))
            wait_policy.wait(failure, wait_policy.now() + pause)
        else:
            assert response is not None
            return response
