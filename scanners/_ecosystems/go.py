"""Go modules, as required in `go.mod`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from . import semver_key
from .facts_builder import FactsBuilder
from .records import Ecosystem, Facts, Finding
from .semver_ranges import helm_range
from .source_text import SourceText
from .version_sets import VersionSet

_NAME = re.compile(r"[A-Za-z0-9~._\-]+(?:/[A-Za-z0-9~._\-]+)*", re.ASCII)
_LONGEST = 300
_TOKEN = re.compile(r'"[^"\n]*"|`[^`\n]*`|=>|[()]|[^\s()"`]+')
_MAJOR = re.compile(r"/v\d+$")
_DIRECTIVES = ("require", "replace", "exclude", "retract", "tool", "godebug", "ignore")


class Go:
    """The ecosystem `go`.

    Go uses the lowest version that all modules accept, so `go.mod` names the versions in use. The
    file `go.sum` also lists checksums of other versions, so it is not read.
    """

    name = "go"
    files = ("go.mod",)

    def normalise(self, package: str) -> str:
        """Return the path of the module."""
        name = package.strip().strip('"`')
        if len(name) > _LONGEST or not _NAME.fullmatch(name):
            raise ValueError(f"`{package:.80}` is not a valid Go module path")
        return name

    def read(self, path: str, content: bytes) -> Facts:  # noqa: ARG002 - the interface requires it
        """Read `go.mod`. If a module is replaced, only the replacement counts as required."""
        source = SourceText(content)
        builder = FactsBuilder(source, self.normalise)
        # Replacements by module and version. An empty version stands for all versions.
        replaced: dict[tuple[str, str], tuple[str, str, int]] = {}
        required: list[tuple[str, str, int]] = []
        for directive, words, offset in _directives(source):
            if directive == "require" and len(words) == 2:
                required.append((words[0], words[1], offset))
            elif directive == "replace" and "=>" in words:
                old, new = words[: words.index("=>")], words[words.index("=>") + 1 :]
                if old and new:
                    version = new[1] if len(new) > 1 else ""
                    replaced[old[0], "".join(old[1:2])] = (new[0], version, offset)
        for module, version, offset in required:
            replacement = replaced.get((module, version)) or replaced.get((module, ""))
            target, chosen, place = replacement or (module, version, offset)
            if target == module:
                builder.require(module, chosen, offset)
            elif not target.startswith((".", "/")):
                builder.require(target, chosen, place)
        return builder.build()

    def findings(self, facts: Mapping[str, Facts], package: str) -> Iterable[Finding]:
        """Find a module in all files. A path without a major version stands for all of them."""
        for path, known in facts.items():
            for name, requirements in known.requirements.items():
                if name == package or _MAJOR.sub("", name) == package:
                    for one in requirements:
                        locked = (one.constraint,) if one.constraint else ()
                        yield Finding(path, one.line, one.column, one.constraint, locked)

    def versions(self, constraint: str) -> VersionSet:
        """Return the versions in a range such as `<1.4.0` or `>=1.2, <1.4`."""
        return helm_range(re.sub(r"\+incompatible\b", "", constraint))

    def key(self, version: str) -> semver_key.Key:
        """Return the sort key of a version. Pseudo-versions are prereleases."""
        return semver_key.key(version)


def _directives(source: SourceText) -> Iterator[tuple[str, list[str], int]]:
    """Yield each directive with its arguments and the offset of the first argument."""
    block = ""
    offset = 0
    for row in source.text.split("\n"):
        code = row.partition("//")[0]
        tokens = list(_TOKEN.finditer(code))
        words = [token[0].strip('"`') for token in tokens]
        if words and not block and words[0] in _DIRECTIVES:
            if words[1:] == ["("]:
                block = words[0]
            elif len(words) > 1:
                yield words[0], words[1:], offset + tokens[1].start()
        elif block and words == [")"]:
            block = ""
        elif block and words:
            yield block, words, offset + tokens[0].start()
        offset += len(row) + 1
    if block:
        raise ValueError(f"the block `{block} (` has no end, line {source.text.count(chr(10)) + 1}")


ECOSYSTEM: Ecosystem = Go()
