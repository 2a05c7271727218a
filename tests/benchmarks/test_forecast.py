"""The accuracy that docs/forecast.md states can be reproduced from the committed series."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from benchmarks.forecast.measure import weekly_counts
from benchmarks.forecast.migrations import migrations
from benchmarks.forecast.page import PAGE, tables, with_tables
from benchmarks.forecast.record import Judged, halves, judged, together
from tests.support.git import Repo


@pytest.fixture(scope="module")
def record() -> Judged:
    return judged((migration for migration in migrations() if migration.finished), every=12)


def test_there_are_enough_completed_migrations() -> None:
    completed = [migration for migration in migrations() if migration.finished]
    assert len(completed) >= 30
    assert sum(len(migration.history.repositories) >= 20 for migration in completed) >= 5
    for migration in completed:
        history = migration.history
        assert history.open <= migration.residual
        assert all(week.open > migration.residual for week in history.weeks[:-1])


def test_the_p85_date_holds_in_85_percent_of_the_weeks(record: Judged) -> None:
    whole = together(record)
    assert 0.80 <= whole.high_held <= 0.92
    assert whole.given_held is not None
    assert whole.given_held >= 0.78
    for half in halves(record):
        assert 0.80 <= together(half).high_held <= 0.92


def test_the_p50_date_is_closer_than_the_straight_lines(record: Judged) -> None:
    for part in (record, *halves(record)):
        result = together(part)
        assert result.error < result.average
        assert result.error < result.least_squares


@pytest.mark.slow
def test_the_tables_on_the_page_are_up_to_date() -> None:
    page = PAGE.read_text("utf-8")
    assert page == with_tables(page, tables()), "run `python -m benchmarks.forecast`"


def test_the_weekly_counts_follow_items_to_another_repository(tmp_path: Path) -> None:
    mirrors, old = tmp_path / "mirrors", {f"old/m{i}.py": f"import six\n{i}\n" for i in range(5)}
    site, shop = Repo(mirrors / "acme" / "site.git"), Repo(mirrors / "acme" / "shop.git")
    site.commit("2026-01-01", old | {"edited.py": "import six\n"})
    shop.commit("2026-01-01", {"readme": ""})
    site.commit("2026-01-06", {"edited.py": "import six  # noqa\n"})
    site.commit("2026-01-13", dict.fromkeys(old))
    shop.commit("2026-01-14", {path.replace("old", "new"): text for path, text in old.items()})
    shop.commit("2026-01-20", {"new/m0.py": None})
    facts = {
        "title": "Remove six",
        "scanner": "regex",
        "pattern": "^import six",
        "paths": ["**/*.py"],
        "starts": date(2026, 1, 5),
        "weeks": 4,
        "repositories": {"acme/site": site.head, "acme/shop": shop.head},
    }
    (tmp_path / "scan").mkdir()
    assert weekly_counts(tmp_path / "scan", mirrors, facts) == [
        (0, "acme/shop", 0, 0, 0),
        (0, "acme/site", 0, 0, 6),
        (2, "acme/shop", 0, 0, 5),
        (2, "acme/site", 0, 0, 1),
        (3, "acme/shop", 0, 1, 4),
    ]
