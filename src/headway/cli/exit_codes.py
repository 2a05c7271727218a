"""Exit codes of the `headway` command; docs/commands.md documents them."""

from __future__ import annotations

OK = 0
ERROR = 1
"""An error that the user can fix, or a crash."""

UNKNOWN = 3
"""The command finished, but something could not be listed or read. Click uses 2 itself."""

INTERRUPTED = 130
"""The command was interrupted; used if no signal handler recorded a more specific code."""
