"""A fake GitLab that follows GitLab's documentation.

GitLab publishes no API description for validating responses. This module follows GitLab's
documentation instead:

- GraphQL queries are executed against a schema that has the documented fields and types:
  https://docs.gitlab.com/api/graphql/reference/ (Query.group, Group.projects, Project, Repository)
- REST responses have the documented attributes: https://docs.gitlab.com/api/groups/#list-projects,
  https://docs.gitlab.com/api/rest/#pagination, https://docs.gitlab.com/api/projects/#languages
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from graphql import GraphQLSchema, build_schema, graphql_sync

from tests.support.forge.world import Answer, FakeRepository, Request, World

SCHEMA = """
scalar ProjectID
type Query { group(fullPath: ID!): Group metadata: Metadata }
type Metadata { version: String! }
type Group {
  projects(includeSubgroups: Boolean = false, first: Int, after: String): ProjectConnection!
}
type ProjectConnection { count: Int! nodes: [Project] pageInfo: PageInfo! }
type PageInfo { hasNextPage: Boolean! endCursor: String }
type Project {
  id: ID! fullPath: ID! archived: Boolean visibility: String isForked: Boolean
  topics: [String!] languages: [RepositoryLanguage!] repository: Repository
  statistics: ProjectStatistics
}
type ProjectStatistics { repositorySize: Float! }
type RepositoryLanguage { name: String! share: Float }
type Repository { exists: Boolean! empty: Boolean! rootRef: String tree: Tree }
type Tree { lastCommit: Commit }
type Commit { sha: String! }
"""
UNKNOWN_FIELD = {
    "message": "Field 'statistics' doesn't exist on type 'Project'",
    "path": ["query", "group", "projects", "nodes", "statistics"],
    "extensions": {
        "code": "undefinedField",
        "typeName": "Project",
        "fieldName": "statistics",
    },
}
"""The error that GitLab's GraphQL library returns for an unknown field."""
JSON = {"Content-Type": "application/json"}


def gitlab(world: World, request: Request) -> Answer:
    """Answer an API request to the fake GitLab."""
    if request.path == "/api/v4/job":
        is_accepted = request.headers.get("job-token") in world.tokens
        return _answer(200 if is_accepted else 401, {"id": 1} if is_accepted else {})
    if world.tokens and request.headers.get("private-token") not in world.tokens:
        return _answer(401, {"message": "401 Unauthorized"})
    if request.path == "/api/graphql":
        return _graphql(world, json.loads(request.body))
    parts = request.path.removeprefix("/api/v4").strip("/").split("/")
    if parts[0] == "projects" and parts[-1] == "languages":
        for repository in world.repositories:
            if str(repository.id) == parts[1]:
                return _answer(200, dict.fromkeys(repository.languages, 50.0))
    if parts[0] == "projects" and len(parts) == 2:
        found = world.numbered(parts[1])
        return (
            _answer(200, _described(found, request))
            if found
            else _answer(404, {"message": "Not Found"})
        )
    if parts[0] == "groups" and parts[-1] == "projects":
        return _page(world, request, "/".join(parts[1:-1]))
    if parts == ["user"]:
        return _answer(200, {"id": 1, "username": "headway"})
    if parts == ["personal_access_tokens", "self"]:
        scopes = ["read_api", "read_repository"]
        return _answer(200, {"scopes": scopes, "expires_at": "2027-01-01", "active": True})
    return _answer(404, {"message": "404 Not Found"})


def _page(world: World, request: Request, group: str) -> Answer:
    inside = [
        repository
        for repository in world.repositories
        if repository.name.startswith(f"{group}/") and not repository.hidden
    ]
    if request.query.get("sort") == "desc":
        inside.reverse()
    if group != world.account:
        return _answer(404, {"message": "404 Group Not Found"})
    assert request.query.get("include_subgroups", "").lower() == "true"
    assert request.query.get("with_shared", "").lower() == "false"
    size = min(int(request.query.get("per_page", "20")), world.page_size)
    page = int(request.query.get("page", "1"))
    answer = _answer(
        200,
        [_described(repository, request) for repository in inside[(page - 1) * size : page * size]],
    )
    more = page * size < len(inside)
    answer.headers |= {
        "X-Page": str(page),
        "X-Per-Page": str(size),
        "X-Next-Page": str(page + 1) if more else "",
        "X-Total": str(len(inside)),
    }
    return answer


def _described(repository: FakeRepository, request: Request) -> dict[str, Any]:
    """Return a repository's REST entry, with statistics if the request asks for them."""
    wants_size = request.query.get("statistics", "").lower() == "true"
    statistics = _statistics(repository, "repository_size") if wants_size else None
    return _entry(repository) | ({"statistics": statistics} if statistics else {})


def _entry(repository: FakeRepository) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": repository.id,
        "path_with_namespace": repository.name,
        "default_branch": repository.branch,
        "visibility": repository.visibility,
        "archived": repository.archived,
        "empty_repo": repository.empty,
        "topics": list(repository.topics),
        "repository_access_level": "disabled" if repository.disabled else "enabled",
        "http_url_to_repo": "https://elsewhere.invalid/x.git",
    }
    if repository.deletion_on is not None:
        entry["marked_for_deletion_on"] = repository.deletion_on
    return entry | ({"forked_from_project": {"id": 1}} if repository.fork else {})


def _graphql(world: World, query: Mapping[str, Any]) -> Answer:
    if not world.knows_sizes and "statistics" in query["query"]:
        return _answer(200, {"errors": [UNKNOWN_FIELD]})
    result = graphql_sync(
        schema(),
        query["query"],
        root_value={"group": lambda _info, fullPath: _group(world, fullPath)},  # noqa: N803 - GitLab's name
        variable_values=query.get("variables"),
    )
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [{"message": error.message} for error in result.errors]
    return _answer(200, body)


def _group(world: World, path: str) -> dict[str, Any] | None:
    if path != world.account:
        return None

    def projects(
        _info: Any,
        includeSubgroups: bool,  # noqa: N803 - GitLab's name
        first: int,
        after: str | None = None,
    ) -> dict[str, Any]:
        depth = path.count("/") + 1
        inside = [
            repository
            for repository in sorted(world.repositories, key=lambda repository: -repository.id)
            if repository.name.startswith(f"{path}/")
            and (includeSubgroups or repository.name.count("/") == depth)
        ]
        last = int(base64.b64decode(after)) if after else 1 << 60
        ahead = [repository for repository in inside if repository.id < last]
        chosen = ahead[: min(first, world.page_size)]
        cursor = base64.b64encode(str(chosen[-1].id).encode()).decode() if chosen else None
        return {
            "count": len(inside),
            "pageInfo": {"hasNextPage": len(chosen) < len(ahead), "endCursor": cursor},
            # GitLab divides the list into pages before it hides the projects that the token cannot
            # see.
            "nodes": [
                _node(repository) if not repository.hidden else None
                for repository in chosen
                if world.null_nodes or not repository.hidden
            ],
        }

    return {"projects": projects}


def _node(repository: FakeRepository) -> dict[str, Any]:
    tip = repository.stated_tip
    return {
        "id": f"gid://gitlab/Project/{repository.id}",
        "fullPath": repository.name,
        "archived": repository.archived,
        "visibility": repository.visibility,
        "isForked": repository.fork,
        "statistics": _statistics(repository, "repositorySize"),
        "topics": list(repository.topics),
        "languages": [{"name": language} for language in repository.languages],
        "repository": None
        if repository.disabled
        else {
            "exists": True,
            "empty": repository.empty,
            "rootRef": repository.branch if tip else None,
            "tree": {"lastCommit": {"sha": tip} if tip else None},
        },
    }


def _statistics(repository: FakeRepository, name: str) -> dict[str, float] | None:
    """Return the size; None if it is hidden from the token, as on GitLab."""
    size = repository.kilobytes
    return {name: size * 1000.0} if size is not None else None


@cache
def schema() -> GraphQLSchema:
    """Return a GraphQL schema with those documented fields that Headway reads."""
    return build_schema(SCHEMA)


def _answer(status: int, body: Any) -> Answer:
    return Answer(status, dict(JSON), json.dumps(body).encode())
