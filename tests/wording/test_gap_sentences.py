"""The clause about days with inexact numbers is correct."""

from __future__ import annotations

from datetime import date

from headway.metrics.records import InexactDays
from headway.wording.gap_sentences import inexact_numbers


def run(first: int, last: int, versions: int = 1) -> InexactDays:
    return InexactDays(date(2026, 2, first), date(2026, 2, last), versions, 1)


def test_exact_numbers_need_no_clause() -> None:
    assert inexact_numbers(()) == ""


def test_one_run_of_days() -> None:
    assert inexact_numbers([run(1, 3)]) == (
        "numbers from 1 Feb 2026 to 3 Feb 2026 are not exact: 1 version of a file could not be read"
    )


def test_several_runs_of_days() -> None:
    assert inexact_numbers([run(1, 3), run(7, 7, 4)], date.isoformat) == (
        "numbers from 2026-02-01 to 2026-02-03 and of 2026-02-07 are not exact: 5 versions of "
        "files could not be read"
    )
    many = inexact_numbers([run(day, day) for day in range(1, 11, 2)], date.isoformat)
    assert many.startswith(
        "numbers in 2 earlier periods, of 2026-02-05, of 2026-02-07 and of 2026-02-09 are not"
    )
