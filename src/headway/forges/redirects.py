"""Follow redirects, but only on the same host, because requests contain a token."""

from __future__ import annotations

from urllib.parse import SplitResult, urljoin, urlsplit

from headway.forges.forge_errors import ForgeTrouble
from headway.forges.retry import Response

MOST_REDIRECTS = 5
_STATUSES = frozenset((301, 302, 303, 307, 308))
_DEFAULT_PORTS = {"https": 443, "http": 80}


def redirect_target(url: str, response: Response, *, is_repeatable: bool = True) -> str | None:
    """Return the URL to which a response redirects, or None if the response is not a redirect.

    The query of the request is kept if the new URL has none. Otherwise, a redirected request for
    page 2 would receive page 1 again.

    Args:
        url: The absolute URL of the request.
        response: The response to the request.
        is_repeatable: Whether the same request may be sent to another URL. This is true of a
            GraphQL query, but not of a request that creates something.

    Raises:
        ForgeTrouble: The redirect must not be followed.
    """
    if response.status not in _STATUSES:
        return None
    location = response.headers.get("location", "")
    shown = location[:200] or "nowhere"
    try:
        base, target = urlsplit(url), urlsplit(urljoin(url, location))
        same_host = bool(location) and _origin(base) == _origin(target)
    except ValueError:
        same_host = False
    if not same_host or not is_repeatable:
        raise ForgeTrouble(
            f"the forge redirects to {shown}, which is not followed. Correct `url` of this source "
            "in headway.toml"
        )
    return target._replace(query=target.query or base.query, fragment="").geturl()


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    return parts.scheme, parts.hostname, port if parts.username is None else None
