"""Audiences of the pages, and which repositories each may see."""

from __future__ import annotations

from typing import Literal

from headway.model.repository import Visibility

Audience = Literal["public", "internal", "private"]
"""Who reads the pages: anybody, members of the organisation, or people who may see all of it."""

AUDIENCES: tuple[Audience, ...] = ("public", "internal", "private")
"""Every audience, the widest first."""

_WIDEST_AUDIENCE: dict[Visibility, Audience] = {
    "public": "public",
    "internal": "internal",
    # a local clone may be of a repository that is not public
    "unknown": "internal",
    "private": "private",
}


def may_see(visibility: Visibility, audience: Audience) -> bool:
    """Whether everybody in the audience may see a repository of this visibility."""
    return AUDIENCES.index(audience) >= AUDIENCES.index(_WIDEST_AUDIENCE[visibility])
