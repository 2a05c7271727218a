"""The `list` source: repositories from a file or command in the JSON Lines format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from headway.config.setting_types import Text, VariableName
from headway.errors import HeadwayError
from headway.forges.ca_file import find_ca_file
from headway.forges.credentials import Credential, GitAccess, git_access, read_secret
from headway.forges.source_plugin import SourceContext, SourcePlugin, SourceSettings
from headway.forges.wait_policy import WaitPolicy
from headway.model.repository import Listing
from headway.printable import printable

if TYPE_CHECKING:
    # Import this module on demand, because many commands do not list repositories.
    from headway.forges.listing_command import CommandOutput

_MOST_BYTES = 64 << 20
_DEFAULT_TIMEOUT = 600.0


class ListSettings(SourceSettings):
    """Settings that select a file with JSON lines, or a command that prints them."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    """The first part of every repository key. If it changes, all repositories count as new."""
    file: Text | None = None
    """The path of the file, relative to the workspace."""
    command: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    """A program and its arguments, to be run in the workspace folder."""
    timeout_seconds: Annotated[float, Field(gt=0, le=86_400)] = _DEFAULT_TIMEOUT
    """The time in seconds after which the command is killed."""
    token: VariableName | None = None
    """The variable with a token for the command. Git uses the same token to fetch."""
    username: Text = "git"
    """The user name that git sends with the token."""
    ca_file: Text | None = None
    """A file with the certificates that git trusts instead of the public ones."""
    hosts: tuple[Text, ...] = ()
    """The hosts that are allowed in clone URLs, with a port if necessary. An empty tuple allows all
    hosts.
    """

    @model_validator(mode="after")
    def _check_input(self) -> Self:
        if (self.file is None) == (self.command is None):
            raise ValueError("a list source needs exactly one of file and command")
        if self.name == "local":
            raise ValueError("the name `local` is reserved for local sources; choose another")
        return self


class ListFileError(HeadwayError):
    """The file of a `list` source cannot be read."""

    def __init__(self, source: str, path: Path, reason: object) -> None:
        super().__init__(
            f"{source}: {path} cannot be read: {reason}; "
            "correct `file` of this source in headway.toml."
        )


class ListCommandError(HeadwayError):
    """The command of a `list` source cannot be started."""

    def __init__(self, source: str, program: str, reason: object) -> None:
        super().__init__(
            f"{source}: the command {printable(program)} cannot be started: {reason}; "
            "correct `command` of this source in headway.toml."
        )


@dataclass(frozen=True, slots=True)
class ListSource(SourcePlugin):
    """Reads a file or runs a command. Git fetches the listed repositories over HTTPS."""

    name = "list"
    Settings = ListSettings

    settings: ListSettings
    workspace: Path
    credential: Credential | None
    """The credential that git uses to fetch, or None for unauthenticated access."""
    wait_policy: WaitPolicy
    allow_loopback_http: bool = False
    ca_file: Path | None = None

    @classmethod
    def from_settings(cls, settings: ListSettings, context: SourceContext) -> Self:
        credential = None
        if settings.token is not None:
            source = f"{cls.name}:{settings.name}"
            secret = read_secret(context.environ, settings.token, source=source, key="token")
            credential = Credential(secret, variable=settings.token, username=settings.username)
        return cls(
            settings,
            context.workspace,
            credential,
            context.wait_policy(),
            context.allow_loopback_http,
            find_ca_file(context.workspace, settings.ca_file, source=f"{cls.name}:{settings.name}"),
        )

    @property
    def id(self) -> str:
        return f"{self.name}:{self.settings.name}"

    def list_repositories(self) -> Listing:
        """List the repositories from the JSON lines.

        The listing is incomplete if a line is invalid, the file or output is too large, or the
        command fails or takes too long.

        Raises:
            ListFileError: The file could not be read.
            ListCommandError: The command could not be started.
        """
        from headway.forges.repository_lines import LineRules, read_repository_lines

        label, output = self._read_file() if self.settings.file else self._run_command()
        rules = LineRules(
            source=self.id,
            key_prefix=self.settings.name,
            hosts=self.settings.hosts,
            allow_loopback_http=self.allow_loopback_http,
        )
        lines = read_repository_lines(label, output.content, rules)
        problems = list(lines.problems)
        if output.problem is not None:
            problems = [f"{label} {printable(output.problem)}"]
        return Listing(
            source=self.id,
            repositories=tuple(sorted(lines.repositories, key=lambda entry: entry.name)),
            complete=not problems,
            problems=tuple(f"{self.id}: {problem}" for problem in problems),
            definite=self.settings.file is not None,
        )

    def git_access(self, clone_url: str) -> GitAccess | None:
        """Return git's credentials for the host of a URL, or None for unauthenticated access."""
        return git_access(self.credential, clone_url)

    def _read_file(self) -> tuple[str, CommandOutput]:
        from headway.forges.listing_command import CommandOutput

        assert self.settings.file is not None
        path = self.workspace / self.settings.file
        try:
            with path.open("rb") as stream:
                content = stream.read(_MOST_BYTES + 1)
        except OSError as error:
            raise ListFileError(self.id, path, error.strerror or error) from error
        label = printable(self.settings.file)
        if len(content) > _MOST_BYTES:
            problem = f"is larger than {_MOST_BYTES >> 20} MiB"
            return label, CommandOutput(content[:_MOST_BYTES], problem)
        return label, CommandOutput(content)

    def _run_command(self) -> tuple[str, CommandOutput]:
        from headway.forges.listing_command import run_listing_command

        command = self.settings.command
        assert command is not None
        secrets = {}
        if self.credential is not None:
            secrets[self.credential.variable] = self.credential.token()
        try:
            output = run_listing_command(
                command,
                folder=self.workspace,
                secrets=secrets,
                timeout=self.settings.timeout_seconds,
                max_bytes=_MOST_BYTES,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ListCommandError(self.id, command[0], reason) from error
        return f"output of `{printable(' '.join(command)[:80])}`", output
