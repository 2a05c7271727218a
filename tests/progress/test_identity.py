"""Matches before and after a commit are paired as docs/numbers.md describes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from headway.progress.identity import pair
from headway.progress.places import Pairing, Place

TEXTS = ["import six", "import six  # here", "from six import x", "six.moves", "use(six)"]


class Files:
    """The files before and after a commit, by path. The text of a file serves as its blob ID."""

    def __init__(self, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        self._old, self._new = old, new

    def is_added(self, path: str) -> bool:
        return path not in self._old

    def is_removed(self, path: str) -> bool:
        return path not in self._new

    def lines(self, blob: str) -> Sequence[bytes]:
        return blob.encode().split(b"\n")


def places_of(files: Mapping[str, str], changed: set[str]) -> list[Place]:
    """Return the path and line of each match of `six` in the changed files."""
    return [
        Place(path, " ".join(text.split()), files[path], line)
        for path in sorted(changed & files.keys())
        for line, text in enumerate(files[path].split("\n"), 1)
        if "six" in text
    ]


def commit(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[list[Place], list[Place]]:
    """Return the matches in the changed files, before and after a commit."""
    changed = {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}
    return places_of(old, changed), places_of(new, changed)


def paired(old: Mapping[str, str], new: Mapping[str, str]) -> Pairing:
    return pair(*commit(old, new), Files(old, new))


def result(
    old: Mapping[str, str], new: Mapping[str, str]
) -> tuple[list[tuple[str, str]], int, int]:
    """Return the (`path:line`, `path:line`) pairs, and the numbers of fixed and new matches."""
    before, after = commit(old, new)
    found = pair(before, after, Files(old, new))
    names = [
        (f"{before[one].path}:{before[one].line}", f"{after[other].path}:{after[other].line}")
        for one, other in found.kept
    ]
    return names, len(found.gone), len(found.come)


BODY = [f"value_{number} = {number}" for number in range(30)]
REST = "\n".join(BODY)

file_texts = st.lists(st.sampled_from([*TEXTS, *BODY[:6], ""]), max_size=9).map("\n".join)
trees = st.dictionaries(st.sampled_from(["a.py", "b.py", "lib/a.py", "lib/c.py"]), file_texts)


@given(trees, trees)
def test_every_place_occurs_in_the_result_exactly_once(
    old: dict[str, str], new: dict[str, str]
) -> None:
    before, after = commit(old, new)
    found = pair(before, after, Files(old, new))
    assert sorted([one for one, _ in found.kept] + list(found.gone)) == list(range(len(before)))
    assert sorted([one for _, one in found.kept] + list(found.come)) == list(range(len(after)))


@given(trees, trees)
def test_equal_texts_are_always_paired(old: dict[str, str], new: dict[str, str]) -> None:
    before, after = commit(old, new)
    equal = Counter(place.text for place in before) & Counter(place.text for place in after)
    assert len(pair(before, after, Files(old, new)).kept) >= equal.total()


@given(trees, trees)
def test_a_place_whose_text_did_not_change_is_paired_with_itself(
    old: dict[str, str], new: dict[str, str]
) -> None:
    before, after = commit(old, new)
    kept = pair(before, after, Files(old, new)).kept
    stayed = sum(1 for one, other in kept if before[one][:2] == after[other][:2])
    equal = Counter(place[:2] for place in before) & Counter(place[:2] for place in after)
    assert stayed == equal.total()


@given(trees)
def test_a_commit_that_changes_nothing_pairs_every_place_with_itself(tree: dict[str, str]) -> None:
    both = places_of(tree, set(tree))
    found = pair(both, both, Files(tree, tree))
    assert found.kept == tuple((index, index) for index in range(len(both)))


@given(trees, trees)
def test_different_texts_are_paired_only_in_the_same_file_or_in_an_added_file(
    old: dict[str, str], new: dict[str, str]
) -> None:
    before, after = commit(old, new)
    for one, other in pair(before, after, Files(old, new)).kept:
        if before[one].text != after[other].text:
            path = after[other].path
            assert path == before[one].path or path not in old


@given(trees, trees)
def test_without_contents_the_result_is_still_a_partition(
    old: dict[str, str], new: dict[str, str]
) -> None:
    before, after = commit(old, new)
    found = pair(before, after)
    assert len(found.kept) + len(found.gone) == len(before)
    assert len(found.kept) + len(found.come) == len(after)


@given(st.lists(st.tuples(st.sampled_from(TEXTS), st.booleans()), min_size=1, max_size=6))
def test_an_edit_in_place_fixes_and_adds_nothing(lines: list[tuple[str, bool]]) -> None:
    old = "\n".join(f"{text}\n{BODY[number]}" for number, (text, _) in enumerate(lines))
    new = "\n".join(
        f"{text}, edited\n{BODY[number]}" if edited else f"{text}\n{BODY[number]}"
        for number, (text, edited) in enumerate(lines)
    )
    names, fixed, added = result({"a.py": old}, {"a.py": new})
    assert (fixed, added) == (0, 0)
    assert all(before == after for before, after in names)


@given(st.sampled_from(TEXTS), st.sampled_from(TEXTS))
def test_a_fixed_place_and_a_new_place_in_another_file_are_not_an_edit(
    text: str, other: str
) -> None:
    if text == other:
        return
    old = {"a.py": f"{text}\n{REST}", "b.py": REST}
    new = {"a.py": REST, "b.py": f"{REST}\n{other}"}
    assert result(old, new) == ([], 1, 1)


def test_a_bumped_version_is_the_same_place() -> None:
    assert result({"a.py": "six==1\nx"}, {"a.py": "six==2\nx"}) == ([("a.py:1", "a.py:1")], 0, 0)


def test_a_fixed_place_and_a_dissimilar_new_place_in_the_same_file_are_not_an_edit() -> None:
    old = {"a.py": f"import six\n{REST}"}
    new = {"a.py": f"{REST}\nuse(six.moves.urllib)"}
    assert result(old, new) == ([], 1, 1)


def test_a_line_removed_above_and_a_commented_line_added_below_are_two_places() -> None:
    old = {"a.py": f"import six\n{REST}"}
    new = {"a.py": f"{REST}\nimport six  # unrelated"}
    assert result(old, new) == ([], 1, 1)


def test_an_edited_line_that_moved_within_its_file_is_the_same_place() -> None:
    old = {"a.py": f"result = call(six, 'one', 'two')\n{REST}"}
    new = {"a.py": f'{REST}\nresult = call(six, "one", "two")'}
    assert result(old, new) == ([("a.py:1", "a.py:31")], 0, 0)


def test_the_most_similar_of_several_lines_in_a_hunk_is_the_same_place() -> None:
    old = {"a.py": f"x = six.text_type(name)\n{REST}"}
    new = {"a.py": f"import six\nx = six.text_type(other)\n{REST}"}
    assert result(old, new) == ([("a.py:1", "a.py:2")], 0, 1)


def test_a_renamed_file_keeps_its_items() -> None:
    text = f"import six\nimport six\n{REST}"
    found = result({"a.py": text}, {"b.py": text})
    assert found == ([("a.py:1", "b.py:1"), ("a.py:2", "b.py:2")], 0, 0)


def test_a_renamed_and_edited_file_keeps_its_items() -> None:
    old = {"a.py": f"import six\n{REST}", "c.py": "import six\n"}
    new = {"lib/b.py": f"import six  # kept\n{REST}", "c.py": "pass\n"}
    assert result(old, new) == ([("a.py:1", "lib/b.py:1")], 1, 0)


def test_the_parts_of_a_split_file_keep_their_items() -> None:
    first, second = "\n".join(BODY[:15]), "\n".join(BODY[15:])
    old = {"a.py": f"{first}\nf(six, 1)\n{second}\nf(six, 2)"}
    new = {"a.py": f"{first}\nf(six, 1, 1)", "b.py": f"{second}\nf(six, 2, 2)"}
    assert result(old, new) == ([("a.py:16", "a.py:16"), ("a.py:32", "b.py:16")], 0, 0)


def test_an_equal_text_moves_to_the_renamed_file_before_any_other() -> None:
    old = {"a.py": f"import six\n{REST}", "z.py": "import six\nx = 1"}
    new = {"b.py": "import six\n", "lib/z.py": f"import six\n# new\n{REST}"}
    found = result(old, new)
    assert found == ([("a.py:1", "lib/z.py:1"), ("z.py:1", "b.py:1")], 0, 0)


def test_a_file_with_the_same_content_is_preferred_to_a_file_with_the_same_name() -> None:
    old = {"old/a.py": "import six\n1", "other/b.py": "import six\n2"}
    new = {"new/b.py": "import six\n1", "new/c.py": "import six\n2"}
    found = result(old, new)[0]
    assert found == [("old/a.py:1", "new/b.py:1"), ("other/b.py:1", "new/c.py:1")]


def test_a_file_with_the_same_name_is_preferred_to_other_files() -> None:
    old = {"old/a.py": "import six\none", "old/b.py": "import six\ntwo"}
    new = {"new/b.py": "import six\nthree", "new/a.py": "import six\nfour"}
    found = result(old, new)[0]
    assert sorted(found) == [("old/a.py:1", "new/a.py:1"), ("old/b.py:1", "new/b.py:1")]


def test_lines_that_change_to_the_next_version_are_edited_and_not_moved() -> None:
    old = {"a/pom.xml": "<p>\nsix 2\n</p>", "b/pom.xml": "<p>\nsix 1\n</p>"}
    new = {"a/pom.xml": "<p>\nsix 3\n</p>", "b/pom.xml": "<p>\nsix 2\n</p>"}
    found = result(old, new)
    assert found == ([("a/pom.xml:2", "a/pom.xml:2"), ("b/pom.xml:2", "b/pom.xml:2")], 0, 0)


def test_a_whole_file_under_another_name_with_the_same_content_has_moved() -> None:
    old, new = [Place("setup.cfg", "setup.cfg", "1")], [Place("old.cfg", "old.cfg", "1")]
    assert pair(old, new, whole_files=True).kept == ((0, 0),)


def test_a_whole_file_that_was_renamed_and_edited_has_moved() -> None:
    old, new = {"setup.cfg": REST}, {"old/config.cfg": f"{REST}\nmore = 1"}
    before = [Place("setup.cfg", "setup.cfg", REST)]
    after = [Place("old/config.cfg", "config.cfg", new["old/config.cfg"])]
    assert pair(before, after, Files(old, new), whole_files=True).kept == ((0, 0),)


def test_whole_files_that_have_nothing_in_common_are_one_fixed_and_one_new() -> None:
    old, new = {"setup.cfg": REST}, {"other.cfg": "nothing = 1"}
    before = [Place("setup.cfg", "setup.cfg", REST)]
    after = [Place("other.cfg", "other.cfg", "nothing = 1")]
    assert pair(before, after, Files(old, new), whole_files=True).kept == ()
