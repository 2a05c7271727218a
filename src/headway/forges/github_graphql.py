"""List GitHub repositories through GraphQL: up to 100 repositories with their tips per request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, NoReturn

from headway.forges.forge_errors import (
    AccountNotFoundError,
    ForgeTrouble,
    GraphqlUnavailableError,
    SignOnError,
)
from headway.forges.github_client import GithubClient
from headway.forges.github_records import GRAPHQL_FIELDS, GithubRecords
from headway.forges.graphql_errors import error_messages, graphql_errors
from headway.forges.json_fields import (
    UnexpectedResponse,
    flag,
    inside,
    mapping,
    number_or_none,
    sequence,
    text,
    text_or_none,
)
from headway.forges.page_size import PageSize
from headway.forges.paging import Found, Page
from headway.forges.retry import Response
from headway.model.repository import Repository, Unlisted

AccountKind = Literal["organization", "user"]

_ACCOUNT = """
query($login: String!, $after: String) { %s(login: $login) {
  repositories(first: %d, after: $after, ownerAffiliations: [OWNER],
               orderBy: {field: CREATED_AT, direction: ASC}) {
    totalCount pageInfo { hasNextPage endCursor } nodes { %s } } } }
"""
_NAMED = "r%d: repository(owner: $o%d, name: $n%d) { %s }"
_PAGE_SIZES = (100, 25, 5)
_NAMES_PER_REQUEST = (50, 10, 1)


@dataclass(slots=True)
class GithubGraphql:
    """Lists repositories through GraphQL."""

    client: GithubClient
    records: GithubRecords
    source: str
    """The source's ID, for error messages."""
    page_size: PageSize = field(default_factory=lambda: PageSize(_PAGE_SIZES))
    """The number of repositories per request when an account is listed."""
    batch_size: PageSize = field(default_factory=lambda: PageSize(_NAMES_PER_REQUEST))
    """The number of repositories per request when they are looked up by name."""

    def account_page(self, kind: AccountKind, login: str, after: str | None) -> Page:
        """Read one page of the repositories that an organisation or a user owns.

        Raises `AccountNotFoundError`, `SignOnError`, `GraphqlUnavailableError`, and the errors of
        `GithubClient.graphql`.
        """
        response = self._request_account(kind, login, after)
        problems = _problems(response)
        account = inside(response.body, "data", kind)
        if not isinstance(account, dict):
            self._raise_absence(response, kind, login)
        connection = mapping(inside(account, "repositories"), "repositories")
        page_info = mapping(connection.get("pageInfo"), "pageInfo")
        repositories, unlisted, unreadable = self._read(sequence(connection.get("nodes"), "nodes"))
        more = flag(page_info, "hasNextPage")
        return Page(
            repositories,
            unlisted,
            total=number_or_none(connection, "totalCount"),
            after=text(page_info, "endCursor") if more else None,
            announced=int(more),
            problems=(*problems, *unreadable),
        )

    def named(self, names: Sequence[str]) -> Found:
        """Read the named repositories. Report a problem for each repository that is not found."""
        found = Found({}, {})
        problems: list[str] = []
        rest = names
        while rest:
            try:
                response = self.batch_size.request(self.client, partial(_named_query, rest))
                self._check_usable(response)
            except ForgeTrouble as trouble:
                problems.append(str(trouble))
                break
            batch, rest = rest[: self.batch_size.current], rest[self.batch_size.current :]
            problems += _problems(response, ignore="NOT_FOUND")
            for index, name in enumerate(batch):
                node = inside(response.body, "data", f"r{index}")
                if node is None:
                    problems.append(not_found(name))
                    continue
                repositories, unlisted, unreadable = self._read([node])
                found.repositories.update((entry.key, entry) for entry in repositories)
                found.unlisted.update((entry.key, entry) for entry in unlisted)
                problems += unreadable
        return Found(found.repositories, found.unlisted, tuple(problems))

    def _request_account(self, kind: AccountKind, login: str, after: str | None) -> Response:
        def query(size: int) -> tuple[str, Mapping[str, str | None]]:
            return _ACCOUNT % (kind, size, GRAPHQL_FIELDS), {"login": login, "after": after}

        response = self.page_size.request(self.client, query)
        self._check_usable(response)
        return response

    def _check_usable(self, response: Response) -> None:
        data = inside(response.body, "data")
        if response.status in (404, 405, 410) or (
            response.status == 200 and _query_was_refused(response)
        ):
            raise GraphqlUnavailableError("GraphQL is not available on this server")
        if response.status >= 400:
            raise ForgeTrouble(f"the forge responded with status {response.status}")
        if not isinstance(data, dict):
            raise ForgeTrouble("; ".join(_problems(response)) or "the forge sent no data")

    def _raise_absence(self, response: Response, kind: AccountKind, login: str) -> NoReturn:
        kinds = {text_or_none(error, "type") for error in graphql_errors(response)}
        if any(
            inside(error, "extensions", "saml_failure") is True
            for error in graphql_errors(response)
        ):
            raise SignOnError(self.source)
        if kinds <= {"NOT_FOUND"}:
            raise AccountNotFoundError(self.source, kind, login)
        raise ForgeTrouble("; ".join(_problems(response)))

    def _read(
        self, nodes: Sequence[object]
    ) -> tuple[tuple[Repository, ...], tuple[Unlisted, ...], tuple[str, ...]]:
        repositories, unlisted, problems = [], [], []
        for node in nodes:
            if not isinstance(node, dict):
                problems.append(
                    "the listing contains an entry that this token has no permission to read"
                )
                continue
            try:
                repositories.append(self.records.from_graphql(node))
            except UnexpectedResponse as error:
                try:
                    unlisted.append(self.records.unlisted(node, str(error)))
                except UnexpectedResponse:
                    problems.append(str(error))
        return tuple(repositories), tuple(unlisted), tuple(problems)


def not_found(name: str) -> str:
    """Return the problem for a configured repository that GitHub did not return."""
    return f"{name} was not found, or this token has no permission to read it"


def sign_on_problem(response: Response) -> str | None:
    """Return the problem in the `X-GitHub-SSO` header, or None if the header is missing."""
    if "x-github-sso" in response.headers:
        return "the token is not authorised for the organisation's single sign-on"
    return None


def _named_query(names: Sequence[str], size: int) -> tuple[str, Mapping[str, str | None]]:
    """Return a query for the first `size` repositories, and its variables.

    The alias of each repository is `r` followed by its position in `names`.
    """
    fields, declared = [], []
    variables: dict[str, str | None] = {}
    for index, name in enumerate(names[:size]):
        owner, _, repository = name.partition("/")
        variables |= {f"o{index}": owner, f"n{index}": repository}
        declared.append(f"$o{index}: String!, $n{index}: String!")
        fields.append(_NAMED % (index, index, index, GRAPHQL_FIELDS))
    return f"query({', '.join(declared)}) {{ {' '.join(fields)} }}", variables


def _problems(response: Response, ignore: str | None = None) -> list[str]:
    problems = error_messages(response, ignore)
    sign_on = sign_on_problem(response)
    return [*problems, sign_on] if sign_on else problems


def _query_was_refused(response: Response) -> bool:
    """Return whether the server rejected the query, for example for an unknown field."""
    return inside(response.body, "data") is None and any(
        inside(error, "extensions", "code") in ("undefinedField", "argumentNotAccepted")
        for error in graphql_errors(response)
    )
