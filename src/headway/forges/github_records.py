"""Convert GitHub's GraphQL and REST descriptions of repositories to records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from headway.forges.address import Address, is_repository_name
from headway.forges.json_fields import (
    UnexpectedResponse,
    commit_id_or_none,
    flag,
    inside,
    number,
    size_or_none,
    text,
    text_or_none,
    visibility,
    words,
)
from headway.model.repository import Repository, Unlisted

_KILOBYTE = 1_000

GRAPHQL_FIELDS = """
databaseId nameWithOwner visibility isArchived isFork isTemplate isEmpty isDisabled diskUsage
defaultBranchRef { name target { oid } }
repositoryTopics(first: 20) { nodes { topic { name } } }
languages(first: 50, orderBy: {field: SIZE, direction: DESC}) { nodes { name } }
"""
"""The fields that `GithubRecords.from_graphql` reads. A repository has at most 20 topics."""


@dataclass(frozen=True, slots=True)
class GithubRecords:
    """Converts descriptions to the repository records of one source."""

    source: str
    address: Address

    def from_graphql(self, node: Mapping[str, object]) -> Repository:
        """Convert a GraphQL node. Raise `UnexpectedResponse` if a required field is missing."""
        identity, name = _identity(node, "databaseId", "nameWithOwner")
        branch = inside(node, "defaultBranchRef")
        empty = flag(node, "isEmpty")
        return Repository(
            key=self.address.key(identity),
            name=name,
            source=self.source,
            clone_url=self.address.clone_url(name),
            default_branch=text(branch, "name") if isinstance(branch, dict) else None,
            tip=commit_id_or_none(inside(branch, "target", "oid")),
            web_url=self.address.page(name),
            link_style="github",
            visibility=visibility(text_or_none(node, "visibility")),
            archived=flag(node, "isArchived"),
            fork=flag(node, "isFork"),
            template=flag(node, "isTemplate"),
            empty=empty,
            disabled=flag(node, "isDisabled"),
            topics=_words(node, "repositoryTopics", "topic", "name") if not empty else (),
            languages=_words(node, "languages", "name") if not empty else (),
            size=_size(node, "diskUsage"),
        )

    def from_rest(self, entry: Mapping[str, object]) -> Repository:
        """Convert a REST entry. REST provides only one language and no tip.

        Raises `UnexpectedResponse` if a required field is missing.
        """
        identity, name = _identity(entry, "id", "full_name")
        stated = text_or_none(entry, "visibility")
        if stated is None and isinstance(entry.get("private"), bool):
            stated = "private" if entry["private"] else "public"
        return Repository(
            key=self.address.key(identity),
            name=name,
            source=self.source,
            clone_url=self.address.clone_url(name),
            default_branch=text_or_none(entry, "default_branch"),
            web_url=self.address.page(name),
            link_style="github",
            visibility=visibility(stated),
            archived=flag(entry, "archived"),
            fork=flag(entry, "fork"),
            template=flag(entry, "is_template"),
            disabled=flag(entry, "disabled"),
            topics=words(entry.get("topics"), "topics"),
            languages=_main_language(entry),
            has_all_languages=False,
            size=_size(entry, "size"),
        )

    def unlisted(self, node: Mapping[str, object], reason: str) -> Unlisted:
        """Return a record of an invalid entry. Raise `UnexpectedResponse` if it has no ID."""
        identity = number(node, "databaseId" if "databaseId" in node else "id")
        name = text_or_none(node, "nameWithOwner") or text_or_none(node, "full_name")
        return Unlisted(self.address.key(identity), name or f"repository {identity}", reason)


def _words(node: Mapping[str, object], connection: str, *inner: str) -> tuple[str, ...]:
    """Return the strings in a GraphQL connection, which is a list such as the topics.

    Raises:
        UnexpectedResponse: The list is invalid, or `null` because GitHub failed to read it.
    """
    return words(inside(node, connection, "nodes"), connection, *inner)


def _main_language(entry: Mapping[str, object]) -> tuple[str, ...]:
    """Return the main language in a REST entry, if GitHub recognises one."""
    if "language" not in entry:
        raise UnexpectedResponse("language")
    return () if entry["language"] is None else words([entry["language"]], "language")


def _size(holder: Mapping[str, object], key: str) -> int | None:
    """Return a size in bytes, or None if it is missing or 0. A new repository has size 0."""
    return size_or_none(holder.get(key), _KILOBYTE) or None


def _identity(holder: Mapping[str, object], id_key: str, name_key: str) -> tuple[int, str]:
    """Return the ID and name of a repository. Raise `UnexpectedResponse` if they are invalid."""
    identity, name = number(holder, id_key), text(holder, name_key)
    if not is_repository_name(name, depth=2):
        raise UnexpectedResponse(name_key)
    return identity, name
