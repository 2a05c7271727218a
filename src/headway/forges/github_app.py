"""The credential of a GitHub App installation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from github.Auth import AppAuth
from jwt import PyJWTError

from headway.forges.address import Address
from headway.forges.forge_errors import ClockError, TokenRefusedError, TokenUnusableError
from headway.forges.github_connection import GithubConnection, find_wait
from headway.forges.rate_limit import Wait
from headway.forges.redirects import redirect_target
from headway.forges.retry import Response, with_retries
from headway.forges.wait_policy import WaitPolicy
from headway.http_dates import clock_difference

_ISSUED_AGO = timedelta(seconds=60)
_VALID_FOR = timedelta(minutes=5)
_ALGORITHM = "RS256"
_CLOCK_TOLERANCE = timedelta(seconds=30)
"""If GitHub rejects a signed request (status 401) and the clocks differ by more than this, the
clock difference is assumed to be the cause.
"""


class AppTokens:
    """Requests tokens for a GitHub App installation.

    Requests are signed with the current time, so GitHub rejects them if the clocks differ too much.
    In this case, the request is signed again with the time of GitHub's clock.

    Args:
        source: The source's ID, for error messages.
        address: The base URLs of GitHub.
        app_id: The ID of the App.
        installation_id: The ID of the App's installation in the organisation.
        private_key: The key of the App, in PEM format.
        variable: The environment variable that holds the key, for error messages.
        wait_policy: Controls waits for rate limits and between retries.
        ca_file: The certificates to trust, or None for the public certificates.
    """

    def __init__(
        self,
        source: str,
        address: Address,
        *,
        app_id: int,
        installation_id: int,
        private_key: str,
        variable: str,
        wait_policy: WaitPolicy,
        ca_file: Path | None = None,
    ) -> None:
        self._source = source
        self._described = f"installation {installation_id} of the GitHub App {app_id}"
        self._private_key = private_key
        self._variable = variable
        self._wait_policy = wait_policy
        self._forge_is_ahead = timedelta()
        self._url = f"{address.programs}/app/installations/{installation_id}/access_tokens"
        self._connection = GithubConnection(address, AppAuth(app_id, sign_func=self._sign), ca_file)

    def issue(self) -> tuple[str, datetime]:
        """Request a token, and return it with its expiry time by this machine's clock.

        Raises:
            ClockError: GitHub rejects the App, probably because the clocks differ.
            TokenRefusedError: GitHub rejects the App, or sends no valid token.
            TokenUnusableError: The private key cannot be used.
            ForgeTrouble: GitHub did not answer, or redirects the request.
        """
        try:
            response = self._request()
            difference = clock_difference(response.headers, self._wait_policy.now())
            if response.status == 401 and abs(difference) > _CLOCK_TOLERANCE:
                self._forge_is_ahead = difference
                response = self._request()
        finally:
            self._connection.close()
        redirect_target(self._url, response, is_repeatable=False)
        body = response.body if isinstance(response.body, dict) else {}
        token, expires = body.get("token"), _time(body.get("expires_at"))
        if response.status == 401 and abs(difference) > _CLOCK_TOLERANCE:
            raise ClockError(self._source, self._described, difference)
        if response.status != 201 or not isinstance(token, str) or expires is None:
            raise TokenRefusedError(self._source, self._described)
        return token, expires - difference

    def _request(self) -> Response:
        def send() -> Response:
            return self._connection.send("POST", self._url, {}, {})

        def wait(response: Response, waits: int) -> Wait | None:
            return find_wait(response, waits, self._wait_policy.now())

        return with_retries(send, wait, self._wait_policy)

    def _sign(self, payload: dict[str, Any]) -> str | bytes:
        """Sign the claims of a request, with times by GitHub's clock.

        Raises:
            TokenUnusableError: The private key cannot be used.
        """
        now = self._wait_policy.now() + self._forge_is_ahead
        times = {
            "iat": int((now - _ISSUED_AGO).timestamp()),
            "exp": int((now + _VALID_FOR).timestamp()),
        }
        try:
            return AppAuth.create_jwt_sign(self._private_key, _ALGORITHM)(payload | times)
        except (PyJWTError, ValueError, TypeError):
            # Hide the message of this error, because it can quote the private key.
            reason = "does not contain a valid private key for signing requests"
            raise TokenUnusableError(self._source, self._variable, reason) from None


def _time(value: object) -> datetime | None:
    """Parse a time such as `2026-03-01T12:00:00Z`. Return None for any other value."""
    try:
        stated = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return stated.astimezone(UTC) if stated is not None and stated.tzinfo else None
