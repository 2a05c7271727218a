"""A repository on a forge, and the credentials to read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Access(Protocol):
    """The credentials for one host."""

    @property
    def base(self) -> str:
        """The scheme and host that the credentials are valid for."""
        ...

    @property
    def username(self) -> str: ...
    @property
    def password(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository on a forge, with functions that provide credentials and wait before retries."""

    url: str
    access: Callable[[], Access | None]
    """Returns the current credentials, or None for unauthenticated access."""
    wait: Callable[[str, float], None]
    """Waits before a retry, given the reason and the number of seconds. It can raise an error to
    give up.
    """
    limited: Callable[[float], None] = lambda _: None
    """Records the number of seconds for which no requests may be sent to the forge."""
    ca_file: Path | None = None
    """The certificates to trust, or None for the public certificates."""
