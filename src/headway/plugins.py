"""Scanners by name: a workspace's own, those of installed packages, and the shipped ones.

All are loaded the same way. A module that cannot be loaded is a problem that names its file,
never an exception.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel

from headway.scanner import ContentScanner, RepositoryScanner, Scanner, TreeScanner

ENTRY_POINT_GROUP = "headway.scanners"
_KINDS = (ContentScanner, TreeScanner, RepositoryScanner)


@dataclass(frozen=True, slots=True)
class PluginProblem:
    """A plugin that cannot be used. origin: its file, or the entry point's name."""

    origin: str
    message: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.message}"


@dataclass(frozen=True, slots=True)
class Scanners:
    """What `load_scanners` found; `origins` says where each name comes from."""

    by_name: Mapping[str, Scanner[Any]]
    origins: Mapping[str, str]
    problems: tuple[PluginProblem, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names that a rule may use, sorted."""
        return tuple(sorted(self.by_name))

    def get(self, name: str) -> Scanner[Any] | None:
        """The scanner of that name, or None."""
        return self.by_name.get(name)


class _UnusablePluginError(Exception):
    """Why a module or class is no plugin."""


def load_scanners(folders: Sequence[Path]) -> Scanners:
    """Every scanner in the modules of `folders` and of installed packages.

    Where two have one name, the earlier folder wins and the other is a problem; installed
    packages come between the first folder and the last.
    """
    by_name: dict[str, Scanner[Any]] = {}
    origins: dict[str, str] = {}
    problems: list[PluginProblem] = []
    for origin, load in _candidates(folders):
        try:
            scanners = _instances(load())
        except KeyboardInterrupt:
            raise
        except _UnusablePluginError as error:
            problems.append(PluginProblem(origin, str(error)))
            continue
        except BaseException as error:  # noqa: BLE001 - a plugin may even exit
            said = f"{type(error).__name__}: {error}"
            problems.append(PluginProblem(origin, f"it cannot be imported ({said:.300})"))
            continue
        for scanner in scanners:
            if scanner.name in by_name:
                message = f"its scanner {scanner.name} is already there, from "
                problems.append(PluginProblem(origin, message + origins[scanner.name]))
            else:
                by_name[scanner.name] = scanner
                origins[scanner.name] = origin
    return Scanners(by_name, origins, tuple(problems))


def _candidates(folders: Sequence[Path]) -> Iterator[tuple[str, Any]]:
    """(where it comes from, a function that gives its module or class)."""
    for position, folder in enumerate(folders):
        if position == len(folders) - 1:
            yield from _installed()
        for file in sorted(folder.glob("*.py")):
            if not file.name.startswith("_"):
                yield str(file), _loader(folder, file)


def _installed() -> Iterator[tuple[str, Any]]:
    for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.name):
        yield _described(point), point.load


def _described(point: EntryPoint) -> str:
    package = point.dist.name if point.dist is not None else "an unnamed package"
    return f"{package} ({point.value})"


def _loader(folder: Path, file: Path) -> Any:
    def load() -> ModuleType:
        return _import(folder, file)

    return load


def _import(folder: Path, file: Path) -> ModuleType:
    """Below a parent of its own for each folder: nothing touches sys.path, and no names clash."""
    digest = blake2b(str(folder.resolve()).encode(), digest_size=6).hexdigest()
    parent = f"headway_scanners_{digest}"
    if parent not in sys.modules:
        spec = ModuleSpec(parent, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        sys.modules[parent] = importlib.util.module_from_spec(spec)
    return importlib.import_module(f"{parent}.{file.stem}")


def _instances(loaded: object) -> list[Scanner[Any]]:
    """One scanner for each class that the module defines, or for the class itself."""
    if inspect.isclass(loaded):
        return [_instance(loaded)]
    if not isinstance(loaded, ModuleType):
        raise _UnusablePluginError("it is neither a module nor a scanner class")
    classes = [
        value
        for value in vars(loaded).values()
        if inspect.isclass(value)
        and issubclass(value, _KINDS)
        and value.__module__ == loaded.__name__
        and not inspect.isabstract(value)
    ]
    if not classes:
        raise _UnusablePluginError(
            "it defines no scanner; derive a class from ContentScanner, TreeScanner or "
            "RepositoryScanner and give it a `find`"
        )
    return [_instance(value) for value in classes]


def _instance(value: type) -> Scanner[Any]:
    if not issubclass(value, _KINDS) or inspect.isabstract(value):
        raise _UnusablePluginError(f"{value.__name__} is no complete scanner class")
    name = getattr(value, "name", None)
    if not isinstance(name, str) or not name:
        raise _UnusablePluginError(f"{value.__name__} has no `name`")
    if not isinstance(value.version, str):
        raise _UnusablePluginError(f"the `version` of {value.__name__} is not a string")
    if not (inspect.isclass(value.Options) and issubclass(value.Options, BaseModel)):
        raise _UnusablePluginError(f"the `Options` of {value.__name__} are no headway.Options")
    instance: Scanner[Any] = value()
    return instance
