"""Errors that users can fix in a source's settings, and failures that end a listing early."""

from __future__ import annotations

from datetime import datetime, timedelta

from headway.errors import HeadwayError


class ForgeTrouble(Exception):  # noqa: N818 - not an error of the program: it ends a listing early
    """A listing cannot continue. The message is a phrase that gives the reason.

    The listing keeps the repositories found so far, but counts as incomplete.
    """


class RepeatedFailure(ForgeTrouble):
    """The forge repeatedly failed to answer a request. A smaller request could succeed."""


class GraphqlUnavailableError(Exception):
    """The forge or the token does not allow GraphQL. REST could still work."""


class WaitTooLong(ForgeTrouble):
    """The forge asks for a wait that would end after the deadline."""

    def __init__(self, reason: str, until: datetime, deadline: datetime) -> None:
        super().__init__(
            f"{reason}: the wait would last until {until:%Y-%m-%d %H:%M:%S} UTC, "
            f"which is after the deadline at {deadline:%H:%M:%S} UTC"
        )


class SourceUrlError(HeadwayError):
    """A source's `url` is invalid, or sending a token to it is unsafe."""

    def __init__(self, source: str, url: str, reason: str) -> None:
        super().__init__(
            f"{source}: the URL {url} {reason}; correct `url` of this source in headway.toml."
        )


class RepositoryNameError(HeadwayError):
    """An entry in `repositories` is not a valid full name of a repository."""

    def __init__(self, source: str, name: str) -> None:
        super().__init__(
            f"{source}: {name!r} is not the full name of a repository; "
            "write owner/name in `repositories` of this source in headway.toml."
        )


class AccountNameError(HeadwayError):
    """The name of an account in `organization`, `user` or `group` is invalid."""

    def __init__(self, source: str, kind: str, name: str) -> None:
        super().__init__(
            f"{source}: {name!r} is not a valid {kind} name; "
            f"correct `{kind}` of this source in headway.toml."
        )


class TokenMissingError(HeadwayError):
    """An environment variable that should hold a secret is unset or empty."""

    def __init__(self, source: str, key: str, variable: str) -> None:
        super().__init__(
            f"{source}: the environment variable {variable}, which `{key}` in headway.toml names, "
            f"is not set or is empty; set it, or change `{key}` for this source."
        )


class TokenUnusableError(HeadwayError):
    """An environment variable contains no usable secret. The message never quotes its value."""

    def __init__(self, source: str, variable: str, reason: str) -> None:
        super().__init__(
            f"{source}: the environment variable {variable} {reason}; set it again, "
            "without quotation marks or line breaks around the secret."
        )


class AppSettingsError(HeadwayError):
    """GitHub App settings are incomplete, or a token is set in addition."""

    def __init__(self, source: str) -> None:
        super().__init__(
            f"{source}: a GitHub App needs app_id, installation_id and private_key, and cannot be "
            "combined with token; correct this source in headway.toml."
        )


class JobTokenError(HeadwayError):
    """A GitLab job token cannot list projects."""

    def __init__(self, source: str) -> None:
        super().__init__(
            f"{source}: a job token cannot list projects; create a group access token with the "
            "scope read_api, and name its variable in `token`. Git can still fetch with the job "
            'token if you set git_token = "CI_JOB_TOKEN".'
        )


class TokenRefusedError(HeadwayError):
    """The forge rejects the token."""

    def __init__(self, source: str, described: str) -> None:
        super().__init__(
            f"{source}: the forge refuses {described}, which may have expired or been "
            "revoked; create a new credential and set the environment variable to it."
        )


class ClockError(HeadwayError):
    """The forge rejects a GitHub App, probably because the clocks differ."""

    def __init__(self, source: str, described: str, forge_is_ahead: timedelta) -> None:
        """Describe the failure. `forge_is_ahead` is negative if the forge's clock is behind."""
        seconds = forge_is_ahead.total_seconds()
        super().__init__(
            f"{source}: the forge refuses {described}. The forge's clock is {abs(seconds):,.0f} s "
            f"{'ahead of' if seconds > 0 else 'behind'} this machine's clock; correct the clock of "
            "this machine, and check the App and its private key."
        )


class AuthenticationRequiredError(HeadwayError):
    """The forge rejects requests without a token."""

    def __init__(self, source: str) -> None:
        super().__init__(
            f"{source}: the forge requires a token; set `token` of this source in headway.toml to "
            "the name of an environment variable that contains one."
        )


class AccountNotFoundError(HeadwayError):
    """The account does not exist, or this token has no permission to read it."""

    def __init__(self, source: str, kind: str, name: str) -> None:
        super().__init__(
            f"{source}: the {kind} {name!r} was not found, or this token has no permission to read "
            f"it; correct `{kind}` of this source in headway.toml, or give the token access."
        )


class SignOnError(HeadwayError):
    """The organisation requires a token that is authorised for single sign-on."""

    def __init__(self, source: str) -> None:
        super().__init__(
            f"{source}: the organisation is visible only to tokens that are authorised for single "
            "sign-on; authorise the token in its settings on the forge."
        )
