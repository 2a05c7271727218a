"""A client that sends requests to GitLab, one at a time, through python-gitlab."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

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
from headway.forges.redirects import MOST_REDIRECTS, redirect_target
from headway.forges.response_size import limit_responses
from headway.forges.retry import BrokenTransferError, Response, decode_response, with_retries
from headway.forges.wait_policy import WaitPolicy

_TIMEOUT = 30
_USER_AGENT = "headway"


class GitlabClient:
    """A connection to GitLab.

    Args:
        source: The source's ID, for error messages.
        address: The base URLs of GitLab.
        credential: The credential, or None for unauthenticated requests.
        wait_policy: Controls waits for rate limits and between retries.
        is_job_token: Whether the credential is the token of a CI job.
        ca_file: The certificates to trust, or None for the public certificates.
    """

    def __init__(
        self,
        source: str,
        address: Address,
        credential: Credential | None,
        wait_policy: WaitPolicy,
        *,
        is_job_token: bool = False,
        ca_file: Path | None = None,
    ) -> None:
        self._source = source
        self._base = f"{address.programs}/api/v4"
        self._graphql_url = f"{address.programs}/api/graphql"
        self._credential = credential
        self._wait_policy = wait_policy
        self._was_accepted = False
        self._response: requests.Response | None = None
        token = credential.token() if credential else None
        self._gitlab = gitlab.Gitlab(
            address.programs,
            private_token=token if not is_job_token else None,
            job_token=token if is_job_token else None,
            ssl_verify=str(ca_file) if ca_file is not None else True,
            timeout=_TIMEOUT,
            user_agent=_USER_AGENT,
            keep_base_url=True,
        )
        session = self._gitlab.session
        # Do not follow redirects, because the library would send its token to another host.
        session.max_redirects = 0
        session.hooks["response"].append(self._keep_response)
        limit_responses(session)

    def close(self) -> None:
        """Close the connection."""
        self._gitlab.session.close()

    def get(self, path: str, parameters: Mapping[str, str | int | bool] | None = None) -> Response:
        """Send a GET request and return the response, whose status is below 500.

        Args:
            path: The path below the base URL of the API, such as `/groups/7`.
            parameters: The query parameters.

        Raises:
            ForgeTrouble: GitLab did not respond in time, redirects to another host, or now rejects
                a token that it accepted before.
            TokenRefusedError: GitLab has never accepted the token.
            AuthenticationRequiredError: No token is configured, and GitLab requires one.
        """
        return self._send("GET", f"{self._base}{path}", dict(parameters or {}), None)

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
        return self._send("POST", self._graphql_url, {}, body, is_final)

    def _send(
        self,
        method: str,
        url: str,
        parameters: Mapping[str, str | int | bool],
        body: dict[str, Any] | None,
        is_final: Callable[[Response], bool] | None = None,
    ) -> Response:
        """Send a request, and follow redirects on the same host."""
        target = f"{url}?{urlencode(parameters)}" if parameters else url
        for _ in range(MOST_REDIRECTS):
            url, response = target, self._send_to(method, target, body, is_final)
            following = redirect_target(url, response)
            if following is None:
                return response
            target = following
        raise ForgeTrouble("the forge redirects in a loop")

    def _send_to(
        self,
        method: str,
        url: str,
        body: dict[str, Any] | None,
        is_final: Callable[[Response], bool] | None,
    ) -> Response:
        def send() -> Response:
            return self._request(method, url, body)

        def find_wait(response: Response, waits: int) -> Wait | None:
            return gitlab_wait(response.status, response.headers, waits, self._wait_policy.now())

        response = with_retries(send, find_wait, self._wait_policy, is_final)
        if response.status == 401:
            if self._credential is None:
                raise AuthenticationRequiredError(self._source)
            if self._was_accepted:
                raise ForgeTrouble(f"the forge no longer accepts {self._credential.described}")
            raise TokenRefusedError(self._source, self._credential.described)
        self._was_accepted = True
        return response

    def _request(self, method: str, url: str, body: dict[str, Any] | None) -> Response:
        self._response = None
        try:
            self._gitlab.http_request(
                method.lower(),
                url,
                post_data=body,
                obey_rate_limit=False,
                retry_transient_errors=False,
                max_retries=0,
            )
        except (GitlabError, RecursionError, requests.TooManyRedirects):
            # python-gitlab raises errors for responses that are handled below.
            pass
        except requests.RequestException as error:
            raise BrokenTransferError(describe_failure(error, _TIMEOUT)) from None
        assert self._response is not None
        received = self._response
        return decode_response(received.status_code, received.headers, received.content)

    def _keep_response(self, response: requests.Response, **_: object) -> None:
        """Keep the response, because python-gitlab's errors omit the headers."""
        self._response = response
