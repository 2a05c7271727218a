"""Exit codes of the `headway` command, as documented in docs/commands.md."""

from __future__ import annotations

OK = 0
ERROR = 1
"""The command failed with an error that the user can fix, or Headway crashed."""

UNKNOWN = 3
"""The command finished, but could not list a source or read a repository, or a check failed.

Click uses the code 2 for usage errors.
"""

INTERRUPTED = 130
"""The command was interrupted, and no signal handler has recorded a more specific code."""
