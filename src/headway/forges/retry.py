"""Retries of requests after rate limits and failures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from headway.forges.forge_errors import ForgeTrouble
from headway.forges.rate_limit import Wait
from headway.forges.wait_policy import WaitPolicy

_MOST_ATTEMPTS = 4
_MOST_WAITS = 8


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply of a forge."""

    status: int
    headers: Mapping[str, str]
    """The headers, with names in lower case."""
    body: object
    """The decoded JSON content."""


class BrokenTransferError(Exception):
    """No complete reply was received, and a retry may help; the message is the reason."""


def with_retries(
    send: Callable[[], Reply],
    find_wait: Callable[[Reply, int], Wait | None],
    wait_policy: WaitPolicy,
) -> Reply:
    """Return the first reply that is neither a server error nor a request to wait.

    A request that fails is sent up to four times in total, with pauses of 1, 2 and 4 seconds.

    Args:
        send: Sends the request once.
        find_wait: Returns the wait that a reply requests, given the number of earlier waits.
        wait_policy: Determines how to wait, and until when.

    Raises:
        ForgeTrouble: All attempts failed, or a wait would end after the deadline.
    """
    failures = waits = 0
    while True:
        failure, wait, reply = None, None, None
        try:
            reply = send()
        except BrokenTransferError as error:
            failure = str(error)
        else:
            wait = find_wait(reply, waits)
            if wait is None and reply.status >= 500:
                failure = f"the forge answered with status {reply.status}"
        if wait is not None:
            waits += 1
            if waits > _MOST_WAITS:
                raise ForgeTrouble(f"{wait.reason} did not end after {_MOST_WAITS} waits")
            wait_policy.wait(wait.reason, wait.until)
        elif failure is not None:
            failures += 1
            if failures >= _MOST_ATTEMPTS:
                raise ForgeTrouble(f"{failure}, {_MOST_ATTEMPTS} times in a row")
            pause = timedelta(seconds=2 ** (failures - 1))
            wait_policy.wait(failure, wait_policy.now() + pause)
        else:
            assert reply is not None
            return reply
