"""The benchmark of many mirrors generates repositories that Headway can scan."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.many_mirrors import make_mirrors, measure
from headway.forges.sources.local import LocalSource
from headway.git.history import read_chain


def test_every_mirror_has_its_own_history(tmp_path: Path) -> None:
    mirrors = make_mirrors(tmp_path, 3)
    listed = LocalSource(tmp_path / "mirrors", "made").list_repositories()
    assert not listed.problems
    assert len({repository.tip for repository in listed.repositories}) == 3
    for mirror, repository in zip(mirrors, listed.repositories, strict=True):
        assert repository.tip is not None
        links = read_chain(mirror.place, mirror.next_tip, after=repository.tip)
        assert links.parent == repository.tip
        assert len(links.commits) == 1


@pytest.mark.slow
def test_three_nights_are_measured(tmp_path: Path) -> None:
    rows = list(measure(tmp_path, 3))
    names = [row.split("|")[1].strip() for row in rows]
    assert names == ["night", "---", "first night", "nothing changed", "2% changed"]
    assert all(float(row.split("|")[4].split()[0]) > 0 for row in rows[2:])
