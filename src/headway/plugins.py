"""Load plugins from the folders of a workspace, from installed packages and from Headway.

The same code loads scanners and sources. A plugin that cannot be loaded does not raise an error. It
becomes a `PluginProblem` that names the file.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from hashlib import blake2b
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, entry_points
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, TypeAlias, TypeVar

from pydantic import BaseModel

from headway.contained_import import contain_plugins, problems_of_imports
from headway.printable import printable
from headway.scanner import (
    ContentScanner,
    ProjectScanner,
    RepositoryScanner,
    Scanner,
    TreeScanner,
)

T = TypeVar("T")

_DECLARED_NAME = re.compile(r'^    name = "([a-z-]+)"$', re.MULTILINE)
"""Matches the name of a scanner in the source of a shipped module."""


@dataclass(frozen=True, slots=True)
class PluginProblem:
    """The reason why a plugin cannot be used."""

    origin: str
    """The file of the plugin, or its package and entry point."""
    message: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.message}"


@dataclass(frozen=True, slots=True)
class Plugins(Generic[T]):
    """The usable plugins of one kind, and the problems of the others."""

    by_name: Mapping[str, T]
    origins: Mapping[str, str]
    """Maps each plugin's name to its file or entry point."""
    problems: tuple[PluginProblem, ...] = ()
    foreign: frozenset[str] = frozenset()
    """The names of the plugins that are not part of Headway."""
    not_imported: frozenset[str] = frozenset()
    """The origins of plugins that hang or end their process when they are imported."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all plugins, sorted."""
        return tuple(sorted(self.by_name))

    def get(self, name: str) -> T | None:
        """Return the plugin with this name, or None if there is none."""
        return self.by_name.get(name)

    def problem_of(self, name: str) -> PluginProblem | None:
        """Return the first problem of the plugin module `name`, or None if it has no problems."""
        for problem in self.problems:
            if Path(problem.origin).stem == name:
                return problem
        return None


Scanners: TypeAlias = Plugins[Scanner[Any]]


@dataclass(frozen=True, slots=True)
class ScannerFiles:
    """The scanners that a worker loads."""

    folders: tuple[Path, ...]
    """The folders with scanners. The last one contains the shipped scanners."""
    not_imported: frozenset[str] = frozenset()
    """The origins of scanners that must not be imported. See `Plugins`."""


class UnusablePluginError(Exception):
    """A module or class is not a plugin of the expected kind."""


@dataclass(frozen=True, slots=True)
class PluginKind(Generic[T]):
    """A kind of plugin: scanner or source."""

    noun: str
    """The word for a plugin of this kind in messages, such as `scanner`."""
    entry_point_group: str
    """The entry point group in which installed packages register plugins of this kind."""
    bases: tuple[type, ...]
    """The base classes. Every concrete class derived from one of them is a plugin."""
    advice: str
    """Advice for the author of a module without plugins."""
    create: Callable[[type[Any]], T]
    """Creates a plugin from a class.

    Raises `UnusablePluginError` if the class is invalid.
    """


Candidate: TypeAlias = tuple[str, Callable[[], object]]
"""The file or entry point of a plugin, and a function that loads the module or class."""


def load_plugins(
    kind: PluginKind[T],
    foreign: Iterable[Candidate],
    shipped: Iterable[Candidate] = (),
    *,
    skip: Collection[str] | None = None,
) -> Plugins[T]:
    """Load all plugins. The second of two plugins with the same name becomes a problem.

    Args:
        kind: The kind of the plugins.
        foreign: Plugins that are not part of Headway and may contain any code.
        shipped: Plugins that are part of Headway. They are loaded last.
        skip: The origins of foreign plugins that an earlier call could not import. None means that
            the import of all foreign plugins is first tried in a child process.
    """
    listed = list(foreign)
    problems: list[PluginProblem] = []
    if skip is None:
        problems = _import_problems(kind, listed)
        skip = {problem.origin for problem in problems}
    by_name: dict[str, T] = {}
    origins: dict[str, str] = {}
    candidates = [candidate for candidate in listed if candidate[0] not in skip]
    loads = [(origin, partial(_load_contained, kind, load)) for origin, load in candidates]
    loads += [(origin, partial(_load, kind, load)) for origin, load in shipped]
    for origin, load_plugin in loads:
        try:
            plugins = load_plugin()
        except KeyboardInterrupt:
            raise
        except UnusablePluginError as error:
            problems.append(PluginProblem(origin, str(error)))
            continue
        except BaseException as error:  # noqa: BLE001 - a plugin may even exit
            reason = text_of(error)
            problems.append(PluginProblem(origin, f"the plugin cannot be imported ({reason:.300})"))
            continue
        for name, plugin in plugins:
            if name in by_name:
                problems.append(_defined_twice(kind, origin, name, origins[name]))
            else:
                by_name[name] = plugin
                origins[name] = origin
    imported = {origin for origin, _ in candidates}
    names = frozenset(name for name, origin in origins.items() if origin in imported)
    return Plugins(by_name, origins, tuple(problems), names, frozenset(skip))


def _defined_twice(kind: PluginKind[Any], origin: str, name: str, first: str) -> PluginProblem:
    return PluginProblem(origin, f"the `{name}` {kind.noun} is already defined in {first}")


def _import_problems(kind: PluginKind[T], candidates: Sequence[Candidate]) -> list[PluginProblem]:
    """Try the imports in a child process, and return the problems of those that hang or exit."""
    tried = problems_of_imports([partial(_load, kind, load) for _, load in candidates])
    return [
        PluginProblem(origin, f"the plugin cannot be imported ({why})")
        for (origin, _), why in zip(candidates, tried, strict=True)
        if why is not None
    ]


def _load(kind: PluginKind[T], load: Callable[[], object]) -> list[tuple[str, T]]:
    """Return the names and plugins of a module or class."""
    return [(_name(plugin), kind.create(plugin)) for plugin in _classes(kind, load())]


def _load_contained(kind: PluginKind[T], load: Callable[[], object]) -> list[tuple[str, T]]:
    with contain_plugins():
        return _load(kind, load)


def text_of(error: BaseException) -> str:
    """Describe an exception from a plugin in one short line."""
    with suppress(Exception):
        return printable(" ".join(f"{type(error).__name__}: {error}".split()))
    return printable(type(error).__name__)


def modules_in_folder(folder: Path, noun: str) -> Iterator[Candidate]:
    """Yield the Python modules in a folder, except those with a leading underscore."""
    for file in sorted(folder.glob("*.py")):
        if not file.name.startswith("_"):
            yield str(file), partial(_import_file, folder, file, noun)


def installed_plugins(group: str) -> Iterator[Candidate]:
    """Yield the plugins that installed packages register in an entry point group."""
    for point in sorted(_all_entry_points().select(group=group), key=lambda point: point.name):
        yield _describe(point), point.load


def scanner_of(plugin: type[Any]) -> Scanner[Any]:
    """Create a scanner from its class.

    Raises:
        UnusablePluginError: The class is not a complete scanner, or an attribute is invalid.
    """
    (loaded,) = _load(_SCANNER, lambda: plugin)
    return loaded[1]


def load_scanner_file(file: Path) -> list[Scanner[Any]]:
    """Import a file in this process and return its scanners.

    Raises:
        UnusablePluginError: The file contains no complete scanner, or one with an invalid
            attribute.
    """
    load = partial(_import_file, file.resolve().parent, file.resolve(), _SCANNER.noun)
    return [scanner for _, scanner in _load(_SCANNER, load)]


def load_scanners(folders: Sequence[Path], *, skip: Collection[str] | None = None) -> Scanners:
    """Load the scanners in `folders` and in installed packages.

    The last folder contains the shipped scanners. If two scanners have the same name, the first one
    is used. Scanners in the other folders come first, then those in installed packages, then
    shipped scanners. A shipped scanner is imported on first use. See `load_plugins` for `skip`.
    """
    if not folders:
        return Plugins({}, {})
    *own, shipped = (modules_in_folder(folder, _SCANNER.noun) for folder in folders)
    installed = installed_plugins(_SCANNER.entry_point_group)
    loaded = load_plugins(_SCANNER, chain(*own, installed), skip=skip)
    modules: dict[str, Candidate] = {}
    problems = list(loaded.problems)
    for module in shipped:
        for name in declared_names(Path(module[0])):
            if name in loaded.by_name:
                problems.append(_defined_twice(_SCANNER, module[0], name, loaded.origins[name]))
            else:
                modules[name] = module
    origins = {**loaded.origins, **{name: file for name, (file, _) in modules.items()}}
    by_name = _ScannersOnDemand(loaded.by_name, modules)
    return Plugins(by_name, origins, tuple(problems), loaded.foreign, loaded.not_imported)


def declared_names(file: Path) -> list[str]:
    """Return the names of the scanners in a shipped module, without importing it."""
    return _DECLARED_NAME.findall(file.read_text("utf-8"))


class _ScannersOnDemand(Mapping[str, Scanner[Any]]):
    """Scanners by name. A shipped scanner is imported on first use.

    Importing all shipped scanners would take a seventh of the run time of a short command.
    """

    def __init__(
        self, loaded: Mapping[str, Scanner[Any]], modules: Mapping[str, Candidate]
    ) -> None:
        self._loaded = dict(loaded)
        self._modules = modules

    def __getitem__(self, name: str) -> Scanner[Any]:
        if name not in self._loaded:
            _, load = self._modules[name]
            for found, scanner in _load(_SCANNER, load):
                self._loaded.setdefault(found, scanner)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._loaded, *self._modules}))

    def __len__(self) -> int:
        return len({*self._loaded, *self._modules})


@cache
def _all_entry_points() -> Any:
    """Return all entry points. Cached, because this call reads the metadata of every package.

    The type of the result depends on the Python version, but it always has a `select` method.
    """
    return entry_points()


def _describe(point: EntryPoint) -> str:
    package = point.dist.name if point.dist is not None else "an unnamed package"
    return f"{package} ({point.value})"


def _import_file(folder: Path, file: Path, noun: str) -> ModuleType:
    """Import a module under an artificial parent package that stands for the folder.

    `sys.path` stays unchanged, and files with the same name in different folders do not clash.
    """
    fingerprint = blake2b(str(folder.resolve()).encode(), digest_size=6).hexdigest()
    parent = f"headway_{noun}s_{fingerprint}"
    if parent not in sys.modules:
        spec = ModuleSpec(parent, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        sys.modules[parent] = importlib.util.module_from_spec(spec)
    return importlib.import_module(f"{parent}.{file.stem}")


def _classes(kind: PluginKind[Any], loaded: object) -> list[type[Any]]:
    """Return the plugin classes that a module defines, or `loaded` itself if it is a class.

    Raises:
        UnusablePluginError: `loaded` is neither a complete plugin class nor a module with plugins.
    """
    if inspect.isclass(loaded):
        if not issubclass(loaded, kind.bases) or inspect.isabstract(loaded):
            raise UnusablePluginError(f"{loaded.__name__} is not a complete {kind.noun} class")
        return [loaded]
    if not isinstance(loaded, ModuleType):
        raise UnusablePluginError(f"the entry point is neither a module nor a {kind.noun} class")
    classes = [
        value
        for value in vars(loaded).values()
        if inspect.isclass(value)
        and value.__module__ == loaded.__name__
        and issubclass(value, kind.bases)
        and not inspect.isabstract(value)
    ]
    if not classes:
        raise UnusablePluginError(f"the module defines no {kind.noun}; {kind.advice}")
    return classes


def _name(plugin: type[Any]) -> str:
    name = getattr(plugin, "name", None)
    if not isinstance(name, str) or not name:
        raise UnusablePluginError(f"{plugin.__name__} has no `name`")
    return name


def _scanner(plugin: type[Any]) -> Scanner[Any]:
    if not isinstance(plugin.version, str):
        raise UnusablePluginError(f"the `version` of {plugin.__name__} is not a string")
    if not (inspect.isclass(plugin.Options) and issubclass(plugin.Options, BaseModel)):
        raise UnusablePluginError(
            f"the `Options` of {plugin.__name__} must derive from headway.Options"
        )
    scanner: Scanner[Any] = plugin()
    return scanner


_SCANNER = PluginKind(
    noun="scanner",
    entry_point_group="headway.scanners",
    bases=(ContentScanner, TreeScanner, ProjectScanner, RepositoryScanner),
    advice="define a subclass of ContentScanner, TreeScanner, ProjectScanner or RepositoryScanner "
    "that implements `find`",
    create=_scanner,
)
