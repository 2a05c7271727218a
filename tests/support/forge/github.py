"""GitHub's side of a fake forge, held to GitHub's own descriptions.

GraphQL is executed from the official schema. What REST answers is checked against the official
OpenAPI description before it is sent.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from graphql import GraphQLError, GraphQLSchema, build_schema, graphql_sync
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from tests.support.forge.world import Answer, FakeRepository, Request, World

_T = TypeVar("_T")

VENDOR = Path(__file__).parent / "vendor"
JSON = {"Content-Type": "application/json; charset=utf-8"}


def github(world: World, request: Request) -> Answer:
    """Anything but git, for a server whose base is /api/v3 as on an Enterprise Server."""
    path = request.path
    if path.startswith("/api/v3/app/installations/"):
        return _installation_token(world, request)
    _, _, token = request.headers.get("authorization", "").partition(" ")
    if world.tokens and token not in world.tokens:
        return _answer(401, {"message": "Bad credentials", "documentation_url": "https://x.test"})
    if path == "/api/graphql":
        return _graphql(world, json.loads(request.body))
    if path.startswith("/api/v3/"):
        return _rest(world, request, path.removeprefix("/api/v3"))
    return _answer(404, {"message": "Not Found"})


def _rest(world: World, request: Request, path: str) -> Answer:
    parts = path.strip("/").split("/")
    if path in (f"/orgs/{world.account}/repos", f"/users/{world.account}/repos"):
        answer = _rest_page(world, request)
    elif parts[0] == "repos" and len(parts) == 3 and (it := world.named("/".join(parts[1:]))):
        answer = _answer(200, _rest_repository(it, "full-repository"))
    elif path == "/rate_limit":
        answer = _answer(200, _filled({"$ref": "#/components/schemas/rate-limit-overview"}))
    elif path == "/user":
        answer = _answer(200, _filled({"$ref": "#/components/schemas/public-user"}))
        answer.headers["X-OAuth-Scopes"] = "repo, read:org"
    else:
        answer = _answer(404, {"message": "Not Found"})
    if world.checked and answer.status == 200:
        _check(request, path, answer)
    return answer


def _rest_page(world: World, request: Request) -> Answer:
    size = min(int(request.query.get("per_page", "30")), world.page_size)
    page = int(request.query.get("page", "1"))
    chosen = world.repositories[(page - 1) * size : page * size]
    answer = _answer(200, [_rest_repository(it, "minimal-repository") for it in chosen])
    answer.headers["ETag"] = f'W/"{hashlib.sha256(answer.body).hexdigest()}"'
    if request.headers.get("if-none-match") == answer.headers["ETag"]:
        return Answer(304, {"ETag": answer.headers["ETag"]})
    if page * size < len(world.repositories):
        place = f"http://{request.headers['host']}{request.path}?per_page={size}&page={page + 1}"
        answer.headers["Link"] = f'<{place}>; rel="next"'
    return answer


def _rest_repository(it: FakeRepository, schema: str) -> dict[str, Any]:
    entry: dict[str, Any] = _filled({"$ref": f"#/components/schemas/{schema}"})
    return entry | {
        "id": it.id,
        "name": it.name.partition("/")[2],
        "full_name": it.name,
        "private": it.visibility != "public",
        "visibility": it.visibility,
        "default_branch": it.branch or "main",
        "archived": it.archived,
        "fork": it.fork,
        "is_template": it.template,
        "disabled": it.disabled,
        "topics": list(it.topics),
        "language": it.languages[0] if it.languages else None,
        # names another host on purpose: it must never be used
        "clone_url": "https://elsewhere.invalid/x.git",
    }


def _graphql(world: World, asked: Mapping[str, Any]) -> Answer:
    result = graphql_sync(
        schema(),
        asked["query"],
        root_value=_Root(world),
        variable_values=asked.get("variables"),
    )
    errors = [_explained(error) for error in result.errors or ()]
    body: dict[str, Any] = {"data": result.data}
    return _answer(200, body | ({"errors": errors} if errors else {}))


def _explained(error: GraphQLError) -> dict[str, Any]:
    kind = "NOT_FOUND" if "Could not resolve" in error.message else None
    described: dict[str, Any] = {"message": error.message, "path": error.path}
    if "Cannot query field" in error.message:
        described["extensions"] = {"code": "undefinedField"}
    return described | ({"type": kind} if kind else {})


class _Root:
    """Resolves the fields of `Query`, as graphql-core's default resolver calls them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def organization(self, _info: Any, login: str) -> Any:
        return self._account("Organization", login)

    def user(self, _info: Any, login: str) -> Any:
        return self._account("User", login)

    def repository(self, _info: Any, owner: str, name: str, **_: Any) -> Any:
        found = self._world.named(f"{owner}/{name}")
        if found is None:
            message = f"Could not resolve to a Repository with the name '{owner}/{name}'."
            raise GraphQLError(message)
        return node(found)

    def _account(self, kind: str, login: str) -> Any:
        if login != self._world.account:
            raise GraphQLError(f"Could not resolve to an {kind} with the login of '{login}'.")
        found = {"__typename": kind, "repositories": self._repositories}
        return found | {"teams": self._teams, "team": self._team}

    def _teams(self, _info: Any, first: int, after: str | None = None, **_: Any) -> dict[str, Any]:
        slugs = sorted({slug for it in self._world.repositories for slug in it.teams})
        page, info = _cut(slugs, first, after)
        return {"pageInfo": info, "nodes": [self._team(_info, slug) for slug in page]}

    def _team(self, _info: Any, slug: str) -> dict[str, Any]:
        owned = [it for it in self._world.repositories if slug in it.teams]

        def repositories(_info: Any, first: int, after: str | None = None, **_: Any) -> Any:
            page, info = _cut(owned, min(first, self._world.page_size), after)
            edges = [{"permission": it.teams[slug], "node": node(it)} for it in page]
            return {"pageInfo": info, "edges": edges}

        return {"slug": slug, "repositories": repositories}

    def _repositories(
        self, _info: Any, first: int, after: str | None = None, **_: Any
    ) -> dict[str, Any]:
        """Cursors stand for an id, so a deletion moves nothing, as with GitHub's."""
        assert first <= 100, "GitHub refuses more than 100 a page"
        everything = sorted(self._world.repositories, key=lambda it: it.id)
        last = int(base64.b64decode(after)) if after else 0
        ahead = [it for it in everything if it.id > last]
        chosen = ahead[: min(first, self._world.page_size)]
        cursor = base64.b64encode(str(chosen[-1].id).encode()).decode() if chosen else None
        return {
            "totalCount": len(everything),
            "pageInfo": {"hasNextPage": len(chosen) < len(ahead), "endCursor": cursor},
            "nodes": [node(it) for it in chosen],
        }


def _cut(everything: Sequence[_T], first: int, after: str | None) -> tuple[Sequence[_T], Any]:
    """One page, and what to ask for after it."""
    start = int(after or 0)
    more = start + first < len(everything)
    info = {"hasNextPage": more, "endCursor": str(start + first) if more else None}
    return everything[start : start + first], info


def node(it: FakeRepository) -> dict[str, Any]:
    """A repository as GraphQL's resolvers read it."""
    tip = it.stated_tip
    target = {"__typename": "Commit", "oid": tip}
    return {
        "databaseId": it.id,
        "nameWithOwner": it.name,
        "visibility": it.visibility.upper(),
        "isArchived": it.archived,
        "isFork": it.fork,
        "isTemplate": it.template,
        "isEmpty": it.empty,
        "isDisabled": it.disabled,
        "defaultBranchRef": {"name": it.branch, "target": target} if tip else None,
        "repositoryTopics": lambda _info, first: {
            "nodes": [{"topic": {"name": topic}} for topic in it.topics[:first]]
        },
        "languages": lambda _info, first, **_: {
            "nodes": [{"name": language} for language in it.languages[:first]]
        },
    }


@cache
def schema() -> GraphQLSchema:
    """GitHub's own, cut to size."""
    return build_schema((VENDOR / "github-schema.graphql").read_text("utf-8"))


@cache
def _description() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((VENDOR / "github-openapi.json").read_text("utf-8"))
    return loaded


@cache
def _openapi() -> OpenAPI:
    return OpenAPI.from_dict(_description(), config=Config(spec_validator_cls=None))


def _check(request: Request, path: str, answer: Answer) -> None:
    """Raises when GitHub itself could not have answered so."""
    asked = MockRequest("https://api.github.com", request.method, path, args=dict(request.query))
    _openapi().validate_response(
        asked, MockResponse(answer.body, answer.status, content_type="application/json")
    )


def _filled(described: Mapping[str, Any]) -> Any:
    """The smallest value that a schema admits."""
    while (pointer := described.get("$ref")) is not None:
        described = _description()["components"]["schemas"][pointer.rpartition("/")[2]]
    for several in ("allOf", "oneOf", "anyOf"):
        if several in described:
            return _filled(described[several][0])
    if described.get("nullable"):
        return None
    if "enum" in described:
        return described["enum"][0]
    kind = described.get("type", "object")
    if kind == "object":
        properties = described.get("properties", {})
        return {key: _filled(properties.get(key, {})) for key in described.get("required", ())}
    if kind == "string":
        formats = {"date-time": "2026-01-05T12:00:00Z", "uri": "https://example.com/x"}
        return formats.get(described.get("format", ""), "x")
    return {"integer": 1, "number": 1, "boolean": False, "array": []}[kind]


def _installation_token(world: World, request: Request) -> Answer:
    """Issues a token that lasts an hour, and lets it in."""
    kind, _, signed = request.headers.get("authorization", "").partition(" ")
    if kind != "Bearer" or signed.count(".") != 2:
        return _answer(401, {"message": "A JSON web token could not be decoded"})
    token = f"ghs_issued{world.asked('/access_tokens')}"
    world.tokens.add(token)
    ends_at = datetime.now(UTC) + timedelta(hours=1)
    return _answer(201, {"token": token, "expires_at": f"{ends_at:%Y-%m-%dT%H:%M:%SZ}"})


def _answer(status: int, body: Any) -> Answer:
    return Answer(status, dict(JSON), json.dumps(body).encode())
