"""The package ecosystems that the `dependency` scanner reads, such as PyPI and npm.

Each ecosystem is a module or package in this folder that defines `ECOSYSTEM`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from .records import Ecosystem

NAMES: tuple[str, ...] = (
    "cargo",
    "docker",
    "github-actions",
    "gitlab",
    "go",
    "helm",
    "maven",
    "npm",
    "nuget",
    "packagist",
    "pre-commit",
    "pypi",
    "rubygems",
    "terraform",
)
"""The names of all ecosystems, as written in campaigns."""


@cache
def ecosystem_of(name: str) -> Ecosystem:
    """Return the ecosystem with this name. Import it on first use.

    Raises:
        KeyError: The name is not in `NAMES`.
    """
    if name not in NAMES:
        raise KeyError(name)
    ecosystem: Ecosystem = import_module(f".{name.replace('-', '_')}", __name__).ECOSYSTEM
    return ecosystem
