"""A client that sends requests to GitHub, one at a time, through PyGithub."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import github
import requests
from github.Auth import AppAuth, Auth
from github.GithubException import GithubException
from jwt import PyJWTError

from headway.forges.address import Address
from headway.forges.credentials import AppCredential, Credential
from headway.forges.forge_errors import (
    AuthenticationRequiredError,
    ForgeTrouble,
    TokenRefusedError,
    TokenUnusableError,
)
from headway.forges.http_failures import describe_failure
from headway.forges.rate_limit import Wait, github_wait
from headway.forges.retry import BrokenTransferError, Reply, with_retries
from headway.forges.wait_policy import WaitPolicy

_TIMEOUT = 30
_USER_AGENT = "headway"


class _CurrentToken(Auth):
    """Reads the credential for each request, because the token may have been renewed."""

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
        source: ID of the source, for error messages.
        address: The base URLs of GitHub.
        credential: The credential; None means unauthenticated.
        wait_policy: Determines how to wait for rate limits and between retries.
    """

    def __init__(
        self,
        source: str,
        address: Address,
        credential: Credential | None,
        wait_policy: WaitPolicy,
    ) -> None:
        self._source = source
        self._credential = credential
        self._wait_policy = wait_policy
        self._was_accepted = False
        auth = _CurrentToken(credential) if credential else None
        self._requester = _requester(address, auth)

    def close(self) -> None:
        """Close the connection."""
        self._requester.close()

    def get(self, path: str, *, unless: str | None = None, **parameters: str | int) -> Reply:
        """Send a GET request and return the reply, whose status is below 500.

        Args:
            path: The path below the base URL of the API.
            unless: The ETag of an earlier reply. If the content has not changed, the reply has
                status 304, which does not count towards the hourly limit.
            **parameters: The query parameters.

        Raises:
            ForgeTrouble: GitHub did not reply, or refuses a token that it accepted before.
            TokenRefusedError: GitHub has never accepted the token.
            AuthenticationRequiredError: There is no token, and GitHub requires one.
        """
        headers = {"If-None-Match": unless} if unless is not None else {}
        return self._send("GET", path, parameters, None, headers)

    def graphql(self, query: str, variables: Mapping[str, str | None]) -> Reply:
        """Send a GraphQL query; the reply may contain errors as well as data.

        Raises the same errors as `get`.
        """
        body = {"query": query, "variables": dict(variables)}
        return self._send("POST", self._requester.graphql_url, {}, body, {})

    def _send(
        self,
        method: str,
        url: str,
        parameters: Mapping[str, str | int],
        body: object,
        headers: Mapping[str, str],
    ) -> Reply:
        def send() -> Reply:
            return _request(
                lambda: self._requester.requestJson(
                    method, url, dict(parameters), dict(headers), body
                )
            )

        reply = with_retries(send, self._find_wait, self._wait_policy)
        if reply.status == 401 and self._credential is not None and self._credential.renew():
            reply = with_retries(send, self._find_wait, self._wait_policy)
        if reply.status == 401:
            if self._credential is None:
                raise AuthenticationRequiredError(self._source)
            if self._was_accepted:
                raise ForgeTrouble(f"the forge no longer accepts {self._credential.described}")
            raise TokenRefusedError(self._source, self._credential.described)
        self._was_accepted = True
        if 300 <= reply.status < 400 and reply.status != 304:
            target = reply.headers.get("location", "nowhere")[:200]
            raise ForgeTrouble(f"the forge redirects to {target}; redirects are not followed")
        return reply

    def _find_wait(self, reply: Reply, waits: int) -> Wait | None:
        return _find_wait(reply, waits, self._wait_policy.now())


def app_credential(
    source: str,
    address: Address,
    *,
    app_id: int,
    installation_id: int,
    private_key: str,
    variable: str,
    wait_policy: WaitPolicy,
) -> AppCredential:
    """Return the credential of a GitHub App installation; its first use requests a token.

    Requesting a token can raise `TokenRefusedError`, `TokenUnusableError` and `ForgeTrouble`.

    Args:
        source: ID of the source, for error messages.
        address: The base URLs of GitHub.
        app_id: The ID of the App.
        installation_id: The ID of the App's installation in the organisation.
        private_key: The key of the App, in PEM format.
        variable: The environment variable that holds the key, for error messages.
        wait_policy: Determines how to wait for rate limits and between retries.
    """
    requester = _requester(address, AppAuth(app_id, private_key))
    path = f"/app/installations/{installation_id}/access_tokens"

    def find_wait(reply: Reply, waits: int) -> Wait | None:
        return _find_wait(reply, waits, wait_policy.now())

    def send() -> Reply:
        try:
            return _request(lambda: requester.requestJson("POST", path, {}, {}, {}))
        except (PyJWTError, ValueError, TypeError):
            # Do not show the message of this error, because it may quote the private key.
            reason = "does not contain a valid private key for signing requests"
            raise TokenUnusableError(source, variable, reason) from None

    def issue() -> tuple[str, datetime]:
        try:
            reply = with_retries(send, find_wait, wait_policy)
        finally:
            requester.close()
        body = reply.body if isinstance(reply.body, dict) else {}
        token, expires = body.get("token"), body.get("expires_at")
        if reply.status != 201 or not isinstance(token, str) or not isinstance(expires, str):
            described = f"installation {installation_id} of the GitHub App {app_id}"
            raise TokenRefusedError(source, described)
        return token, datetime.fromisoformat(expires).astimezone(UTC)

    return AppCredential(issue, variable=variable, now=wait_policy.now)


def _requester(address: Address, auth: Auth | None) -> Any:
    """Return PyGithub's transport without its retries and pauses; see `with_retries`."""
    return github.Github(
        auth=auth,
        base_url=address.programs,
        timeout=_TIMEOUT,
        user_agent=_USER_AGENT,
        retry=0,
        seconds_between_requests=None,
        seconds_between_writes=None,
    ).requester


def _request(send: Callable[[], tuple[int, dict[str, Any], str]]) -> Reply:
    try:
        status, headers, content = send()
    except requests.RequestException as error:
        raise BrokenTransferError(describe_failure(error, _TIMEOUT)) from None
    except GithubException as error:
        raise BrokenTransferError(f"the forge answered with status {error.status}") from None
    except (RuntimeError, AssertionError):
        # PyGithub raises these errors for redirects to another host or scheme, and for loops.
        raise ForgeTrouble(
            "the forge redirects to another host or in a loop; redirects are not followed"
        ) from None
    try:
        body = json.loads(content) if content else None
    except ValueError:
        if status < 400:
            raise BrokenTransferError("the forge's response is not JSON") from None
        body = None
    return Reply(status, {name.lower(): str(value) for name, value in headers.items()}, body)


def _find_wait(reply: Reply, waits: int, now: datetime) -> Wait | None:
    return github_wait(reply.status, reply.headers, _message(reply.body), waits, now)


def _message(body: object) -> str:
    """Return the error message in a REST or GraphQL reply; empty if there is none."""
    if not isinstance(body, dict):
        return ""
    errors = body.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict) and not body.get("data"):
        kind = "rate limit" if errors[0].get("type") == "RATE_LIMITED" else ""
        return f"{kind} {errors[0].get('message')}"
    return str(body.get("message", "")) if "data" not in body else ""
