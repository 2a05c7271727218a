"""Credentials that are read from environment variables and never shown.

A credential masks its secret in `repr` and cannot be pickled. It therefore cannot leak into a log,
a traceback, a store or another process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn
from urllib.parse import urlsplit

from headway.forges.forge_errors import TokenMissingError, TokenUnusableError

_RENEWAL_MARGIN = timedelta(minutes=5)


class Credential:
    """A token that never changes.

    Args:
        secret: The token.
        variable: The name of the environment variable with the token, for messages.
        username: The user name that git sends with the token.
    """

    __slots__ = ("_secret", "username", "variable")

    def __init__(self, secret: str, *, variable: str, username: str) -> None:
        self._secret = secret
        self.variable = variable
        self.username = username

    @property
    def described(self) -> str:
        """The description of the credential in messages."""
        return f"the token in {self.variable}"

    def token(self) -> str:
        """Return the current token."""
        return self._secret

    def renew(self) -> bool:
        """Discard a token that the forge refused. Return whether a new token can be requested."""
        return False

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.variable}=***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials cannot be pickled; read them again from the environment")


class AppCredential(Credential):
    """The token of a GitHub App.

    The token expires after one hour and is renewed shortly before then.

    Args:
        issue: Requests a token from the forge and returns it with its expiry time.
        variable: The environment variable that holds the App's private key.
        now: Returns the current time in UTC.
    """

    __slots__ = ("_expires", "_issue", "_lock", "_now")

    def __init__(
        self,
        issue: Callable[[], tuple[str, datetime]],
        *,
        variable: str,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__("", variable=variable, username="x-access-token")
        self._issue = issue
        self._now = now
        self._expires: datetime | None = None
        self._lock = threading.Lock()

    @property
    def described(self) -> str:
        return f"the GitHub App whose private key is in {self.variable}"

    def token(self) -> str:
        # Hold the lock, so that concurrent fetches share one new token.
        with self._lock:
            if self._expires is None or self._now() >= self._expires - _RENEWAL_MARGIN:
                self._secret, self._expires = self._issue()
            return self._secret

    def renew(self) -> bool:
        self._expires = None
        return True


def read_secret(environ: Mapping[str, str], variable: str, *, source: str, key: str) -> str:
    """Read a secret from an environment variable and strip surrounding white space.

    Args:
        environ: The environment variables.
        variable: The name of the variable.
        source: The source's ID, for error messages.
        key: The setting that names the variable, for error messages.

    Raises:
        TokenMissingError: The variable is unset or empty.
        TokenUnusableError: The value cannot be sent in a header.
    """
    secret = environ.get(variable, "").strip()
    if not secret:
        raise TokenMissingError(source, key, variable)
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        raise TokenUnusableError(
            source, variable, "contains spaces, control characters or non-ASCII characters"
        )
    return secret


def read_private_key(environ: Mapping[str, str], variable: str, *, source: str) -> str:
    r"""Read a PEM key from an environment variable, in which `\n` stands for a line break.

    Raises:
        TokenMissingError: The variable is unset or empty.
        TokenUnusableError: The value is not a private key in PEM format.
    """
    key = environ.get(variable, "").strip().replace("\\n", "\n")
    if not key:
        raise TokenMissingError(source, "private_key", variable)
    if not key.startswith("-----BEGIN ") or "PRIVATE KEY-----" not in key:
        raise TokenUnusableError(source, variable, "does not contain a private key in PEM format")
    return key + "\n"


@dataclass(frozen=True, slots=True, repr=False)
class GitAccess:
    """Git's credentials for one host. Git receives them only in environment variables."""

    base: str
    """The scheme and host for which the credentials are valid, such as `https://github.com`."""
    username: str
    password: str

    def __repr__(self) -> str:
        return f"GitAccess({self.base}, ***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials for git cannot be pickled")


def git_access(credential: Credential | None, clone_url: str) -> GitAccess | None:
    """Return git's credentials for the host of `clone_url`, or None if `credential` is None."""
    if credential is None:
        return None
    parts = urlsplit(clone_url)
    return GitAccess(f"{parts.scheme}://{parts.netloc}", credential.username, credential.token())
