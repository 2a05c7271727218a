"""The accuracy that docs/forecast.md states can be reproduced from the committed series."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

from benchmarks.forecast.measure import weekly_counts
from benchmarks.forecast.migrations import migrations, record
from headway.progress.forecast_coefficients import COEFFICIENTS
from tests.support.git import Repo

PAGE = Path(__file__).parents[2] / "docs" / "forecast.md"


def test_there_are_enough_completed_migrations() -> None:
    completed = [migration for migration in migrations() if migration.finished]
    assert len(completed) >= 30
    assert sum(len(migration.history.repositories) >= 20 for migration in completed) >= 5
    for migration in completed:
        history = migration.history
        assert history.open <= migration.residual
        assert all(week.open > migration.residual for week in history.weeks[:-1])


def test_the_page_states_the_coefficients() -> None:
    page = " ".join(PAGE.read_text("utf-8").split())
    found = COEFFICIENTS
    assert f"the durations of {found.migrations} public migrations" in page
    median = f"{math.exp(found.errors[49]):.0f}"
    assert f"`{median} × share ^ {found.share} × repositories ^ {found.repositories}`" in page
    assert f"upper half is {found.widened} times as wide" in page
    assert f"proportional to `(age + 4) ^ {found.lower_age}`" in page
    assert f"upper half to `(age + 4) ^ {found.upper_age}`" in page


def test_the_page_states_what_the_record_contains() -> None:
    page = " ".join(PAGE.read_text("utf-8").split())
    found = record()
    held_out = [migration for migration in found if migration.held_out]
    completed = sum(migration.finished for migration in held_out)
    assert f"counts of all {len(found):,} migrations" in page
    assert f"third of the {len({each.organisation for each in found})} organisations" in page
    assert f"{len(held_out)} migrations, of which {completed} are completed" in page


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
