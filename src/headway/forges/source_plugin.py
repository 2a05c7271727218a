"""The interface of source plugins: settings, and a class that lists repositories.

A plugin is a Python module with one concrete class that derives from `SourcePlugin`. Its `Settings`
define the keys that a `[[sources]]` table of this type may have. If git must fetch the repositories
from another machine, the class must also implement `headway.forges.source.RemoteSource`.
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
    """The base class for the settings of a source.

    A subclass declares one field for each key of the `[[sources]]` table except `type`. Unknown
    keys are errors. If a pydantic validator raises a `ValueError`, Headway shows it with the line
    and column of the key.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


@dataclass(frozen=True, slots=True)
class SourceContext:
    """The workspace, variables and callbacks that a source receives in addition to its settings."""

    workspace: Path
    """The workspace folder. Paths in settings are relative to it."""
    environ: Mapping[str, str]
    """Environment variables, including the secrets that the settings refer to by name."""
    on_wait: Callable[[str, datetime], None] = ignore_wait
    """Called before each wait for a forge, with the reason and the end of the wait."""
    longest_wait: timedelta = LONGEST_WAIT
    """The time limit for all waits, counted from the call to `wait_policy`."""
    allow_loopback_http: bool = False
    """Whether plain HTTP to forges on this machine is allowed. Only tests set this."""

    def wait_policy(self) -> WaitPolicy:
        """Return a policy that waits in real time, with a deadline that is counted from now."""
        return WaitPolicy(_now, time.sleep, self.on_wait, _now() + self.longest_wait)


@dataclass(frozen=True, slots=True)
class InitOption:
    """The option of `headway init` for a source, and the source's `[[sources]]` table."""

    key: str
    """The setting that takes the option's value, such as `organization`."""
    metavar: str
    help: str
    placeholder: str
    """An example value for the commented-out table that `init` writes if the option is missing."""
    comment: str = ""
    """A comment after the setting, without `#`."""
    more_lines: tuple[str, ...] = ()
    """Further lines of the table."""

    def table(self, type_name: str, value: str | None) -> str:
        """Return a `[[sources]]` table. It is commented out if `value` is None."""
        setting = f"{self.key} = {_toml_string(value or self.placeholder)}"
        if self.comment:
            setting += f"  # {self.comment}"
        lines = ["[[sources]]", f'type = "{type_name}"', setting, *self.more_lines]
        return "\n".join(line if value is not None else f"# {line}" for line in lines)


class SourcePlugin(ABC):
    """The base class of source plugins. It implements `forges.source.Source`."""

    name: ClassVar[str]
    """The value of `type` in a `[[sources]]` table."""
    Settings: ClassVar[type[SourceSettings]]
    init_option: ClassVar[InitOption | None] = None
    """The option of `headway init` for this source, or None if `init` does not support it."""
    ca_file: Path | None = None
    """A file with the certificates to trust for this source, or None for the public certificates.
    """

    @classmethod
    @abstractmethod
    def from_settings(cls, settings: Any, context: SourceContext) -> Self:
        """Create a source from its settings, without contacting a forge.

        Raises `HeadwayError` for invalid settings or environment variables.
        """

    @property
    @abstractmethod
    def id(self) -> str:
        """The ID of the source in the store and in messages, such as `github:acme`."""

    @abstractmethod
    def list_repositories(self) -> Listing:
        """List all repositories. Raise `HeadwayError` only for problems that the user must fix."""

    def diagnose(self) -> Iterator[Finding]:
        """Check the token and its limits for `headway doctor`, before the listing.

        Raises `HeadwayError` if the token is rejected.
        """
        yield from ()


def _now() -> datetime:
    return datetime.now(UTC)


def _toml_string(value: str) -> str:
    """Quote a value as a TOML basic string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'
