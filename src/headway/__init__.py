"""Headway's public API: what a scanner plugin imports, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headway.version import __version__

if TYPE_CHECKING:
    from headway.scanner import ContentScanner, Match, Options, RepositoryScanner, TreeScanner

__all__ = [
    "ContentScanner",
    "Match",
    "Options",
    "RepositoryScanner",
    "TreeScanner",
    "__version__",
]


def __getattr__(name: str) -> Any:
    """Loads the contract when a plugin asks for it: most commands need no scanner.

    Raises `AttributeError` for what is not in `__all__`.
    """
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from headway import scanner

    found = globals()[name] = getattr(scanner, name)
    return found
