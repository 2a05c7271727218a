"""GitHub's actions and reusable workflows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from . import tags
from .git_references import version_of
from .records import Facts, Finding, Requirement
from .version_sets import VersionSet
from .yaml_scalars import Scalar, is_template, line_scalars, read_mappings

_NAME = re.compile(r"[\w.\-]+/[\w.\-]+(?:/[\w.\-]+)*", re.ASCII)


class GitHubActions:
    """Actions, named `owner/repository` or `owner/repository/path`."""

    name = "github-actions"
    files: tuple[str, ...] = (
        *(".github/workflows/*.yml", ".github/workflows/*.yaml"),
        *("action.yml", "action.yaml"),
    )

    def normalise(self, package: str) -> str:
        """Return the name in lower case."""
        name = package.removeprefix("https://github.com/")
        if not _NAME.fullmatch(name):
            raise ValueError(f"`{package:.80}` is not an action; write `owner/repository`")
        return name.lower()

    def read(self, path: str, content: bytes) -> Facts:  # noqa: ARG002 - the interface requires it
        """Read a workflow or an action."""
        if b"uses" not in content:
            return Facts()
        lines = content.decode("utf-8-sig", "replace").split("\n")
        by_name = defaultdict[str, list[Requirement]](list)
        for scalar in _uses(content):
            name, _, reference = scalar.value.partition("@")
            name = name.rstrip("/")
            if not _NAME.fullmatch(name) or name.startswith("."):
                continue
            version = version_of(reference, lines[scalar.line - 1])
            name = name.lower()
            for known_as in {name, "/".join(name.split("/")[:2])}:
                requirement = Requirement(known_as, version, scalar.line, scalar.column)
                by_name[known_as].append(requirement)
        return Facts({name: tuple(found) for name, found in by_name.items()})

    def findings(self, facts: Mapping[str, Facts], package: str) -> Iterable[Finding]:
        """Find an action, or all actions of a repository, in all files."""
        return tags.findings(facts, package)

    def versions(self, constraint: str) -> VersionSet:
        """Return the tags in a range such as `<4`."""
        return tags.versions(constraint)

    def key(self, version: str) -> tags.Key:
        """Return the sort key of a tag or branch."""
        return tags.key(version)


ECOSYSTEM = GitHubActions()


def _uses(content: bytes) -> Iterator[Scalar]:
    """Yield the values of `uses`, in order of position."""
    try:
        mappings = list(read_mappings(content))
    except ValueError:
        if not is_template(content):
            raise
        yield from line_scalars(content, "uses")
        return
    found = (mapping.scalars.get("uses") for mapping in mappings)
    yield from sorted((one for one in found if one is not None), key=lambda one: one[1:])
