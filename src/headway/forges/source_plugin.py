"""The contract of a source plugin: settings, and a class that lists repositories.

A plugin is a Python module with one concrete class that derives from `SourcePlugin`. Its
`Settings` say which keys a `[[sources]]` table of this type may have. If git fetches the
repositories from another machine, the class also has what `headway.forges.source.RemoteSource`
asks for.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict

from headway.forges.wait_policy import WaitPolicy, ignore_wait

if TYPE_CHECKING:
    from headway.forges.diagnosis import Finding
    from headway.model.repository import Listing

LONGEST_WAIT = timedelta(hours=2)


class SourceSettings(BaseModel):
    """Base of a source's settings: one field per key of its `[[sources]]` table.

    Unknown keys are errors. A `ValueError` that a pydantic validator raises is shown to the user
    at the line and column of the key. `type` selects the source and is not declared here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What a source needs from outside its settings."""

    workspace: Path
    """The folder of the workspace; relative paths in settings start here."""
    environ: Mapping[str, str]
    """Holds the secrets whose names the settings give."""
    on_wait: Callable[[str, datetime], None] = ignore_wait
    """Called with the reason and the end of each wait that a forge imposes."""
    longest_wait: timedelta = LONGEST_WAIT
    """No wait ends later than this after the start."""
    allow_loopback_http: bool = False
    """Allows forges on this machine without TLS. An option of the tests; no setting allows it."""

    def wait_policy(self) -> WaitPolicy:
        """Wait in real time, with a deadline that counts from now."""
        return WaitPolicy(_now, time.sleep, self.on_wait, _now() + self.longest_wait)


@dataclass(frozen=True, slots=True)
class InitOption:
    """The option of `headway init` that adds a source, and the table that it writes."""

    key: str
    """The setting that takes the option's value, such as `organization`."""
    metavar: str
    help: str
    placeholder: str
    """The value in the table that is written as a comment when the option is not given."""
    comment: str = ""
    """A comment after the setting, without `#`."""
    more_lines: tuple[str, ...] = ()
    """Further lines of the table."""

    def table(self, type_name: str, value: str | None) -> str:
        """A `[[sources]]` table; commented out if `value` is None."""
        setting = f"{self.key} = {_toml_string(value or self.placeholder)}"
        if self.comment:
            setting += f"  # {self.comment}"
        lines = ["[[sources]]", f'type = "{type_name}"', setting, *self.more_lines]
        return "\n".join(line if value is not None else f"# {line}" for line in lines)


class SourcePlugin(ABC):
    """A source of repositories that headway.toml can name; also a `forges.source.Source`."""

    name: ClassVar[str]
    """The word in `type` of a `[[sources]]` table."""
    Settings: ClassVar[type[SourceSettings]]
    init_option: ClassVar[InitOption | None] = None
    """None if `headway init` does not offer this source."""

    @classmethod
    @abstractmethod
    def from_settings(cls, settings: Any, context: SourceContext) -> Self:
        """Make a source from its settings, without asking a forge.

        Raises `HeadwayError` for settings and environment variables that cannot be used.
        """

    @property
    @abstractmethod
    def id(self) -> str:
        """Names this source in the store and in messages, such as `github:acme`."""

    @abstractmethod
    def list_repositories(self) -> Listing:
        """List all repositories; raise `HeadwayError` only for what the user must fix."""

    def diagnose(self) -> Iterator[Finding]:
        """Checks the token and its limits for `headway doctor`, before the listing.

        Raises `HeadwayError` for a token that is refused.
        """
        yield from ()


def _now() -> datetime:
    return datetime.now(UTC)


def _toml_string(value: str) -> str:
    """A TOML basic string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'
