"""Moves between repositories satisfy their definition, and a naive search agrees.

The tests compare with the naive search only where a file has at most one possible counterpart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.progress.repository_moves import (
    COMMON,
    WINDOW,
    Arrival,
    Departure,
    Move,
    moves_between,
    never_fixed,
)

FIRST = date(2026, 1, 5)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def gone(
    repository: str,
    path: str,
    on: int,
    *texts: str,
    content: str = "",
    opened_at: int | None = 0,
    line: int | None = 1,
) -> list[Departure]:
    """Return one item for each string in `texts`. Their file was removed, so all are closed."""
    before = content or f"{repository}/{path}"
    return [
        Departure(
            repository,
            path,
            f"commit {on}",
            None if line is None else line + number,
            f"{repository} {path} {on} {number}",
            1,
            text,
            before,
            before,
            opened_at,
            day(on),
        )
        for number, text in enumerate(texts)
    ]


def come(
    repository: str,
    path: str,
    on: int,
    *texts: str,
    content: str = "",
    opened_at: int = 1,
    line: int | None = 1,
    at_baseline: bool = False,
    listed: tuple[int, int] | None = None,
) -> list[Arrival]:
    """Return one item for each string in `texts`. All of them opened in the same file."""
    return [
        Arrival(
            repository,
            path,
            f"commit {on}",
            None if line is None else line + number,
            f"{repository} {path} {on} {number}",
            1,
            text,
            content or f"{repository}/{path}",
            opened_at,
            day(on),
            at_baseline,
            None if listed is None else (day(listed[0]), day(listed[1])),
        )
        for number, text in enumerate(texts)
    ]


def found(
    departures: Iterable[Departure],
    arrivals: Iterable[Arrival],
    spread: dict[tuple[str, str], list[date]] | None = None,
) -> list[tuple[str, str, str]]:
    """Return sorted (text, repository that an item left, repository that it entered)."""
    moves = moves_between(departures, arrivals, spread or {})
    return sorted(
        (move.arrival.text, move.departure.repository, move.arrival.repository) for move in moves
    )


@pytest.mark.parametrize("apart", [-30, 0, 30])
def test_a_file_that_moves_takes_its_items_along(apart: int) -> None:
    departures = gone("a", "old/m.py", 40, "six", "five")
    arrivals = come("b", "m.py", 40 + apart, "five", "six")
    assert found(departures, arrivals) == [("five", "a", "b"), ("six", "a", "b")]


@pytest.mark.parametrize("apart", [-31, 31])
def test_after_more_than_thirty_days_nothing_has_moved(apart: int) -> None:
    assert not found(gone("a", "m.py", 40, "six"), come("b", "m.py", 40 + apart, "six"))


@pytest.mark.parametrize(
    ("arrivals", "reason"),
    [
        (come("b", "n.py", 0, "six"), "another name"),
        (come("b", "m.py", 0, "five"), "another text"),
        (come("a", "x/m.py", 0, "six"), "the same repository"),
        (come("b", "m.py", 0, "six", opened_at=-1), "older than the original"),
        (come("b", "m.py", 0, "six", opened_at=0), "as old as the original"),
        (come("b", "m.py", 0, "six", at_baseline=True), "of unknown age"),
        (come("b", "m.py", 0, "six", "1", "2"), "mostly other items"),
        (come("b", "m.py", 0, "six", "1"), "half other items"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_item_that_opened_elsewhere_has_not_moved(
    arrivals: Sequence[Arrival], reason: str
) -> None:
    assert not found(gone("a", "m.py", 0, "six"), arrivals), reason


def test_an_original_that_is_older_than_its_history_can_move() -> None:
    departures = gone("a", "m.py", 0, "six", opened_at=None)
    assert found(departures, come("b", "m.py", 0, "six")) == [("six", "a", "b")]


def test_most_items_of_a_file_must_move() -> None:
    five = gone("a", "m.py", 0, "1", "2", "3", "4", "5")
    assert not found(five, come("b", "m.py", 1, "1"))
    assert not found(five[:4], come("b", "m.py", 1, "1", "2"))
    assert len(found(five, come("b", "m.py", 1, "1", "2", "3"))) == 3


def test_a_file_that_is_edited_while_it_moves_moves_the_other_items() -> None:
    departures = gone("a", "m.py", 0, "1", "2", "3")
    assert len(found(departures, come("b", "m.py", 0, "1", "2", "three"))) == 2


def test_a_file_can_be_split_among_repositories() -> None:
    departures = gone("a", "m.py", 0, "1", "2", "3", "4")
    arrivals = come("b", "m.py", 0, "1", "2") + come("c", "m.py", 3, "3", "4")
    assert found(departures, arrivals) == [
        ("1", "a", "b"),
        ("2", "a", "b"),
        ("3", "a", "c"),
        ("4", "a", "c"),
    ]


def test_files_of_two_repositories_can_be_merged() -> None:
    departures = gone("a", "m.py", 0, "1", "2") + gone("b", "m.py", 0, "3")
    arrivals = come("c", "m.py", 0, "1", "2", "3")
    assert found(departures, arrivals) == [("1", "a", "c"), ("2", "a", "c"), ("3", "b", "c")]


def test_the_repository_that_took_most_of_the_items_is_preferred() -> None:
    departures = gone("a", "m.py", 0, "six") + gone("a", "n.py", 0, "five", "four")
    near = come("b", "m.py", 0, "six")
    arrivals = near + come("c", "m.py", 9, "six") + come("c", "n.py", 9, "five", "four")
    assert found(departures, arrivals) == [
        ("five", "a", "c"),
        ("four", "a", "c"),
        ("six", "a", "c"),
    ]


def test_of_two_repositories_the_one_with_the_same_content_is_preferred() -> None:
    departures = gone("a", "m.py", 0, "six", content="same")
    arrivals = come("b", "m.py", 0, "six") + come("c", "m.py", 9, "six", content="same")
    assert found(departures, arrivals) == [("six", "a", "c")]


def test_otherwise_the_nearest_day_is_preferred() -> None:
    departures = gone("a", "m.py", 0, "six")
    arrivals = come("b", "m.py", 9, "six") + come("c", "m.py", -8, "six")
    assert found(departures, arrivals) == [("six", "a", "c")]


def test_a_file_can_move_twice_and_back() -> None:
    departures = gone("a", "m.py", 0, "six", opened_at=0) + gone("b", "m.py", 5, "six", opened_at=1)
    onwards = come("b", "m.py", 1, "six", opened_at=1) + come("c", "m.py", 6, "six", opened_at=2)
    assert found(departures, onwards) == [("six", "a", "b"), ("six", "b", "c")]
    back = come("b", "m.py", 1, "six", opened_at=1) + come("a", "m.py", 6, "six", opened_at=2)
    assert found(departures, back) == [("six", "a", "b"), ("six", "b", "a")]


def days_of(repositories: int) -> list[date]:
    return [day(-9)] * repositories


def test_a_common_line_proves_no_move() -> None:
    departures, arrivals = gone("a", "pom.xml", 0, "2.7"), come("b", "pom.xml", 0, "2.7")
    assert found(departures, arrivals, {("pom.xml", "2.7"): days_of(COMMON)})
    assert not found(departures, arrivals, {("pom.xml", "2.7"): days_of(COMMON + 1)})


def test_repositories_that_have_a_line_later_do_not_count() -> None:
    departures, arrivals = gone("a", "pom.xml", 0, "2.7"), come("b", "pom.xml", 2, "2.7")
    later = [*days_of(COMMON), day(3), day(4)]
    assert found(departures, arrivals, {("pom.xml", "2.7"): later})


def test_a_common_line_in_a_rare_content_moves() -> None:
    departures = gone("a", "pom.xml", 0, "2.7", content="rare")
    arrivals = come("b", "pom.xml", 0, "2.7", content="rare")
    common = {("pom.xml", "2.7"): days_of(9)}
    assert found(departures, arrivals, common)
    assert not found(departures, arrivals, common | {("pom.xml", "rare"): days_of(9)})


def test_a_common_line_moves_along_with_a_rare_one() -> None:
    departures = gone("a", "pom.xml", 0, "2.7") + gone("a", "m.py", 0, "six")
    arrivals = come("b", "pom.xml", 0, "2.7") + come("b", "m.py", 0, "six")
    common = {("pom.xml", "2.7"): days_of(9)}
    assert found(departures, arrivals, common) == [("2.7", "a", "b"), ("six", "a", "b")]


def test_a_whole_file_moves_only_with_its_content() -> None:
    departures = gone("a", ".travis.yml", 0, ".travis.yml", content="x", line=None)
    same = come("b", ".travis.yml", 0, ".travis.yml", content="x", line=None)
    other = come("b", ".travis.yml", 0, ".travis.yml", content="y", line=None)
    assert found(departures, same)
    assert not found(departures, other)


@pytest.mark.parametrize(
    ("listed", "moved"), [((-29, 0), True), ((0, 90), True), ((31, 90), False)]
)
def test_a_copied_history_moves_when_its_repository_is_listed(
    listed: tuple[int, int], moved: bool
) -> None:
    departures = gone("a", "m.py", 0, "six", content="same")
    for at_baseline in (False, True):
        arrivals = come(
            "b",
            "m.py",
            -400,
            "six",
            content="same",
            opened_at=0,
            at_baseline=at_baseline,
            listed=listed,
        )
        assert bool(found(departures, arrivals)) == moved


def test_a_repository_listed_late_with_another_history_has_not_taken_items() -> None:
    arrivals = come("b", "m.py", -400, "six", listed=(-1, 1))
    assert not found(gone("a", "m.py", 0, "six"), arrivals)


REPOSITORIES, NAMES, TEXTS = "abc", ("m.py", "x/m.py", "n.py"), ("1", "2", "3")


@st.composite
def files(draw: st.DrawFn) -> tuple[list[Departure], list[Arrival]]:
    """Draw up to six removed files and six added files, each with a repository, path and day."""
    departures: list[Departure] = []
    arrivals: list[Arrival] = []
    places = st.tuples(st.sampled_from(REPOSITORIES), st.sampled_from(NAMES), st.integers(0, 70))
    texts = st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4)
    contents = st.sampled_from(["", "", "x", "y"])
    for place in draw(st.sets(places, max_size=6)):
        departures += gone(*place, *draw(texts), content=draw(contents), opened_at=place[2] - 5)
    for place in draw(st.sets(places, max_size=6)):
        arrivals += come(*place, *draw(texts), content=draw(contents), opened_at=place[2])
    return departures, arrivals


SPREADS = st.dictionaries(
    st.tuples(st.sampled_from(["m.py", "n.py"]), st.sampled_from([*TEXTS, "x", "y"])),
    st.integers(0, 9).map(days_of),
)


@given(files(), SPREADS)
def test_every_move_satisfies_the_definition(
    given_files: tuple[list[Departure], list[Arrival]], spread: dict[tuple[str, str], list[date]]
) -> None:
    departures, arrivals = given_files
    moves = moves_between(departures, arrivals, spread)
    assert len({move.departure for move in moves}) == len(moves)
    assert len({move.arrival for move in moves}) == len(moves)
    for departure, arrival in moves:
        assert departure.repository != arrival.repository
        assert departure.text == arrival.text
        assert departure.path.split("/")[-1] == arrival.path.split("/")[-1]
        assert abs(departure.day - arrival.day) <= WINDOW
    sides: tuple[Sequence[Departure | Arrival], ...] = (departures, arrivals)
    for side, everything in enumerate(sides):
        moved = Counter(move[side][:3] for move in moves)
        whole = Counter(record[:3] for record in everything)
        assert all(count * 2 > whole[file] for file, count in moved.items())


@given(files(), SPREADS, st.randoms())
def test_the_order_of_openings_changes_nothing(
    given_files: tuple[list[Departure], list[Arrival]],
    spread: dict[tuple[str, str], list[date]],
    random: Random,
) -> None:
    departures, arrivals = given_files
    moves = moves_between(departures, arrivals, spread)
    random.shuffle(departures)
    random.shuffle(arrivals)
    assert moves_between(departures, arrivals, spread) == moves


@given(files(), SPREADS)
def test_openings_of_other_names_change_nothing(
    given_files: tuple[list[Departure], list[Arrival]], spread: dict[tuple[str, str], list[date]]
) -> None:
    departures, arrivals = given_files
    moves = moves_between(departures, arrivals, spread)
    other = gone("d", "o.py", 1, "1", "2"), come("e", "o.py", 90, "1", "2")
    assert moves_between(departures + other[0], arrivals + other[1], spread) == moves


def naive(departures: Sequence[Departure], arrivals: Sequence[Arrival]) -> list[Move]:
    """Find the moves of files that contain no text twice and have at most one counterpart."""
    pairs = [
        Move(departure, arrival)
        for departure, arrival in product(departures, arrivals)
        if departure.repository != arrival.repository
        and departure.text == arrival.text
        and departure.path.split("/")[-1] == arrival.path.split("/")[-1]
        and abs((departure.day - arrival.day).days) <= 30
    ]
    kept: list[Move] = []
    for move in pairs:
        together = [
            pair
            for pair in pairs
            if pair.departure[:3] == move.departure[:3] and pair.arrival[:3] == move.arrival[:3]
        ]
        sizes = (
            sum(1 for entry in departures if entry[:3] == move.departure[:3]),
            sum(1 for entry in arrivals if entry[:3] == move.arrival[:3]),
        )
        if len(together) * 2 > max(sizes):
            kept.append(move)
    return kept


@given(
    st.lists(
        st.tuples(
            st.sets(st.sampled_from(TEXTS), min_size=1),
            st.sets(st.sampled_from(TEXTS), min_size=1),
            st.integers(0, 35),
            st.integers(0, 35),
        ),
        max_size=6,
    )
)
def test_files_with_names_of_their_own_agree_with_the_naive_search(
    described: list[tuple[set[str], set[str], int, int]],
) -> None:
    departures: list[Departure] = []
    arrivals: list[Arrival] = []
    for number, (before, after, went, came) in enumerate(described):
        departures += gone("a", f"{number}.py", went, *sorted(before))
        arrivals += come("b", f"{number}.py", came, *sorted(after))
    assert set(moves_between(departures, arrivals, {})) == set(naive(departures, arrivals))


@pytest.mark.parametrize(
    ("numbers", "moved_out", "expected"),
    [
        ([1], [1], []),
        ([1, 2], [1], [2]),
        ([1, 2, 3], [1], [2]),
        ([1, 2, 3], [1, 2], [2, 3]),
        ([1, 2, 3], [2], []),
    ],
)
def test_an_item_that_only_moved_away_was_never_fixed(
    numbers: list[int], moved_out: list[int], expected: list[int]
) -> None:
    assert never_fixed(numbers, moved_out) == expected
