"""Terraform and OpenTofu providers and modules."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from . import semver_key
from .git_references import repository_name, version_of
from .hcl import Attribute, read_attributes
from .records import Facts, Finding, Locked, Requirement
from .semver_ranges import terraform_range
from .version_sets import ALL, VersionSet

_LOCK = ".terraform.lock.hcl"
_VERSION_FILE = ".terraform-version"
_CORE = "terraform"
"""The package that stands for Terraform itself."""
_PROVIDER, _GIT = "provider", "git"
"""The groups of providers and of modules in git repositories."""

_REGISTRIES = ("registry.terraform.io/", "registry.opentofu.org/")
_NAME = re.compile(r"\w[\w.\-]*(?:/\w[\w.\-]*){1,3}", re.ASCII)
_REFERENCE = re.compile(r"[?&]ref=([^&]*)")


class Terraform:
    """The packages: providers such as `hashicorp/aws`, modules, and `terraform` itself."""

    name = "terraform"
    files: tuple[str, ...] = ("*.tf", "*.tofu", "terragrunt.hcl", _LOCK, _VERSION_FILE)

    def normalise(self, package: str) -> str:
        """Return the name without the host of a public registry. `aws` becomes `hashicorp/aws`."""
        name = package.strip().lower()
        if "://" in name or name.startswith(("git@", "git::")):
            return repository_name(name)
        for registry in _REGISTRIES:
            name = name.removeprefix(registry)
        if name == _CORE:
            return name
        if re.fullmatch(r"[\w\-]+", name, re.ASCII):
            return f"hashicorp/{name}"
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"`{package:.80}` is not a provider or module; write, for example, `hashicorp/aws`"
            )
        return name

    def read(self, path: str, content: bytes) -> Facts:
        """Read one file."""
        text = content.decode("utf-8", "replace")
        name = posixpath.basename(path)
        if name == _VERSION_FILE:
            version = text.strip()
            found = [Requirement(_CORE, version, 1, 1)] if version else []
            return Facts({_CORE: tuple(found)} if found else {})
        attributes = list(read_attributes(text))
        if name == _LOCK:
            return Facts(locked=_locked(attributes))
        by_name = defaultdict[str, list[Requirement]](list)
        lines = text.split("\n")
        for requirement in _requirements(attributes, lines):
            by_name[requirement.package].append(requirement)
        return Facts({name: tuple(found) for name, found in by_name.items()})

    def findings(self, facts: Mapping[str, Facts], package: str) -> Iterable[Finding]:
        """Find a provider or module in all files of a repository."""
        folders: set[str] = set()
        for path, known in facts.items():
            for one in known.requirements.get(package, ()):
                folder = posixpath.dirname(path)
                folders.add(folder)
                locked: tuple[str, ...] = ()
                lock = facts.get(posixpath.join(folder, _LOCK))
                if lock is not None and one.group == _PROVIDER:
                    locked = tuple(entry.version for entry in lock.locked.get(package, ()))
                yield Finding(path, one.line, one.column, one.constraint, locked, _unresolved(one))
        for path, known in facts.items():
            if posixpath.dirname(path) not in folders:
                for entry in known.locked.get(package, ()):
                    yield Finding(path, entry.line, 1, "", (entry.version,))

    def versions(self, constraint: str) -> VersionSet:
        """Return the versions in a range such as `>= 1.2, < 2.0` or `~> 5.0`."""
        return terraform_range(constraint) if constraint.strip() else ALL

    def key(self, version: str) -> semver_key.Key:
        """Return the sort key of a version."""
        return semver_key.key(version)


ECOSYSTEM = Terraform()


def _unresolved(requirement: Requirement) -> str:
    """Return the expression in a version, or the branch or commit of a git module."""
    constraint = requirement.constraint
    is_branch = requirement.group == _GIT and not re.match(r"v?\d+(\.|$)", constraint)
    return constraint[:100] if constraint and ("${" in constraint or is_branch) else ""


def _locked(attributes: Iterable[Attribute]) -> dict[str, tuple[Locked, ...]]:
    locked: dict[str, tuple[Locked, ...]] = {}
    for attribute in attributes:
        block = attribute.blocks[-1] if attribute.blocks else ()
        if attribute.name == "version" and len(block) == 2 and block[0] == "provider":
            name = block[1].lower()
            for registry in _REGISTRIES:
                name = name.removeprefix(registry)
            locked[name] = (Locked(attribute.value, attribute.block_line),)
    return locked


class _Declared(NamedTuple):
    """The attributes of one block or object."""

    first: Attribute
    values: dict[str, Attribute]


def _requirements(attributes: list[Attribute], lines: list[str]) -> Iterator[Requirement]:
    blocks: dict[int, _Declared] = {}
    for attribute in attributes:
        declared = blocks.setdefault(attribute.block, _Declared(attribute, {}))
        declared.values[attribute.name] = attribute
    sources = dict(_sources(blocks.values()))
    for declared in blocks.values():
        names = [block[0] for block in declared.first.blocks]
        if names == ["terraform"]:
            yield from _core(declared, lines)
        elif names[:2] == ["terraform", "required_providers"]:
            yield from _required_providers(declared)
        elif names == ["provider"] and "version" in declared.values:
            provider = (*declared.first.blocks[0], "")[1].lower()
            version = declared.values["version"]
            name = sources.get(provider, f"hashicorp/{provider}")
            yield Requirement(name, version.value, version.line, version.column, _PROVIDER)
        elif names == ["module"] and "source" in declared.values:
            yield from _module(declared.values["source"], declared.values.get("version"), lines)


def _core(declared: _Declared, lines: list[str]) -> Iterator[Requirement]:
    version = declared.values.get("required_version")
    if version is not None:
        yield Requirement(_CORE, version.value, version.line, version.column)
    if "source" in declared.values:
        yield from _module(declared.values["source"], None, lines)


def _sources(blocks: Iterable[_Declared]) -> Iterator[tuple[str, str]]:
    """Yield the local name and source of each provider."""
    for declared in blocks:
        path = declared.first.blocks
        if len(path) == 3 and path[1][0] == "required_providers" and "source" in declared.values:
            yield path[2][0].lower(), _provider(declared.values["source"].value)


def _provider(source: str) -> str:
    source = source.lower()
    for registry in _REGISTRIES:
        source = source.removeprefix(registry)
    return source if "/" in source else f"hashicorp/{source}"


def _required_providers(declared: _Declared) -> Iterator[Requirement]:
    if len(declared.first.blocks) == 2:
        for attribute in declared.values.values():
            name = f"hashicorp/{attribute.name.lower()}"
            yield Requirement(name, attribute.value, attribute.line, attribute.column, _PROVIDER)
        return
    source, version = declared.values.get("source"), declared.values.get("version")
    place = source or version
    if place is not None:
        local = declared.first.blocks[2][0]
        name = _provider(source.value if source is not None else local)
        constraint = version.value if version is not None else ""
        yield Requirement(name, constraint, place.line, place.column, _PROVIDER)


def _module(
    source: Attribute, version: Attribute | None, lines: list[str]
) -> Iterator[Requirement]:
    """Yield the module that a source names in a registry or a git repository."""
    text = source.value
    if text.startswith((".", "/")):
        return
    scheme = "://" if "://" in text else ""
    before, _, after = text.partition(scheme) if scheme else ("", "", text)
    address = before + scheme + after.partition("//")[0].partition("?")[0]
    reference = _REFERENCE.search(text)
    name = address.lower()
    for registry in _REGISTRIES:
        name = name.removeprefix(registry)
    if (
        scheme
        or name.startswith(("git::", "git@", "github.com/", "bitbucket.org/"))
        or reference is not None
    ):
        try:
            name = repository_name(address)
        except ValueError:
            return
        constraint = version_of(reference[1], lines[source.line - 1]) if reference else ""
        yield Requirement(name, constraint, source.line, source.column, _GIT)
    elif _NAME.fullmatch(name):
        constraint = version.value if version is not None else ""
        yield Requirement(name, constraint, source.line, source.column)
