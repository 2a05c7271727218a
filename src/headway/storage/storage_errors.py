"""Errors of object storage. Each message ends with the next step."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from headway.errors import HeadwayError
from headway.model.object_address import ObjectAddress

Kind = Literal[
    "changed",
    "conditions",
    "credentials",
    "damaged",
    "denied",
    "disk",
    "incomplete",
    "insecure",
    "library",
    "no bucket",
    "refused",
    "region",
    "too large",
    "unreachable",
]
"""The kind of error. See `_NEXT_STEPS`. `changed` means that the object does not have the expected
version.
"""

_VARIABLES = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
_NEXT_STEPS: dict[Kind, str] = {
    "changed": "run the command again",
    "conditions": "use a service that supports conditional writes, or a local file",
    "credentials": "set {variables}, or give this machine a role with access to the object",
    "damaged": "`headway import --replace {address}.export` restores the last export",
    "denied": "allow these credentials to read, write, list and delete objects there",
    "disk": "free some disk space, and try again",
    "incomplete": "try again",
    "insecure": "use https",
    "library": "install Headway with the `storage` extra",
    "no bucket": "create it, or correct `path` under [store] in headway.toml",
    "refused": "correct the storage settings, and try again",
    "region": "set AWS_REGION to the region of the bucket",
    "too large": "use a local file as the store",
    "unreachable": "try again, or check the network and the endpoint",
}


class StorageError(HeadwayError):
    """The object storage cannot be used.

    Args:
        address: The address of the object.
        kind: The kind of error.
        reason: A clause that explains the error.
        kept: A clause that states where the unsaved result is, or an empty string.
    """

    def __init__(self, address: ObjectAddress, kind: Kind, reason: str, kept: str = "") -> None:
        self.address, self.kind, self.reason = address, kind, reason
        step = _NEXT_STEPS[kind].format(variables=_VARIABLES[address.scheme], address=address)
        super().__init__(f"{address} cannot be used: {reason}{kept}; {step}.")


class SaveError(StorageError):
    """The result of a command could not be saved in object storage. It remains in a local file."""

    def __init__(self, cause: StorageError, unsaved: Path, export: Path) -> None:
        kept = (
            f"; the result was not saved there, but is kept in {unsaved}, and "
            f"`headway import --replace {export}` saves it"
        )
        super().__init__(cause.address, cause.kind, cause.reason, kept)


class LostRaceError(HeadwayError):
    """Another process has replaced the store since this command downloaded it."""

    def __init__(self, address: ObjectAddress, unsaved: Path) -> None:
        super().__init__(
            f"another process has replaced {address} since this command read it, so the result of "
            f"this command was not saved there, but is kept in {unsaved}; run the command again; "
            "it then continues with the newer history."
        )


class ObjectDamagedError(HeadwayError):
    """The object is not a store, or is damaged."""

    def __init__(self, address: ObjectAddress, reason: object) -> None:
        message = str(reason).splitlines()[0] if str(reason) else "unknown"
        super().__init__(
            f"{address} cannot be read ({message}); `headway import --replace {address}.export` "
            "restores the store from the last export."
        )


class CopyDamagedError(HeadwayError):
    """The local copy of the object was damaged and has been deleted."""

    def __init__(self, address: ObjectAddress, reason: object) -> None:
        message = str(reason).splitlines()[0] if str(reason) else "unknown"
        super().__init__(
            f"the local copy of {address} was damaged ({message}) and has been deleted; run the "
            "command again to download the store."
        )
