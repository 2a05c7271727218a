"""Hold out a third of the migrations. It is not used to choose or fit a method.

The split is made by organisation, because migrations of one organisation have the same developers.
It depends only on the name of the organisation, so it was fixed before any migration was counted.
Constants are chosen only on the other two thirds, the training set. The third that is held
out is used only to judge forecasts for docs/forecast.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

SALT = "kept out: "
"""Part of the input of the hash. A different salt would hold out other organisations."""


def is_held_out(organisation: str) -> bool:
    """Return whether the migrations of this organisation are held out."""
    digest = hashlib.sha256((SALT + organisation.lower()).encode()).hexdigest()
    return int(digest, 16) % 3 == 0


def organisation_of(migration: str, repositories: Iterable[str]) -> str:
    """Return the organisation of a migration, or the first word of its ID if it has several.

    Args:
        migration: The ID of the migration.
        repositories: The names of its repositories, each with the owner.
    """
    owners = {repository.partition("/")[0] for repository in repositories}
    return owners.pop() if len(owners) == 1 else migration.partition("-")[0]
