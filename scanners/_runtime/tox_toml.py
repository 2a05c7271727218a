"""Find Python versions in a `tox.toml` file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .._ecosystems.source_text import SourceText
from .._ecosystems.toml_document import Path, read_toml

_LISTS = ("env_list", "envlist", "base_python", "basepython")
_FACTOR = re.compile(r"(?:py|python)?(?P<major>[23])(?P<dot>\.?)(?P<minor>\d{1,2})t?")


def tox_versions(content: bytes) -> Iterator[tuple[str, int, int]]:
    """Yield the version, line and column of each environment that names a version.

    Raises:
        ValueError: The file is not TOML, or is nested too deeply.
    """
    source = SourceText(content)
    document = read_toml(source)
    for path, offset in document.offsets.items():
        if not any(name in path for name in _LISTS):
            continue
        value = _at(document.value, path)
        for index, factor in enumerate(value.split("-") if isinstance(value, str) else ()):
            found = _FACTOR.fullmatch(factor)
            # `3.9-django-3.2` and `py39-django-32` each contain one Python version.
            if found and (factor.startswith("py") or (found["dot"] and index == 0)):
                yield (f"{found['major']}.{found['minor']}", *source.position(offset))


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value
