"""Read the requirements in `setup.cfg`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..facts_builder import FactsBuilder
from ..records import Facts
from ..source_text import SourceText
from .requirement_text import normalise, parse_requirement
from .setup_keywords import KEYWORDS

_SECTION = re.compile(r"\[([^\]\n]+)\]")
_SEPARATOR = re.compile(r"[=:]")
_EXTRAS = ("options.extras_require", "extras")


def read_setup_cfg(_path: str, content: bytes) -> Facts:
    """Read the requirements of setuptools and of the obsolete distutils2."""
    source = SourceText(content)
    builder = FactsBuilder(source, normalise)
    for section, option, offset, text in _values(source):
        name = option.lower().replace("-", "_")
        if section in _EXTRAS:
            group = option
        elif section in ("options", "metadata") and name in KEYWORDS:
            group = KEYWORDS[name]
        else:
            continue
        found = parse_requirement(text.partition(" #")[0])
        if found is not None:
            builder.require(found.name, found.constraint, offset + found.offset, group)
    return builder.build()


def _values(source: SourceText) -> Iterator[tuple[str, str, int, str]]:
    """Yield each line of each option's value: (section, option, offset, line)."""
    section = option = ""
    offset = 0
    for row in source.text.split("\n"):
        text = row.strip()
        indent = len(row) - len(row.lstrip())
        if not text or text.startswith(("#", ";")):
            pass
        elif header := _SECTION.match(row):
            section, option = header[1].strip(), ""
        elif not section:
            raise ValueError(f"the file has no section before line {source.line(offset)}")
        elif indent and option:
            yield section, option, offset + indent, text
        else:
            separator = _SEPARATOR.search(row)
            start = separator.end() if separator else len(row)
            option = row[: separator.start() if separator else start].strip()
            value = row[start:].lstrip()
            yield section, option, offset + len(row) - len(value), value.rstrip()
        offset += len(row) + 1
