"""A fake GitHub that follows GitHub's own API descriptions.

GraphQL queries are executed against the official schema. Successful REST responses are validated
against the official OpenAPI description before they are sent, except responses to requests by ID.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
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
    """Answer an API request. The base path is /api/v3, as on GitHub Enterprise Server."""
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
    elif (
        parts[0] == "repos" and len(parts) == 3 and (repository := world.named("/".join(parts[1:])))
    ):
        answer = _answer(200, _rest_repository(repository, "full-repository"))
    elif parts[0] == "repositories" and len(parts) >= 2:
        return _by_id(world, parts[1], commits=parts[2:] == ["commits"])
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


def _by_id(world: World, number: str, *, commits: bool) -> Answer:
    """Answer a request by repository ID. The OpenAPI description lacks such requests."""
    repository = world.numbered(number)
    if repository is None:
        return _answer(404, {"message": "Not Found"})
    if not commits:
        return _answer(200, _rest_repository(repository, "full-repository"))
    tip = repository.stated_tip
    if tip is None:
        return _answer(409, {"message": "Git Repository is empty."})
    return _answer(200, [{"sha": tip}])


def _rest_page(world: World, request: Request) -> Answer:
    size = min(int(request.query.get("per_page", "30")), world.page_size)
    page = int(request.query.get("page", "1"))
    chosen = world.repositories[(page - 1) * size : page * size]
    answer = _answer(
        200, [_rest_repository(repository, "minimal-repository") for repository in chosen]
    )
    answer.headers["ETag"] = f'W/"{hashlib.sha256(answer.body).hexdigest()}"'
    if request.headers.get("if-none-match") == answer.headers["ETag"]:
        return Answer(304, {"ETag": answer.headers["ETag"]})
    if page * size < len(world.repositories):
        place = f"http://{request.headers['host']}{request.path}?per_page={size}&page={page + 1}"
        answer.headers["Link"] = f'<{place}>; rel="next"'
    return answer


def _rest_repository(repository: FakeRepository, schema: str) -> dict[str, Any]:
    entry: dict[str, Any] = _filled({"$ref": f"#/components/schemas/{schema}"})
    return entry | {
        "id": repository.id,
        "name": repository.name.partition("/")[2],
        "full_name": repository.name,
        "private": repository.visibility != "public",
        "size": repository.kilobytes or 0,
        "visibility": repository.visibility,
        "default_branch": repository.branch or "main",
        "archived": repository.archived,
        "fork": repository.fork,
        "is_template": repository.template,
        "disabled": repository.disabled,
        "topics": list(repository.topics),
        "language": repository.languages[0] if repository.languages else None,
        # Headway must never use this URL, so its host does not exist.
        "clone_url": "https://elsewhere.invalid/x.git",
    }


def _graphql(world: World, query: Mapping[str, Any]) -> Answer:
    result = graphql_sync(
        schema(),
        query["query"],
        root_value=_Root(world),
        variable_values=query.get("variables"),
    )
    errors = [_error(error) for error in result.errors or ()]
    body: dict[str, Any] = {"data": result.data}
    return _answer(200, body | ({"errors": errors} if errors else {}))


def _error(error: GraphQLError) -> dict[str, Any]:
    kind = "NOT_FOUND" if "Could not resolve" in error.message else None
    description: dict[str, Any] = {"message": error.message, "path": error.path}
    if "Cannot query field" in error.message:
        description["extensions"] = {"code": "undefinedField"}
    return description | ({"type": kind} if kind else {})


class _Root:
    """The fields of the type `Query`. The default resolver of graphql-core calls the methods."""

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
        slugs = sorted(
            {slug for repository in self._world.repositories for slug in repository.teams}
        )
        page, info = _cut(slugs, first, after)
        return {"pageInfo": info, "nodes": [self._team(_info, slug) for slug in page]}

    def _team(self, _info: Any, slug: str) -> dict[str, Any]:
        owned = [repository for repository in self._world.repositories if slug in repository.teams]

        def repositories(_info: Any, first: int, after: str | None = None, **_: Any) -> Any:
            page, info = _cut(owned, min(first, self._world.page_size), after)
            edges = [
                {"permission": repository.teams[slug], "node": node(repository)}
                for repository in page
            ]
            return {"pageInfo": info, "edges": edges}

        return {"slug": slug, "repositories": repositories}

    def _repositories(
        self, _info: Any, first: int, after: str | None = None, **_: Any
    ) -> dict[str, Any]:
        """Return one page of repositories.

        As on GitHub, a cursor contains the last ID of a page, so deletions do not shift the pages.
        """
        assert first <= 100, "GitHub allows at most 100 entries per page"
        everything = sorted(self._world.repositories, key=lambda repository: repository.id)
        last = int(base64.b64decode(after)) if after else 0
        ahead = [repository for repository in everything if repository.id > last]
        chosen = ahead[: min(first, self._world.page_size)]
        cursor = base64.b64encode(str(chosen[-1].id).encode()).decode() if chosen else None
        return {
            "totalCount": len(everything),
            "pageInfo": {"hasNextPage": len(chosen) < len(ahead), "endCursor": cursor},
            "nodes": [node(repository) for repository in chosen],
        }


def _cut(everything: Sequence[_T], first: int, after: str | None) -> tuple[Sequence[_T], Any]:
    """Return one page of a list, and the `pageInfo` of the page."""
    start = int(after or 0)
    more = start + first < len(everything)
    info = {"hasNextPage": more, "endCursor": str(start + first) if more else None}
    return everything[start : start + first], info


def node(repository: FakeRepository) -> dict[str, Any]:
    """Return the fields of a repository for the GraphQL resolvers."""
    tip = repository.stated_tip
    target = {"__typename": "Commit", "oid": tip}
    return {
        "databaseId": repository.id,
        "nameWithOwner": repository.name,
        "visibility": repository.visibility.upper(),
        "isArchived": repository.archived,
        "isFork": repository.fork,
        "isTemplate": repository.template,
        "isEmpty": repository.empty,
        "diskUsage": repository.kilobytes,
        "isDisabled": repository.disabled,
        "defaultBranchRef": {"name": repository.branch, "target": target} if tip else None,
        "repositoryTopics": lambda _info, first: {
            "nodes": [{"topic": {"name": topic}} for topic in repository.topics[:first]]
        },
        "languages": lambda _info, first, **_: {
            "nodes": [{"name": language} for language in repository.languages[:first]]
        },
    }


@cache
def schema() -> GraphQLSchema:
    """Return GitHub's official schema, without the types that no test needs."""
    return build_schema((VENDOR / "github-schema.graphql").read_text("utf-8"))


@cache
def _description() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((VENDOR / "github-openapi.json").read_text("utf-8"))
    return loaded


@cache
def _openapi() -> OpenAPI:
    return OpenAPI.from_dict(_description(), config=Config(spec_validator_cls=None))


def _check(request: Request, path: str, answer: Answer) -> None:
    """Raise an error if a response does not match the OpenAPI description."""
    mock_request = MockRequest(
        "https://api.github.com", request.method, path, args=dict(request.query)
    )
    _openapi().validate_response(
        mock_request, MockResponse(answer.body, answer.status, content_type="application/json")
    )


def _filled(description: Mapping[str, Any]) -> Any:
    """Return the simplest value that an OpenAPI schema allows."""
    while (pointer := description.get("$ref")) is not None:
        description = _description()["components"]["schemas"][pointer.rpartition("/")[2]]
    for several in ("allOf", "oneOf", "anyOf"):
        if several in description:
            return _filled(description[several][0])
    if description.get("nullable"):
        return None
    if "enum" in description:
        return description["enum"][0]
    kind = description.get("type", "object")
    if kind == "object":
        properties = description.get("properties", {})
        return {key: _filled(properties.get(key, {})) for key in description.get("required", ())}
    if kind == "string":
        formats = {"date-time": "2026-01-05T12:00:00Z", "uri": "https://example.com/x"}
        return formats.get(description.get("format", ""), "x")
    return {"integer": 1, "number": 1, "boolean": False, "array": []}[kind]


def _installation_token(world: World, request: Request) -> Answer:
    """Answer with a new installation token, which is valid for one hour.

    The times in the signed token must be valid by the forge's clock. The signature is not checked.
    https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
    """
    kind, _, signed = request.headers.get("authorization", "").partition(" ")
    if kind != "Bearer" or signed.count(".") != 2:
        return _answer(401, {"message": "A JSON web token could not be decoded"})
    claims = json.loads(base64.urlsafe_b64decode(signed.split(".")[1] + "=="))
    now = world.now()
    if not claims["iat"] <= now.timestamp() < claims["exp"] <= now.timestamp() + 600:
        return _answer(401, {"message": "'Expiration time' claim ('exp') is too far in the future"})
    token = f"ghs_issued{world.count_requests('/access_tokens')}"
    world.tokens.add(token)
    expires = now + timedelta(hours=1)
    return _answer(201, {"token": token, "expires_at": f"{expires:%Y-%m-%dT%H:%M:%SZ}"})


def _answer(status: int, body: Any) -> Answer:
    return Answer(status, dict(JSON), json.dumps(body).encode())
