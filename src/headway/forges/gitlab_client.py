"""Asking GitLab: one request at a time, through python-gitlab."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import gitlab
import requests
from gitlab.exceptions import GitlabError

from headway.forges.address import Address
from headway.forges.credentials import Credential
from headway.forges.forge_errors import ForgeTrouble, TokenRefusedError
from headway.forges.rate_limit import Wait, gitlab_wait
from headway.forges.retry import BrokenTransferError, Reply, persist
from headway.forges.wait_policy import WaitPolicy

_TIMEOUT = 30
_AGENT = "headway"


class GitlabClient:
    """source: named in errors. credential: None asks as nobody."""

    def __init__(
        self, source: str, address: Address, credential: Credential | None, wait_policy: WaitPolicy
    ) -> None:
        self._source = source
        self._address = address
        self._credential = credential
        self._pace = wait_policy
        self._answered = False
        self._headers: Mapping[str, str] = {}
        self._gitlab = gitlab.Gitlab(
            address.programs,
            private_token=credential.token() if credential else None,
            timeout=_TIMEOUT,
            user_agent=_AGENT,
            keep_base_url=True,
        )
        session = self._gitlab.session
        # the library sends its token along a redirect to another host: none is followed
        session.max_redirects = 0
        session.hooks["response"].append(self._keep_headers)

    def close(self) -> None:
        """Lets the connection go."""
        self._gitlab.session.close()

    def get(self, path: str, parameters: Mapping[str, str | int | bool] | None = None) -> Reply:
        """The answer below 500 to a GET of a path such as `/groups/7`.

        Raises `ForgeTrouble`, and `TokenRefusedError` when the token never was good: one that
        ends in the middle of a listing leaves what came before.
        """
        return self._ask("get", path, dict(parameters or {}), None)

    def graphql(self, query: str, variables: Mapping[str, str | None]) -> Reply:
        """The answer below 500 to a GraphQL query; its body may hold errors beside data.

        Raises as `get` does.
        """
        body = {"query": query, "variables": dict(variables)}
        return self._ask("post", f"{self._address.programs}/api/graphql", {}, body)

    def _ask(
        self, verb: str, path: str, parameters: dict[str, Any], body: dict[str, Any] | None
    ) -> Reply:
        def ask() -> Reply:
            return self._request(verb, path, parameters, body)

        def judge(reply: Reply, before: int) -> Wait | None:
            return gitlab_wait(reply.status, reply.headers, before, self._pace.now())

        reply = persist(ask, judge, self._pace)
        if reply.status == 401:
            described = self._credential.described if self._credential else "to answer anybody"
            if self._answered:
                raise ForgeTrouble(f"the forge no longer accepts {described}")
            raise TokenRefusedError(self._source, described)
        self._answered = True
        return reply

    def _request(
        self, verb: str, path: str, parameters: dict[str, Any], body: dict[str, Any] | None
    ) -> Reply:
        self._headers = {}
        try:
            response = self._gitlab.http_request(
                verb,
                path,
                query_data=parameters,
                post_data=body,
                obey_rate_limit=False,
                retry_transient_errors=False,
                max_retries=0,
            )
        except GitlabError as error:
            return Reply(error.response_code or 500, self._headers, _decoded(error.response_body))
        except requests.TooManyRedirects:
            raise ForgeTrouble("the forge redirects, which is not followed") from None
        except requests.RequestException as error:
            raise BrokenTransferError(_phrase(error)) from None
        try:
            content = response.json()
        except ValueError:
            raise BrokenTransferError("the forge's answer is not JSON") from None
        return Reply(response.status_code, self._headers, content)

    def _keep_headers(self, response: requests.Response, **_: object) -> None:
        """python-gitlab's errors do not carry the headers that say how long to wait."""
        self._headers = {name.lower(): value for name, value in response.headers.items()}


def _decoded(body: bytes | None) -> object:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None


def _phrase(error: requests.RequestException) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "the forge's certificate is not accepted"
    if isinstance(error, requests.Timeout):
        return f"the forge does not answer within {_TIMEOUT} s"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the forge's answer breaks off"
    return "the forge cannot be reached"
