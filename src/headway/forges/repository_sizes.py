"""The sizes of repositories, as reported by their forges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from urllib.parse import quote

from headway.forges.address import Address
from headway.forges.forge_errors import ForgeTrouble
from headway.forges.github_client import GithubClient
from headway.forges.gitlab_client import GitlabClient
from headway.forges.gitlab_records import SIZE_FIELD, stated_size
from headway.forges.json_fields import (
    flag,
    inside,
    mapping,
    number_or_none,
    sequence,
    size_or_none,
    text,
)
from headway.forges.page_size import GraphqlClient, PageSize

_PAGE_SIZES = (100, 25, 5)
_PAGE_SIZE = 100
_MOST_PAGES = 1_000
_KILOBYTE = 1_000
_GITHUB = """
query($login: String!, $after: String) { %s(login: $login) {
  repositories(first: %d, after: $after, ownerAffiliations: [OWNER],
               orderBy: {field: CREATED_AT, direction: ASC}) {
    pageInfo { hasNextPage endCursor } nodes { databaseId diskUsage } } } }
"""
_GITLAB = """
query($path: ID!, $after: String) { group(fullPath: $path) {
  projects(includeSubgroups: true, first: %d, after: $after) {
    pageInfo { hasNextPage endCursor } nodes { id %s } } } }
"""

Sizes = dict[str, int]
"""Sizes in bytes, by repository key. Repositories whose size the forge does not report are missing.
"""


def github_sizes(
    client: GithubClient, address: Address, kind: str, login: str, names: Sequence[str] = ()
) -> Sizes:
    """Read the sizes of the repositories of an account, or of the named repositories.

    Args:
        client: The connection to GitHub.
        address: The base URLs of GitHub.
        kind: `organization` or `user`. Not used if names are given.
        login: The name of the account. Not used if names are given.
        names: The full names of the repositories. An empty sequence means all repositories of the
            account.
    """

    def query(after: str | None, size: int) -> tuple[str, Mapping[str, str | None]]:
        return _GITHUB % (kind, size), {"login": login, "after": after}

    def pages() -> Iterator[Sequence[object]]:
        if names:
            for name in names:
                yield [client.get(f"/repos/{name}").body]
            return
        collection = "orgs" if kind == "organization" else "users"
        yield from _pages(
            _graphql_pages(client, query, kind, "repositories"),
            lambda page: (
                client.get(f"/{collection}/{login}/repos", per_page=_PAGE_SIZE, page=page).body
            ),
        )

    sizes: Sizes = {}
    for entry in _entries(pages()):
        identity = number_or_none(entry, "databaseId") or number_or_none(entry, "id")
        kilobytes = entry.get("diskUsage")
        size = size_or_none(kilobytes if kilobytes is not None else entry.get("size"), _KILOBYTE)
        if identity is not None and size is not None:
            sizes[address.key(identity)] = size
    return sizes


def gitlab_sizes(client: GitlabClient, address: Address, group: str) -> Sizes:
    """Read the sizes of a group's projects. GitLab reports sizes only to members of a project."""

    def query(after: str | None, size: int) -> tuple[str, Mapping[str, str | None]]:
        return _GITLAB % (size, SIZE_FIELD), {"path": group, "after": after}

    def pages() -> Iterator[Sequence[object]]:
        yield from _pages(
            _graphql_pages(client, query, "group", "projects"),
            lambda page: (
                client.get(
                    f"/groups/{quote(group, safe='')}/projects",
                    {
                        "include_subgroups": True,
                        "with_shared": False,
                        "statistics": True,
                        "per_page": _PAGE_SIZE,
                        "page": page,
                    },
                ).body
            ),
        )

    sizes: Sizes = {}
    for entry in _entries(pages()):
        last = str(entry.get("id", "")).rpartition("/")[2]
        size = stated_size(entry)
        if last.isascii() and last.isdigit() and size is not None:
            sizes[address.key(int(last))] = size
    return sizes


def _entries(pages: Iterator[Sequence[object]]) -> Iterator[Mapping[str, object]]:
    """Yield the entries of all pages until the forge fails."""
    try:
        for page in pages:
            yield from (entry for entry in page if isinstance(entry, dict))
    except ForgeTrouble:
        return


def _pages(
    graphql: Iterator[Sequence[object]], read_rest: Callable[[int], object]
) -> Iterator[Sequence[object]]:
    """Yield the pages from GraphQL, or from REST if GraphQL is unavailable."""
    is_available = False
    for nodes in graphql:
        is_available = True
        yield nodes
    previous: object = None
    for number in range(1, _MOST_PAGES if not is_available else 1):
        page = read_rest(number)
        if not isinstance(page, list) or not page or page == previous:
            return
        yield page
        previous = page


def _graphql_pages(
    client: GraphqlClient,
    query: Callable[[str | None, int], tuple[str, Mapping[str, str | None]]],
    holder: str,
    connection: str,
) -> Iterator[Sequence[object]]:
    """Yield the nodes of each page. Yield nothing if GraphQL is unavailable."""
    after: str | None = None
    size = PageSize(_PAGE_SIZES)
    for _ in range(_MOST_PAGES):
        response = size.request(client, partial(query, after))
        found = inside(response.body, "data", holder, connection)
        if not isinstance(found, dict):
            return
        yield sequence(found.get("nodes"), "nodes")
        page = mapping(found.get("pageInfo"), "pageInfo")
        if not flag(page, "hasNextPage"):
            return
        after = text(page, "endCursor")
