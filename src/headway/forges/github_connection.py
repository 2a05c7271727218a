"""A connection to GitHub that sends single requests through PyGithub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import github
import requests
from github.Auth import Auth
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass

from headway.forges.address import Address
from headway.forges.http_failures import describe_failure
from headway.forges.rate_limit import Wait, github_wait
from headway.forges.response_size import limit_responses
from headway.forges.retry import BrokenTransferError, Response, decode_response

_TIMEOUT = 30
_USER_AGENT = "headway"


class _Response:
    """A minimal response that gives PyGithub no reason to follow a redirect or to wait."""

    status = 200

    def getheaders(self) -> Sequence[tuple[str, str]]:
        return ()

    def read(self) -> str:
        return ""


class GithubConnection:
    """Sends requests through PyGithub, which authenticates them.

    PyGithub drops the query when it follows redirects, parses rate limits without validating them,
    and repeats requests without a limit. To prevent this, PyGithub receives an empty response.
    `send` returns the real response.
    """

    def __init__(self, address: Address, auth: Auth | None, ca_file: Path | None) -> None:
        self._requester: Any = github.Github(
            auth=auth,
            base_url=address.programs,
            user_agent=_USER_AGENT,
            seconds_between_requests=None,
            seconds_between_writes=None,
        ).requester
        parts = urlsplit(address.programs)
        secure = parts.scheme == "https"
        kind = HTTPSRequestsConnectionClass if secure else HTTPRequestsConnectionClass
        self._connection = kind(
            str(parts.hostname),
            parts.port,
            timeout=_TIMEOUT,
            retry=0,
            verify=str(ca_file) if ca_file is not None else True,
        )
        limit_responses(self._connection.session)
        self._response: requests.Response | None = None

    @property
    def graphql_url(self) -> str:
        """The URL to which GraphQL queries are sent."""
        return str(self._requester.graphql_url)

    def send(self, method: str, url: str, body: object, headers: Mapping[str, str]) -> Response:
        """Send one request.

        Raises:
            BrokenTransferError: No complete response arrived.
        """
        self._response = None
        try:
            self._requester.requestJson(method, url, {}, dict(headers), body, cnx=self)
        except requests.RequestException as error:
            raise BrokenTransferError(describe_failure(error, _TIMEOUT)) from None
        assert self._response is not None
        received = self._response
        return decode_response(received.status_code, received.headers, received.content)

    def request(self, *arguments: Any) -> None:
        """Prepare a request. PyGithub calls this method."""
        self._connection.request(*arguments)

    def getresponse(self) -> _Response:
        """Send the prepared request. PyGithub calls this method."""
        self._response = self._connection.getresponse().response
        return _Response()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
        self._requester.close()


def find_wait(response: Response, waits: int, now: datetime) -> Wait | None:
    """Return the wait that a response requests, or None. See `github_wait`."""
    return github_wait(response.status, response.headers, _message(response.body), waits, now)


def _message(body: object) -> str:
    """Return the error message in a REST or GraphQL response, or an empty string if it has none."""
    if not isinstance(body, dict):
        return ""
    listed = body.get("errors")
    errors = [e for e in listed if isinstance(e, dict)] if isinstance(listed, list) else []
    if any(entry.get("type") == "RATE_LIMITED" for entry in errors):
        return "rate limit"
    if errors and not body.get("data"):
        return str(errors[0].get("message"))
    return str(body.get("message", "")) if "data" not in body else ""
