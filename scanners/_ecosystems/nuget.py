"""NuGet packages, in .NET project files."""

from __future__ import annotations

import json
import posixpath
import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import lru_cache

from . import semver_key
from .lock_pieces import Found, Layout, read_in_pieces
from .records import Facts, Finding, Requirement
from .version_sets import ALL, VersionSet, above, at_least, at_most, below, between, exactly
from .xml_elements import Element, read_xml

_REFERENCE, _CENTRAL, _EXACT = "reference", "central", "exact"
"""The groups of package references, central package versions, and versions used as written."""
_IMPORT = "import"
"""The kind of links to imported property files."""

_ITEMS = {
    "PackageReference": _REFERENCE,
    "GlobalPackageReference": _REFERENCE,
    "DotNetCliToolReference": _REFERENCE,
    "PackageDownload": _REFERENCE,
    "PackageVersion": _CENTRAL,
}
_PROJECT = (".csproj", ".fsproj", ".vbproj")
_SHARED = ("Directory.Packages.props", "Directory.Build.props", "Directory.Build.targets")
_NAME = re.compile(r"[\w.\-]+")
_VARIABLE = re.compile(r"\$\(([\w.\-]+)\)")
_LONGEST_VALUE = 2_000


class NuGet:
    """NuGet packages. Their names are case-insensitive."""

    name = "nuget"
    files: tuple[str, ...] = (
        *("*.csproj", "*.fsproj", "*.vbproj", "*.props", "*.targets", "packages.config"),
        *("packages.lock.json", "packages.*.lock.json", "global.json", "dotnet-tools.json"),
    )

    def normalise(self, package: str) -> str:
        """Return the name in lower case."""
        if not _NAME.fullmatch(package):
            raise ValueError(f"`{package:.80}` is not a valid NuGet package name")
        return package.lower()

    def read(self, path: str, content: bytes) -> Facts:
        """Read one file."""
        if path.endswith(".json"):
            return _read_json(path, content)
        root = read_xml(content)
        by_name = defaultdict[str, list[Requirement]](list)
        for requirement in _requirements(root):
            by_name[requirement.package].append(requirement)
        return Facts(
            requirements={name: tuple(found) for name, found in by_name.items()},
            variables=_properties(root),
            links=tuple((_IMPORT, target) for target in _imports(root, path)),
        )

    def findings(self, facts: Mapping[str, Facts], package: str) -> Iterable[Finding]:
        """Find a package in all files of a repository."""
        return _Reader(facts).findings(package)

    def versions(self, constraint: str) -> VersionSet:
        """Return the versions in a range such as `(,2.0)`. `1.5` means 1.5 or later."""
        return _versions(constraint)

    def key(self, version: str) -> semver_key.Key:
        """Return the sort key of a version."""
        return semver_key.key(version)


ECOSYSTEM = NuGet()


def _descendants(element: Element) -> Iterator[Element]:
    remaining = [element]
    while remaining:
        current = remaining.pop()
        yield current
        remaining.extend(reversed(current.children))


def _requirements(root: Element) -> Iterator[Requirement]:
    for element in _descendants(root):
        attributes = {name.lower(): value for name, value in element.attributes.items()}
        if element.name in _ITEMS:
            group = _ITEMS[element.name]
            version = element.child("VersionOverride") or element.child("Version")
            constraint = attributes.get("versionoverride") or attributes.get("version") or ""
            if not constraint and version is not None:
                constraint = version.text
            if "update" in attributes and constraint:
                group = _CENTRAL
            names = attributes.get("include") or attributes.get("update") or ""
            for name in names.split(";"):
                yield from _requirement(name, constraint, element, group)
        elif element.name == "package" and root.name == "packages":
            version_text = attributes.get("version", "")
            yield from _requirement(attributes.get("id", ""), version_text, element, _EXACT)
        elif element.name == "Sdk":
            version_text = attributes.get("version", "")
            yield from _requirement(attributes.get("name", ""), version_text, element, _EXACT)
        elif element is root and "/" in attributes.get("sdk", ""):
            for sdk in attributes["sdk"].split(";"):
                name, _, version_text = sdk.partition("/")
                yield from _requirement(name, version_text, element, _EXACT)


def _requirement(name: str, constraint: str, place: Element, group: str) -> Iterator[Requirement]:
    name = name.strip().lower()
    if name:
        yield Requirement(name, constraint.strip(), place.line, place.column, group)


def _properties(root: Element) -> dict[str, str]:
    """Return the properties by lower-case name. Those without a condition take precedence."""
    properties: dict[str, str] = {}
    certain: set[str] = set()
    for group in _descendants(root):
        if group.name != "PropertyGroup":
            continue
        for entry in group.children:
            name = entry.name.lower()
            if "Condition" not in group.attributes and "Condition" not in entry.attributes:
                certain.add(name)
                properties[name] = entry.text
            elif name not in certain:
                properties.setdefault(name, entry.text)
    return properties


def _imports(root: Element, path: str) -> Iterator[str]:
    """Yield the imported files, except those whose paths contain properties."""
    folder = posixpath.dirname(path)
    for element in _descendants(root):
        if element.name == "Import":
            target = element.attributes.get("Project", "").replace("\\", "/")
            target = target.replace("$(MSBuildThisFileDirectory)", "./")
            if target and "$" not in target:
                yield posixpath.normpath(posixpath.join(folder, target))


_LOCKED = re.compile(
    r'"([^"\\]+)"\s*:\s*\{\s*"type"\s*:\s*"\w+"[^{}]*?"resolved"\s*:\s*"([^"\\]+)"', re.ASCII
)
_VERSION_OF = re.compile(r'"([\w.\-]+)"\s*:\s*(?:"([^"\\]+)"|\{\s*"version"\s*:\s*"([^"\\]+)")')


def _read_json(path: str, content: bytes) -> Facts:
    """Read a lock file, `global.json` or a tool manifest."""
    try:
        text = content.decode("utf-8-sig")
        document = json.loads(_without_comments(text))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ValueError(f"the file is not valid UTF-8, line {line}") from None
    except RecursionError:
        raise ValueError("the objects of the file are nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"the file is not valid JSON ({error.msg}), line {error.lineno}") from None
    except ValueError:
        raise ValueError("the file contains a number that is too long") from None
    if path.endswith(".lock.json"):
        return read_in_pieces(_LOCK, text, "},\n")
    section = "msbuild-sdks" if path.endswith("global.json") else "tools"
    entries = document.get(section) if isinstance(document, dict) else None
    requirements: dict[str, tuple[Requirement, ...]] = {}
    start = text.find(f'"{section}"')
    for found in _VERSION_OF.finditer(text, max(start, 0)):
        if isinstance(entries, dict) and found[1] in entries:
            line = text.count("\n", 0, found.start()) + 1
            column = found.start() - text.rfind("\n", 0, found.start())
            name = found[1].lower()
            version = found[2] or found[3]
            requirements[name] = (Requirement(name, version, line, column, _EXACT),)
    return Facts(requirements=requirements)


def _without_comments(text: str) -> str:
    """Remove comment lines, which .NET allows in its JSON files."""
    return re.sub(r"^[ \t]*//[^\n]*", "", text, flags=re.MULTILINE)


def _locked(text: str, context: Hashable) -> tuple[list[Found], Hashable]:
    return [Found(found[1], found[2], found.start()) for found in _LOCKED.finditer(text)], context


_LOCK = Layout(_locked, str.lower)


class _Reader:
    """Resolves properties and central package versions in the files of a commit."""

    def __init__(self, facts: Mapping[str, Facts]) -> None:
        self._facts = facts
        self._scopes: dict[str, list[str]] = {}

    def findings(self, package: str) -> Iterator[Finding]:
        folders: set[str] = set()
        for path, facts in self._facts.items():
            for requirement in facts.requirements.get(package, ()):
                folders.add(posixpath.dirname(path))
                yield self._finding(path, requirement)
        for path, facts in self._facts.items():
            locked = facts.locked.get(package, ())
            if locked and posixpath.dirname(path) not in folders:
                versions = tuple(dict.fromkeys(one.version for one in locked))
                yield Finding(path, locked[0].line, 1, "", versions)

    def _finding(self, path: str, requirement: Requirement) -> Finding:
        constraint, missing = self._resolve(path, requirement.constraint)
        if not constraint:
            constraint, missing = self._central(path, requirement.package)
        locked = self._locked(path, requirement.package)
        if not locked and not missing:
            exact = constraint if requirement.group == _EXACT else lowest(constraint)
            locked = (exact,) if exact else ()
        return Finding(path, requirement.line, requirement.column, constraint, locked, missing)

    def _central(self, path: str, package: str) -> tuple[str, str]:
        """Return the version that a file such as `Directory.Packages.props` sets for a package."""
        for other in self._scope(path):
            for requirement in self._facts[other].requirements.get(package, ()):
                if requirement.group == _CENTRAL and requirement.constraint:
                    return self._resolve(other, requirement.constraint)
        return "", ""

    def _scope(self, path: str) -> list[str]:
        """Return the files whose properties apply to a file, nearest first."""
        if path not in self._scopes:
            scope: dict[str, None] = {}
            remaining = [path, *_shared_above(path)]
            while remaining:
                current = remaining.pop(0)
                if current in self._facts and current not in scope:
                    scope[current] = None
                    imported = [target for _, target in self._facts[current].links]
                    remaining[:0] = imported
            self._scopes[path] = list(scope)
        return self._scopes[path]

    def _locked(self, path: str, package: str) -> tuple[str, ...]:
        if not path.endswith(_PROJECT):
            return ()
        folder, name = posixpath.split(path)
        stem = name.rpartition(".")[0]
        versions: dict[str, None] = {}
        for lock in ("packages.lock.json", f"packages.{stem}.lock.json"):
            facts = self._facts.get(posixpath.join(folder, lock))
            for locked in facts.locked.get(package, ()) if facts is not None else ():
                versions[locked.version] = None
        return tuple(versions)

    def _resolve(self, path: str, text: str) -> tuple[str, str]:
        """Replace `$(Name)` in a string. Also return the first name without a value."""
        for _ in range(20):
            if "$(" not in text or len(text) > _LONGEST_VALUE:
                break
            new = _VARIABLE.sub(lambda found: self._value(path, found), text)
            if new == text:
                break
            text = new
        remaining = re.search(r"\$\(([^()]*)", text)
        return text, remaining[1] if remaining else ""

    def _value(self, path: str, variable: re.Match[str]) -> str:
        name = variable[1].lower()
        for other in self._scope(path):
            value = self._facts[other].variables.get(name)
            if value is not None and variable[0] not in value:
                return value
        values = {
            facts.variables[name] for facts in self._facts.values() if name in facts.variables
        }
        return values.pop() if len(values) == 1 else variable[0]


def _shared_above(path: str) -> Iterator[str]:
    """Yield the shared files that MSBuild reads from a file's folder and the folders above."""
    folder = posixpath.dirname(path)
    while True:
        for name in _SHARED:
            yield posixpath.join(folder, name)
        if not folder:
            return
        folder = posixpath.dirname(folder)


_RANGE = re.compile(r"([\[(])\s*([^\s,\[\]()]*)\s*(?:(,)\s*([^\s,\[\]()]*)\s*)?([\])])")
_FLOATING = re.compile(r"((?:\d+\.)*)\*(?:-\*)?", re.ASCII)


def lowest(constraint: str) -> str:
    """Return the lowest version in a range, or an empty string if it is unknown.

    NuGet prefers the lowest version.
    """
    found = _RANGE.fullmatch(constraint.strip())
    version = constraint.strip()
    if found is not None:
        version = found[2] if found[1] == "[" else ""
    return "" if "*" in version else version


@lru_cache(maxsize=4096)
def _versions(constraint: str) -> VersionSet:
    text = constraint.strip()
    if not text:
        return ALL
    found = _RANGE.fullmatch(text)
    if found is None:
        return _from(text)
    opening, first, comma, last, closing = found.groups()
    if not comma:
        if not first or (opening, closing) != ("[", "]"):
            raise ValueError(f"`{constraint:.80}` is not a NuGet version range")
        return _floating(first) or exactly(semver_key.key(first))
    lower = ALL
    if first:
        lower = _from(first) if opening == "[" else above(semver_key.key(first))
    upper = ALL
    if last:
        end = semver_key.key(last)
        upper = at_most(end) if closing == "]" else below(end)
    return lower.intersection(upper)


def _from(text: str) -> VersionSet:
    """Return the versions from `1.5` upwards, or the versions that `1.*` matches."""
    floating = _floating(text)
    if floating is not None:
        return floating
    try:
        return at_least(semver_key.key(text))
    except ValueError:
        raise ValueError(
            f"`{text:.80}` is not a NuGet version range; "
            "write, for example, `(,2.0)` or `[1.0,2.0)`"
        ) from None


def _floating(text: str) -> VersionSet | None:
    """Return the versions that a string such as `1.*` matches, or None for other strings."""
    if text.endswith("*") and re.fullmatch(r"\d+(\.\d+)*-[\w.\-]*\*", text, re.ASCII):
        numbers, _, prerelease = text[:-1].partition("-")
        prefix = prerelease.rpartition(".")[0] or "0"
        return between(semver_key.key(f"{numbers}-{prefix}"), semver_key.key(_next(numbers)))
    found = _FLOATING.fullmatch(text)
    if found is None:
        return None
    numbers = found[1].rstrip(".")
    if not numbers:
        return ALL
    return between(semver_key.key(numbers), semver_key.key(f"{_next(numbers)}-0"))


def _next(numbers: str) -> str:
    """Increment the last number: `1.2` becomes `1.3`."""
    before, dot, last = numbers.rpartition(".")
    return f"{before}{dot}{int(last) + 1}"
