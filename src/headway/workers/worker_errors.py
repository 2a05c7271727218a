"""Errors that a call's future raises if the worker could not return a result."""

from __future__ import annotations


class WorkerLostError(Exception):
    """The worker died, or was killed because a scanner exceeded its timeout."""

    def __init__(self, reason: str, rule: int | None, content: str | None = None) -> None:
        """Create the error.

        Args:
            reason: A description of the failure.
            rule: The index of the rule whose scanner was running, if any.
            content: The blob ID of the scanner's input, if it is known.
        """
        self.rule = rule
        self.content = content
        super().__init__(reason)


class ProcessChangedError(Exception):
    """A scanner may have changed its process, so the results of the call cannot be trusted."""


class WorkerFaultError(Exception):
    """The traceback of an exception that a call raised in its worker.

    This error is the cause of the exception, or replaces it if the exception cannot be pickled.
    """
