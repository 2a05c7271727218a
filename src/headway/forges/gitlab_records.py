"""Convert GitLab's GraphQL and REST descriptions of projects to records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from headway.forges.address import Address, is_repository_name
from headway.forges.json_fields import (
    UnexpectedResponse,
    commit_id_or_none,
    flag,
    inside,
    is_number,
    mapping,
    number,
    size_or_none,
    text,
    text_or_none,
    visibility,
    words,
)
from headway.model.repository import Repository, Unlisted

_ID = re.compile(r"gid://gitlab/Project/(\d{1,18})\Z")

GRAPHQL_FIELDS = """
id fullPath archived visibility isForked topics languages { name }
repository { exists empty rootRef tree { lastCommit { sha } } }
"""
"""The fields that `GitlabRecords.from_graphql` requires.

Documentation: https://docs.gitlab.com/api/graphql/reference/#project and #repository.
"""
SIZE_FIELD = "statistics { repositorySize }"
"""The size of a project. GitLab reports it only to members of the project."""


@dataclass(frozen=True, slots=True)
class GitlabRecords:
    """Converts descriptions to the repository records of one source."""

    source: str
    address: Address

    def from_graphql(self, node: Mapping[str, object]) -> Repository:
        """Convert a GraphQL node.

        Raises `UnexpectedResponse` if a required field is missing or the repository is hidden.
        """
        name = _name(node, "fullPath")
        repository = node.get("repository")
        if not isinstance(repository, dict):
            raise UnexpectedResponse("repository")
        tip = commit_id_or_none(inside(repository, "tree", "lastCommit", "sha"))
        empty = flag(repository, "empty") or repository.get("exists") is False
        return Repository(
            key=self.address.key(_number(node)),
            name=name,
            source=self.source,
            clone_url=self.address.clone_url(name),
            default_branch=text_or_none(repository, "rootRef") if not empty else None,
            tip=tip,
            web_url=self.address.page(name),
            link_style="gitlab",
            visibility=visibility(text_or_none(node, "visibility")),
            archived=flag(node, "archived"),
            fork=flag(node, "isForked"),
            empty=empty,
            # `null` means that GitLab could not read the field, so the repository may have
            # languages.
            topics=words(node.get("topics"), "topics") if not empty else (),
            languages=words(node.get("languages"), "languages", "name") if not empty else (),
            groups=_group(name),
            size=stated_size(node) or None,
        )

    def from_rest(self, entry: Mapping[str, object], languages: object) -> Repository:
        """Convert a REST entry. REST provides no tip.

        Args:
            entry: A project as in https://docs.gitlab.com/api/groups/#list-projects.
            languages: The response to `/projects/ID/languages`. It is `{}` if GitLab recognises no
                language.

        Raises:
            UnexpectedResponse: A required field is missing.
        """
        identity, name = number(entry, "id"), _name(entry, "path_with_namespace")
        empty = flag(entry, "empty_repo")
        return Repository(
            key=self.address.key(identity),
            name=name,
            source=self.source,
            clone_url=self.address.clone_url(name),
            default_branch=text_or_none(entry, "default_branch") if not empty else None,
            web_url=self.address.page(name),
            link_style="gitlab",
            visibility=visibility(text_or_none(entry, "visibility")),
            archived=flag(entry, "archived"),
            fork=isinstance(entry.get("forked_from_project"), dict),
            empty=empty,
            disabled=entry.get("repository_access_level") == "disabled",
            topics=_topics(entry),
            languages=_languages(languages),
            groups=_group(name),
            size=stated_size(entry) or None,
        )

    def unlisted(self, node: Mapping[str, object], reason: str) -> Unlisted:
        """Return a record of an invalid entry. Raise `UnexpectedResponse` if it has no ID."""
        # A REST entry has a plain number. In a GraphQL node, a number is an invalid ID, and
        # recording it would add a repository that does not exist.
        is_rest = isinstance(node.get("id"), int) and "fullPath" not in node
        identity = number(node, "id") if is_rest else _number(node)
        name = text_or_none(node, "fullPath") or text_or_none(node, "path_with_namespace")
        return Unlisted(self.address.key(identity), name or f"project {identity}", reason)


def stated_size(entry: Mapping[str, object]) -> int | None:
    """Return the size in a GraphQL node or REST entry in bytes, or None if it is missing.

    A size of 0 means that the repository is empty or that GitLab has not computed its size.
    """
    size = inside(entry, "statistics", "repositorySize")
    return size_or_none(
        size if size is not None else inside(entry, "statistics", "repository_size")
    )


def _number(node: Mapping[str, object]) -> int:
    """Return the number at the end of an ID such as `gid://gitlab/Project/7`."""
    found = _ID.match(text(node, "id"))
    if found is None:
        raise UnexpectedResponse("id")
    return int(found[1])


def _name(holder: Mapping[str, object], key: str) -> str:
    name = text(holder, key)
    if not is_repository_name(name):
        raise UnexpectedResponse(key)
    return name


def _topics(entry: Mapping[str, object]) -> tuple[str, ...]:
    """Return the topics in a REST entry. Before version 14.0, GitLab called them `tag_list`."""
    return words(entry.get("topics", entry.get("tag_list")), "topics")


def _languages(response: object) -> tuple[str, ...]:
    """Return the languages in a response such as `{"Ruby": 66.69, "C": 33.31}`."""
    shares = mapping(response, "languages")
    if not all(is_number(share) for share in shares.values()):
        # The response is an error message, which is also a JSON object.
        raise UnexpectedResponse("languages")
    return words(list(shares), "languages")


def _group(name: str) -> tuple[str, ...]:
    return (name.rpartition("/")[0].lower(),)
