"""Helm charts."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from . import semver_key
from .records import Facts, Finding, Locked, Requirement
from .semver_ranges import helm_range
from .version_sets import ALL, VersionSet
from .yaml_scalars import Mapping as YamlMapping
from .yaml_scalars import is_template, line_scalars, read_mappings

_LOCKS = {"Chart.yaml": "Chart.lock", "requirements.yaml": "requirements.lock"}
_NAME = re.compile(r"(?:[\w.\-]+(?::\d+)?/)*[\w.\-]+", re.ASCII)
_LONGEST = 400
_TEMPLATE = "{{ template }}"
"""The constraint for a chart in a template file, where the version is unknown."""
_HINT = re.compile(rb"^[ \t]*(?:-[ \t]+)?chart[ \t]*:", re.MULTILINE)


class Helm:
    """Charts, named `name`, or `host/path/name` to select one repository."""

    name = "helm"
    files: tuple[str, ...] = ("Chart.lock", "requirements.lock", "*.yaml", "*.yml")

    def normalise(self, package: str) -> str:
        """Return the name without the URL scheme of the repository."""
        name = re.sub(r"^[a-z]+://", "", package.strip().lower())
        if len(name) > _LONGEST or not _NAME.fullmatch(name):
            raise ValueError(f"`{package:.80}` is not a valid chart name")
        return name

    def read(self, path: str, content: bytes) -> Facts:
        """Read one file."""
        name = posixpath.basename(path)
        if name in _LOCKS.values():
            return Facts(locked=_locked(content))
        is_chart = name in _LOCKS
        if not is_chart and not _HINT.search(content):
            return Facts()
        by_name = defaultdict[str, list[Requirement]](list)
        try:
            mappings = list(read_mappings(content))
        except ValueError:
            if is_chart or not is_template(content):
                raise
            return Facts({one.package: (one,) for one in _in_template(content)})
        for mapping in mappings:
            found = _dependency(mapping) if is_chart else _release(mapping)
            for requirement in found:
                by_name[requirement.package].append(requirement)
        return Facts({name: tuple(found) for name, found in by_name.items()})

    def findings(self, facts: Mapping[str, Facts], package: str) -> Iterable[Finding]:
        """Find a chart in all files of a repository."""
        governed: set[str] = set()
        for path, known in facts.items():
            for one in known.requirements.get(package, ()):
                folder, name = posixpath.split(path)
                lock = posixpath.join(folder, _LOCKS.get(name, ""))
                governed.add(lock)
                locked: tuple[str, ...] = ()
                if lock in facts and lock != path:
                    locked = tuple(entry.version for entry in facts[lock].locked.get(package, ()))
                unresolved = one.constraint[:100] if "{{" in one.constraint else ""
                yield Finding(path, one.line, one.column, one.constraint, locked, unresolved)
        for path, known in facts.items():
            if path not in governed:
                for entry in known.locked.get(package, ()):
                    yield Finding(path, entry.line, 1, "", (entry.version,))

    def versions(self, constraint: str) -> VersionSet:
        """Return the versions in a range such as `^1.2` or `>=1.2 <2`."""
        return helm_range(constraint) if constraint.strip() else ALL

    def key(self, version: str) -> semver_key.Key:
        """Return the sort key of a version."""
        return semver_key.key(version)


ECOSYSTEM = Helm()


def _names(name: str, repository: str) -> set[str]:
    """Return the names of a chart. If the repository is a URL, one name includes it."""
    names = {name.strip().lower()}
    if "://" in repository and not repository.startswith("file:"):
        host = repository.partition("://")[2].strip("/")
        names.add(f"{host}/{name}".lower())
    return names


def _dependency(mapping: YamlMapping) -> Iterator[Requirement]:
    """Yield an entry of `dependencies` once under each of its names."""
    if len(mapping.path) != 3 or mapping.path[1] != "dependencies":
        return
    name = mapping.scalars.get("name")
    if name is not None and name.value:
        for known_as in _names(name.value, mapping.text("repository")):
            yield Requirement(known_as, mapping.text("version"), name.line, name.column)


def _release(mapping: YamlMapping) -> Iterator[Requirement]:
    """Yield the chart of an Argo CD application, a Flux release or a helmfile."""
    chart = mapping.scalars.get("chart")
    if chart is None or chart.value.startswith(".") or not _NAME.fullmatch(chart.value):
        return
    version = mapping.scalars.get("targetRevision") or mapping.scalars.get("version")
    repository = mapping.text("repoURL")
    if version is None and not repository and "releases" not in mapping.path:
        return
    names = _names(chart.value.rpartition("/")[2], "")
    names |= {chart.value.lower()} if "/" in chart.value else set()
    if repository:
        url = repository if "://" in repository else f"oci://{repository}"
        names |= _names(chart.value, url)
    for known_as in names:
        constraint = version.value if version is not None else ""
        yield Requirement(known_as, constraint, chart.line, chart.column)


def _in_template(content: bytes) -> Iterator[Requirement]:
    """Yield the charts in a template file. Their versions are unknown."""
    for scalar in line_scalars(content, "chart"):
        if _NAME.fullmatch(scalar.value):
            name = scalar.value.lower()
            for known_as in {name, name.rpartition("/")[2]}:
                yield Requirement(known_as, _TEMPLATE, scalar.line, scalar.column)


def _locked(content: bytes) -> dict[str, tuple[Locked, ...]]:
    locked: dict[str, tuple[Locked, ...]] = {}
    for mapping in read_mappings(content):
        name = mapping.scalars.get("name")
        if len(mapping.path) == 3 and mapping.path[1] == "dependencies" and name is not None:
            for known_as in _names(name.value, mapping.text("repository")):
                earlier = locked.get(known_as, ())
                locked[known_as] = (*earlier, Locked(mapping.text("version"), name.line))
    return locked
