"""Redirects are followed only on the same host, because requests contain a token."""

from __future__ import annotations

from urllib.parse import SplitResult, urljoin, urlsplit

from headway.forges.forge_errors import ForgeTrouble
from headway.forges.retry import Reply

MOST_REDIRECTS = 5
_STATUSES = frozenset((301, 302, 303, 307, 308))
_DEFAULT_PORTS = {"https": 443, "http": 80}


def redirect_target(method: str, url: str, reply: Reply) -> str | None:
    """Return the URL to which a reply redirects; None if the reply is no redirect.

    The query of the request is kept if the forge's URL has none. Otherwise, a redirected request
    for page 2 would receive page 1 again.

    Args:
        method: The HTTP method, in upper case. Only GET requests are redirected.
        url: The absolute URL of the request.
        reply: The reply to the request.

    Raises:
        ForgeTrouble: The redirect must not be followed.
    """
    if reply.status not in _STATUSES:
        return None
    location = reply.headers.get("location", "")
    shown = location[:200] or "nowhere"
    try:
        base, target = urlsplit(url), urlsplit(urljoin(url, location))
        same_host = bool(location) and _origin(base) == _origin(target)
    except ValueError:
        same_host = False
    if not same_host or method != "GET":
        raise ForgeTrouble(
            f"the forge redirects to {shown}; redirects to another host, and of queries through "
            "GraphQL, are not followed. Correct `url` of this source in headway.toml"
        )
    return target._replace(query=target.query or base.query, fragment="").geturl()


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    return parts.scheme, parts.hostname, port if parts.username is None else None
