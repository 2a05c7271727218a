"""Days with inexact numbers are merged, and two ways to compute a campaign's status agree."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from headway.config.load import load_campaigns
from headway.config.workspace import shipped_folder
from headway.metrics.campaign_metrics import CampaignMetrics
from headway.metrics.campaign_status import status
from headway.metrics.inexact_days import inexact_days
from headway.metrics.records import InexactDays
from headway.model.limits import Limits
from headway.model.store_records import GapSpan
from headway.plugins import load_scanners
from headway.store.store_reader import open_store
from tests.support.git import Repo
from tests.support.workspaces import scan, workspace

FIRST, TODAY = date(2026, 1, 5), date(2026, 1, 31)


def span(opened: int, closed: int | None, repository: str = "a") -> GapSpan:
    return GapSpan(
        "six",
        repository,
        "r",
        date(2026, 1, opened),
        False,
        None if closed is None else date(2026, 1, closed),
        2,
        "a.py",
        "c1",
        "why",
    )


def days(*spans: GapSpan) -> list[tuple[int, int, int, int]]:
    found = inexact_days(spans, FIRST, TODAY)
    return [(run.first.day, run.last.day, run.versions, run.repositories) for run in found]


def test_runs_that_overlap_or_touch_are_one() -> None:
    assert days(span(20, 22), span(10, 12), span(11, 14, "b"), span(15, 16)) == [
        (10, 16, 6, 2),
        (20, 22, 2, 1),
    ]


def test_only_days_of_the_campaign_up_to_today_count() -> None:
    assert days(span(1, 3), span(2, 7), span(30, None)) == [(5, 7, 2, 1), (30, 31, 2, 1)]
    later = inexact_days([span(10, 12)], FIRST, date(2026, 1, 11))
    assert later == (InexactDays(date(2026, 1, 10), date(2026, 1, 11), 2, 1),)


CAMPAIGN = """title: Six
starts: 2026-01-05
deprecated: [{id: six, scanner: regex, pattern: '^import six'}]
replacement: [{id: new, scanner: regex, pattern: '^new', paths: [new.py]}]
"""


@pytest.mark.parametrize("last", ["import six\n", "import six\n" * 200])
def test_the_store_counts_what_the_view_counts(tmp_path: Path, last: str) -> None:
    folder = workspace(tmp_path, six=CAMPAIGN)
    large = "import six\n" * 100
    for name, contents in (("one", ("import six\n", large, last)), ("two", (large, "", "x\n"))):
        repo = Repo(folder / "clones" / name)
        for day, content in zip(("2026-01-01", "2026-01-10", "2026-01-20"), contents, strict=True):
            repo.commit(day, {"a.py": content})
    scan(folder, TODAY, limits=Limits(max_text_bytes=500))
    scanners = load_scanners([shipped_folder() / "scanners"])
    (campaign,) = load_campaigns(folder / "campaigns", scanners).campaigns
    with open_store(folder / "headway.duckdb") as store:
        for number in range((TODAY - FIRST).days + 1):
            today = FIRST + timedelta(days=number)
            (counted,) = status(store, [campaign], today=today)
            metrics = CampaignMetrics(store, campaign, today)
            assert counted == metrics.status
            assert metrics.burndowns.whole("day")[-1].coverage == counted.coverage
