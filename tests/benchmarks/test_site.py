"""The benchmark of the site runs on a small generated organisation."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.organisation import Size
from benchmarks.site import measure_site


@pytest.mark.slow
def test_a_small_organisation_is_measured_three_times(tmp_path: Path) -> None:
    size = Size(repositories=40, teams=2, campaigns=2, open_items=200, weeks=20)
    section = measure_site(tmp_path / "made", size)
    lines = section.text.splitlines()
    assert "40 repositories, 2 teams, 2 campaigns, 200 open items" in lines[0]
    assert [line.split("|")[1].strip() for line in lines if line.startswith("| ")] == [
        "build",
        "---",
        "from scratch",
        "nothing changed",
        "one repository changed",
    ]
    assert "(target: at most 1,000 kB)" in lines[-1]
