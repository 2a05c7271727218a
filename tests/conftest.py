"""Settings that every test shares."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# how fast a machine is decides no test
settings.register_profile("headway", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("headway")


@pytest.fixture(scope="session", autouse=True)
def temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is put into the temporary folder, such as reports of crashes, goes where pytest clears
    up; so does what the processes that tests start put there.
    """
    # sockets are made there, and their paths may have no more than a hundred characters or so
    folder = str(tmp_path_factory.mktemp("t"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", folder)
        patch.setattr(tempfile, "tempdir", folder)
        yield


@pytest.fixture(autouse=True)
def no_headway_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Removes the developer's own HEADWAY_ variables."""
    for name in [name for name in os.environ if name.startswith("HEADWAY_")]:
        monkeypatch.delenv(name)
