"""Headway's public API: what a scanner plugin imports, and nothing else."""

from headway.scanner import ContentScanner, Match, Options, RepositoryScanner, TreeScanner
from headway.version import __version__

__all__ = [
    "ContentScanner",
    "Match",
    "Options",
    "RepositoryScanner",
    "TreeScanner",
    "__version__",
]
