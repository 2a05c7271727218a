"""Asking again: after a pause that the forge wants, and after an answer that went wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from headway.forges.forge_errors import ForgeTrouble
from headway.forges.rate_limit import Wait
from headway.forges.wait_policy import WaitPolicy

_TRIES = 4
_PAUSES = 8


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. headers: names in lower case. body: as JSON gives it."""

    status: int
    headers: Mapping[str, str]
    body: object


class BrokenTransferError(Exception):
    """No whole answer came; the text is what happened, and asking again may help."""


def persist(
    ask: Callable[[], Reply], judge: Callable[[Reply, int], Wait | None], wait_policy: WaitPolicy
) -> Reply:
    """The first answer that is neither a failure of the forge's nor a call for a pause.

    judge: the pause that an answer asks for, given how many were taken already. A failure is
    tried four times, one, two and four seconds apart. Raises `ForgeTrouble` when that does not
    help, and when a wait would go past the deadline.
    """
    failures = pauses = 0
    while True:
        failure, wait, reply = None, None, None
        try:
            reply = ask()
        except BrokenTransferError as error:
            failure = str(error)
        else:
            wait = judge(reply, pauses)
            if wait is None and reply.status >= 500:
                failure = f"the forge answers {reply.status}"
        if wait is not None:
            pauses += 1
            if pauses > _PAUSES:
                raise ForgeTrouble(f"{wait.reason} did not end after {_PAUSES} pauses")
            wait_policy.wait(wait.reason, wait.until)
        elif failure is not None:
            failures += 1
            if failures >= _TRIES:
                raise ForgeTrouble(f"{failure}, {_TRIES} times over")
            wait_policy.wait(failure, wait_policy.now() + timedelta(seconds=2 ** (failures - 1)))
        else:
            assert reply is not None
            return reply
