"""The address of a Dask scheduler, which must use TLS or be on this machine."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

_ADDRESS = re.compile(r"(dask|tls)://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})/?")


class AddressRefusedError(ValueError):
    """An address cannot be used. The message is one sentence with the next step."""


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """The address of a scheduler."""

    text: str
    """The address as the user wrote it."""
    dask: str
    """The address in Dask's own notation."""
    uses_tls: bool


def parse_address(text: str) -> ClusterAddress:
    """Parse an address of the form `dask://HOST:PORT` or `tls://HOST:PORT`.

    Raises:
        AddressRefusedError: The text is not such an address, or names another machine without TLS.
    """
    match = _ADDRESS.fullmatch(text)
    if match is None or not 0 < int(match[3]) < 65536:
        raise AddressRefusedError(
            f"{text!r} is not the address of a Dask scheduler, such as tls://scheduler:8786 or "
            "dask://127.0.0.1:8786."
        )
    scheme, host, port = match.groups()
    if scheme == "tls":
        return ClusterAddress(text, f"tls://{host}:{port}", uses_tls=True)
    if not _is_loopback(host):
        raise AddressRefusedError(
            f"{text} is on another machine, and dask:// does not encrypt the connection; start the "
            f"cluster with TLS certificates and use tls://{host}:{port}."
        )
    return ClusterAddress(text, f"tcp://{host}:{port}", uses_tls=False)


def is_safe(address: str) -> bool:
    """Return whether an address in Dask's notation uses TLS or is on this machine."""
    scheme, _, place = address.partition("://")
    return scheme in ("tls", "inproc") or (
        scheme == "tcp" and _is_loopback(place.rpartition(":")[0])
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
