"""Where a forge is: its interface for programs, its pages, and how its repositories are keyed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from headway.forges.forge_errors import SourceUrlError

_LOOPBACK = frozenset(("127.0.0.1", "::1", "localhost"))
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*\Z|\.[A-Za-z0-9_-][A-Za-z0-9_.+-]*\Z")


@dataclass(frozen=True, slots=True)
class Address:
    """programs: base of the interface for programs. pages: base of the web pages and of clone
    URLs. host: the first half of every key. None ends in a slash.
    """

    programs: str
    pages: str
    host: str

    def key(self, identity: int) -> str:
        """`HOST/ID`, the same for as long as the repository exists."""
        return f"{self.host}/{identity}"

    def identity(self, key: str) -> int:
        """The number in a key."""
        return int(key.rpartition("/")[2])

    def page(self, name: str) -> str:
        """A repository's web page."""
        return f"{self.pages}/{name}"

    def clone_url(self, name: str) -> str:
        """What git fetches from: made here, so that no answer can send a token elsewhere."""
        return f"{self.pages}/{name}.git"


def github_address(url: str, *, source: str, allow_loopback_http: bool) -> Address:
    """From `https://api.github.com`, `https://HOST/api/v3` or `https://api.TENANT.ghe.com`.

    Raises `SourceUrlError`.
    """
    base, host = _checked(url, source, allow_loopback_http)
    if base.endswith("/api/v3"):
        return Address(base, base.removesuffix("/api/v3"), host)
    if not host.startswith("api."):
        reason = "is not GitHub's interface for programs, such as https://HOST/api/v3"
        raise SourceUrlError(source, url, reason)
    host = host.removeprefix("api.")
    return Address(base, f"https://{host}", host)


def gitlab_address(url: str, *, source: str, allow_loopback_http: bool) -> Address:
    """From `https://gitlab.com` or `https://HOST/PATH`, with or without `/api/v4`.

    Raises `SourceUrlError`.
    """
    base, host = _checked(url, source, allow_loopback_http)
    base = base.removesuffix("/api/v4")
    return Address(base, base, host)


def is_repository_name(name: str, *, depth: int | None = None) -> bool:
    """Whether `name` is made of segments that a forge allows, and can go into a URL as it is.

    depth: how many segments there must be; None means two or more.
    """
    segments = name.split("/")
    enough = len(segments) == depth if depth is not None else len(segments) >= 2
    return enough and all(_SEGMENT.match(segment) for segment in segments)


def is_account_name(name: str) -> bool:
    """Whether `name` can be that of an organisation or a user."""
    return _SEGMENT.match(name) is not None


def _checked(url: str, source: str, allow_loopback_http: bool) -> tuple[str, str]:
    """The URL without a slash at its end, and its host with a port that is not the usual one."""
    try:
        parts = urlsplit(url)
        name, port = parts.hostname, parts.port
    except ValueError:
        raise SourceUrlError(source, url, "cannot be read") from None
    if not name or parts.query or parts.fragment:
        raise SourceUrlError(source, url, "is not the address of a forge")
    if parts.username is not None or parts.password is not None:
        shown = url.replace(f"{parts.netloc.rpartition('@')[0]}@", "***@")
        raise SourceUrlError(source, shown, "has a user or a secret in it")
    loopback = parts.scheme == "http" and name in _LOOPBACK and allow_loopback_http
    if parts.scheme != "https" and not loopback:
        raise SourceUrlError(source, url, "does not begin with https://")
    usual = {"https": 443, "http": 80}[parts.scheme]
    host = name if port in (None, usual) else f"{name}:{port}"
    return url.rstrip("/"), host
