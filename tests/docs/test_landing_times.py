"""The table of landing times in docs/numbers.md shows the times that the code computes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from headway.git.landing_times import landing_times

PAGE = (Path(__file__).parents[2] / "docs" / "numbers.md").read_text("utf-8")


def test_the_table_shows_the_landing_times() -> None:
    section = PAGE.partition("## Landing time")[2].partition("\n## ")[0]
    table = [line.strip("| ").split(" | ") for line in section.splitlines() if line[:1] == "|"]
    clocks, landed = zip(*((row[1], row[2]) for row in table[2:]), strict=True)
    assert len(clocks) == 5
    times = [int(datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp()) for day in clocks]
    assert (
        tuple(datetime.fromtimestamp(time, UTC).date().isoformat() for time in landing_times(times))
        == landed
    )
