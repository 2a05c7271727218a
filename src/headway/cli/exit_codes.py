"""Exit codes of the `headway` command; docs/commands.md documents them."""

from __future__ import annotations

OK = 0
ERROR = 1
"""An error that the user can fix, or a crash."""

UNKNOWN = 3
"""The command finished, but something could not be listed or read. Click itself uses 2."""

INTERRUPTED = 130
"""Ctrl-C, unless a signal handler knows a more specific code."""
