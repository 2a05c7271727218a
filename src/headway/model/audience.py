"""Audiences of the pages, and the repositories that each audience is allowed to see."""

from __future__ import annotations

from typing import Literal

from headway.model.repository import Visibility

Audience = Literal["public", "internal", "private"]
"""The readers of the pages: anybody, the whole organisation, or people who are allowed to see
everything.
"""

AUDIENCES: tuple[Audience, ...] = ("public", "internal", "private")
"""All audiences, from the widest to the narrowest."""

HIDDEN = "a repository that some readers are not allowed to see"
"""The text that replaces the name of a hidden repository."""

_WIDEST_AUDIENCE: dict[Visibility, Audience] = {
    "public": "public",
    "internal": "internal",
    # The visibility of a local clone is unknown. The original repository may be private, so do not
    # show the clone to the public.
    "unknown": "internal",
    "private": "private",
}


def may_see(visibility: Visibility, audience: Audience) -> bool:
    """Return whether the whole audience is allowed to see a repository with this visibility."""
    return AUDIENCES.index(audience) >= AUDIENCES.index(_WIDEST_AUDIENCE[visibility])
