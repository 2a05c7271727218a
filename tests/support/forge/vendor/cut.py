"""Reduce GitHub's official API descriptions to the parts that the fake forge needs.

When GitHub's API has changed, download and unpack two npm packages, and run this script:

    npm pack @octokit/openapi @octokit/graphql-schema
    python tests/support/forge/vendor/cut.py OPENAPI/generated/api.github.com.json \
        GRAPHQL/schema.graphql

Both packages are under the MIT licence in LICENSE.txt. The script removes descriptions, examples
and parts that no test needs. It changes nothing else.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    Node,
    Visitor,
    parse,
    print_ast,
    visit,
)

HERE = Path(__file__).parent
PATHS = {
    "/orgs/{org}": ("get",),
    "/orgs/{org}/repos": ("get",),
    "/users/{username}": ("get",),
    "/users/{username}/repos": ("get",),
    "/repos/{owner}/{repo}": ("get",),
    "/repos/{owner}/{repo}/issues": ("get", "post"),
    "/app/installations/{installation_id}/access_tokens": ("post",),
    "/rate_limit": ("get",),
    "/user": ("get",),
}
PROSE = frozenset(("description", "example", "examples", "summary", "externalDocs", "x-github"))
QUERY_FIELDS = frozenset(("organization", "user", "repository", "rateLimit", "viewer"))
OBJECTS = frozenset(
    [
        "Query",
        "Organization",
        "User",
        "Repository",
        "RepositoryConnection",
        "RepositoryEdge",
        "PageInfo",
        "Ref",
        "GitObject",
        "Commit",
        "RepositoryTopicConnection",
        "RepositoryTopicEdge",
        "RepositoryTopic",
        "Topic",
        "LanguageConnection",
        "LanguageEdge",
        "Language",
        "TeamConnection",
        "TeamEdge",
        "Team",
        "TeamRepositoryConnection",
        "TeamRepositoryEdge",
        "RateLimit",
        "RepositoryOwner",
        "Node",
    ]
)


def cut_openapi(source: Path) -> dict[str, Any]:
    """Return the API description of `PATHS` and of all components to which they refer."""
    whole = json.loads(source.read_text("utf-8"))
    cut: dict[str, Any] = {key: whole[key] for key in ("openapi", "info", "servers")}
    cut["paths"] = {
        path: {
            method: without_prose(described)
            for method, described in whole["paths"][path].items()
            if method in (*methods, "parameters")
        }
        for path, methods in PATHS.items()
    }
    components: dict[str, dict[str, Any]] = {}
    pending = references(cut["paths"])
    while pending:
        kind, name = pending.pop()
        if name not in components.setdefault(kind, {}):
            components[kind][name] = without_prose(whole["components"][kind][name])
            pending |= references(components[kind][name])
    cut["components"] = {
        kind: dict(sorted(found.items())) for kind, found in sorted(components.items())
    }
    return cut


def without_prose(value: Any, *, names: bool = False) -> Any:
    """Return a value without descriptions and examples.

    Args:
        value: A part of the API description.
        names: Whether the keys of `value` are names of properties. If so, all of them are kept.
    """
    if isinstance(value, dict):
        return {
            key: without_prose(inner, names=key == "properties" and not names)
            for key, inner in value.items()
            if names or key not in PROSE or (key == "description" and "content" in value)
        }
    if isinstance(value, list):
        return [without_prose(inner) for inner in value]
    return value


def references(value: Any) -> set[tuple[str, str]]:
    if isinstance(value, dict):
        found = set().union(*(references(inner) for inner in value.values()))
        if isinstance(pointer := value.get("$ref"), str):
            _, _, kind, name = pointer.split("/")
            found.add((kind, name))
        return found
    if isinstance(value, list):
        return set().union(*(references(inner) for inner in value))
    return set()


def cut_graphql(source: Path) -> str:
    """Return the schema of the types in `OBJECTS`, without fields that refer to other types."""
    document = parse(source.read_text("utf-8"), no_location=True)
    definitions: tuple[Any, ...] = document.definitions
    small = {
        node.name.value
        for node in definitions
        if isinstance(node, EnumTypeDefinitionNode) or node.kind == "scalar_type_definition"
    } | {"String", "Int", "Float", "Boolean", "ID"}
    selected: list[Any] = []
    for node in definitions:
        if node.kind in ("object_type_definition", "interface_type_definition"):
            if node.name.value in OBJECTS:
                selected.append(shortened(node, small))
        elif node.kind == "schema_definition":
            selected.append(node)
    needed: set[str] = set()
    pending = set().union(*(named_types(node) for node in selected))
    others = {node.name.value: node for node in definitions if hasattr(node, "name")}
    while pending:
        name = pending.pop()
        if name in needed or name in OBJECTS or name not in others:
            continue
        needed.add(name)
        pending |= named_types(others[name])
    selected += [others[name] for name in sorted(needed)]
    return print_ast(visit(DocumentNode(definitions=tuple(selected)), WithoutProse()))


def shortened(node: Any, small: set[str]) -> Any:
    return replace(
        node,
        interfaces=tuple(
            face
            for face in node.interfaces or ()
            if face.name.value in OBJECTS and node.name.value != "Query"
        ),
        fields=tuple(
            field
            for field in node.fields or ()
            if name_of(field.type) in OBJECTS | small
            and (node.name.value != "Query" or field.name.value in QUERY_FIELDS)
        ),
    )


def name_of(node: Any) -> str:
    """Return the name of a type that may be wrapped as a list or as non-null."""
    while hasattr(node, "type"):
        node = node.type
    return str(node.name.value)


def named_types(node: Node) -> set[str]:
    found: set[str] = set()

    class Collect(Visitor):
        def enter_named_type(self, named: Any, *_: Any) -> None:
            found.add(named.name.value)

        def enter_directive(self, named: Any, *_: Any) -> None:
            found.add(named.name.value)

    visit(node, Collect())
    return found


class WithoutProse(Visitor):
    """Removes all descriptions from a schema."""

    def enter(self, node: Any, *_: Any) -> Any:
        if getattr(node, "description", None) is not None:
            return replace(node, description=None)
        return None


if __name__ == "__main__":
    openapi = json.dumps(cut_openapi(Path(sys.argv[1])), separators=(",", ":"), sort_keys=True)
    (HERE / "github-openapi.json").write_text(openapi + "\n", "utf-8")
    (HERE / "github-schema.graphql").write_text(cut_graphql(Path(sys.argv[2])) + "\n", "utf-8")
