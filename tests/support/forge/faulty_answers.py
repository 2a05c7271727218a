"""Wrong responses from a forge, and predicates for the requests that receive them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from tests.support.forge.world import After, Answer, Request

_JSON = {"Content-Type": "application/json"}
_FAR_AWAY = "90000"
"""A value of `Retry-After`, in seconds, that extends beyond the scan's deadline."""

Change = Callable[[Request, Answer], Answer]
IsPlace = Callable[[Request], bool]


@dataclass(frozen=True)
class Wrong:
    """One kind of wrong response."""

    name: str
    change: Change
    """Returns the wrong response to a request, given the right response."""


def is_page(number: int, *, rest: bool) -> IsPlace:
    """Return a predicate for requests for a page of the listing, through REST or GraphQL.

    In GraphQL, every number except 1 stands for all pages after the first.
    """

    def is_place(request: Request) -> bool:
        if rest:
            is_list = request.path.endswith(("/orgs/acme/repos", "/groups/acme/projects"))
            return is_list and request.query.get("page", "1") == str(number)
        is_list = b"totalCount" in request.body or b"count pageInfo" in request.body
        is_first = is_list and json.loads(request.body)["variables"]["after"] is None
        return is_list and is_first == (number == 1)

    return is_place


def is_lookup(request: Request) -> bool:
    """Return whether the request is for a repository by its ID."""
    is_project = "/projects/" in request.path and not request.path.endswith("/languages")
    return "/repositories/" in request.path or is_project


def path_has(part: str) -> IsPlace:
    """Return a predicate for requests whose path contains `part`."""
    return lambda request: part in request.path


def body_has(part: bytes) -> IsPlace:
    """Return a predicate for requests whose body contains `part`."""
    return lambda request: part in request.body


def fault(is_place: IsPlace, wrong: Wrong) -> After:
    """Return a fault that sends the wrong response to the requests that `is_place` selects."""
    return lambda request, answer: wrong.change(request, answer) if is_place(request) else answer


def change_json(is_place: IsPlace, change: Callable[[Any], Any]) -> After:
    """Return a fault that changes the JSON content of responses.

    Args:
        is_place: Returns whether the response to a request is changed.
        change: Changes the content in place, or returns other content.
    """

    def after(request: Request, answer: Answer) -> Answer:
        if not is_place(request) or not answer.body.startswith((b"{", b"[")):
            return answer
        body = json.loads(answer.body)
        changed = change(body)
        return replace(answer, body=json.dumps(body if changed is None else changed).encode())

    return after


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Yield all objects in a JSON value."""
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for child in children:
            yield from nodes(child)


def entry_of(body: Any, name: str) -> dict[str, Any] | None:
    """Return the JSON object that describes a repository, or None if a response has none."""
    keys = ("nameWithOwner", "fullPath", "full_name", "path_with_namespace")
    found = (node for node in nodes(body) if any(node.get(key) == name for key in keys))
    return next(found, None)


def status(code: int, **headers: str) -> Wrong:
    """Return a response with a status, and with headers such as `Retry_After`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    words = ", ".join(f"{name} {value}" for name, value in named.items())
    answer = Answer(code, _JSON | named, b'{"message": "No"}')
    return Wrong(f"{code} {words}".strip(), lambda _request, _answer: answer)


def content(name: str, body: bytes, headers: Mapping[str, str] | None = None) -> Wrong:
    """Return a response with status 200 and this content."""
    answer = Answer(200, dict(_JSON if headers is None else headers), body)
    return Wrong(f"200 {name}", lambda _request, _answer: answer)


def _truncated(_request: Request, answer: Answer) -> Answer:
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def _wrong_types(_request: Request, answer: Answer) -> Answer:
    def change(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: change(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [change(inner) for inner in value]
        return str(value) if isinstance(value, int | float) else 7

    if not answer.body.startswith((b"{", b"[")):
        return replace(answer, body=b"\x00\xff" * 40)
    return replace(answer, body=json.dumps(change(json.loads(answer.body))).encode())


def _cut(_request: Request, answer: Answer) -> Answer:
    return replace(answer, cut=len(answer.body) // 2)


def _stall(_request: Request, answer: Answer) -> Answer:
    return replace(answer, stall=len(answer.body) // 2)


def _reset(_request: Request, answer: Answer) -> Answer:
    return replace(answer, cut=len(answer.body) // 2, reset=True)


def _elsewhere(request: Request, _answer: Answer) -> Answer:
    return Answer(302, {"Location": f"http://127.0.0.1:9{request.path}"})


def _loop(request: Request, _answer: Answer) -> Answer:
    return Answer(302, {"Location": f"{request.path}?{urlencode(request.query)}"})


def redirect_once(*, keep_query: bool) -> Wrong:
    """Return a redirect of every other request to the same URL, with or without its query."""
    counts: dict[tuple[str, str], int] = {}

    def change(request: Request, answer: Answer) -> Answer:
        query = urlencode(request.query)
        counts[request.path, query] = counts.get((request.path, query), 0) + 1
        if counts[request.path, query] % 2 == 0:
            return answer
        location = f"{request.path}?{query}" if keep_query and query else request.path
        return Answer(302, {"Location": location})

    words = "" if keep_query else " without its query"
    return Wrong(f"redirect on the same host{words}", change)


KEY_ANSWERS = (
    status(401),
    status(403),
    status(404),
    status(429, Retry_After=_FAR_AWAY),
    status(502),
    content("empty", b""),
    content("HTML", b"<html>Try later</html>", {"Content-Type": "text/html"}),
    content("[]", b"[]"),
    content("{}", b"{}"),
    Wrong("200 wrong types", _wrong_types),
    Wrong("connection cut", _cut),
    Wrong("redirect to another host", _elsewhere),
)
"""One of each kind of wrong response, for tests that cannot try all `ANSWERS`."""

ANSWERS = (
    *KEY_ANSWERS,
    status(403, Retry_After="5"),
    status(403, Retry_After=_FAR_AWAY),
    status(409),
    status(410),
    status(429),
    status(429, Retry_After="5"),
    status(451),
    status(500),
    status(503),
    status(503, Retry_After="5"),
    status(503, Retry_After=_FAR_AWAY),
    status(504),
    Wrong("200 truncated", _truncated),
    content("deep", b'{"data":' * 100_000 + b"1" + b"}" * 100_000),
    content("null", b"null"),
    content("a string", b'"maintenance"'),
    Wrong("connection reset", _reset),
    Wrong("connection stalled", _stall),
    Wrong("redirect loop", _loop),
)
"""All wrong responses except those of `redirect_once`, which count the requests."""

GRAPHQL_ERRORS: dict[str, tuple[dict[str, Any], bool]] = {
    "GraphQL timeout": ({"message": "Something went wrong while executing your query."}, False),
    "GraphQL resource limits": ({"type": "RESOURCE_LIMITS_EXCEEDED", "message": "Limits"}, False),
    "GraphQL error without data": ({"message": "Internal error"}, False),
    "GraphQL forbidden": ({"type": "FORBIDDEN", "message": "Not accessible"}, False),
    "GraphQL rate limit": ({"type": "RATE_LIMITED", "message": "API rate limit exceeded"}, False),
    "GraphQL unknown field": (
        {
            "message": "Field 'x' doesn't exist on type 'y'",
            "extensions": {"code": "undefinedField"},
        },
        False,
    ),
    "GraphQL forbidden for a": ({"type": "FORBIDDEN", "message": "Not accessible"}, True),
    "GraphQL timeout for a": ({"message": "Timeout on a field"}, True),
}
"""Maps a name to a GraphQL error, and to whether the response also has data, with null for `a`."""
