"""The history on a repository's page shows the commits of the weeks that it lists."""

from __future__ import annotations

from datetime import date, timedelta

from headway.metrics.change_records import Change
from headway.metrics.weekly_activity import PastWeek
from headway.site.campaign_slices import RepositorySlice
from headway.site.repository_page import first_listed_day, repository_pages
from tests.support.attention import status

TODAY = date(2026, 11, 25)
START = date(2026, 1, 5)
FLOWS = (0, 0, 0, 0, 0, 1, 0, 0, 0)
"""The movements of one fixed item."""


def part(campaign: str) -> RepositorySlice:
    row = status(campaign=campaign, repository="shop")
    return RepositorySlice(row=row, starts=START, rules=1, forge=None, dues=())


def fix(campaign: str, day: date) -> Change:
    return Change(campaign, "shop", day, f"{day:%m%d}", "Ada", *FLOWS, None)


def weeks(first: int, last: int) -> tuple[PastWeek, ...]:
    """Return consecutive weeks with one fix each. No week extends beyond today."""
    days = [min(START + timedelta(days=7 * week + 6), TODAY) for week in range(first, last)]
    return tuple(PastWeek(day, 5, FLOWS, has_baseline=False) for day in days)


def test_the_changes_since_the_first_listed_day_are_all_that_a_page_shows() -> None:
    slices = [part("one"), part("two")]
    # The page does not show `other`, because the repository no longer belongs to that campaign.
    past = {"one": weeks(30, 47), "two": weeks(10, 40), "other": weeks(0, 47)}
    changes = [
        fix(campaign, TODAY - timedelta(days=day))
        for day in range((TODAY - START).days)
        for campaign in ("one", "two")
    ]
    first = first_listed_day(slices, past)
    assert first is not None
    assert first.weekday() == 0
    recent = [change for change in changes if change.day >= first]
    assert len(recent) < len(changes) / 2
    pages, expected = (
        list(repository_pages("shop", slices, [], past, found, TODAY, TODAY))
        for found in (recent, changes)
    )
    assert pages == expected
    assert len(pages[0].past) == 12
    assert all(week.changes for week in pages[0].past)
    later = [change for change in changes if change.day >= first + timedelta(days=7)]
    assert list(repository_pages("shop", slices, [], past, later, TODAY, TODAY)) != expected


def test_a_page_without_history_needs_no_changes() -> None:
    no_change = PastWeek(TODAY, 5, (0,) * len(FLOWS), has_baseline=True)
    assert first_listed_day([part("one")], {"one": (no_change,)}) is None
    assert first_listed_day([part("one")], {}) is None
