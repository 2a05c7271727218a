"""Repositories, and the listings of sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Visibility = Literal["public", "internal", "private", "unknown"]
LinkStyle = Literal["github", "gitlab", "none"]


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository as its source listed it."""

    key: str
    """`HOST/ID` with the forge's numeric id, or `local/PATH`; a rename does not change it."""
    name: str
    """`owner/name` on a forge; the path below the source's folder for a local repository."""
    source: str
    """Id of the source."""
    clone_url: str
    """Where git fetches from; an absolute path for a local repository."""
    default_branch: str | None = None
    """None for an empty repository, or if its HEAD points to no branch."""
    tip: str | None = None
    """Commit id of the default branch when it was listed; None if not known."""
    web_url: str | None = None
    """Its web page, without a trailing slash and without credentials."""
    link_style: LinkStyle = "none"
    """How links to lines of its files are built from `web_url`."""
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
    """A repository that exists but could not be described, and why."""

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
    """Whether no repository can be missing.

    A repository that an incomplete listing lacks is unknown; only one that a complete listing
    lacks can be gone.
    """
    problems: tuple[str, ...] = ()
    """Why the listing is incomplete, one sentence each."""
    unlisted: tuple[Unlisted, ...] = ()
    groups_unknown: str | None = None
    """A sentence that says why the repositories lack their groups; None if they have them."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """Repository key to what the user should know about the branch that is scanned."""


def branch_notes(listings: Iterable[Listing]) -> Iterator[str]:
    """The notes of all listings, each with the name of its repository."""
    for listing in listings:
        for repository in listing.repositories:
            if repository.key in listing.notes:
                yield f"{repository.name}: {listing.notes[repository.key]}"
