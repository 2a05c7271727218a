"""Repositories and listings, as sources describe them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Visibility = Literal["public", "internal", "private", "unknown"]
LinkStyle = Literal["github", "gitlab", "none"]


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository as its source listed it.

    key: `HOST/ID` with the forge's numeric id, or `local/PATH`: never changes with the name.
    name: `owner/name` on a forge; the path below the source's folder for a local one.
    clone_url: what git fetches from; an absolute path for a local repository.
    default_branch: None when there is none (an empty repository, a HEAD that points nowhere).
    tip: commit id that the default branch stood at when listed, or None when not known.
    web_url: page of the repository without a trailing slash, or None; never with credentials.
    link_style: how `web_url` continues to a line of a file.
    topics, languages, groups: lower case, sorted; groups are the forge's owning groups or teams.
    """

    key: str
    name: str
    source: str
    clone_url: str
    default_branch: str | None = None
    tip: str | None = None
    web_url: str | None = None
    link_style: LinkStyle = "none"
    visibility: Visibility = "unknown"
    archived: bool = False
    fork: bool = False
    template: bool = False
    empty: bool = False
    disabled: bool = False
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A repository that is there but could not be described, and why."""

    key: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What one source said.

    complete: whether nothing can be missing. What is absent from an incomplete listing is
    unknown; only absence from a complete one means gone. `problems` says why it is incomplete,
    one sentence each. groups_unknown: why the repositories come without their groups, a sentence;
    None when they come with them.
    """

    source: str
    repositories: tuple[Repository, ...]
    complete: bool = True
    problems: tuple[str, ...] = ()
    unlisted: tuple[Unlisted, ...] = ()
    groups_unknown: str | None = None
