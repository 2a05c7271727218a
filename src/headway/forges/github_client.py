"""Asking GitHub: one request at a time, with the token of the moment, through PyGithub."""

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
from headway.forges.forge_errors import ForgeTrouble, TokenRefusedError, TokenUnusableError
from headway.forges.rate_limit import Wait, github_wait
from headway.forges.retry import BrokenTransferError, Reply, persist
from headway.forges.wait_policy import WaitPolicy

_TIMEOUT = 30
_AGENT = "headway"


class _CurrentToken(Auth):
    """PyGithub's view of a credential: asked anew for each request, so a renewed token is used."""

    def __init__(self, credential: Credential) -> None:
        self._credential = credential

    @property
    def token_type(self) -> str:
        return "Bearer"

    @property
    def token(self) -> str:
        return self._credential.token()


class GithubClient:
    """source: named in errors. credential: None asks as nobody."""

    def __init__(
        self, source: str, address: Address, credential: Credential | None, wait_policy: WaitPolicy
    ) -> None:
        self._source = source
        self._credential = credential
        self._pace = wait_policy
        self._answered = False
        auth = _CurrentToken(credential) if credential else None
        self._requester = _requester(address, auth)

    def close(self) -> None:
        """Lets the connection go."""
        self._requester.close()

    def get(self, path: str, *, unless: str | None = None, **parameters: str | int) -> Reply:
        """The answer below 500 to a GET.

        unless: the ETag of an answer that is known; when it is still good, the answer is a 304,
        which does not count towards the hourly limit. Raises `ForgeTrouble`, and
        `TokenRefusedError` when the token never was good: one that ends in the middle of a
        listing leaves what came before.
        """
        headers = {"If-None-Match": unless} if unless is not None else {}
        return self._ask("GET", path, parameters, None, headers)

    def graphql(self, query: str, variables: Mapping[str, str | None]) -> Reply:
        """The answer below 500 to a GraphQL query; its body may hold errors beside data.

        Raises `ForgeTrouble` and `TokenRefusedError`.
        """
        body = {"query": query, "variables": dict(variables)}
        return self._ask("POST", self._requester.graphql_url, {}, body, {})

    def _ask(
        self,
        verb: str,
        url: str,
        parameters: Mapping[str, str | int],
        body: object,
        headers: Mapping[str, str],
    ) -> Reply:
        def ask() -> Reply:
            return _request(
                lambda: self._requester.requestJson(
                    verb, url, dict(parameters), dict(headers), body
                )
            )

        reply = persist(ask, self._judge, self._pace)
        if reply.status == 401 and self._credential is not None and self._credential.renew():
            reply = persist(ask, self._judge, self._pace)
        if reply.status == 401:
            described = self._credential.described if self._credential else "to answer anybody"
            if self._answered:
                raise ForgeTrouble(f"the forge no longer accepts {described}")
            raise TokenRefusedError(self._source, described)
        self._answered = True
        if 300 <= reply.status < 400 and reply.status != 304:
            raise ForgeTrouble(f"the forge redirects to {_place(reply)}, which is not followed")
        return reply

    def _judge(self, reply: Reply, before: int) -> Wait | None:
        message = _message(reply.body)
        return github_wait(reply.status, reply.headers, message, before, self._pace.now())


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
    """The credential of one installation of a GitHub App; asks GitHub only when it is used.

    variable: where the key came from. Asking raises `TokenRefusedError`, `TokenUnusableError`
    and `ForgeTrouble`.
    """
    requester = _requester(address, AppAuth(app_id, private_key))
    path = f"/app/installations/{installation_id}/access_tokens"

    def judge(reply: Reply, before: int) -> Wait | None:
        return github_wait(
            reply.status, reply.headers, _message(reply.body), before, wait_policy.now()
        )

    def ask() -> Reply:
        try:
            return _request(lambda: requester.requestJson("POST", path, {}, {}, {}))
        except (PyJWTError, ValueError, TypeError):
            # of the key, by the library that signs; it may quote the key
            reason = "does not hold a private key that can sign"
            raise TokenUnusableError(source, variable, reason) from None

    def issue() -> tuple[str, datetime]:
        try:
            reply = persist(ask, judge, wait_policy)
        finally:
            requester.close()
        body = reply.body if isinstance(reply.body, dict) else {}
        token, ends_at = body.get("token"), body.get("expires_at")
        if reply.status != 201 or not isinstance(token, str) or not isinstance(ends_at, str):
            described = f"installation {installation_id} of the GitHub App {app_id}"
            raise TokenRefusedError(source, described)
        return token, datetime.fromisoformat(ends_at).astimezone(UTC)

    return AppCredential(issue, variable=variable, now=wait_policy.now)


def _requester(address: Address, auth: Auth | None) -> Any:
    """PyGithub's transport without its own retries and pauses: those go through `persist`."""
    return github.Github(
        auth=auth,
        base_url=address.programs,
        timeout=_TIMEOUT,
        user_agent=_AGENT,
        retry=0,
        seconds_between_requests=None,
        seconds_between_writes=None,
    ).requester


def _request(send: Callable[[], tuple[int, dict[str, Any], str]]) -> Reply:
    try:
        status, headers, content = send()
    except requests.RequestException as error:
        raise BrokenTransferError(_phrase(error)) from None
    except GithubException as error:
        raise BrokenTransferError(f"the forge answers {error.status}") from None
    except (RuntimeError, AssertionError):
        # PyGithub's way to refuse a redirect to another host or scheme, and one in a circle
        raise ForgeTrouble(
            "the forge redirects to another host or in a circle, which is not followed"
        ) from None
    try:
        body = json.loads(content) if content else None
    except ValueError:
        if status < 400:
            raise BrokenTransferError("the forge's answer is not JSON") from None
        body = None
    return Reply(status, {name.lower(): str(value) for name, value in headers.items()}, body)


def _phrase(error: requests.RequestException) -> str:
    """What happened, without the address: the library's own text is long and quotes everything."""
    if isinstance(error, requests.exceptions.SSLError):
        return "the forge's certificate is not accepted"
    if isinstance(error, requests.Timeout):
        return f"the forge does not answer within {_TIMEOUT} s"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the forge's answer breaks off"
    return "the forge cannot be reached"


def _message(body: object) -> str:
    """GitHub's own words in an answer that is an error, whether of REST or of GraphQL."""
    if not isinstance(body, dict):
        return ""
    errors = body.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict) and not body.get("data"):
        kind = "rate limit" if errors[0].get("type") == "RATE_LIMITED" else ""
        return f"{kind} {errors[0].get('message')}"
    return str(body.get("message", "")) if "data" not in body else ""


def _place(reply: Reply) -> str:
    return reply.headers.get("location", "nowhere")[:200]
