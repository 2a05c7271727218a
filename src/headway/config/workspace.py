"""A workspace: the folder with headway.toml, and what its settings say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from headway.config.document import MAX_BYTES, Document
from headway.config.problems import DefinitionError
from headway.config.toml_document import parse_toml
from headway.config.validation_messages import NOT_A_VARIABLE, explain
from headway.errors import HeadwayError, WorkspaceNotFoundError
from headway.model.limits import DEFAULT_LIMITS, Limits

CONFIG_NAME = "headway.toml"

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_Text = Annotated[str, Field(min_length=1)]
_SECRET = re.compile(r"(?:gh[a-z]_|github_pat_|gl[a-z]+-|-----BEGIN)")


def _variable(value: Any) -> Any:
    if isinstance(value, str) and (_SECRET.match(value) or not _VARIABLE.match(value)):
        raise PydanticCustomError(
            NOT_A_VARIABLE, "give the name of an environment variable, never the secret itself"
        )
    return value


_Variable = Annotated[str, BeforeValidator(_variable)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GithubSettings(_Part):
    """An organisation, a user or named repositories on GitHub or a GitHub Enterprise Server.

    token and private_key are names of environment variables, never secrets themselves.
    """

    type: Literal["github"]
    organization: _Text | None = None
    user: _Text | None = None
    repositories: tuple[_Text, ...] = ()
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] = "https://api.github.com"
    token: _Variable | None = None
    app_id: int | None = None
    installation_id: int | None = None
    private_key: _Variable | None = None

    @model_validator(mode="after")
    def _names_one(self) -> GithubSettings:
        named = [bool(self.organization), bool(self.user), bool(self.repositories)]
        if sum(named) != 1:
            raise ValueError("a github source names one of organization, user or repositories")
        return self


class GitlabSettings(_Part):
    """A group with its subgroups on GitLab.

    token and git_token, which git is given in its place, are names of environment variables.
    """

    type: Literal["gitlab"]
    group: _Text
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] = "https://gitlab.com"
    token: _Variable | None = None
    git_token: _Variable | None = None


class LocalSettings(_Part):
    """A folder with git repositories below it; relative to the workspace."""

    type: Literal["local"]
    path: _Text


SourceSettings = GithubSettings | GitlabSettings | LocalSettings


class _Store(_Part):
    path: _Text = "headway.duckdb"


class _Report(_Part):
    out: _Text = "site"


class _Cache(_Part):
    path: _Text = ".headway"
    gigabytes: Annotated[float, Field(gt=0)] | None = None


class _Limits(_Part):
    """As `scan.limits.Limits`."""

    file_megabytes: Annotated[float, Field(gt=0, le=1e6)] = DEFAULT_LIMITS.max_text_bytes / 1e6
    files: Annotated[int, Field(gt=0)] = DEFAULT_LIMITS.max_files
    matches: Annotated[int, Field(gt=0)] = DEFAULT_LIMITS.max_matches
    scanner_seconds: Annotated[float, Field(gt=0)] = DEFAULT_LIMITS.scanner_seconds
    memory_gigabytes: Annotated[float, Field(ge=0.25, le=1e6)] = DEFAULT_LIMITS.memory_bytes / 1e9

    def as_limits(self) -> Limits:
        """What a scan takes."""
        return Limits(
            max_text_bytes=int(self.file_megabytes * 1e6),
            max_files=self.files,
            max_matches=self.matches,
            scanner_seconds=self.scanner_seconds,
            memory_bytes=int(self.memory_gigabytes * 1e9),
        )


class ConfigFile(_Part):
    """headway.toml."""

    sources: tuple[Annotated[SourceSettings, Field(discriminator="type")], ...] = ()
    store: _Store = _Store()
    report: _Report = _Report()
    cache: _Cache = _Cache()
    limits: _Limits = _Limits()


@dataclass(frozen=True, slots=True)
class Settings:
    """What headway.toml says; all paths are absolute.

    mirror_budget: bytes that the mirrors may take up after a scan; None is without end.
    """

    sources: tuple[SourceSettings, ...]
    store: Path
    out: Path
    cache: Path
    mirror_budget: int | None = None
    limits: Limits = DEFAULT_LIMITS

    @property
    def mirrors(self) -> Path:
        """The folder of the mirrors."""
        return self.cache / "mirrors"


@dataclass(frozen=True, slots=True)
class Workspace:
    """root: its folder. scanners, reports: folders to look in, the user's own first, the shipped
    ones last.
    """

    root: Path
    config: Path
    settings: Settings
    campaigns: Path
    scanners: tuple[Path, ...]
    reports: tuple[Path, ...]


class UnreadableConfigError(HeadwayError):
    """headway.toml cannot be read."""

    def __init__(self, file: Path, reason: object) -> None:
        super().__init__(f"{file} cannot be read: {reason}; make it readable.")


def shipped_folder() -> Path:
    """Where the shipped campaigns, scanners and reports lie: in the package, or its checkout."""
    packaged = Path(__file__).parents[1] / "_builtin"
    return packaged if packaged.is_dir() else Path(__file__).parents[3]


def find_workspace(start: Path) -> Workspace:
    """The workspace that `start` is in, looked for upwards from there.

    Raises `WorkspaceNotFoundError`, and `DefinitionError` when its settings are wrong.
    """
    here = start.absolute()
    for folder in (here, *here.parents):
        config = folder / CONFIG_NAME
        if config.is_file():
            return _open(folder, config, _read(config))
        project = folder / "pyproject.toml"
        if project.is_file() and (table := _tool_table(project)) is not None:
            return _open(folder, project, table)
    raise WorkspaceNotFoundError(start)


def _open(root: Path, config: Path, file: ConfigFile) -> Workspace:
    settings = Settings(
        sources=file.sources,
        store=root / file.store.path,
        out=root / file.report.out,
        cache=root / file.cache.path,
        mirror_budget=int(file.cache.gigabytes * 10**9) if file.cache.gigabytes else None,
        limits=file.limits.as_limits(),
    )
    shipped = shipped_folder()
    return Workspace(
        root,
        config,
        settings,
        root / "campaigns",
        _own_then_shipped(root, shipped, "scanners"),
        _own_then_shipped(root, shipped, "reports"),
    )


def _own_then_shipped(root: Path, shipped: Path, name: str) -> tuple[Path, ...]:
    own = root / name
    if own.is_dir() and own.resolve() != (shipped / name).resolve():
        return own, shipped / name
    return (shipped / name,)


def _tool_table(project: Path) -> ConfigFile | None:
    """The table [tool.headway] of a pyproject.toml; None where there is none.

    A file that is no TOML is none of ours.
    """
    try:
        content = project.read_bytes()
    except OSError:
        return None
    if b"headway" not in content:
        return None
    document = parse_toml(project, content)
    tool = (document.data or {}).get("tool")
    if not isinstance(tool, dict) or "headway" not in tool:
        return None
    return _validate(document.below(("tool", "headway"), tool["headway"]), project.parent)


def _read(config: Path) -> ConfigFile:
    try:
        with config.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableConfigError(config, error.strerror or error) from error
    document = parse_toml(config, content)
    if document.problems:
        raise DefinitionError(document.problems, config.parent)
    return _validate(document, config.parent)


def _validate(document: Document, root: Path) -> ConfigFile:
    try:
        return ConfigFile.model_validate(document.data)
    except ValidationError as error:
        problems = explain(document, error, ConfigFile)
        problems.sort(key=lambda problem: (problem.line, problem.column))
        raise DefinitionError(problems, root) from error
