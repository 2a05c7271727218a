"""Settings for the tests of the store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.small_stores import ordinary_stores


@pytest.fixture(scope="module", autouse=True)
def stores_of_users() -> Iterator[None]:
    """Use stores as users do."""
    with ordinary_stores():
        yield
