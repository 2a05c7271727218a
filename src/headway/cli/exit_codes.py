"""Exit codes of the `headway` command; docs/commands.md documents them."""

from __future__ import annotations

OK = 0
ERROR = 1
"""The command ended with an error that the user can fix, or it crashed."""

UNKNOWN = 3
"""The command finished, but a source could not be listed or a repository could not be read.

Code 2 is missing here because click uses it for wrong usage.
"""

INTERRUPTED = 130
"""The command was interrupted, and no signal handler has recorded a more specific code."""
