"""Repositories, and the listings of sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Visibility = Literal["public", "internal", "private", "unknown"]
LinkStyle = Literal["github", "gitlab", "none"]


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository, as listed by its source."""

    key: str
    """`HOST/ID` with the forge's numeric ID, or `local/PATH`. Renaming does not change the key."""
    name: str
    """`owner/name` on a forge; the path below the source's folder for a local repository."""
    source: str
    """Id of the source."""
    clone_url: str
    """The URL to fetch from; an absolute path for a local repository."""
    default_branch: str | None = None
    """The name of the branch to scan; None if the repository is empty or HEAD is not a branch."""
    tip: str | None = None
    """The commit ID of the default branch at the time of the listing; None if not known."""
    web_url: str | None = None
    """The URL of the repository's web page, without a trailing slash and without credentials."""
    link_style: LinkStyle = "none"
    """The form of links to lines of files below `web_url`."""
    visibility: Visibility = "unknown"
    archived: bool = False
    fork: bool = False
    template: bool = False
    empty: bool = False
    disabled: bool = False
    topics: tuple[str, ...] = ()
    """In lower case, sorted."""
    languages: tuple[str, ...] = ()
    """In lower case, sorted."""
    groups: tuple[str, ...] = ()
    """The forge's owning groups or teams, in lower case, sorted."""


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A repository that exists but could not be described, with the reason."""

    key: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The repositories that one source listed."""

    source: str
    """Id of the source."""
    repositories: tuple[Repository, ...]
    complete: bool = True
    """Whether the listing is complete, so that no repository can be missing.

    A repository that an incomplete listing lacks is unknown; only one that a complete listing
    lacks can be gone.
    """
    problems: tuple[str, ...] = ()
    """The reasons why the listing is incomplete, one sentence each."""
    unlisted: tuple[Unlisted, ...] = ()
    groups_unknown: str | None = None
    """A sentence that says why the repositories lack their groups; None if they have them."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """Repository key to a note about the branch that is scanned."""


def branch_notes(listings: Iterable[Listing]) -> Iterator[str]:
    """The notes of all listings, each with the name of its repository."""
    for listing in listings:
        for repository in listing.repositories:
            if repository.key in listing.notes:
                yield f"{repository.name}: {listing.notes[repository.key]}"
