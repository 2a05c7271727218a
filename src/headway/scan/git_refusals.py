"""Handle forges that reject git's token, without losing readable repositories.

A refusal affects only one repository, unless the forge's API also rejects the token. Headway limits
the rate of refusals, because GitLab bans an IP address for 15 minutes after 300 failed
authentications within one minute.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from headway.forges.source import RemoteSource, TokenCheckSource
from headway.git.fetch_errors import REFUSED, FetchError
from headway.git.remote import Remote
from headway.model.repository import Repository

_PER_MINUTE = 100
"""The maximum number of refusals by one host in a minute. Git sends two requests per refusal."""
_MINUTE = timedelta(minutes=1)
_MOST_WITHOUT_SUCCESS = 20
"""A token counts as rejected after this number of refusals if it cannot be checked and git has not
read any repository.
"""


@dataclass(slots=True)
class GitRefusals:
    """The refusals of git's requests in one scan. Threads can share one instance."""

    processes: int = 1
    """The number of processes that send requests. Each one gets an equal share of the limit."""
    _times: dict[str, deque[datetime]] = field(default_factory=lambda: defaultdict(deque))
    """The times of the latest refusals, by host."""
    _refusals: Counter[str] = field(default_factory=Counter)
    """The number of refusals, by source ID."""
    _readable: set[str] = field(default_factory=set)
    """The IDs of the sources from which git has read a repository."""
    _refused_tokens: set[str] = field(default_factory=set)
    """The IDs of the sources whose token the forge rejects for all repositories."""
    _limited_until: dict[str, datetime] = field(default_factory=dict)
    """The end of the latest rate limit, by host."""
    _checked_at: dict[str, datetime] = field(default_factory=dict)
    """The time of the last check of each token, by source ID."""
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @contextmanager
    def reaching(self, source: RemoteSource, repository: Repository) -> Iterator[Remote]:
        """Provide access to a repository on its forge, unless the forge rejects the token.

        Raises:
            FetchError: The forge rejects the token for all repositories, or the `with` block raised
                this error. If git was refused, the message gives the reason.
            WaitTooLong: The rate limit ends after the deadline.
        """
        url = repository.clone_url
        host = urlsplit(url).netloc
        self.before_request(source, host)

        def pause(reason: str, seconds: float) -> None:
            until = source.wait_policy.now() + timedelta(seconds=seconds)
            source.wait_policy.wait(reason, until, repository=repository.name)

        try:
            yield Remote(
                url,
                lambda: source.git_access(url),
                pause,
                lambda seconds: self.limited(source, host, seconds),
                source.ca_file,
            )
            self.succeeded(source)
        except FetchError as error:
            if error.refused:
                raise self.explain(source, host, str(error)) from error
            raise

    def before_request(self, source: RemoteSource, host: str) -> None:
        """Wait until the host's rate limit ends and one more refusal cannot cause a ban.

        Raises:
            FetchError: The forge rejects the token for all repositories, so git sends no more
                requests.
            WaitTooLong: The wait would end after the deadline.
        """
        while (pause := self._next_pause(source, host)) is not None:
            source.wait_policy.wait(*pause)

    def limited(self, source: RemoteSource, host: str, seconds: float) -> None:
        """Record that the host must not receive requests for this number of seconds."""
        until = source.wait_policy.now() + timedelta(seconds=seconds)
        with self._lock:
            self._limited_until[host] = max(until, self._limited_until.get(host, until))

    def succeeded(self, source: RemoteSource) -> None:
        """Record that git has read a repository of the source."""
        self._readable.add(source.id)

    def explain(self, source: RemoteSource, host: str, reason: str = REFUSED) -> FetchError:
        """Record a refusal, and return an error that explains it.

        Args:
            source: The source whose token was rejected.
            host: The host that rejected the token.
            reason: The reason that git reported.
        """
        with self._lock:
            self._times[host].append(source.wait_policy.now())
            self._refusals[source.id] += 1
            accepted = self._check(source)
            if accepted is False:
                self._refused_tokens.add(source.id)
                return _token_refused()
        if accepted and reason == REFUSED:
            return FetchError("this token has no permission to read it with git")
        return FetchError(reason)

    def _next_pause(self, source: RemoteSource, host: str) -> tuple[str, datetime] | None:
        """Return the reason and end of a necessary wait, or None if git may send a request now."""
        with self._lock:
            if source.id in self._refused_tokens:
                raise _token_refused()
            now, times = source.wait_policy.now(), self._times[host]
            limited_until = self._limited_until.get(host)
            if limited_until is not None and limited_until > now:
                return f"the rate limit of {host} for git is exceeded", limited_until
            while times and times[0] <= now - _MINUTE:
                times.popleft()
            most = max(_PER_MINUTE // self.processes, 1)
            if len(times) < most:
                return None
            return f"{host} refused git {most} times in a minute", times[0] + _MINUTE

    def _check(self, source: RemoteSource) -> bool | None:
        """Return whether the forge accepts git's token, or None if this is unknown."""
        if not isinstance(source, TokenCheckSource):
            many = self._refusals[source.id] >= _MOST_WITHOUT_SUCCESS
            return False if many and source.id not in self._readable else None
        now, last = source.wait_policy.now(), self._checked_at.get(source.id)
        if last is not None and now - last < _MINUTE:
            return source.id not in self._refused_tokens
        self._checked_at[source.id] = now
        return source.accepts_git_token()


def _token_refused() -> FetchError:
    return FetchError("the forge refuses the token; create a new one and set it")
