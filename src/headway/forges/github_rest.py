"""List GitHub repositories through REST, for servers without GraphQL.

REST is slower than GraphQL and returns no tips. Its pages are numbered, so if a repository is
deleted during the listing, another repository can move to a page that was already read. All pages
are therefore read until two passes find the same repositories. GitHub can omit the `Link` header
that names the next page, so reading continues until a page is not full.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from headway.forges.forge_errors import AccountNotFoundError, ForgeTrouble, SignOnError
from headway.forges.github_client import GithubClient
from headway.forges.github_graphql import AccountKind, not_found, sign_on_problem
from headway.forges.github_records import GithubRecords
from headway.forges.json_fields import UnexpectedResponse, mapping, sequence
from headway.forges.paging import Found, Page
from headway.forges.retry import Response
from headway.model.repository import Repository, Unlisted

_PAGE_SIZE = 100
_NEXT = re.compile(r'<[^<>]*[?&]page=(\d{1,9})[^<>]*>\s*;\s*rel="next"')
_LAST = re.compile(r'<[^<>]*[?&]page=(\d{1,9})[^<>]*>\s*;\s*rel="last"')


@dataclass(frozen=True, slots=True)
class GithubRest:
    """Lists repositories through REST."""

    client: GithubClient
    records: GithubRecords
    source: str
    """The source's ID, for error messages."""
    pages: dict[tuple[str, int], tuple[str, Page]] = field(default_factory=dict)
    """The ETag and content of each page, by account and page number.

    GitHub does not send unchanged pages again.
    """

    def account_page(self, kind: AccountKind, login: str, after: str | None) -> Page:
        """Read one page of the repositories that an organisation or a user owns.

        `after` is the number of the page. Raises `AccountNotFoundError`, `SignOnError`, and the
        errors of `GithubClient.get`.
        """
        number = int(after or "1")
        etag, known = self.pages.get((login, number), (None, None))
        collection = "orgs" if kind == "organization" else "users"
        response = self.client.get(
            f"/{collection}/{login}/repos",
            unless=etag,
            type="all" if kind == "organization" else "owner",
            sort="created",
            direction="asc",
            per_page=_PAGE_SIZE,
            page=number,
        )
        if response.status == 304 and known is not None:
            return known
        self._check(response, kind, login)
        entries = sequence(response.body, "list of repositories")
        repositories, unlisted, problems = self._read(entries)
        if (sign_on := sign_on_problem(response)) is not None:
            problems.append(sign_on)
        if kind == "user":
            problems.append("without GraphQL, only the public repositories of a user are listed")
        page = Page(
            tuple(repositories),
            tuple(unlisted),
            after=_next_page(response, number, full=len(entries) >= _PAGE_SIZE),
            announced=_announced(response, number),
            problems=tuple(problems),
        )
        if "etag" in response.headers:
            self.pages[login, number] = response.headers["etag"], page
        return page

    def named(self, names: Sequence[str]) -> Found:
        """Read the named repositories. Report a problem for each repository that is not found."""
        found = Found({}, {})
        problems: list[str] = []
        for name in names:
            try:
                response = self.client.get(f"/repos/{name}")
                if response.status >= 400:
                    problems.append(not_found(name))
                    continue
                entry = self.records.from_rest(mapping(response.body, "repository"))
            except ForgeTrouble as trouble:
                problems.append(f"{name}: {trouble}")
                continue
            found.repositories[entry.key] = entry
        return Found(found.repositories, found.unlisted, tuple(problems))

    def _check(self, response: Response, kind: AccountKind, login: str) -> None:
        if response.status == 403 and "x-github-sso" in response.headers:
            raise SignOnError(self.source)
        if response.status == 404:
            raise AccountNotFoundError(self.source, kind, login)
        if response.status != 200:
            raise ForgeTrouble(f"the forge responded with status {response.status}")

    def _read(
        self, entries: Sequence[object]
    ) -> tuple[list[Repository], list[Unlisted], list[str]]:
        repositories, unlisted, problems = [], [], []
        for value in entries:
            entry: Mapping[str, object] = {}
            try:
                entry = mapping(value, "repository")
                repositories.append(self.records.from_rest(entry))
            except UnexpectedResponse as error:
                try:
                    unlisted.append(self.records.unlisted(entry, str(error)))
                except UnexpectedResponse:
                    problems.append(str(error))
        return repositories, unlisted, problems


def _announced(response: Response, number: int) -> int:
    """Return how many further pages the header announces. Each has at least one entry."""
    header = response.headers.get("link", "")
    following, last = _NEXT.search(header), _LAST.search(header)
    return max(0, int(last[1]) - number if last else 0, 1 if following else 0)


def _next_page(response: Response, number: int, *, full: bool) -> str | None:
    """Return the number of the next page, or None if this is the last page.

    A full page is never the last one, even if its header names no next page.
    """
    stated = _NEXT.search(response.headers.get("link", ""))
    if stated is not None:
        return stated[1]
    return str(number + 1) if full else None
