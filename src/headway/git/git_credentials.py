"""Pass the token of a forge to git."""

from __future__ import annotations

import base64

from headway.git.remote import Access

_PROACTIVE_AUTH_SINCE = (2, 46)
"""The first version of git that can send a token with the first request."""
_HELPER = (
    """!printf 'username=%s\\npassword=%s\\n' "$HEADWAY_GIT_USERNAME" "$HEADWAY_GIT_PASSWORD" #"""
)
"""A credential helper. Git appends an argument, which the final `#` turns into a comment."""


def credentials(
    access: Access | None, version: tuple[int, int]
) -> tuple[tuple[tuple[str, str], ...], dict[str, str]]:
    """Return git settings and environment variables that contain a token for one host.

    The settings make git send the token with its first request. By default, git first tries without
    a token, and GitLab bans IP addresses after too many failed authentications. Git 2.46 and later
    has a setting for this purpose. Older versions receive the complete header.
    """
    if access is None:
        return (), {}
    if version >= _PROACTIVE_AUTH_SINCE:
        helper = (f"credential.{access.base}.helper", _HELPER)
        variables = {
            "HEADWAY_GIT_USERNAME": access.username,
            "HEADWAY_GIT_PASSWORD": access.password,
        }
        return (helper, ("http.proactiveAuth", "basic")), variables
    pair = base64.b64encode(f"{access.username}:{access.password}".encode()).decode("ascii")
    return ((f"http.{access.base}/.extraHeader", f"Authorization: Basic {pair}"),), {}
