"""A client that sends requests to GitHub, one at a time, through PyGithub."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlencode

from github.Auth import Auth

from headway.forges.address import Address
from headway.forges.credentials import Credential
from headway.forges.forge_errors import (
    AuthenticationRequiredError,
    ForgeTrouble,
    TokenRefusedError,
)
from headway.forges.github_connection import GithubConnection, find_wait
from headway.forges.rate_limit import Wait
from headway.forges.redirects import MOST_REDIRECTS, redirect_target
from headway.forges.retry import Response, with_retries
from headway.forges.wait_policy import WaitPolicy


class _CurrentToken(Auth):
    """Reads the credential for each request, because the token can be renewed at any time."""

    def __init__(self, credential: Credential) -> None:
        self._credential = credential

    @property
    def token_type(self) -> str:
        return "Bearer"

    @property
    def token(self) -> str:
        return self._credential.token()


class GithubClient:
    """A connection to GitHub.

    Args:
        source: The source's ID, for error messages.
        address: The base URLs of GitHub.
        credential: The credential, or None for unauthenticated requests.
        wait_policy: Controls waits for rate limits and between retries.
        ca_file: The certificates to trust, or None for the public certificates.
    """

    def __init__(
        self,
        source: str,
        address: Address,
        credential: Credential | None,
        wait_policy: WaitPolicy,
        ca_file: Path | None = None,
    ) -> None:
        self._source = source
        self._credential = credential
        self._wait_policy = wait_policy
        self._was_accepted = False
        auth = _CurrentToken(credential) if credential else None
        self._base = address.programs
        self._connection = GithubConnection(address, auth, ca_file)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def get(self, path: str, *, unless: str | None = None, **parameters: str | int) -> Response:
        """Send a GET request and return the response, whose status is below 500.

        Args:
            path: The path below the base URL of the API.
            unless: The ETag of an earlier response, or None. If the content is unchanged, the
                response has status 304 and does not count towards the hourly limit.
            **parameters: The query parameters.

        Raises:
            ForgeTrouble: GitHub did not respond in time, redirects to another host, or now rejects
                a token that it accepted before.
            TokenRefusedError: GitHub has never accepted the token.
            AuthenticationRequiredError: No token is configured, and GitHub requires one.
        """
        headers = {"If-None-Match": unless} if unless is not None else {}
        return self._send("GET", f"{self._base}{path}", parameters, None, headers)

    def graphql(
        self,
        query: str,
        variables: Mapping[str, str | None],
        *,
        is_final: Callable[[Response], bool] | None = None,
    ) -> Response:
        """Send a GraphQL query. The response can contain both errors and data.

        Args:
            query: The query.
            variables: The variables of the query.
            is_final: Returns whether a server error is final and must not be retried. None retries
                all server errors.

        Raises the same errors as `get`.
        """
        body = {"query": query, "variables": dict(variables)}
        return self._send("POST", self._connection.graphql_url, {}, body, {}, is_final)

    def _send(
        self,
        method: str,
        url: str,
        parameters: Mapping[str, str | int],
        body: object,
        headers: Mapping[str, str],
        is_final: Callable[[Response], bool] | None = None,
    ) -> Response:
        """Send a request, and follow redirects on the same host."""
        target = f"{url}?{urlencode(parameters)}" if parameters else url
        for _ in range(MOST_REDIRECTS):
            url, response = target, self._send_to(method, target, body, headers, is_final)
            following = redirect_target(url, response)
            if following is None:
                return response
            target = following
        raise ForgeTrouble("the forge redirects in a loop")

    def _send_to(
        self,
        method: str,
        url: str,
        body: object,
        headers: Mapping[str, str],
        is_final: Callable[[Response], bool] | None,
    ) -> Response:
        def send() -> Response:
            return self._connection.send(method, url, body, headers)

        response = with_retries(send, self._find_wait, self._wait_policy, is_final)
        if response.status == 401 and self._credential is not None and self._credential.renew():
            response = with_retries(send, self._find_wait, self._wait_policy, is_final)
        if response.status == 401:
            if self._credential is None:
                raise AuthenticationRequiredError(self._source)
            if self._was_accepted:
                raise ForgeTrouble(f"the forge no longer accepts {self._credential.described}")
            raise TokenRefusedError(self._source, self._credential.described)
        self._was_accepted = True
        return response

    def _find_wait(self, response: Response, waits: int) -> Wait | None:
        return find_wait(response, waits, self._wait_policy.now())
