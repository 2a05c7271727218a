"""Secrets: read from the environment by name, renewed when they end, and shown to nobody.

A credential masks itself when printed and refuses to be pickled, so that no secret gets into a
log, a traceback, a store or another process by accident.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn
from urllib.parse import urlsplit

from headway.forges.forge_errors import TokenMissingError, TokenUnusableError

_MARGIN = timedelta(minutes=5)


class Credential:
    """One token that stays the same.

    variable: the environment variable that it came from. username: what git's basic
    authentication wants beside the token.
    """

    __slots__ = ("_secret", "username", "variable")

    def __init__(self, secret: str, *, variable: str, username: str) -> None:
        self._secret = secret
        self.variable = variable
        self.username = username

    @property
    def described(self) -> str:
        """What to call it in a message."""
        return f"the token in {self.variable}"

    def token(self) -> str:
        """The secret as of now."""
        return self._secret

    def renew(self) -> bool:
        """Whether there is another token to try after this one was refused."""
        return False

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.variable}=***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a credential is never pickled; read it again from the environment")


class AppCredential(Credential):
    """A GitHub App's token, which lasts an hour: a new one is asked for before that.

    issue: asks the forge for a token; gives it with its end. now: the time in UTC.
    """

    __slots__ = ("_ends_at", "_issue", "_lock", "_now")

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
        self._ends_at: datetime | None = None
        self._lock = threading.Lock()

    @property
    def described(self) -> str:
        return f"the GitHub App with the key in {self.variable}"

    def token(self) -> str:
        # several fetches ask at once; one new token serves them all
        with self._lock:
            if self._ends_at is None or self._now() >= self._ends_at - _MARGIN:
                self._secret, self._ends_at = self._issue()
            return self._secret

    def renew(self) -> bool:
        self._ends_at = None
        return True


def read_secret(environ: Mapping[str, str], variable: str, *, source: str, key: str) -> str:
    """The value of an environment variable, without white space around it.

    key: the setting that names the variable. Raises `TokenMissingError`, and `TokenUnusableError`
    for what could not be sent in a header.
    """
    secret = environ.get(variable, "").strip()
    if not secret:
        raise TokenMissingError(source, key, variable)
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        raise TokenUnusableError(source, variable, "holds white space or control characters")
    return secret


def read_private_key(environ: Mapping[str, str], variable: str, *, source: str) -> str:
    r"""A PEM key out of an environment variable; `\n` written as two characters is a line break.

    Raises `TokenMissingError` and `TokenUnusableError`.
    """
    key = environ.get(variable, "").strip().replace("\\n", "\n")
    if not key:
        raise TokenMissingError(source, "private_key", variable)
    if not key.startswith("-----BEGIN ") or "PRIVATE KEY-----" not in key:
        raise TokenUnusableError(source, variable, "does not hold a private key in PEM form")
    return key + "\n"


@dataclass(frozen=True, slots=True, repr=False)
class GitAccess:
    """What git needs for one host, to be passed in its environment and nowhere else.

    base: scheme and host of the addresses that it is for, such as `https://github.com`.
    """

    base: str
    username: str
    password: str

    def __repr__(self) -> str:
        return f"GitAccess({self.base}, ***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("access to a forge is never pickled")


def git_access(credential: Credential | None, clone_url: str) -> GitAccess | None:
    """Access for git to the host of `clone_url`, and to no other; None without a credential."""
    if credential is None:
        return None
    parts = urlsplit(clone_url)
    return GitAccess(f"{parts.scheme}://{parts.netloc}", credential.username, credential.token())
