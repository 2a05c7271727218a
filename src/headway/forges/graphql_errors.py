"""Errors in responses to GraphQL queries. Such responses can have status 200."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from headway.forges.json_fields import inside, text_or_none
from headway.forges.retry import Response

_TOO_LARGE_TYPES = frozenset(
    ("RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED", "TIMEOUT", "QUERY_TOO_COMPLEX")
)
_SIZE = "statistics"
"""The field with the size of a project. Errors in this field are ignored, because projects can be
listed without their sizes.
"""
_REFUSES_FIELD = re.compile(r"statistics|repositorySize|complexity", re.IGNORECASE)
_TOO_LARGE = re.compile(
    r"time(d[ -]?)?[ -]?out|in time|resource limit|complexity|too (complex|large|many|expensive)"
    r"|smaller (set|number)|exceeds the maximum|while executing your query",
    re.IGNORECASE,
)
"""Matches the messages with which GitHub and GitLab reject a query that is too large. Examples are
"Something went wrong while executing your query. This may be the result of a timeout", "Resource
limits for this query exceeded" and "Query has complexity of 301, which exceeds max complexity".
"""


def graphql_errors(response: Response) -> Iterator[Mapping[str, object]]:
    """Yield the errors in a response, except errors that affect only repository sizes."""
    errors = inside(response.body, "errors")
    if isinstance(errors, list):
        yield from (
            error for error in errors if isinstance(error, dict) and not _concerns_size(error)
        )


def refuses_sizes(response: Response) -> bool:
    """Return whether a server rejected a query with sizes, and might accept one without sizes."""
    errors = inside(response.body, "errors")
    return (
        isinstance(errors, list)
        and inside(response.body, "data") is None
        and any(
            _concerns_size(error) or _REFUSES_FIELD.search(text_or_none(error, "message") or "")
            for error in errors
            if isinstance(error, dict)
        )
    )


def _concerns_size(error: Mapping[str, object]) -> bool:
    """Return whether an error refers to the size field, as in `path: [group, …, statistics]`."""
    path = error.get("path")
    return isinstance(path, list) and _SIZE in path


def error_messages(response: Response, ignore: str | None = None) -> list[str]:
    """Return the messages of all errors, except those of the type `ignore`."""
    return [
        f"the forge says: {(text_or_none(error, 'message') or 'an error')[:300]}"
        for error in graphql_errors(response)
        if ignore is None or error.get("type") != ignore
    ]


def asks_for_less(response: Response) -> bool:
    """Return whether the query failed because it was too large. A smaller one could succeed."""
    return any(
        _kind(error) in _TOO_LARGE_TYPES or _TOO_LARGE.search(text_or_none(error, "message") or "")
        for error in graphql_errors(response)
    )


def _kind(error: Mapping[str, object]) -> object:
    kind = error.get("type") or inside(error, "extensions", "code")
    return kind if isinstance(kind, str) else None
