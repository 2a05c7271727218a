"""Find the owners of a GitHub repository: the teams with the strongest permission.

Teams with only read or triage permission own nothing. A classic token needs the `read:org` scope. A
fine-grained token needs access to the organisation's members. Without this access, the teams are
unknown, but the listing still counts as complete.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from headway.forges.forge_errors import ForgeTrouble
from headway.forges.github_client import GithubClient
from headway.forges.json_fields import flag, inside, mapping, number_or_none, sequence, text
from headway.forges.page_size import PageSize
from headway.forges.retry import Response

_OWNING = ("ADMIN", "MAINTAIN", "WRITE")
"""The permissions that make a team an owner, strongest first. GitHub documents them at
https://docs.github.com/en/graphql/reference/repos#repositorypermission
"""

_OWNED = """
fragment owned on Team { repositories(first: %d, after: $inner) {
  pageInfo { hasNextPage endCursor } edges { permission node { databaseId } } } }
"""
_REPOSITORIES_PER_TEAM = 5
"""A request for N teams reads up to N times this number of repositories of each team.

For example, a request for 20 teams reads up to 100 repositories of each team.
"""
_TEAMS_PER_REQUEST = (20, 5, 1)
_TEAMS = """
query($login: String!, $after: String, $inner: String) { organization(login: $login) {
  teams(first: %d, after: $after) {
    pageInfo { hasNextPage endCursor } nodes { slug ...owned } } } }
"""
_TEAM = """
query($login: String!, $slug: String!, $inner: String) { organization(login: $login) {
  team(slug: $slug) { ...owned } } }
"""


@dataclass(slots=True)
class OwningTeams:
    """The teams that own each repository of an organisation."""

    problem: str | None = None
    """The reason why the teams are unknown, or None if they are known."""
    _teams: dict[int, dict[str, set[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )

    def add(self, repository: int, permission: str, team: str) -> None:
        """Record a team's permission on a repository.

        Args:
            repository: The repository's numeric ID on GitHub.
            permission: One of GitHub's repository permissions, such as `WRITE`.
            team: The team, in the form `organisation/team`.
        """
        self._teams[repository][permission].add(team)

    def of(self, repository: int) -> tuple[str, ...]:
        """Return the sorted owners of a repository, in the form `organisation/team`."""
        teams: Mapping[str, set[str]] = self._teams.get(repository, {})
        owners = next((teams[permission] for permission in _OWNING if permission in teams), set())
        return tuple(sorted(owners))


def owning_teams(client: GithubClient, login: str) -> OwningTeams:
    """Read all teams of an organisation, up to 20 per request."""
    owners = OwningTeams()
    try:
        for slug, edges in _memberships(client, login):
            for edge in edges:
                identity = number_or_none(mapping(inside(edge, "node"), "node"), "databaseId")
                permission = inside(edge, "permission")
                if identity is not None and isinstance(permission, str):
                    owners.add(identity, permission, f"{login}/{slug}".lower())
    except ForgeTrouble as trouble:
        return OwningTeams(problem=f"the teams of {login} are unknown: {trouble}")
    return owners


def _memberships(client: GithubClient, login: str) -> Iterator[tuple[str, Sequence[object]]]:
    """Yield each team with a page of its repositories and its permissions on them."""
    after: str | None = None
    size = PageSize(_TEAMS_PER_REQUEST)
    while True:
        variables = {"login": login, "after": after, "inner": None}
        response = size.request(client, partial(_teams_query, variables))
        teams = _below(response, "organization", "teams")
        nodes = sequence(teams.get("nodes"), "nodes")
        _check_announced(nodes, after)
        for team in nodes:
            slug = text(mapping(team, "team"), "slug")
            repositories = mapping(inside(team, "repositories"), "repositories")
            yield slug, sequence(repositories.get("edges"), "edges")
            while (inner := _next_cursor(repositories)) is not None:
                of_team = {"login": login, "slug": slug, "inner": inner}
                response = size.request(client, partial(_team_query, of_team))
                single_team = _below(response, "organization", "team")
                repositories = mapping(single_team.get("repositories"), "repositories")
                edges = sequence(repositories.get("edges"), "edges")
                _check_announced(edges, inner)
                yield slug, edges
        following = _next_cursor(teams)
        if following is None or following == after:
            return
        after = following


def _teams_query(
    variables: Mapping[str, str | None], size: int
) -> tuple[str, Mapping[str, str | None]]:
    return _TEAMS % size + _OWNED % (size * _REPOSITORIES_PER_TEAM), variables


def _team_query(
    variables: Mapping[str, str | None], size: int
) -> tuple[str, Mapping[str, str | None]]:
    return _TEAM + _OWNED % (size * _REPOSITORIES_PER_TEAM), variables


def _check_announced(entries: Sequence[object], after: str | None) -> None:
    """Raise `ForgeTrouble` if a page is empty although the previous page announced it."""
    if after is not None and not entries:
        raise ForgeTrouble("a page that the forge announced is empty")


def _below(response: Response, *names: str) -> Mapping[str, object]:
    """Return the object at these keys below `data`.

    Raises:
        ForgeTrouble: The object is missing, or the response contains errors.
    """
    found = inside(response.body, "data", *names)
    if isinstance(found, dict) and not inside(response.body, "errors"):
        return found
    errors = inside(response.body, "errors")
    message = inside(errors[0], "message") if isinstance(errors, list) and errors else None
    if message:
        raise ForgeTrouble(f"the forge says: {message!s:.200}")
    raise ForgeTrouble(f"the forge responded with status {response.status}")


def _next_cursor(connection: Mapping[str, object]) -> str | None:
    page = mapping(connection.get("pageInfo"), "pageInfo")
    return text(page, "endCursor") if flag(page, "hasNextPage") else None
