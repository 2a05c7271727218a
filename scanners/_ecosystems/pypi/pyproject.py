"""Read the requirements in `pyproject.toml` and `Pipfile`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..facts_builder import FactsBuilder
from ..records import Facts
from ..source_text import SourceText
from ..toml_document import Path, TomlDocument, read_toml
from .requirement_text import normalise, parse_location, parse_requirement

BUILD = "build-system"
"""The group of requirements that build tools install without a lock file."""

_UV_LISTS = ("dev-dependencies", "constraint-dependencies", "override-dependencies")
_LOCATIONS = ("git", "url", "path", "hg", "svn", "file")


def read_pyproject(_path: str, content: bytes) -> Facts:
    """Read `pyproject.toml`: PEP 621, dependency groups, Poetry, PDM, uv and build requirements."""
    source = SourceText(content)
    document = read_toml(source)
    builder = FactsBuilder(source, normalise)
    for group, place in _lists(document):
        for text, offset in document.strings(*place):
            found = parse_requirement(text) or parse_location(text)
            if found is not None:
                builder.require(found.name, found.constraint, offset, group)
    for group, place in _poetry_tables(document):
        _read_table(builder, document, place, group)
    return builder.build()


def read_pipfile(_path: str, content: bytes) -> Facts:
    """Read the packages in a `Pipfile`. Each table with no other known meaning is a category."""
    source = SourceText(content)
    document = read_toml(source)
    builder = FactsBuilder(source, normalise)
    for name, table in document.value.items():
        if isinstance(table, dict) and name not in ("requires", "scripts", "pipenv", "source"):
            _read_table(builder, document, (name,), name)
    return builder.build()


def _lists(document: TomlDocument) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the paths of the requirement lists, with their groups."""
    yield BUILD, ("build-system", "requires")
    yield "", ("project", "dependencies")
    for extra in document.table("project", "optional-dependencies"):
        yield extra, ("project", "optional-dependencies", extra)
    for group in document.table("dependency-groups"):
        yield group, ("dependency-groups", group)
    for group in document.table("tool", "pdm", "dev-dependencies"):
        yield group, ("tool", "pdm", "dev-dependencies", group)
    for name in _UV_LISTS:
        yield name, ("tool", "uv", name)


def _poetry_tables(document: TomlDocument) -> Iterator[tuple[str, tuple[str, ...]]]:
    poetry = ("tool", "poetry")
    yield "", (*poetry, "dependencies")
    yield "dev", (*poetry, "dev-dependencies")
    for group in document.table(*poetry, "group"):
        yield group, (*poetry, "group", group, "dependencies")


def _read_table(
    builder: FactsBuilder, document: TomlDocument, place: tuple[str, ...], group: str
) -> None:
    """Read a Poetry or Pipenv table that maps packages to constraints."""
    for name, value in document.table(*place).items():
        if name.lower() == "python":
            continue
        path: Path = (*place, name)
        for element, item in _alternatives(path, value):
            constraint = _constraint(item)
            if constraint is not None:
                builder.require(name, constraint, document.offset(*element), group)


def _alternatives(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    """Yield each constraint of a package. Poetry allows one for each Python version."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield (*path, index), item
    else:
        yield path, value


def _constraint(value: Any) -> str | None:
    if isinstance(value, str):
        return "" if value.strip() == "*" else value
    if isinstance(value, Mapping):
        version = value.get("version")
        if isinstance(version, str):
            return "" if version.strip() == "*" else version
        for kind in _LOCATIONS:
            if isinstance(value.get(kind), str):
                reference = next(
                    (value[key] for key in ("tag", "rev", "ref", "branch") if key in value), ""
                )
                return f"@ {value[kind]}" + (f"@{reference}" if reference else "")
        return ""
    return None
