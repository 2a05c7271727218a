"""Headway's public API: the classes that scanner plugins and source plugins import."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from headway.version import __version__

if TYPE_CHECKING:
    from headway.forges.source_plugin import SourceContext, SourcePlugin, SourceSettings
    from headway.model.repository import Listing, Repository
    from headway.scanner import (
        ContentScanner,
        Match,
        Options,
        ProjectScanner,
        RepositoryScanner,
        TreeScanner,
        Unknown,
        Unreadable,
    )

__all__ = [
    "ContentScanner",
    "Listing",
    "Match",
    "Options",
    "ProjectScanner",
    "Repository",
    "RepositoryScanner",
    "SourceContext",
    "SourcePlugin",
    "SourceSettings",
    "TreeScanner",
    "Unknown",
    "Unreadable",
    "__version__",
]

_MODULES = {
    "ContentScanner": "headway.scanner",
    "Listing": "headway.model.repository",
    "Match": "headway.scanner",
    "Options": "headway.scanner",
    "ProjectScanner": "headway.scanner",
    "Repository": "headway.model.repository",
    "RepositoryScanner": "headway.scanner",
    "SourceContext": "headway.forges.source_plugin",
    "SourcePlugin": "headway.forges.source_plugin",
    "SourceSettings": "headway.forges.source_plugin",
    "TreeScanner": "headway.scanner",
    "Unknown": "headway.scanner",
    "Unreadable": "headway.scanner",
}


def __getattr__(name: str) -> Any:
    """Import a public class on first use, because most commands load no plugins.

    Raises:
        AttributeError: The name is not in `__all__`.
    """
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_MODULES[name]), name)
    return value
