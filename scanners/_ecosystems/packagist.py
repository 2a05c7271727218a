"""PHP packages, in `composer.json` and `composer.lock`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from . import semver_key
from .facts_builder import FactsBuilder
from .json_document import load_json, read_json
from .locked_findings import locked_only
from .records import Ecosystem, Facts, Finding
from .repository_paths import child, folder_of, name_of
from .semver_ranges import helm_range
from .source_text import SourceText
from .version_sets import VersionSet, between, union

_NAME = re.compile(r"[a-z0-9](?:[_.\-]*[a-z0-9]+)*/[a-z0-9](?:[_.\-]*[a-z0-9]+)*", re.ASCII)
_LONGEST = 200
_LOCKED = re.compile(
    r'^ {12}"name"[ \t]*:[ \t]*"(?P<name>[^"\n]+)",\s*"version"[ \t]*:[ \t]*"(?P<version>[^"\n]+)"',
    re.MULTILINE,
)
_STABILITY = re.compile(r"@(?:dev|alpha|beta|rc|stable)\b|#[0-9a-f]+", re.IGNORECASE)
_TILDE = re.compile(r"~\s*v?(\d+(?:\.\d+){0,3})(-[\w.]+)?")


class Packagist:
    """The ecosystem `packagist`."""

    name = "packagist"
    files = ("composer.json", "composer.lock")

    def normalise(self, package: str) -> str:
        """Return the name in lower case, such as `symfony/mailer`."""
        name = package.strip().lower()
        if len(name) > _LONGEST or not _NAME.fullmatch(name):
            raise ValueError(f"`{package:.80}` is not a valid package name, such as `acme/mailer`")
        return name

    def read(self, path: str, content: bytes) -> Facts:
        """Read a manifest or a lock file."""
        source = SourceText(content)
        builder = FactsBuilder(source, self.normalise)
        if name_of(path) == "composer.lock":
            found = False
            for entry in _LOCKED.finditer(source.text):
                found = True
                builder.lock(entry["name"], entry["version"], entry.start("name"))
            if not found:
                load_json(source)
            return builder.build()
        document = read_json(source)
        for section in ("require", "require-dev"):
            for name, constraint in document.table(section).items():
                if isinstance(constraint, str):
                    wanted = "" if constraint.strip() == "*" else constraint
                    builder.require(name, wanted, document.offsets[section, name])
        return builder.build()

    def findings(self, facts: Mapping[str, Facts], package: str) -> Iterable[Finding]:
        """Find a package in all manifests and lock files."""
        accounted: dict[str, set[str]] = {}
        for path, known in facts.items():
            for one in known.requirements.get(package, ()):
                lock = child(folder_of(path), "composer.lock")
                versions: tuple[str, ...] = ()
                if lock in facts:
                    entries = facts[lock].locked.get(package, ())
                    versions = tuple(dict.fromkeys(entry.version for entry in entries))
                    accounted.setdefault(lock, set()).update(versions)
                yield Finding(path, one.line, one.column, one.constraint, versions)
        yield from locked_only(facts, package, accounted)

    def versions(self, constraint: str) -> VersionSet:
        """Return the versions in a range such as `^1.2`, `~1.2.3` or `>=1.0 <2.0 | ^3`."""
        text = _STABILITY.sub("", constraint)
        return union(_alternative(part) for part in re.split(r"\|\|?", text))

    def key(self, version: str) -> semver_key.Key:
        """Return the sort key of a version."""
        return semver_key.key(re.sub(r"^v", "", version.strip()))


def _alternative(text: str) -> VersionSet:
    found = _TILDE.fullmatch(text.strip())
    if found is None:
        return helm_range(text.strip() or "*")
    # In Composer, ~1.2 allows 1.3 but not 2.0, and ~1.2.3 allows 1.2.4 but not 1.3.
    numbers = tuple(map(int, found[1].split(".")))
    kept = numbers[:-1] or numbers
    first = semver_key.key_of(numbers, (found[2] or "").removeprefix("-"))
    return between(first, semver_key.key_of((*kept[:-1], kept[-1] + 1), "0"))


ECOSYSTEM: Ecosystem = Packagist()
