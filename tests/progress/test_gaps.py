"""An unreadable file version opens a gap for one rule, and the next version closes it."""

from __future__ import annotations

from datetime import date

from headway.model.store_records import GapSpan, UnknownRecord
from headway.progress.gaps import GapTracker, Unread, unknown_on
from headway.progress.opening import Landing

WHY = Unread("unreadable", "git has no such object", "b1")


def landing(number: int) -> Landing:
    return Landing(f"c{number}", number * 86_400, date(2026, 1, number), "Ada")


def days(tracker: GapTracker) -> list[tuple[str, date, date | None]]:
    return [(gap.path, gap.opened_on, gap.closed_on) for gap in tracker.all]


def test_a_gap_lasts_until_the_next_version_of_its_path() -> None:
    tracker = GapTracker()
    tracker.advance(landing(1), ["a", "b"], {"a": WHY})
    tracker.advance(landing(2), ["b"], {})
    assert days(tracker) == [("a", date(2026, 1, 1), None)]
    tracker.advance(landing(3), ["a"], {})
    assert days(tracker) == [("a", date(2026, 1, 1), date(2026, 1, 3))]
    assert not tracker.open_paths
    assert tracker.has_changed


def test_each_unread_version_is_a_gap_of_its_own() -> None:
    tracker = GapTracker()
    tracker.begin(landing(1), {"a": WHY})
    tracker.advance(landing(2), ["a"], {"a": WHY._replace(blob="b2")})
    assert days(tracker) == [
        ("a", date(2026, 1, 1), date(2026, 1, 2)),
        ("a", date(2026, 1, 2), None),
    ]
    assert [gap.at_baseline for gap in tracker.all] == [True, False]


def test_a_change_of_the_mode_alone_does_not_end_a_gap() -> None:
    tracker = GapTracker()
    tracker.advance(landing(1), ["a"], {"a": WHY})
    tracker.advance(landing(2), ["a"], {"a": WHY})
    assert days(tracker) == [("a", date(2026, 1, 1), None)]


def test_a_later_walk_continues_with_the_open_gaps() -> None:
    first = GapTracker()
    first.advance(landing(1), ["a"], {"a": WHY})
    second = GapTracker(first.all)
    assert not second.has_changed
    second.advance(landing(2), ["a"], {})
    assert days(second) == [("a", date(2026, 1, 1), date(2026, 1, 2))]


def span(opened: int, closed: int | None, *, at_baseline: bool = False) -> GapSpan:
    return GapSpan(
        "six",
        "local/1",
        "r",
        date(2026, 1, opened),
        at_baseline,
        None if closed is None else date(2026, 1, closed),
        1,
        "a.py",
        "1234567890abcdef",
        "git has no such object",
    )


def test_a_repository_is_unknown_at_the_end_of_each_day_of_a_gap() -> None:
    spans = [span(3, 5), span(9, None), span(8, 8)]
    unknown = [day for day in range(1, 12) if unknown_on(spans, date(2026, 1, day))]
    assert unknown == [3, 4, 9, 10, 11]


def test_the_reason_names_the_rule_the_path_and_the_commit() -> None:
    assert unknown_on([span(3, None)], date(2026, 1, 9)) == {
        ("six", "local/1"): UnknownRecord(
            "rule r: a.py could not be read at commit 1234567890ab: git has no such object",
            date(2026, 1, 3),
            date(2026, 1, 2),
        )
    }


def test_no_earlier_day_is_known_if_the_history_begins_with_a_gap() -> None:
    found = unknown_on([span(3, None), span(3, None, at_baseline=True)], date(2026, 1, 9))
    (record,) = found.values()
    assert record.known_until is None
    assert record.reason.endswith("(and 1 more)")
