"""Fixtures for the tests of forges."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.support.forge.clock import Clock, virtual_waits
from tests.support.forge.github import github
from tests.support.forge.gitlab import gitlab
from tests.support.forge.nights import FORGES
from tests.support.forge.server import Server, serve
from tests.support.forge.world import World


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    """Let the sources that a command creates wait on a test clock, so that no wait takes time."""
    with virtual_waits() as clock:
        yield clock


@pytest.fixture(params=FORGES)
def forge(request: pytest.FixtureRequest) -> str:
    """Return the name of a forge, which ends with `rest` if the forge has no GraphQL."""
    return str(request.param)


@pytest.fixture
def server(forge: str) -> Iterator[Server]:
    """Serve an empty organisation on this forge."""
    with serve(World(), github if forge.startswith("github") else gitlab) as running:
        yield running


@pytest.fixture(scope="session")
def private_key() -> str:
    """Return a private key in the format that GitHub issues for an App."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()
