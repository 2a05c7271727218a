"""Base URLs of a forge, and the URLs and keys of its repositories."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from headway.forges.forge_errors import SourceUrlError

_LOOPBACK = frozenset(("127.0.0.1", "::1", "localhost"))
_DEFAULT_PORTS = {"https": 443, "http": 80}
_ACCOUNT = re.compile(r"\.?[A-Za-z0-9_][A-Za-z0-9_.+-]*\Z")
"""The pattern for an account or group. A leading `-` is not allowed, because git or a shell could
interpret it as an option.
"""
_REPOSITORY = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9_.+-]+\Z")
"""The pattern for the last part of a repository's name. On GitHub, it can begin with any of these
characters.
"""


@dataclass(frozen=True, slots=True)
class Address:
    """The base URLs of a forge, without trailing slashes."""

    programs: str
    """The base URL of the API."""
    pages: str
    """The base URL of web pages and clone URLs."""
    host: str
    """The host with any non-default port. It is the first part of every repository key."""

    def key(self, identity: int) -> str:
        """Return a repository's key, `HOST/ID`, which stays the same after a rename."""
        return f"{self.host}/{identity}"

    def identity(self, key: str) -> int:
        """Return the repository ID in a key."""
        return int(key.rpartition("/")[2])

    def page(self, name: str) -> str:
        """Return the URL of a repository's web page."""
        return f"{self.pages}/{name}"

    def clone_url(self, name: str) -> str:
        """Return the URL from which git fetches a repository.

        A URL from the forge's response could send the token to another host, so it is not used.
        """
        return f"{self.pages}/{name}.git"


def github_address(url: str, *, source: str, allow_loopback_http: bool) -> Address:
    """Return the address of the GitHub instance with this API URL.

    Args:
        url: `https://api.github.com`, `https://HOST/api/v3` or `https://api.TENANT.ghe.com`.
        source: The source's ID, for error messages.
        allow_loopback_http: Whether plain HTTP to this machine is allowed.

    Raises:
        SourceUrlError: The URL has none of these forms.
    """
    base, host = _check_api_url(url, source, allow_loopback_http)
    if base.endswith("/api/v3"):
        return Address(base, base.removesuffix("/api/v3"), host)
    if not host.startswith("api."):
        reason = "is not the base URL of a GitHub API, such as https://HOST/api/v3"
        raise SourceUrlError(source, url, reason)
    host = host.removeprefix("api.")
    return Address(base, f"https://{host}", host)


def gitlab_address(url: str, *, source: str, allow_loopback_http: bool) -> Address:
    """Return the address of the GitLab instance at this URL.

    Args:
        url: `https://gitlab.com` or `https://HOST/PATH`, with or without `/api/v4`.
        source: The source's ID, for error messages.
        allow_loopback_http: Whether plain HTTP to this machine is allowed.

    Raises:
        SourceUrlError: The URL cannot be used.
    """
    base, host = _check_api_url(url, source, allow_loopback_http)
    base = base.removesuffix("/api/v4")
    return Address(base, base, host)


def is_repository_name(name: str, *, depth: int | None = None) -> bool:
    """Return whether `name` could be a repository's full name, without any URL escapes.

    Args:
        name: Segments separated by slashes.
        depth: The required number of segments. None means two or more.
    """
    segments = name.split("/")
    enough = len(segments) == depth if depth is not None else len(segments) >= 2
    *accounts, last = segments
    valid = all(is_account_name(account) for account in accounts)
    return enough and valid and _REPOSITORY.match(last) is not None


def is_account_name(name: str) -> bool:
    """Return whether `name` can be the name of an organisation or a user."""
    return _ACCOUNT.match(name) is not None


def check_url(url: str, *, allow_loopback_http: bool) -> str | None:
    """Return the reason why a URL must not be used, as a clause, or None for an allowed URL."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is not a valid URL"
    if not host:
        return "has no host"
    if parts.query or parts.fragment:
        return "has a query or a fragment"
    if parts.username is not None or parts.password is not None:
        return "contains a user name or a password"
    loopback = parts.scheme == "http" and host in _LOOPBACK and allow_loopback_http
    if parts.scheme != "https" and not loopback:
        return "does not begin with https://"
    return None


def _check_api_url(url: str, source: str, allow_loopback_http: bool) -> tuple[str, str]:
    """Return the URL without a trailing slash, and the host with any non-default port.

    Raises:
        SourceUrlError: Requests must not be sent to the URL.
    """
    reason = check_url(url, allow_loopback_http=allow_loopback_http)
    if reason is not None:
        try:
            user = urlsplit(url).netloc.rpartition("@")[0]
        except ValueError:
            user = ""
        shown = url.replace(f"{user}@", "***@") if user else url
        raise SourceUrlError(source, shown, reason)
    parts = urlsplit(url)
    is_default = parts.port in (None, _DEFAULT_PORTS[parts.scheme])
    host = parts.hostname if is_default else f"{parts.hostname}:{parts.port}"
    return url.rstrip("/"), host or ""
