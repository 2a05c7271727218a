"""Compute the ID of a git object from its type and content."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash


def begin_hash(kind: bytes, size: int, identity: str) -> _Hash:
    """Return the hash of an object's header, to be updated with the object's content.

    Args:
        kind: The type of the object, such as `blob`.
        size: The size of the content, in bytes.
        identity: The expected ID. Its length determines the hash algorithm.
    """
    algorithm = hashlib.sha256 if len(identity) == 64 else hashlib.sha1
    return algorithm(b"%b %d\0" % (kind, size), usedforsecurity=False)


def has_id(kind: bytes, content: bytes, identity: str) -> bool:
    """Return whether an ID matches the type and content of an object."""
    found = begin_hash(kind, len(content), identity)
    found.update(content)
    return found.hexdigest() == identity
