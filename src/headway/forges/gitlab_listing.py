"""List the projects of a GitLab group, through GraphQL or, as a fallback, through REST."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from headway.forges.forge_errors import (
    AccountNotFoundError,
    ForgeTrouble,
    GraphqlUnavailableError,
    RepeatedFailure,
)
from headway.forges.gitlab_client import GitlabClient
from headway.forges.gitlab_records import GRAPHQL_FIELDS, SIZE_FIELD, GitlabRecords
from headway.forges.graphql_errors import error_messages, refuses_sizes
from headway.forges.json_fields import (
    UnexpectedResponse,
    flag,
    inside,
    mapping,
    number,
    number_or_none,
    sequence,
    text,
)
from headway.forges.page_size import PageSize
from headway.forges.paging import Page
from headway.forges.retry import Response
from headway.model.repository import Repository, Unlisted

_GROUP = """
query($path: ID!, $after: String) { group(fullPath: $path) {
  projects(includeSubgroups: true, first: %d, after: $after) {
    count pageInfo { hasNextPage endCursor } nodes { %s } } } }
"""
_MOST_FAILURES = 3
_PAGE_SIZES = (100, 50, 20, 5)
_HIDDEN = "the repository is disabled, or this token has no permission to read it"


@dataclass(slots=True)
class GitlabGraphql:
    """Lists projects through GraphQL."""

    client: GitlabClient
    records: GitlabRecords
    source: str
    """The source's ID, for error messages."""
    page_size: PageSize = field(default_factory=lambda: PageSize(_PAGE_SIZES))
    with_sizes: bool = True
    """Whether to request repository sizes. Old servers can reject such a request."""

    def page(self, group: str, after: str | None) -> Page:
        """Read one page of a group's projects.

        Raises `AccountNotFoundError`, `GraphqlUnavailableError`, and the errors of
        `GitlabClient.graphql`.
        """
        response = self._request(group, after)
        found = inside(response.body, "data", "group")
        problems = error_messages(response)
        if not isinstance(found, dict):
            if problems:
                raise ForgeTrouble("; ".join(problems))
            raise AccountNotFoundError(self.source, "group", group)
        projects = mapping(found.get("projects"), "projects")
        page_info = mapping(projects.get("pageInfo"), "pageInfo")
        nodes = sequence(projects.get("nodes"), "nodes")
        if not problems:
            # In a response without errors, `null` stands for a project that is hidden from this
            # token.
            nodes = [node for node in nodes if node is not None]
        repositories, unlisted, unreadable = _read(nodes, self.records, self.records.from_graphql)
        more = flag(page_info, "hasNextPage")
        return Page(
            repositories,
            unlisted,
            total=number_or_none(projects, "count"),
            after=text(page_info, "endCursor") if more else None,
            announced=int(more),
            problems=(*problems, *unreadable),
        )

    def _request(self, group: str, after: str | None) -> Response:
        def query(size: int) -> tuple[str, Mapping[str, str | None]]:
            fields = f"{GRAPHQL_FIELDS} {SIZE_FIELD if self.with_sizes else ''}"
            return _GROUP % (size, fields), {"path": group, "after": after}

        response = self.page_size.request(self.client, query)
        if self.with_sizes and refuses_sizes(response):
            self.with_sizes = False
            self.page_size = PageSize(_PAGE_SIZES)
            response = self.page_size.request(self.client, query)
        self._check(response, " ".join(error_messages(response)).lower())
        return response

    def _check(self, response: Response, errors: str) -> None:
        if response.status in (403, 404, 405):
            raise GraphqlUnavailableError("GraphQL is not available on this server")
        if response.status >= 400:
            raise ForgeTrouble(f"the forge responded with status {response.status}")
        if inside(response.body, "data") is None:
            if "doesn't exist on type" in errors or "complexity" in errors:
                raise GraphqlUnavailableError("this server does not accept the query")
            raise ForgeTrouble("; ".join(error_messages(response)) or "the forge sent no data")


@dataclass(frozen=True, slots=True)
class GitlabRest:
    """Lists projects through REST. Its group listings have numbered pages but no cursors."""

    client: GitlabClient
    records: GitlabRecords
    source: str
    """The source's ID, for error messages."""
    languages: dict[int, object] = field(default_factory=dict)
    """The languages of each project by project ID, or None if GitLab did not send them. Reading
    them takes one request per project.
    """

    def page(self, group: str, after: str | None) -> Page:
        """Read one page of a group's projects. `after` is the number of the page.

        Raises `AccountNotFoundError`, and the errors of `GitlabClient.get`.
        """
        page_number = int(after or "1")
        response = self._request(group, page_number)
        entries = sequence(response.body, "list of projects")
        repositories, unlisted, problems = _read(entries, self.records, self._describe)
        total = response.headers.get("x-total", "")
        full = len(entries) >= _PAGE_SIZES[0]
        following = response.headers.get("x-next-page", "")
        announced = int(following.isdecimal())
        if not following.isdecimal():
            following = str(page_number + 1) if full else ""
        return Page(
            repositories,
            unlisted,
            total=int(total) if total.isdecimal() else None,
            after=following or None,
            announced=announced,
            problems=problems,
        )

    def finds_exactly(self, group: str, keys: frozenset[str], *, descending: bool) -> bool:
        """Return whether a second listing contains exactly the given keys.

        GitLab applies the token's permissions before it divides this listing into pages, so every
        announced page has entries. `descending` must reverse the order of the first listing, so
        that a fault at the end of either listing is noticed.
        """
        found: set[str] = set()
        page_number, announced = 1, False
        while True:
            try:
                response = self._request(group, page_number, descending=descending)
                entries = sequence(response.body, "list of projects")
                ids = {number(mapping(entry, "project"), "id") for entry in entries}
            except (ForgeTrouble, AccountNotFoundError):
                return False
            new = {self.records.address.key(identity) for identity in ids} - found
            if announced and not new:
                return False
            found |= new
            announced = bool(response.headers.get("x-next-page", ""))
            if not new or not (announced or len(entries) >= _PAGE_SIZES[0]):
                return found == keys
            page_number += 1

    def _request(self, group: str, page_number: int, *, descending: bool = False) -> Response:
        response = self.client.get(
            f"/groups/{quote(group, safe='')}/projects",
            {
                "include_subgroups": True,
                "with_shared": False,
                "statistics": True,
                "order_by": "id",
                "sort": "desc" if descending else "asc",
                "per_page": _PAGE_SIZES[0],
                "page": page_number,
            },
        )
        if response.status == 404:
            raise AccountNotFoundError(self.source, "group", group)
        if response.status != 200:
            raise ForgeTrouble(f"the forge responded with status {response.status}")
        return response

    def _describe(self, entry: Mapping[str, object]) -> Repository:
        identity = number(entry, "id")
        repository = self.records.from_rest(entry, {})
        if repository.empty or repository.disabled:
            return repository
        if identity not in self.languages:
            self.languages[identity] = self._read_languages(identity)
        return self.records.from_rest(entry, self.languages[identity])

    def _read_languages(self, identity: int) -> object:
        """Return the languages of a project, or None if GitLab does not send them.

        Raises `ForgeTrouble` if GitLab fails for several projects, because each further request
        would also be retried and fail.
        """
        try:
            response = self.client.get(f"/projects/{identity}/languages")
        except RepeatedFailure:
            if list(self.languages.values()).count(None) >= _MOST_FAILURES:
                raise
            return None
        return response.body if response.status == 200 else None


def _read(
    values: Sequence[object],
    records: GitlabRecords,
    describe: Callable[[Mapping[str, object]], Repository],
) -> tuple[tuple[Repository, ...], tuple[Unlisted, ...], tuple[str, ...]]:
    repositories, unlisted, problems = [], [], []
    for value in values:
        node = value if isinstance(value, dict) else {}
        try:
            repositories.append(describe(node))
        except UnexpectedResponse as error:
            hidden = "repository" in node and node["repository"] is None
            try:
                entry = records.unlisted(node, _HIDDEN if hidden else str(error))
                unlisted.append(replace(entry, lacks_repository=hidden))
            except UnexpectedResponse:
                problems.append(
                    "the listing contains an entry that this token has no permission to read"
                )
    return tuple(repositories), tuple(unlisted), tuple(problems)
