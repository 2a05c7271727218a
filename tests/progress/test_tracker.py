"""Items are followed from commit to commit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from headway.progress.opening import Found, Landing, Opening, Spot
from headway.progress.tracker import Tracker

KEY = ("campaign", "rule", "repository")


def landing(number: int) -> Landing:
    day = date(2026, 1, 1) + timedelta(days=number)
    return Landing(f"{number:040x}", 1_767_225_600 + number * 86_400, day, "Ada")


def found(blob: str, *texts: str) -> Found:
    return Found(blob, tuple(Spot(text, line, 1, text) for line, text in enumerate(texts, 1)))


def summary(tracker: Tracker) -> list[tuple[str, int, str, bool]]:
    return [
        (opening.spot.text, opening.number, opening.path, opening.closed_at is None)
        for opening in tracker.touched
    ]


def test_items_of_the_first_commit_are_opened_at_or_before_it() -> None:
    tracker = Tracker(KEY)
    tracker.begin(landing(0), {"a.py": found("1", "six")})
    (opening,) = tracker.touched
    assert opening.at_baseline
    assert opening.opened_commit == landing(0).commit


def test_a_fix_records_its_commit_and_author() -> None:
    tracker = Tracker(KEY)
    tracker.begin(landing(0), {"a.py": found("1", "six")})
    tracker.advance(landing(3), {"a.py": None})
    (opening,) = tracker.touched
    assert (opening.closed_commit, opening.closed_by) == (landing(3).commit, "Ada")
    assert opening.closed_on == date(2026, 1, 4)


def test_an_opening_records_its_author_except_at_the_baseline() -> None:
    tracker = Tracker(KEY)
    tracker.begin(landing(0), {"a.py": found("1", "six")})
    tracker.advance(landing(1), {"b.py": found("2", "six")})
    assert [opening.opened_by for opening in tracker.touched] == [None, "Ada"]


def test_a_regressed_item_is_the_same_item() -> None:
    tracker = Tracker(KEY)
    tracker.advance(landing(0), {"a.py": found("1", "six")})
    tracker.advance(landing(1), {"a.py": None})
    tracker.advance(landing(2), {"a.py": found("1", "six")})
    first, second = tracker.touched
    assert first.item == second.item
    assert (first.number, second.number) == (1, 2)
    assert summary(tracker) == [("six", 1, "a.py", False), ("six", 2, "a.py", True)]


def test_a_text_that_reappears_at_another_path_is_a_new_item() -> None:
    tracker = Tracker(KEY)
    tracker.advance(landing(0), {"a.py": found("1", "six")})
    tracker.advance(landing(1), {"a.py": None})
    tracker.advance(landing(2), {"b.py": found("1", "six")})
    assert [number for _, number, _, _ in summary(tracker)] == [1, 1]


def test_moves_and_shifted_lines_change_only_the_path_and_line() -> None:
    tracker = Tracker(KEY)
    tracker.advance(landing(0), {"a.py": found("1", "six")})
    tracker.advance(landing(1), {"a.py": None, "b.py": found("1", "six")})
    moved = Found("2", (Spot("six", 40, 5, "six"),))
    tracker.advance(landing(2), {"b.py": moved})
    (opening,) = tracker.touched
    assert (opening.path, opening.spot.line, opening.number) == ("b.py", 40, 1)
    assert opening.closed_at is None
    assert opening.origin == "a.py"


def test_two_repositories_never_share_an_item() -> None:
    names = set()
    for repository in ("one", "two"):
        tracker = Tracker(("campaign", "rule", repository))
        tracker.advance(landing(0), {"a.py": found("1", "six")})
        names.add(tracker.touched[0].item)
    assert len(names) == 2


contents = st.one_of(
    st.none(),
    st.lists(st.sampled_from(["six", "from six", "from six x", "moves"]), min_size=1, max_size=4),
)
steps = st.lists(
    st.dictionaries(st.sampled_from(["a.py", "b.py", "lib/a.py"]), contents, min_size=1), max_size=9
)


@given(steps, st.data())
def test_stopping_and_resuming_anywhere_changes_nothing(
    history: list[dict[str, list[str] | None]], data: st.DataObject
) -> None:
    changes = [
        {
            path: None if texts is None else found(str(hash(tuple(texts))), *texts)
            for path, texts in step.items()
        }
        for step in history
    ]
    whole = Tracker(KEY)
    for number, change in enumerate(changes):
        whole.advance(landing(number), change)
    split = data.draw(st.integers(0, len(changes)), label="split")
    first = Tracker(KEY)
    for number, change in enumerate(changes[:split]):
        first.advance(landing(number), change)
    kept = {(opening.item, opening.number): replace(opening) for opening in first.touched}
    second = Tracker(KEY, openings=[replace(opening) for opening in kept.values()])
    for number, change in enumerate(changes[split:], split):
        second.advance(landing(number), change)
    kept |= {(opening.item, opening.number): opening for opening in second.touched}
    assert _by_name(kept.values()) == _by_name(whole.touched)


@given(steps)
def test_open_items_equal_the_matches_in_the_files(
    history: list[dict[str, list[str] | None]],
) -> None:
    tracker = Tracker(KEY)
    files: dict[str, list[str]] = {}
    for number, step in enumerate(history):
        changed = {
            path: None if texts is None else found(str(number), *texts)
            for path, texts in step.items()
        }
        tracker.advance(landing(number), changed)
        files |= {path: texts or [] for path, texts in step.items()}
        expected = sorted(
            (path, line) for path, texts in files.items() for line in range(1, len(texts) + 1)
        )
        assert tracker.open_spots() == expected


def _by_name(openings: object) -> list[Opening]:
    assert isinstance(openings, list | type({}.values()))
    return sorted(openings, key=lambda opening: (opening.item, opening.number))


@given(steps, st.randoms(use_true_random=False))
def test_the_order_of_paths_changes_nothing(
    history: list[dict[str, list[str] | None]], random: Random
) -> None:
    trackers = Tracker(KEY), Tracker(KEY)
    for number, step in enumerate(history):
        changed = {
            path: None if texts is None else found(str(number), *texts)
            for path, texts in step.items()
        }
        trackers[0].advance(landing(number), changed)
        shuffled = list(changed.items())
        random.shuffle(shuffled)
        trackers[1].advance(landing(number), dict(shuffled))
    one, other = (_by_name(tracker.touched) for tracker in trackers)
    assert one == other


def test_an_edit_keeps_the_item_and_records_the_new_text() -> None:
    tracker = Tracker(KEY)
    tracker.advance(landing(0), {"a.py": found("1", "require('six')")})
    tracker.advance(landing(1), {"a.py": found("2", 'require("six");')})
    tracker.advance(landing(2), {"a.py": None, "b.py": found("2", 'require("six");')})
    (opening,) = tracker.touched
    assert opening.closed_at is None
    assert [(version.commit, version.path, version.text) for version in opening.versions] == [
        (landing(0).commit, "a.py", "require('six')"),
        (landing(1).commit, "a.py", 'require("six");'),
        (landing(2).commit, "b.py", 'require("six");'),
    ]


def test_a_change_of_white_space_is_recorded_and_a_shifted_line_is_not() -> None:
    tracker = Tracker(KEY)
    tracker.advance(landing(0), {"a.py": Found("1", (Spot("import six", 1, 1, "import six"),))})
    shifted = Spot("import six", 9, 1, "import six")
    tracker.advance(landing(1), {"a.py": Found("2", (shifted,))})
    indented = Spot("import six", 9, 5, "import six", exact="    import six")
    tracker.advance(landing(2), {"a.py": Found("3", (indented,))})
    (opening,) = tracker.touched
    assert [version.text for version in opening.versions] == ["import six", "    import six"]


def test_an_edited_item_that_was_fixed_regresses_with_its_last_text() -> None:
    tracker = Tracker(KEY)
    tracker.advance(landing(0), {"a.py": found("1", "require('six')")})
    tracker.advance(landing(1), {"a.py": found("2", 'require("six")')})
    tracker.advance(landing(2), {"a.py": None})
    tracker.advance(landing(3), {"a.py": found("2", 'require("six")')})
    first, second = tracker.touched
    assert (first.item, first.origin_text) == (second.item, second.origin_text)
    assert (second.number, second.versions) == (2, ())


def test_a_new_item_with_the_first_text_of_an_edited_one_has_its_own_id() -> None:
    tracker = Tracker(KEY)
    tracker.advance(landing(0), {"a.py": found("1", "require('six')")})
    tracker.advance(landing(1), {"a.py": found("2", 'require("six")')})
    resumed = Tracker(KEY, openings=[replace(opening) for opening in tracker.touched])
    trackers = (tracker, resumed)
    for advanced in trackers:
        advanced.advance(landing(2), {"a.py": found("3", 'require("six")', "require('six')")})
    ids = [{opening.item for opening in advanced.touched} for advanced in trackers]
    assert ids[1] <= ids[0]
    assert len(ids[0]) == 2
