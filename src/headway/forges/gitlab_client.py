"""A client that sends requests to GitLab, one at a time, through python-gitlab."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import gitlab
import requests
from gitlab.exceptions import GitlabError

from headway.forges.address import Address
from headway.forges.credentials import Credential
from headway.forges.forge_errors import (
    AuthenticationRequiredError,
    ForgeTrouble,
    TokenRefusedError,
)
from headway.forges.http_failures import describe_failure
from headway.forges.rate_limit import Wait, gitlab_wait
from headway.forges.retry import BrokenTransferError, Reply, with_retries
from headway.forges.wait_policy import WaitPolicy

_TIMEOUT = 30
_USER_AGENT = "headway"


class GitlabClient:
    """A connection to GitLab.

    Args:
        source: ID of the source, for error messages.
        address: The base URLs of GitLab.
        credential: The credential; None means unauthenticated.
        wait_policy: Determines how to wait for rate limits and between retries.
        is_job_token: Whether the credential is the token of a CI job.
    """

    def __init__(
        self,
        source: str,
        address: Address,
        credential: Credential | None,
        wait_policy: WaitPolicy,
        *,
        is_job_token: bool = False,
    ) -> None:
        self._source = source
        self._address = address
        self._credential = credential
        self._wait_policy = wait_policy
        self._was_accepted = False
        self._headers: Mapping[str, str] = {}
        token = credential.token() if credential else None
        self._gitlab = gitlab.Gitlab(
            address.programs,
            private_token=token if not is_job_token else None,
            job_token=token if is_job_token else None,
            timeout=_TIMEOUT,
            user_agent=_USER_AGENT,
            keep_base_url=True,
        )
        session = self._gitlab.session
        # Redirects are off, because the library would send its token to another host.
        session.max_redirects = 0
        session.hooks["response"].append(self._remember_headers)

    def close(self) -> None:
        """Close the connection."""
        self._gitlab.session.close()

    def get(self, path: str, parameters: Mapping[str, str | int | bool] | None = None) -> Reply:
        """Send a GET request and return the reply, whose status is below 500.

        Args:
            path: The path below the base URL of the API, such as `/groups/7`.
            parameters: The query parameters.

        Raises:
            ForgeTrouble: GitLab did not reply, or refuses a token that it accepted before.
            TokenRefusedError: GitLab has never accepted the token.
            AuthenticationRequiredError: There is no token, and GitLab requires one.
        """
        return self._send("get", path, dict(parameters or {}), None)

    def graphql(self, query: str, variables: Mapping[str, str | None]) -> Reply:
        """Send a GraphQL query; the reply may contain errors as well as data.

        Raises the same errors as `get`.
        """
        body = {"query": query, "variables": dict(variables)}
        return self._send("post", f"{self._address.programs}/api/graphql", {}, body)

    def _send(
        self, method: str, path: str, parameters: dict[str, Any], body: dict[str, Any] | None
    ) -> Reply:
        def send() -> Reply:
            return self._request(method, path, parameters, body)

        def find_wait(reply: Reply, waits: int) -> Wait | None:
            return gitlab_wait(reply.status, reply.headers, waits, self._wait_policy.now())

        reply = with_retries(send, find_wait, self._wait_policy)
        if reply.status == 401:
            if self._credential is None:
                raise AuthenticationRequiredError(self._source)
            if self._was_accepted:
                raise ForgeTrouble(f"the forge no longer accepts {self._credential.described}")
            raise TokenRefusedError(self._source, self._credential.described)
        self._was_accepted = True
        return reply

    def _request(
        self, method: str, path: str, parameters: dict[str, Any], body: dict[str, Any] | None
    ) -> Reply:
        self._headers = {}
        try:
            response = self._gitlab.http_request(
                method,
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
            raise ForgeTrouble("the forge redirects; redirects are not followed") from None
        except requests.RequestException as error:
            raise BrokenTransferError(describe_failure(error, _TIMEOUT)) from None
        try:
            content = response.json()
        except ValueError:
            raise BrokenTransferError("the forge's response is not JSON") from None
        return Reply(response.status_code, self._headers, content)

    def _remember_headers(self, response: requests.Response, **_: object) -> None:
        """Keep the headers, which say how long to wait; python-gitlab's errors omit them."""
        self._headers = {name.lower(): value for name, value in response.headers.items()}


def _decoded(body: bytes | None) -> object:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None
