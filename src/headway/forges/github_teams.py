"""Which teams of a GitHub organisation own a repository: those with the strongest permission on it.

A team that may only read or triage owns nothing. The token needs `read:org`, or a fine-grained
one the organisation's members; without that, nobody knows, and a listing is complete all the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from headway.forges.forge_errors import ForgeTrouble
from headway.forges.github_client import GithubClient
from headway.forges.json_fields import flag, inside, mapping, number_or_none, sequence, text
from headway.forges.retry import Reply

_OWNING = ("ADMIN", "MAINTAIN", "WRITE")
"""From the strongest, as https://docs.github.com/en/graphql/reference/repos#repositorypermission"""

_OWNED = """
fragment owned on Team { repositories(first: 100, after: $inner) {
  pageInfo { hasNextPage endCursor } edges { permission node { databaseId } } } }
"""
_TEAMS = """
query($login: String!, $after: String, $inner: String) { organization(login: $login) {
  teams(first: 20, after: $after) {
    pageInfo { hasNextPage endCursor } nodes { slug ...owned } } } }
"""
_TEAM = """
query($login: String!, $slug: String!, $inner: String) { organization(login: $login) {
  team(slug: $slug) { ...owned } } }
"""


@dataclass(slots=True)
class Owning:
    """By a repository's number the teams that own it, as `organisation/team`.

    problem: why that is not known; None when it is.
    """

    problem: str | None = None
    _found: dict[int, dict[str, set[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )

    def add(self, repository: int, permission: str, team: str) -> None:
        """The team has this permission on the repository."""
        self._found[repository][permission].add(team)

    def of(self, repository: int) -> tuple[str, ...]:
        """Those with the strongest permission, sorted."""
        held: Mapping[str, set[str]] = self._found.get(repository, {})
        strongest = next((held[it] for it in _OWNING if it in held), set())
        return tuple(sorted(strongest))


def owning_teams(client: GithubClient, login: str) -> Owning:
    """Asks for all teams of an organisation, twenty with each request."""
    owning = Owning()
    try:
        for slug, edges in _memberships(client, login):
            for edge in edges:
                identity = number_or_none(mapping(inside(edge, "node"), "node"), "databaseId")
                permission = inside(edge, "permission")
                if identity is not None and isinstance(permission, str):
                    owning.add(identity, permission, f"{login}/{slug}".lower())
    except ForgeTrouble as trouble:
        return Owning(problem=f"the teams of {login} are not known: {trouble}")
    return owning


def _memberships(client: GithubClient, login: str) -> Iterator[tuple[str, Sequence[object]]]:
    """Team and some of its repositories, each with the team's permission."""
    after: str | None = None
    while True:
        reply = client.graphql(_TEAMS + _OWNED, {"login": login, "after": after, "inner": None})
        teams = _below(reply, "organization", "teams")
        for team in sequence(teams.get("nodes"), "nodes"):
            slug = text(mapping(team, "team"), "slug")
            repositories = mapping(inside(team, "repositories"), "repositories")
            yield slug, sequence(repositories.get("edges"), "edges")
            while (inner := _next(repositories)) is not None:
                asked = {"login": login, "slug": slug, "inner": inner}
                team_alone = _below(client.graphql(_TEAM + _OWNED, asked), "organization", "team")
                repositories = mapping(team_alone.get("repositories"), "repositories")
                yield slug, sequence(repositories.get("edges"), "edges")
        following = _next(teams)
        if following is None or following == after:
            return
        after = following


def _below(reply: Reply, *names: str) -> Mapping[str, object]:
    """The object below `data` and these names; raises `ForgeTrouble` with the forge's words."""
    found = inside(reply.body, "data", *names)
    if isinstance(found, dict) and not inside(reply.body, "errors"):
        return found
    errors = inside(reply.body, "errors")
    said = inside(errors[0], "message") if isinstance(errors, list) and errors else None
    raise ForgeTrouble(f"the forge says {said!s:.200}" if said else f"it answers {reply.status}")


def _next(connection: Mapping[str, object]) -> str | None:
    page = mapping(connection.get("pageInfo"), "pageInfo")
    return text(page, "endCursor") if flag(page, "hasNextPage") else None
