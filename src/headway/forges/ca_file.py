"""Files with certificates of private certificate authorities."""

from __future__ import annotations

import ssl
from pathlib import Path

from headway.errors import HeadwayError


class CaFileError(HeadwayError):
    """The file that `ca_file` names cannot be used."""

    def __init__(self, source: str, path: Path, reason: object) -> None:
        super().__init__(
            f"{source}: the certificates in {path} cannot be used: {reason}; set `ca_file` of this "
            "source in headway.toml to a file in PEM format with the certificate of the authority "
            "that signed the forge's certificate."
        )


def find_ca_file(workspace: Path, setting: str | None, *, source: str) -> Path | None:
    """Return the path of the file that `ca_file` names, or None if the setting is missing.

    Args:
        workspace: The workspace folder, against which a relative path is resolved.
        setting: The `ca_file` setting of a source, or None if it is missing.
        source: The source's ID, for error messages.

    Raises:
        CaFileError: The file cannot be read or contains no certificate.
    """
    if setting is None:
        return None
    path = workspace.absolute() / setting
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(path)
    except ssl.SSLError:
        raise CaFileError(source, path, "it contains no valid certificate") from None
    except OSError as error:
        raise CaFileError(source, path, error.strerror or error) from None
    return path
