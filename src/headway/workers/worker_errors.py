"""What the future of a call raises if its worker could not return a result."""

from __future__ import annotations


class WorkerLostError(Exception):
    """The process of a call died, or was killed because a scanner exceeded its time limit."""

    def __init__(self, reason: str, rule: int | None) -> None:
        """Take the reason, and the index of the rule whose scanner was running, if any."""
        self.rule = rule
        super().__init__(reason)


class WorkerFaultError(Exception):
    """The traceback of an exception that a call raised in its worker.

    It is the cause of that exception. If the exception cannot be pickled, this is raised instead.
    """
