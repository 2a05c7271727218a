"""Which paths hold vendored or generated code, which rules exclude by default."""

from __future__ import annotations

import re

FOLDERS = ("bower_components", "dist", "node_modules", "third_party", "vendor")
"""Names of folders, at any depth, with code that was copied or built."""

FILES = ("*.bundle.js", "*.css.map", "*.js.map", "*.min.css", "*.min.js", "*.min.mjs")
"""Patterns of the names of minified files, bundles and source maps."""

_VENDORED = re.compile(
    r"(?:^|/)(?:bower_components|dist|node_modules|third_party|vendor)/"
    r"|\.(?:bundle\.js|(?:css|js)\.map|min\.(?:css|m?js))$"
)


def is_vendored(path: str) -> bool:
    """Whether a path is below one of the folders, or its name is one of those of the files."""
    return _VENDORED.search(path) is not None
