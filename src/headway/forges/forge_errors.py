"""What can go wrong with a forge: what the user must fix, and what only makes a listing partial."""

from __future__ import annotations

from datetime import datetime

from headway.errors import HeadwayError


class ForgeTrouble(Exception):  # noqa: N818 - no error of the program: it ends one listing early
    """The forge cannot be asked any further now; the text is why, as a phrase.

    Whoever lists keeps what came before and calls the listing incomplete.
    """


class GraphqlUnavailableError(Exception):
    """The forge, or this token, does not allow GraphQL; REST may still answer."""


class WaitTooLong(ForgeTrouble):
    """The forge asks for a pause that ends after the deadline."""

    def __init__(self, reason: str, until: datetime, deadline: datetime) -> None:
        super().__init__(
            f"{reason} would mean to wait until {until:%Y-%m-%d %H:%M:%S} UTC, "
            f"after the deadline of {deadline:%H:%M:%S} UTC"
        )


class SourceUrlError(HeadwayError):
    """The `url` of a source is not one that a token may be sent to."""

    def __init__(self, source: str, url: str, reason: str) -> None:
        super().__init__(
            f"{source}: the url {url} {reason}; correct `url` of this source in headway.toml."
        )


class RepositoryNameError(HeadwayError):
    """An entry of `repositories` is not a repository's name."""

    def __init__(self, source: str, name: str) -> None:
        super().__init__(
            f"{source}: {name!r} is not the name of a repository; "
            "write owner/name in `repositories` of this source in headway.toml."
        )


class AccountNameError(HeadwayError):
    """What `organization`, `user` or `group` says cannot be a name."""

    def __init__(self, source: str, kind: str, name: str) -> None:
        super().__init__(
            f"{source}: {name!r} is not the name of a forge's {kind}; "
            f"correct `{kind}` of this source in headway.toml."
        )


class TokenMissingError(HeadwayError):
    """An environment variable that should hold a secret is not set, or is empty."""

    def __init__(self, source: str, key: str, variable: str) -> None:
        super().__init__(
            f"{source}: the environment variable {variable} is not set; "
            f"set it, or correct `{key}` of this source in headway.toml."
        )


class TokenUnusableError(HeadwayError):
    """What an environment variable holds cannot be a secret of its kind; never quotes it."""

    def __init__(self, source: str, variable: str, reason: str) -> None:
        super().__init__(
            f"{source}: the environment variable {variable} {reason}; set it again, "
            "without quotation marks or line breaks around the secret."
        )


class AppSettingsError(HeadwayError):
    """Some of the settings of a GitHub App are there and others are not."""

    def __init__(self, source: str) -> None:
        super().__init__(
            f"{source}: a GitHub App needs app_id, installation_id and private_key together, and "
            "no token; complete this source in headway.toml."
        )


class JobTokenError(HeadwayError):
    """A GitLab job token cannot list projects."""

    def __init__(self, source: str) -> None:
        super().__init__(
            f"{source}: a job's own token cannot list projects; make a group access token with "
            "the scope read_api, and name its variable in `token`. The job's own can be what git "
            'fetches with: git_token = "CI_JOB_TOKEN".'
        )


class TokenRefusedError(HeadwayError):
    """The forge does not accept the token at all."""

    def __init__(self, source: str, described: str) -> None:
        super().__init__(
            f"{source}: the forge refuses {described}; it may have expired or been revoked: "
            "make a new one and set it."
        )


class AccountNotFoundError(HeadwayError):
    """The organisation, user or group does not exist, or the token may not know that it does."""

    def __init__(self, source: str, kind: str, name: str) -> None:
        super().__init__(
            f"{source}: the forge knows no {kind} {name!r}, or shows it to others only; "
            f"correct `{kind}` of this source in headway.toml, or the token's access."
        )


class SignOnError(HeadwayError):
    """The organisation wants the token to be authorised for single sign-on."""

    def __init__(self, source: str) -> None:
        super().__init__(
            f"{source}: the organisation shows itself only to tokens that are authorised for "
            "single sign-on; authorise the token in its settings on the forge."
        )
