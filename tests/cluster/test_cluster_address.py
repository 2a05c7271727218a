"""Only addresses with TLS or on this machine are accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.cluster.cluster_address import AddressRefusedError, is_safe, parse_address
from tests.support.workspaces import headway, workspace


@pytest.mark.parametrize(
    ("text", "dask"),
    [
        ("dask://127.0.0.1:8786", "tcp://127.0.0.1:8786"),
        ("dask://localhost:8786", "tcp://localhost:8786"),
        ("dask://[::1]:8786", "tcp://[::1]:8786"),
        ("tls://scheduler.example.com:8786", "tls://scheduler.example.com:8786"),
        ("tls://10.0.0.7:1/", "tls://10.0.0.7:1"),
    ],
)
def test_accepted(text: str, dask: str) -> None:
    assert parse_address(text).dask == dask


@pytest.mark.parametrize(
    "text",
    [
        "dask://10.0.0.7:8786",
        "dask://scheduler:8786",
        "dask://127.0.0.1.example.com:8786",
        "dask://localhost.example.com:8786",
        "dask://0.0.0.0:8786",
        "dask://[::]:8786",
    ],
)
def test_another_machine_without_tls_is_refused(text: str) -> None:
    with pytest.raises(AddressRefusedError, match="use tls://"):
        parse_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "127.0.0.1:8786",
        "tcp://127.0.0.1:8786",
        "http://127.0.0.1:8786",
        "dask://127.0.0.1",
        "dask://127.0.0.1:0",
        "dask://127.0.0.1:99999",
        "tls://user:password@host:8786",
        "tls://host:8786/path",
        "tls://host:8786\n",
    ],
)
def test_no_address(text: str) -> None:
    with pytest.raises(AddressRefusedError, match="is not the address of a Dask scheduler"):
        parse_address(text)


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("tls://10.0.0.7:8786", True),
        ("tcp://127.0.0.1:8786", True),
        ("tcp://[::1]:8786", True),
        ("tcp://10.0.0.7:8786", False),
        ("tcp://0.0.0.0:8786", False),
        ("ws://127.0.0.1:8786", False),
        ("", False),
    ],
)
def test_addresses_of_workers(address: str, safe: bool) -> None:
    assert is_safe(address) == safe


def test_a_refused_address_is_a_usage_error(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    result = headway(folder, "scan", "--executor", "dask://10.0.0.7:8786", code=2)
    assert "does not encrypt the connection" in result.stderr
    assert "tls://10.0.0.7:8786" in result.stderr


@pytest.mark.parametrize("option", [("--jobs", "2"), ("--no-fetch",)])
def test_options_of_this_machine_are_refused(tmp_path: Path, option: tuple[str, ...]) -> None:
    folder = workspace(tmp_path)
    result = headway(folder, "scan", "--executor", "tls://host:8786", *option, code=2)
    assert "--executor cannot be used with --jobs or --no-fetch" in result.stderr
