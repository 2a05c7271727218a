"""A project scanner for tests, and an independent computation of its matches.

A line of `x.want` names a package and the range that it requires. A line of `x.lock` names a
package and its version, and `x.lock` governs `x.want` in the same folder. A version is bad if it
begins with 1.
"""

from __future__ import annotations

from collections.abc import Mapping

PLUGIN = '''\
from headway import Match, Options, ProjectScanner, Unknown, Unreadable


class PinOptions(Options):
    package: str


class Pins(ProjectScanner):
    """Finds packages that are locked to a bad version, or want one and are not locked."""

    name = "pins"
    Options = PinOptions

    def files(self, options):
        return ["*.want", "*.lock"]

    def read(self, options, path, content):
        facts = {}
        for number, line in enumerate(content.decode().splitlines(), start=1):
            if line == "broken":
                raise ValueError(f"line {number} is broken")
            HARM
            package, _, version = line.partition(" ")
            facts.setdefault(package, (version, number))
        return facts

    def find(self, options, facts):
        for path, known in facts.items():
            if isinstance(known, Unreadable) or options.package not in known:
                continue
            version, line = known[options.package]
            stem, _, kind = path.rpartition(".")
            other = facts.get(stem + (".lock" if kind == "want" else ".want"), {})
            if kind == "want" and isinstance(other, Unreadable):
                yield Unknown(path, f"{stem}.lock could not be read", f"{stem}.lock")
                continue
            if kind == "want" and options.package in other:
                version = other[options.package][0]
            elif kind == "lock" and (isinstance(other, Unreadable) or options.package in other):
                continue
            if version.startswith("1"):
                yield Match(
                    text=options.package, path=path, line=line, captures={"version": version}
                )
'''

CAREFUL = """
    def is_affected(self, options, before, after):
        return any(facts is not None and options.package in facts for facts in (before, after))
"""
"""A method that makes the scanner careful: `find` is called only if its matches may change."""

Matches = dict[str, tuple[int, str]]
"""Maps each path with a match to the line of the match and the version."""


def plugin(*, careful: bool = False, harm: str = "pass") -> str:
    """Return the text of the scanner.

    Args:
        careful: Whether the scanner defines `is_affected`.
        harm: Python code that runs for each `line` of a file that is read.
    """
    return PLUGIN.replace("HARM", harm) + (CAREFUL if careful else "")


def matches(files: Mapping[str, str], package: str) -> Matches:
    """Return what the scanner must find in files that can all be read."""
    named: dict[str, dict[str, tuple[int, str]]] = {}
    for path, text in files.items():
        if path.endswith((".want", ".lock")):
            own = named.setdefault(path, {})
            for number, entry in enumerate(text.splitlines(), start=1):
                name, _, wanted = entry.partition(" ")
                own.setdefault(name, (number, wanted))
    found: Matches = {}
    for path, packages in named.items():
        if package not in packages:
            continue
        line, version = packages[package]
        stem, _, kind = path.rpartition(".")
        lock = named.get(f"{stem}.lock", {})
        if kind == "want" and package in lock:
            version = lock[package][1]
        if kind == "lock" and package in named.get(f"{stem}.want", {}):
            continue
        if version.startswith("1"):
            found[path] = line, version
    return found
