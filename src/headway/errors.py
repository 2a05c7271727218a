"""Errors that a user can fix: one sentence, the place, and the next step."""

from __future__ import annotations


class HeadwayError(Exception):
    """Something the user can put right; the command line prints it and exits with 1.

    Each subclass builds its own sentence from its arguments and ends with the next step.
    """

    exit_code = 1

    def __reduce__(self) -> tuple[object, ...]:
        """As it is: its class must not make a sentence of a sentence."""
        return _as_it_was, (type(self), self.args), self.__dict__


def _as_it_was(kind: type[HeadwayError], arguments: tuple[object, ...]) -> HeadwayError:
    return kind.__new__(kind, *arguments)


class WorkspaceNotFoundError(HeadwayError):
    """No folder from `start` upwards holds a headway.toml."""

    def __init__(self, start: object) -> None:
        super().__init__(
            f"{start} is not inside a Headway workspace (no headway.toml here or above); "
            "run `headway init` to make one, or name one with -C DIR."
        )


class CannotWriteError(HeadwayError):
    """A file or folder that Headway must write cannot be written."""

    def __init__(self, path: object, reason: object) -> None:
        super().__init__(
            f"cannot write {path}: {reason}; make it writable, or choose another place."
        )
