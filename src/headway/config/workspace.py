"""Find a workspace, which is a folder with headway.toml, and read its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from headway.config.document import MAX_BYTES, Document
from headway.config.problems import DefinitionError, Problem, likely
from headway.config.setting_types import StorePath, Text
from headway.config.toml_document import parse_toml
from headway.config.validation_messages import explain
from headway.errors import HeadwayError, WorkspaceNotFoundError
from headway.hashing import fingerprint_of
from headway.model.limits import DEFAULT_LIMITS, Limits
from headway.model.object_address import ObjectAddress, parse_object_address
from headway.plugins import Plugins

CONFIG_NAME = "headway.toml"


class SourceType(Protocol):
    """The part of a source plugin that validates settings. See `forges.source_plugin`."""

    @property
    def Settings(self) -> type[BaseModel]:  # noqa: N802 - a class attribute of plugins
        """The model of a `[[sources]]` table, without the `type` key."""


LoadSourceTypes = Callable[[Sequence[Path]], Plugins[Any]]
"""Loads the source plugins from the given folders, from installed packages and from Headway. Each
plugin in the result is a `SourceType`.
"""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class _SourceTable(BaseModel):
    """A `[[sources]]` table. Its source plugin validates all keys except `type`."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    type: Any


class _StoreTable(_Table):
    path: StorePath = "headway.duckdb"


class _ReportTable(_Table):
    out: Text = "site"


class _CacheTable(_Table):
    path: Text = ".headway"
    gigabytes: Annotated[float, Field(gt=0, le=1e6)] | None = None


class _ScanTable(_Table):
    gone_after_days: Annotated[int, Field(ge=0, le=3650)] = 14
    may_disappear_percent: Annotated[float, Field(ge=0, le=100)] = 5.0


class _LimitsTable(_Table):
    """The `[limits]` table: the fields of `model.limits.Limits` in human-friendly units."""

    file_megabytes: Annotated[float, Field(gt=0, le=1e6)] = DEFAULT_LIMITS.max_text_bytes / 1e6
    files: Annotated[int, Field(gt=0, le=10**9)] = DEFAULT_LIMITS.max_files
    matches: Annotated[int, Field(gt=0, le=10**9)] = DEFAULT_LIMITS.max_matches
    scanner_seconds: Annotated[float, Field(gt=0, le=1e6)] = DEFAULT_LIMITS.scanner_seconds
    memory_gigabytes: Annotated[float, Field(ge=0.25, le=1e6)] = DEFAULT_LIMITS.memory_bytes / 1e9

    def as_limits(self) -> Limits:
        """Convert the limits to bytes and the other units that a scan uses."""
        return Limits(
            max_text_bytes=int(self.file_megabytes * 1e6),
            max_files=self.files,
            max_matches=self.matches,
            scanner_seconds=self.scanner_seconds,
            memory_bytes=int(self.memory_gigabytes * 1e9),
        )


class ConfigFile(_Table):
    """The schema of headway.toml."""

    sources: tuple[_SourceTable, ...] = ()
    store: _StoreTable = Field(default_factory=_StoreTable)
    report: _ReportTable = Field(default_factory=_ReportTable)
    cache: _CacheTable = Field(default_factory=_CacheTable)
    scan: _ScanTable = Field(default_factory=_ScanTable)
    limits: _LimitsTable = Field(default_factory=_LimitsTable)


@dataclass(frozen=True, slots=True)
class ConfiguredSource:
    type: str
    """The name of the source plugin."""
    settings: BaseModel
    """An instance of the plugin's `Settings`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in headway.toml, with absolute paths."""

    sources: tuple[ConfiguredSource, ...]
    store: Path
    """The database file. For a store in object storage, this is the local copy in the cache."""
    out: Path
    """The folder to which `headway report` writes the site."""
    cache: Path
    mirror_budget: int | None = None
    """The maximum total size of the mirrors after a scan, in bytes. None means no limit."""
    limits: Limits = DEFAULT_LIMITS
    gone_after_days: int = 14
    """A missing repository counts as gone if complete listings have lacked it on more than this
    number of days.
    """
    max_missing_share: float = 0.05
    """The share of a source's repositories, from 0 to 1, that can disappear between two scans
    before the listing counts as incomplete.
    """
    remote_store: ObjectAddress | None = None
    """The store in object storage, or None if the store is a file."""

    @property
    def mirrors(self) -> Path:
        """The folder of the mirrors."""
        return self.cache / "mirrors"

    @property
    def matches(self) -> Path:
        """The folder with the cached matches of rules in file contents."""
        return self.cache / "matches"


@dataclass(frozen=True, slots=True)
class Workspace:
    root: Path
    config: Path
    """The file with the settings: headway.toml or pyproject.toml."""
    settings: Settings
    campaigns: Path
    scanners: tuple[Path, ...]
    """The folders of scanner plugins: the user's folder, if it exists, and then the shipped folder.
    """
    reports: tuple[Path, ...]
    """The folders of templates: the user's folder, if it exists, and then the shipped folder."""
    source_types: Plugins[Any]
    """The source plugins that a `[[sources]]` table can name as its `type`."""


class UnreadableConfigError(HeadwayError):
    """The settings file cannot be read."""

    def __init__(self, file: Path, reason: object) -> None:
        super().__init__(f"{file} cannot be read: {reason}; make it readable.")


def shipped_folder() -> Path:
    """Return the folder with the shipped campaigns, scanners and reports.

    This is the `_builtin` folder in an installed package, or the root of a checkout.
    """
    packaged = Path(__file__).parents[1] / "_builtin"
    return packaged if packaged.is_dir() else Path(__file__).parents[3]


def find_workspace(start: Path, load_source_types: LoadSourceTypes) -> Workspace:
    """Find the workspace that contains `start` and read its settings.

    Raises:
        WorkspaceNotFoundError: Neither `start` nor a folder above it is a workspace.
        DefinitionError: The settings are invalid.
        UnreadableConfigError: The settings file cannot be read.
    """
    here = start.absolute()
    for folder in (here, *here.parents):
        config = folder / CONFIG_NAME
        if config.is_file():
            return _open(folder, config, _read(config), load_source_types)
        project = folder / "pyproject.toml"
        if project.is_file() and (document := _tool_table(project)) is not None:
            return _open(folder, project, document, load_source_types)
    raise WorkspaceNotFoundError(start)


def _open(
    root: Path, config: Path, document: Document, load_source_types: LoadSourceTypes
) -> Workspace:
    own_sources = root / "sources"
    source_types = load_source_types((own_sources,) if own_sources.is_dir() else ())
    shipped = shipped_folder()
    return Workspace(
        root,
        config,
        _settings(root, document, source_types),
        root / "campaigns",
        _own_then_shipped(root, shipped, "scanners"),
        _own_then_shipped(root, shipped, "reports"),
        source_types,
    )


def _own_then_shipped(root: Path, shipped: Path, name: str) -> tuple[Path, ...]:
    own = root / name
    if own.is_dir() and own.resolve() != (shipped / name).resolve():
        return own, shipped / name
    return (shipped / name,)


def _read(config: Path) -> Document:
    try:
        with config.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableConfigError(config, error.strerror or error) from error
    document = parse_toml(config, content)
    if document.problems:
        raise DefinitionError(document.problems, config.parent)
    return document


def _tool_table(project: Path) -> Document | None:
    """Return the table [tool.headway] of a pyproject.toml.

    Returns:
        The table, or None if the file has no such table, cannot be read, or has syntax errors.
            Other tools report these errors.
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
    return document.below(("tool", "headway"), tool["headway"])


def _settings(root: Path, document: Document, source_types: Plugins[Any]) -> Settings:
    """Validate a document and return its settings.

    Raises:
        DefinitionError: The document has problems. They are sorted by line and column.
    """
    problems: list[Problem] = []
    file = ConfigFile()
    try:
        file = ConfigFile.model_validate(document.data)
    except ValidationError as error:
        problems += explain(document, error, ConfigFile, open_keys=_setting_keys(source_types))
    tables = document.data.get("sources") if isinstance(document.data, dict) else None
    sources = []
    for position, table in enumerate(tables if isinstance(tables, list) else ()):
        if isinstance(table, dict) and "type" in table:
            source = _source(document, position, table, source_types, problems)
            sources += [source] if source is not None else []
    if problems:
        problems.sort(key=lambda problem: (problem.line, problem.column))
        raise DefinitionError(problems, root)
    cache = root / file.cache.path
    remote_store = parse_object_address(file.store.path)
    return Settings(
        sources=tuple(sources),
        store=_copy_in(cache, remote_store) if remote_store else root / file.store.path,
        out=root / file.report.out,
        cache=cache,
        mirror_budget=int(file.cache.gigabytes * 10**9) if file.cache.gigabytes else None,
        limits=file.limits.as_limits(),
        gone_after_days=file.scan.gone_after_days,
        max_missing_share=file.scan.may_disappear_percent / 100,
        remote_store=remote_store,
    )


def _copy_in(cache: Path, remote_store: ObjectAddress) -> Path:
    """Return the cache path for a store in object storage. Each store has its own folder."""
    return cache / "storage" / fingerprint_of(str(remote_store)) / remote_store.name


def _source(
    document: Document,
    position: int,
    table: Mapping[str, Any],
    source_types: Plugins[Any],
    problems: list[Problem],
) -> ConfiguredSource | None:
    """Validate a `[[sources]]` table with its plugin.

    If the table is invalid, add its errors to `problems` and return None.
    """
    name = table["type"]
    source_type: SourceType | None = source_types.get(name) if isinstance(name, str) else None
    if source_type is None:
        problems.append(_unknown_type(document, position, name, source_types))
        return None
    settings = {key: value for key, value in table.items() if key != "type"}
    try:
        return ConfiguredSource(name, source_type.Settings.model_validate(settings))
    except ValidationError as error:
        path = ("sources", position)
        problems += explain(document, error, source_type.Settings, path, extra_keys=("type",))
        return None


def _unknown_type(
    document: Document, position: int, name: object, source_types: Plugins[Any]
) -> Problem:
    path = ("sources", position, "type")
    plugin_problem = source_types.problem_of(name) if isinstance(name, str) else None
    if plugin_problem is not None:
        message = f"the `{name}` source type cannot be used: {plugin_problem}"
        return document.problem(message, path)
    return document.problem(
        f"there is no source type `{str(name)[:80]}`",
        path,
        hint=likely(str(name), source_types.names),
    )


def _setting_keys(source_types: Plugins[Any]) -> tuple[str, ...]:
    types = source_types.by_name.values()
    return tuple(sorted({key for source in types for key in source.Settings.model_fields}))
