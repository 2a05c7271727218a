"""The arguments of `setup` that contain requirements."""

from __future__ import annotations

from .pyproject import BUILD

EXTRAS = "extras_require"
KEYWORDS = {
    "install_requires": "",
    "requires_dist": "",
    "tests_require": "tests",
    "setup_requires": BUILD,
    EXTRAS: "extras",
}
"""Maps each argument to the group of its requirements."""
