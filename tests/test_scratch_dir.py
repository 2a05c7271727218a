"""Temporary folders beside a target are deleted, even if the process using one is killed."""

from __future__ import annotations

import os
from pathlib import Path

from headway.scratch_dir import scratch_dir_beside


def test_a_scratch_folder_is_deleted_after_its_block(tmp_path: Path) -> None:
    with scratch_dir_beside(tmp_path / "site") as folder:
        (folder / "half").write_text("done")
        assert folder.parent == tmp_path
    assert not list(tmp_path.iterdir())


def test_the_folder_of_a_killed_process_is_deleted_by_the_next_one(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        with scratch_dir_beside(tmp_path / "site") as folder:
            (folder / "half").write_text("done")
            os._exit(9)
    os.waitpid(child, 0)
    (leftover,) = tmp_path.iterdir()
    with scratch_dir_beside(tmp_path / "site"):
        assert not leftover.exists()


def test_a_folder_in_use_is_not_deleted(tmp_path: Path) -> None:
    with (
        scratch_dir_beside(tmp_path / "site") as first,
        scratch_dir_beside(tmp_path / "site") as second,
    ):
        assert first != second
        assert first.exists()
        assert second.exists()
