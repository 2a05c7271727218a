"""Listing GitHub through GraphQL: a hundred repositories and their tips with each request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NoReturn

from headway.forges.forge_errors import (
    AccountNotFoundError,
    ForgeTrouble,
    GraphqlUnavailableError,
    SignOnError,
)
from headway.forges.github_client import GithubClient
from headway.forges.github_records import GRAPHQL_FIELDS, GithubRecords
from headway.forges.json_fields import (
    UnexpectedAnswer,
    flag,
    inside,
    mapping,
    number_or_none,
    sequence,
    text,
    text_or_none,
)
from headway.forges.paging import Found, Page
from headway.forges.retry import Reply
from headway.model.repository import Repository, Unlisted

AccountKind = Literal["organization", "user"]

_ACCOUNT = """
query($login: String!, $after: String) { %s(login: $login) {
  repositories(first: %d, after: $after, ownerAffiliations: [OWNER],
               orderBy: {field: CREATED_AT, direction: ASC}) {
    totalCount pageInfo { hasNextPage endCursor } nodes { %s } } } }
"""
_NAMED = "r%d: repository(owner: $o%d, name: $n%d) { %s }"
_BATCH = 50
_PAGE_SIZES = (100, 25)


@dataclass(slots=True)
class GithubGraphql:
    """page_size: repositories asked for at once; made smaller when the forge does not manage."""

    client: GithubClient
    records: GithubRecords
    source: str
    page_size: int = _PAGE_SIZES[0]

    def account_page(self, kind: AccountKind, login: str, after: str | None) -> Page:
        """One page of what an organisation or a user owns.

        Raises `AccountNotFoundError`, `SignOnError`, `GraphqlUnavailableError` and other
        `ForgeTrouble`.
        """
        reply = self._ask_account(kind, login, after)
        problems = _problems(reply)
        account = inside(reply.body, "data", kind)
        if not isinstance(account, dict):
            self._explain_absence(reply, kind, login)
        connection = mapping(inside(account, "repositories"), "repositories")
        page_info = mapping(connection.get("pageInfo"), "pageInfo")
        repositories, unlisted, odd = self._read(sequence(connection.get("nodes"), "nodes"))
        more = flag(page_info, "hasNextPage")
        return Page(
            repositories,
            unlisted,
            total=number_or_none(connection, "totalCount"),
            after=text(page_info, "endCursor") if more else None,
            problems=(*problems, *odd),
        )

    def named(self, names: Sequence[str]) -> Found:
        """The repositories of these names; each that is not shown is a problem."""
        found = Found({}, {})
        problems: list[str] = []
        for start in range(0, len(names), _BATCH):
            batch = names[start : start + _BATCH]
            try:
                reply = self.client.graphql(*_named_query(batch))
                self._check_usable(reply)
            except ForgeTrouble as trouble:
                problems.append(str(trouble))
                break
            problems += _problems(reply, ignore="NOT_FOUND")
            for index, name in enumerate(batch):
                node = inside(reply.body, "data", f"r{index}")
                if node is None:
                    problems.append(not_shown(name))
                    continue
                repositories, unlisted, odd = self._read([node])
                found.repositories.update((entry.key, entry) for entry in repositories)
                found.unlisted.update((entry.key, entry) for entry in unlisted)
                problems += odd
        return Found(found.repositories, found.unlisted, tuple(problems))

    def _ask_account(self, kind: AccountKind, login: str, after: str | None) -> Reply:
        while True:
            query = _ACCOUNT % (kind, self.page_size, GRAPHQL_FIELDS)
            try:
                reply = self.client.graphql(query, {"login": login, "after": after})
            except ForgeTrouble:
                # GitHub cuts a request off after ten seconds: a smaller one may pass
                if self.page_size == _PAGE_SIZES[-1]:
                    raise
                self.page_size = _PAGE_SIZES[-1]
                continue
            self._check_usable(reply)
            return reply

    def _check_usable(self, reply: Reply) -> None:
        data = inside(reply.body, "data")
        if reply.status in (404, 405, 410) or (reply.status == 200 and _misunderstood(reply)):
            raise GraphqlUnavailableError("GraphQL is not available here")
        if reply.status >= 400:
            raise ForgeTrouble(f"the forge answers {reply.status}")
        if not isinstance(data, dict):
            said = "; ".join(_problems(reply)) or "no data came"
            raise ForgeTrouble(said)

    def _explain_absence(self, reply: Reply, kind: AccountKind, login: str) -> NoReturn:
        kinds = {text_or_none(error, "type") for error in _errors(reply)}
        if any(inside(error, "extensions", "saml_failure") is True for error in _errors(reply)):
            raise SignOnError(self.source)
        if kinds <= {"NOT_FOUND"}:
            raise AccountNotFoundError(self.source, kind, login)
        raise ForgeTrouble("; ".join(_problems(reply)))

    def _read(
        self, nodes: Sequence[object]
    ) -> tuple[tuple[Repository, ...], tuple[Unlisted, ...], tuple[str, ...]]:
        repositories, unlisted, problems = [], [], []
        for node in nodes:
            if not isinstance(node, dict):
                problems.append("the forge withholds a repository of the listing")
                continue
            try:
                repositories.append(self.records.from_graphql(node))
            except UnexpectedAnswer as error:
                try:
                    unlisted.append(self.records.unlisted(node, str(error)))
                except UnexpectedAnswer:
                    problems.append(str(error))
        return tuple(repositories), tuple(unlisted), tuple(problems)


def not_shown(name: str) -> str:
    """The problem with a named repository that the forge does not show."""
    return f"{name} does not exist, or the token may not see it"


def partial_by_sign_on(reply: Reply) -> str | None:
    """The problem that `X-GitHub-SSO` states: some organisations were left out silently."""
    if "x-github-sso" in reply.headers:
        return "the token is not authorised for the organisation's single sign-on"
    return None


def _named_query(names: Sequence[str]) -> tuple[str, Mapping[str, str]]:
    """A query that asks for each of `owner/name` under the alias of its place in the list."""
    fields, declared = [], []
    variables: dict[str, str] = {}
    for index, name in enumerate(names):
        owner, _, short = name.partition("/")
        variables |= {f"o{index}": owner, f"n{index}": short}
        declared.append(f"$o{index}: String!, $n{index}: String!")
        fields.append(_NAMED % (index, index, index, GRAPHQL_FIELDS))
    return f"query({', '.join(declared)}) {{ {' '.join(fields)} }}", variables


def _errors(reply: Reply) -> Iterator[Mapping[str, object]]:
    errors = inside(reply.body, "errors")
    if isinstance(errors, list):
        yield from (error for error in errors if isinstance(error, dict))


def _problems(reply: Reply, ignore: str | None = None) -> list[str]:
    problems = [
        f"the forge reports: {(text_or_none(error, 'message') or 'an error')[:300]}"
        for error in _errors(reply)
        if ignore is None or error.get("type") != ignore
    ]
    sign_on = partial_by_sign_on(reply)
    return [*problems, sign_on] if sign_on else problems


def _misunderstood(reply: Reply) -> bool:
    """Whether the query itself was refused, as by a server that lacks one of its fields."""
    return inside(reply.body, "data") is None and any(
        inside(error, "extensions", "code") in ("undefinedField", "argumentNotAccepted")
        for error in _errors(reply)
    )
