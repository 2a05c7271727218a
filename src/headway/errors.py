"""Errors that a user can fix. Each message gives the location and the next step."""

from __future__ import annotations


class HeadwayError(Exception):
    """An error that the user can fix. The command line prints it and exits with `exit_code`.

    Each subclass builds its message from the arguments of its constructor. The message includes the
    next step.
    """

    exit_code = 1

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the message, because the constructors of subclasses have other parameters."""
        return _restore, (type(self), self.args), self.__dict__


def _restore(kind: type[HeadwayError], arguments: tuple[object, ...]) -> HeadwayError:
    return kind.__new__(kind, *arguments)


class WorkspaceNotFoundError(HeadwayError):
    """Neither the start folder nor a folder above it has a headway.toml."""

    def __init__(self, start: object) -> None:
        super().__init__(
            f"{start} is not inside a Headway workspace (no headway.toml here or above); "
            "run `headway init` to create a workspace, or name an existing one with -C DIR."
        )


class CannotWriteError(HeadwayError):
    """A file or folder cannot be written."""

    def __init__(self, path: object, reason: object) -> None:
        super().__init__(
            f"cannot write {path}: {reason}; make it writable, or choose another path."
        )


class CannotReadError(HeadwayError):
    """A file or folder cannot be read."""

    def __init__(self, path: object, reason: object) -> None:
        super().__init__(f"cannot read {path}: {reason}; make it readable, or choose another path.")
