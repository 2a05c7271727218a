"""Repositories that are missing from a listing are looked up individually."""

from __future__ import annotations

from pathlib import Path

from headway.forges.sources.local import LocalSource
from headway.scan.confirmations import MOST_LOOKUPS, look_up


def test_any_number_of_local_folders_is_looked_up(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    keys = [f"local/clones/r{number:03}" for number in range(MOST_LOOKUPS + 50)]
    answers = look_up(LocalSource(tmp_path, "clones"), [*keys, "local/clones/kept"])
    assert {answers[key].departure for key in keys} == {"its folder was removed"}
    assert answers["local/clones/kept"].departure is None
