"""Remove duplicate repositories and names from the listings of several sources."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from headway.model.repository import Listing, Repository, Unlisted

_LOCAL = "local:"
_Entry = TypeVar("_Entry", Repository, Unlisted)


def distinct_listings(
    listings: Sequence[Listing], known: Iterable[Repository] = ()
) -> list[Listing]:
    """Return the listings without duplicate repositories and names.

    The folder of one local source can contain the folder of another. If several local sources list
    the same repository, only the first listing keeps it. If repositories of different sources have
    the same name, the later name is prefixed with its source, as in `clones/shop`.

    Args:
        listings: The listings of all sources, in the order of headway.toml.
        known: Repositories that earlier scans listed. They keep their names if their source cannot
            be listed now.
    """
    order = {listing.source: position for position, listing in enumerate(listings)}
    names: dict[str, str] = {}
    for repository in sorted(known, key=lambda entry: order.get(entry.source, len(order))):
        if repository.source in order and not _is_listed(repository, listings):
            names.setdefault(repository.name, repository.source)
    several_local = sum(listing.source.startswith(_LOCAL) for listing in listings) > 1
    places: set[str] = set()
    distinct = []
    for listing in listings:
        # One local source lists each folder only once, so duplicates need several local sources.
        repositories = list(_first_seen(listing, places)) if several_local else listing.repositories
        own: dict[str, str] = {}
        entries: list[Repository | Unlisted] = [*repositories, *listing.unlisted]
        for entry in entries:
            own[entry.key] = _free_name(entry.name, listing.source, names, order)
            names[own[entry.key]] = listing.source
        distinct.append(
            replace(
                listing,
                repositories=tuple(_named(found, own[found.key]) for found in repositories),
                unlisted=tuple(_named(found, own[found.key]) for found in listing.unlisted),
            )
        )
    return distinct


def _named(entry: _Entry, name: str) -> _Entry:
    return entry if entry.name == name else replace(entry, name=name)


def _is_listed(repository: Repository, listings: Iterable[Listing]) -> bool:
    return any(listing.source == repository.source and listing.complete for listing in listings)


def _first_seen(listing: Listing, places: set[str]) -> Iterator[Repository]:
    """Yield repositories, but skip local folders in `places`. Add all others to `places`."""
    for repository in listing.repositories:
        if listing.source.startswith(_LOCAL):
            place = os.path.realpath(repository.clone_url)
            if place in places:
                continue
            places.add(place)
        yield repository


def _free_name(name: str, source: str, names: Mapping[str, str], order: Mapping[str, int]) -> str:
    """Return the name, prefixed with the source if an earlier source has the same name."""
    taken_by = names.get(name)
    if taken_by is None or order[taken_by] >= order[source]:
        return name
    label = source.partition(":")[2] or source
    folder = label.rstrip("/").rpartition("/")[2]
    for prefix in (folder, label, source):
        longer = f"{prefix}/{name}"
        if prefix.strip("./") and names.get(longer, source) == source:
            return longer
    return f"{source}/{name}"
