"""Fixtures for the tests of forges."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.support.forge.clock import Clock, virtual_waits
from tests.support.forge.nights import FORGES
from tests.support.forge.prepared import Prepared
from tests.support.forge.server import Server
from tests.support.forge.world import TOKEN


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    """Let the sources of a command wait on a test clock, so that waiting takes no time."""
    with virtual_waits() as clock:
        yield clock


@pytest.fixture(params=FORGES)
def forge(request: pytest.FixtureRequest) -> str:
    """Return the name of a forge. Names of forges without GraphQL end with `rest`."""
    return str(request.param)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """Provide organisations that are built and scanned once and then copied for each test."""
    with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as servers:
        for variable in ("GITHUB_TOKEN", "GITLAB_TOKEN"):
            patch.setenv(variable, TOKEN)
        yield Prepared(lambda: tmp_path_factory.mktemp("acme"), servers)


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a token for the sources of both forges."""
    for variable in ("GITHUB_TOKEN", "GITLAB_TOKEN"):
        monkeypatch.setenv(variable, TOKEN)


@pytest.fixture
def server(forge: str, prepared: Prepared) -> Server:
    """Serve an empty organisation on this forge."""
    return prepared.server(forge)


@pytest.fixture(scope="session")
def private_key() -> str:
    """Return a private key in the format that GitHub issues for an App."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()
