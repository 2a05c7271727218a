"""Who reads the pages, and which repositories they may see."""

from __future__ import annotations

from typing import Literal

from headway.model.repository import Visibility

Audience = Literal["public", "internal", "private"]


AUDIENCES: tuple[Audience, ...] = ("public", "internal", "private")


# a clone whose forge is not asked is at least not known to be public
_SEEN_BY: dict[Visibility, int] = {"public": 0, "internal": 1, "unknown": 1, "private": 2}


def may_see(visibility: Visibility, audience: Audience) -> bool:
    """Whether everybody in the audience can see such a repository.

    public: anybody. internal: everybody of the organisation. private: only readers who may see
    all of its repositories.
    """
    return AUDIENCES.index(audience) >= _SEEN_BY[visibility]
