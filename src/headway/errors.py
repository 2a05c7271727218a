"""Errors that a user can fix. A message is one sentence with the location and the next step."""

from __future__ import annotations


class HeadwayError(Exception):
    """An error that the user can fix; the command line prints it and exits with `exit_code`.

    Each subclass builds a sentence from its arguments. The sentence ends with the next step.
    """

    exit_code = 1

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the finished message, so that `__init__` is not called with it again."""
        return _restore, (type(self), self.args), self.__dict__


def _restore(kind: type[HeadwayError], arguments: tuple[object, ...]) -> HeadwayError:
    return kind.__new__(kind, *arguments)


class WorkspaceNotFoundError(HeadwayError):
    """Neither `start` nor a folder above it has a headway.toml."""

    def __init__(self, start: object) -> None:
        super().__init__(
            f"{start} is not inside a Headway workspace (no headway.toml here or above); "
            "run `headway init` to create one, or name one with -C DIR."
        )


class CannotWriteError(HeadwayError):
    """A file or folder cannot be written."""

    def __init__(self, path: object, reason: object) -> None:
        super().__init__(
            f"cannot write {path}: {reason}; make it writable, or choose another path."
        )
