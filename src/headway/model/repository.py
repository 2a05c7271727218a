"""Repositories, and the listings of sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Visibility = Literal["public", "internal", "private", "unknown"]
LinkStyle = Literal["github", "gitlab", "none"]


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository, as listed by its source."""

    key: str
    """`HOST/ID`, where `ID` is the repository's numeric ID on the forge, or `local/PATH` for a
    local repository.

    Renaming a repository on its forge does not change the key.
    """
    name: str
    """`owner/name` on a forge, or the path below the source's folder for a local repository."""
    source: str
    """The ID of the source that listed the repository."""
    clone_url: str
    """The URL to fetch from, or an absolute path for a local repository."""
    default_branch: str | None = None
    """The branch to scan, or None if the repository is empty or HEAD is not a branch."""
    tip: str | None = None
    """The latest commit on the default branch at the time of the listing, or None if unknown."""
    web_url: str | None = None
    """The URL of the web page, without a trailing slash or credentials, or None if it is unknown.
    """
    link_style: LinkStyle = "none"
    """The format of the URLs below `web_url` that link to lines of files."""
    visibility: Visibility = "unknown"
    archived: bool = False
    fork: bool = False
    template: bool = False
    empty: bool = False
    disabled: bool = False
    topics: tuple[str, ...] = ()
    """Topics in lower case, sorted."""
    languages: tuple[str, ...] = ()
    """Programming languages in lower case, sorted."""
    groups: tuple[str, ...] = ()
    """The groups or teams that own the repository on its forge, in lower case, sorted."""
    size: int | None = field(default=None, compare=False)
    """The size that the forge reports, in bytes, or None if it is unknown. It is not stored."""
    has_all_languages: bool = field(default=True, compare=False)
    """Whether the forge listed all languages. This value is not stored."""


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A repository that exists but whose details could not be read."""

    key: str
    name: str
    reason: str
    lacks_repository: bool = False
    """Whether the forge listed the project but not its git repository, which is disabled or hidden
    from this token.
    """


@dataclass(frozen=True, slots=True)
class Lookup:
    """A forge's response to a request for a repository with a given ID."""

    repository: Repository | None = None
    """The forge's current description of the repository, or None if the forge sent none."""
    departure: str | None = None
    """The reason why the repository no longer belongs to its source, as a phrase. None if this is
    not certain.
    """
    reason: str = ""
    """The reason why the forge gave no definite answer, as a phrase. Empty if it gave one."""
    not_visible: bool = False
    """Whether the forge answered that the repository does not exist or is hidden from this token.
    """


@dataclass(frozen=True, slots=True)
class Listing:
    """The repositories that one source listed."""

    source: str
    """The source's ID."""
    repositories: tuple[Repository, ...]
    complete: bool = True
    """Whether the listing contains every repository of the source.

    A repository that is missing from an incomplete listing is unknown. Only a complete listing can
    show that a repository is gone.
    """
    problems: tuple[str, ...] = ()
    """The reasons why the listing is incomplete, one sentence each."""
    unlisted: tuple[Unlisted, ...] = ()
    groups_unknown: str | None = None
    """A sentence that explains why the groups of repositories are unknown, or None if they are
    known.
    """
    definite: bool = False
    """Whether a repository that is missing from this listing is certainly gone if the listing is
    complete.

    This is true if the source is a folder or a file that the user writes. It is false for a forge,
    because a forge also omits repositories that the token is no longer allowed to see.
    """
    hidden: int = 0
    """The number of further repositories that the forge counts but does not show to this token."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """Maps a repository's key to a note about the branch that scans read."""


def branch_notes(listings: Iterable[Listing]) -> Iterator[str]:
    """Yield the notes of all listings, each preceded by the name of the repository."""
    for listing in listings:
        for repository in listing.repositories:
            if repository.key in listing.notes:
                yield f"{repository.name}: {listing.notes[repository.key]}"


def hidden_notes(listings: Iterable[Listing]) -> Iterator[str]:
    """Yield a sentence for each source with repositories that its token is not allowed to see."""
    for listing in listings:
        if listing.hidden:
            what, them = _repositories(listing.hidden), _them(listing.hidden)
            yield (
                f"{listing.source}: this token cannot see {what} of this source, so the numbers "
                f"do not include {them}; to include {them}, give the token access"
            )


def hidden_sentence(count: int) -> str:
    """Return a sentence about hidden repositories for the pages, without the source's name."""
    return (
        f"The scan cannot see {_repositories(count)}, so the numbers do not include {_them(count)}."
    )


def _them(count: int) -> str:
    return "it" if count == 1 else "them"


def _repositories(count: int) -> str:
    return "1 repository" if count == 1 else f"{count:,} repositories"
