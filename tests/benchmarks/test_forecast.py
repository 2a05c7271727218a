"""The accuracy that docs/forecast.md states can be reproduced from the committed series."""

from __future__ import annotations

import re
from datetime import date
from itertools import accumulate
from pathlib import Path
from statistics import mean, median

import pytest

from benchmarks.forecast.measure import weekly_counts
from benchmarks.forecast.migrations import Migration, migrations
from benchmarks.forecast.page import EVERY, PAGE, tables, with_tables
from benchmarks.forecast.record import Judged, halves, judged, together
from headway.metrics.serialize import percent
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


def test_the_text_states_what_the_series_contain() -> None:
    found = migrations()
    completed = [migration for migration in found if migration.finished]
    weeks = {migration.id: migration.history.weeks for migration in found}
    fixed = {name: [week.fixed for week in counts] for name, counts in weeks.items()}
    opened = sum(week.opened for counts in weeks.values() for week in counts)
    swept = sum(2 * max(counts) > sum(counts) for counts in fixed.values())
    repositories = [len(migration.history.repositories) for migration in found]
    durations = [len(weeks[migration.id]) for migration in completed]
    new_per_100 = 100 * median(map(late_new_items_per_fix, completed))
    text = " ".join(PAGE.read_text("utf-8").split())
    for claim in (
        f"{sum(map(sum, fixed.values())):,} fixes (8% fewer) and {opened:,} new items",
        f"between {min(repositories)} and {max(repositories)} repositories",
        f"between {min(durations)} and {max(durations)} weeks",
        f"lasted {mean(durations):.0f} weeks on average",
        f"still needed {mean(durations) / 2:.0f} weeks",
        f"a median of {new_per_100:.0f} new items per 100 fixes",
        f"In {swept} of the {len(found)} migrations, more than half of all fixes",
        f"none in that week, and {sum(fixed['blueprint-enzyme'])} in all weeks",
    ):
        assert claim in text, claim
    assert weeks["moby-check-assert"][32][:2] == (0, 0)
    assert weeks["blueprint-enzyme"][93][:2] == (0, 0)


def late_new_items_per_fix(migration: Migration) -> float:
    """Return the new items per fix, from the week in which a quarter of all fixes had been made."""
    weeks = migration.history.weeks
    sums = list(accumulate(week.fixed for week in weeks))
    late = weeks[next(place for place, done in enumerate(sums) if 4 * done >= sums[-1]) :]
    return sum(week.opened for week in late) / sum(week.fixed for week in late)


@pytest.mark.slow
def test_the_comparison_with_the_old_counts_shows_the_new_accuracy() -> None:
    page = PAGE.read_text("utf-8")
    completed = (migration for migration in migrations() if migration.finished)
    result = together(judged(completed, every=EVERY))
    held = result.middle_held, result.high_held, result.in_band
    shares = [percent(share) for share in (*held, result.open_ended, result.given_held)]
    expected = [*shares, f"{result.error:.0f}"]
    assert re.findall(r"^\| completed: .*\| (\S+) \|$", page, re.MULTILINE) == expected
    (passed,) = re.findall(r"^\| not completed: .*\| (\S+) \|$", page, re.MULTILINE)
    assert re.search(rf"^\| all \| \| \d+ \| {passed} \|$", page, re.MULTILINE)


def test_the_weekly_counts_follow_items_to_another_repository(tmp_path: Path) -> None:
    mirrors = tmp_path / "mirrors"
    old: dict[str, str | bytes | None] = {f"old/m{i}.py": f"import six\n{i}\n" for i in range(5)}
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
