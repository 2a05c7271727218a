"""Folders for work in progress."""

from __future__ import annotations

import os
from pathlib import Path

from headway.scratch_dir import scratch_dir_beside


def test_a_room_goes_with_its_block(tmp_path: Path) -> None:
    with scratch_dir_beside(tmp_path / "site") as room:
        (room / "half").write_text("done")
        assert room.parent == tmp_path
    assert not list(tmp_path.iterdir())


def test_a_room_of_somebody_who_was_killed_goes_with_the_next(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        with scratch_dir_beside(tmp_path / "site") as room:
            (room / "half").write_text("done")
            os._exit(9)
    os.waitpid(child, 0)
    (left,) = tmp_path.iterdir()
    with scratch_dir_beside(tmp_path / "site"):
        assert not left.exists()


def test_a_room_that_is_in_use_stays(tmp_path: Path) -> None:
    with (
        scratch_dir_beside(tmp_path / "site") as one,
        scratch_dir_beside(tmp_path / "site") as other,
    ):
        assert one != other
        assert one.exists()
        assert other.exists()
