"""Headway's public API: the classes and functions that plugins import."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from headway.version import __version__

if TYPE_CHECKING:
    from headway.external_program import (
        NetworkNotBlockedError,
        ProgramError,
        ProgramLimits,
        ProgramResult,
        ProgramUnavailableError,
        network_can_be_blocked,
        require_program,
        run_program,
    )
    from headway.forges.source_plugin import SourceContext, SourcePlugin, SourceSettings
    from headway.model.repository import Listing, Repository
    from headway.scanner import (
        Checkout,
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
    "Checkout",
    "ContentScanner",
    "Listing",
    "Match",
    "NetworkNotBlockedError",
    "Options",
    "ProgramError",
    "ProgramLimits",
    "ProgramResult",
    "ProgramUnavailableError",
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
    "network_can_be_blocked",
    "require_program",
    "run_program",
]

_MODULES = {
    "Checkout": "headway.scanner",
    "ContentScanner": "headway.scanner",
    "Listing": "headway.model.repository",
    "Match": "headway.scanner",
    "NetworkNotBlockedError": "headway.external_program",
    "Options": "headway.scanner",
    "ProgramError": "headway.external_program",
    "ProgramLimits": "headway.external_program",
    "ProgramResult": "headway.external_program",
    "ProgramUnavailableError": "headway.external_program",
    "ProjectScanner": "headway.scanner",
    "Repository": "headway.model.repository",
    "RepositoryScanner": "headway.scanner",
    "SourceContext": "headway.forges.source_plugin",
    "SourcePlugin": "headway.forges.source_plugin",
    "SourceSettings": "headway.forges.source_plugin",
    "TreeScanner": "headway.scanner",
    "Unknown": "headway.scanner",
    "Unreadable": "headway.scanner",
    "network_can_be_blocked": "headway.external_program",
    "require_program": "headway.external_program",
    "run_program": "headway.external_program",
}


def __getattr__(name: str) -> Any:
    """Import a public class or function on first use, because most commands load no plugins.

    Raises:
        AttributeError: The name is not in `__all__`.
    """
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_MODULES[name]), name)
    return value
