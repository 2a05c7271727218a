"""Pairing of the matches of a commit with those of its parent."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from headway.progress.identity import FILES, LINES, Place, pair

places = st.builds(
    Place,
    path=st.sampled_from(["a.py", "b.py", "lib/a.py", "lib/b.py"]),
    text=st.sampled_from(["import six", "from six import x", "six.moves"]),
    blob=st.sampled_from(["1", "2", "3"]),
)
sides = st.lists(places, max_size=8).map(sorted)


def line(path: str, text: str = "import six", blob: str = "1") -> Place:
    return Place(path, text, blob)


@given(sides, sides)
def test_every_place_is_in_the_pairing_exactly_once(old: list[Place], new: list[Place]) -> None:
    found = pair(old, new)
    assert sorted([before for before, _ in found.kept] + list(found.gone)) == list(range(len(old)))
    assert sorted([after for _, after in found.kept] + list(found.come)) == list(range(len(new)))


@given(sides, sides)
def test_as_many_places_are_kept_as_their_texts_allow(old: list[Place], new: list[Place]) -> None:
    shared = Counter(place.text for place in old) & Counter(place.text for place in new)
    assert len(pair(old, new).kept) == shared.total()


@given(sides, sides)
def test_only_equal_texts_are_paired(old: list[Place], new: list[Place]) -> None:
    for before, after in pair(old, new).kept:
        assert old[before].text == new[after].text


@given(sides, sides)
def test_the_same_place_is_kept_before_any_move(old: list[Place], new: list[Place]) -> None:
    kept = pair(old, new).kept
    stayed = sum(1 for before, after in kept if old[before][:2] == new[after][:2])
    shared = Counter(place[:2] for place in old) & Counter(place[:2] for place in new)
    assert stayed == shared.total()


@given(sides)
def test_unchanged_places_are_all_kept(both: list[Place]) -> None:
    found = pair(both, both)
    assert found.kept == tuple((index, index) for index in range(len(both)))


@given(sides, sides)
def test_pairing_backwards_keeps_as_many(old: list[Place], new: list[Place]) -> None:
    there, back = pair(old, new), pair(new, old)
    assert len(there.kept) == len(back.kept)
    assert (len(there.gone), len(there.come)) == (len(back.come), len(back.gone))


def test_a_renamed_file_keeps_its_items() -> None:
    found = pair([line("a.py"), line("a.py")], [line("b.py"), line("b.py")])
    assert found.kept == ((0, 0), (1, 1))


def test_fixing_one_place_and_adding_another_is_one_fixed_and_one_new() -> None:
    found = pair([line("a.py", "import six")], [line("a.py", "from six import x", "2")])
    assert (found.kept, found.gone, found.come) == ((), (0,), (0,))


def test_an_unchanged_file_takes_precedence_over_a_file_of_the_same_name() -> None:
    old = [line("old/a.py", blob="1"), line("other/b.py", blob="2")]
    new = [line("new/b.py", blob="1"), line("new/c.py", blob="2")]
    assert pair(old, new).kept == ((0, 0), (1, 1))


def test_a_file_of_the_same_name_takes_precedence_over_other_files() -> None:
    old = [line("old/a.py", blob="1"), line("old/b.py", blob="2")]
    new = [line("new/b.py", blob="3"), line("new/a.py", blob="4")]
    assert pair(old, new).kept == ((0, 1), (1, 0))


def test_a_renamed_file_with_the_same_content_has_moved() -> None:
    old = [Place("setup.cfg", "setup.cfg", "1")]
    new = [Place("old.cfg", "old.cfg", "1")]
    assert pair(old, new, FILES).kept == ((0, 0),)
    assert pair(old, new, LINES).kept == ()
