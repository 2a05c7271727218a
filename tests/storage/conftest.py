"""Object storage for the tests in this folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from headway.storage.messages import Patience
from tests.support.git import Repo
from tests.support.object_storage import URL, Answer, Storage, serve_storage
from tests.support.workspaces import CONFIG, headway, workspace


@pytest.fixture(scope="session")
def storage_server() -> Iterator[Storage]:
    pytest.importorskip("obstore", reason="needs Headway's `storage` extra")
    with serve_storage() as server:
        yield server


@pytest.fixture
def storage(storage_server: Storage, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """Provide an empty bucket, and set the environment variables for access to it."""
    storage_server.clear()
    for name, value in storage_server.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("headway.cli.workspace_store.PATIENCE", Patience(retries=1))
    return storage_server


@pytest.fixture
def folder(tmp_path: Path, storage: Storage) -> Path:
    """Return a workspace that has two items and keeps its store in object storage."""
    return new_workspace(tmp_path)


@pytest.fixture(scope="session")
def one_scan(
    storage_server: Storage, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Answer]]:
    """Return a workspace after its first scan, and the objects that the scan has written."""
    folder = new_workspace(tmp_path_factory.mktemp("scanned"))
    storage_server.clear()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in storage_server.variables.items():
            patch.setenv(name, value)
        headway(folder, "scan", "--today", "2020-03-02", "--jobs", "1")
    return folder, storage_server.snapshot()


@pytest.fixture
def scanned(tmp_path: Path, one_scan: tuple[Path, dict[str, Answer]], storage: Storage) -> Path:
    """Return a copy of a workspace that was scanned on 2 March 2020."""
    folder, objects = one_scan
    storage.restore(objects)
    return shutil.copytree(folder, tmp_path / "work")


def new_workspace(parent: Path) -> Path:
    made = workspace(parent / "work")
    (made / "headway.toml").write_text(f'{CONFIG}[store]\npath = "{URL}"\n')
    repo = Repo(made / "clones" / "shop")
    repo.commit("2020-02-10", {"a.py": "import six\n", "b.py": "import six\n"})
    return made
