"""Ruby gems, in `Gemfile`, gemspecs and `Gemfile.lock`."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from typing import TypeAlias

from .facts_builder import FactsBuilder
from .lock_pieces import Found, Layout, read_in_pieces
from .locked_findings import locked_only
from .records import Ecosystem, Facts, Finding
from .repository_paths import child, folder_of, name_of, nearest
from .source_text import SourceText
from .version_sets import (
    VersionSet,
    above,
    at_least,
    at_most,
    below,
    between,
    exactly,
    intersection,
)

Key: TypeAlias = tuple[tuple[bool, int, str], ...]
"""The segments of a version without trailing zeros. Letters sort before numbers."""

_LOCKS = ("Gemfile.lock", "gems.locked")
_NAMED_LOCK = ".gemfile.lock"
"""The suffix of the lock file for a Gemfile that is not named `Gemfile`."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]*", re.ASCII)
_LONGEST = 200
_GEM = re.compile(
    r"""^[ \t]*gem[ \t(]+["'](?P<name>[^"'\n]+)["'](?P<rest>(?:[^\n]*,[ \t]*\n){0,5}[^\n]*)""",
    re.MULTILINE,
)
_SPEC = re.compile(
    r"""\.add_(?:runtime_|development_)?dependency[ \t(]+(?:%q<|["'])(?P<name>[^"'>\n]+)["'>]"""
    r"""(?P<rest>[^\n]*)"""
)
_VERSION = re.compile(
    r"""(?:\.freeze)?\s*,\s*\[?\s*(?:%q<|["'])"""
    r"""\s*(?P<range>(?:[<>=~!]{1,2}\s*)?\d[\w.\-]*)\s*["'>]"""
)
_ELSEWHERE = re.compile(r"\b(?:path|git|github|gitlab|bitbucket)(?::|\s*=>)")
_LOCK_LINE = re.compile(
    r"^(?: {4}(?P<name>[^\s()]+) \((?P<version>[^()\s]+)\)|(?P<section>[A-Z ]+))$", re.MULTILINE
)
_PLATFORM = re.compile(r"-(?![a-z]*\d*$).*$|-(?:java|x86|arm|x64).*$")
_COMPARISON = re.compile(
    r"\s*(<=|>=|~>|!=|=|<|>)?\s*(?P<version>(?P<numbers>\d+(?:\.\d+)*)[\w.\-]*)\s*", re.ASCII
)
_SEGMENT = re.compile(r"\d+|[a-z]+", re.IGNORECASE)
_CORRECT = re.compile(r"\d+(?:\.\w+)*(?:-[\w.\-]+)?", re.ASCII)


class Rubygems:
    """The ecosystem `rubygems`."""

    name = "rubygems"
    files = ("Gemfile", "gems.rb", "*.gemspec", "*.gemfile", *_LOCKS, f"*{_NAMED_LOCK}")

    def normalise(self, package: str) -> str:
        """Return the name of a gem."""
        name = package.strip()
        if len(name) > _LONGEST or not _NAME.fullmatch(name):
            raise ValueError(f"`{package:.80}` is not a valid gem name")
        return name

    def read(self, path: str, content: bytes) -> Facts:
        """Read a lock file, or the literals in a `Gemfile` or gemspec."""
        source = SourceText(content)
        name = name_of(path)
        if name in _LOCKS or name.endswith(_NAMED_LOCK):
            return read_in_pieces(_LOCK, source.text, "\n")
        builder = FactsBuilder(source, self.normalise)
        pattern = _SPEC if name.endswith(".gemspec") else _GEM
        for found in pattern.finditer(source.text):
            if _ELSEWHERE.search(found["rest"]):
                continue
            ranges: list[str] = []
            position = 0
            while (version := _VERSION.match(found["rest"], position)) is not None:
                ranges.append(version["range"])
                position = version.end()
            builder.require(found["name"], ", ".join(ranges), found.start("name") - 1)
        return builder.build()

    def findings(self, facts: Mapping[str, Facts], package: str) -> Iterable[Finding]:
        """Find a gem in all manifests and lock files."""
        accounted: dict[str, set[str]] = {}
        for path, known in facts.items():
            for one in known.requirements.get(package, ()):
                lock = _lock_of(facts, path)
                versions: tuple[str, ...] = ()
                if lock is not None:
                    entries = facts[lock].locked.get(package, ())
                    versions = tuple(dict.fromkeys(entry.version for entry in entries))
                    accounted.setdefault(lock, set()).update(versions)
                yield Finding(path, one.line, one.column, one.constraint, versions)
        yield from locked_only(facts, package, accounted)

    def versions(self, constraint: str) -> VersionSet:
        """Return the versions in a range such as `~> 1.2` or `>= 1.0, < 2`."""
        return intersection(_compared(part) for part in constraint.split(","))

    def key(self, version: str) -> Key:
        """Return the sort key of a version."""
        return _key(version)


def _lock_of(facts: Mapping[str, Facts], path: str) -> str | None:
    """Return the lock file of a manifest. For a gemspec, this is the nearest lock file above."""
    if path.endswith(".gemspec"):
        return nearest(facts, path, _LOCKS)
    beside = child(folder_of(path), "gems.locked") if name_of(path) == "gems.rb" else f"{path}.lock"
    return beside if beside in facts else None


def _locked(text: str, section: Hashable) -> tuple[list[Found], Hashable]:
    """Read the gems in part of a lock file, except gems that are folders in the repository."""
    entries = []
    for found in _LOCK_LINE.finditer(text):
        if found["section"] is not None:
            section = found["section"]
        elif section != "PATH":
            # A platform-specific gem has the platform after its version: `1.16.0-x86_64-linux`.
            version = _PLATFORM.sub("", found["version"])
            entries.append(Found(found["name"], version, found.start("name")))
    return entries, section


@lru_cache(maxsize=4096)
def _key(version: str) -> Key:
    text = version.strip()
    if len(text) > _LONGEST or not _CORRECT.fullmatch(text):
        raise ValueError(f"`{version:.80}` is not a version; write, for example, `1.2.3`")
    segments = [
        (True, int(part), "") if part.isdigit() else (False, 0, part.lower())
        for part in _SEGMENT.findall(text.replace("-", ".pre."))
    ]
    # Zeros at the end of the numbers, and at the end of the remaining segments, have no meaning.
    first_letter = next((at for at, part in enumerate(segments) if not part[0]), len(segments))
    segments = [*_stripped(segments[:first_letter]), *_stripped(segments[first_letter:])]
    # The end of a version counts as a zero, which sorts after letters and before other numbers.
    return (*segments, (True, 0, ""))


def _stripped(segments: list[tuple[bool, int, str]]) -> list[tuple[bool, int, str]]:
    kept = list(segments)
    while kept and kept[-1] == (True, 0, ""):
        kept.pop()
    return kept


def _compared(text: str) -> VersionSet:
    found = _COMPARISON.fullmatch(text)
    if found is None:
        raise ValueError(
            f"`{text.strip():.80}` is not a version range; write, for example, `~> 1.2` or `< 2`"
        )
    operator, version = found[1] or "=", found["version"]
    key = _key(version)
    if operator == "~>":
        numbers = [int(part) for part in found["numbers"].split(".")]
        kept = numbers[:-1] or numbers
        upper = ".".join(map(str, [*kept[:-1], kept[-1] + 1]))
        # The range excludes the prereleases of its upper end.
        return between(key, _key(f"{upper}.a"))
    sets = {
        "=": exactly(key),
        "!=": exactly(key).complement(),
        ">=": at_least(key),
        "<=": at_most(key),
        ">": above(key),
        "<": below(key if re.search(r"[a-z]", version) else _key(f"{version}.a")),
    }
    return sets[operator]


_RUBYGEMS = Rubygems()
_LOCK = Layout(_locked, _RUBYGEMS.normalise)
ECOSYSTEM: Ecosystem = _RUBYGEMS
