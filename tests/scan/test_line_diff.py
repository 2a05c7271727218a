"""`differences` finds all differences: the lines between them are equal in both versions."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from headway.scan.line_diff import differences

lines = st.lists(
    st.sampled_from([b"", b"a", b"b", b"one line\r", b"a line that is long", b"x" * 3])
)
parts = st.builds(
    lambda some_lines, times, end: b"\n".join(some_lines * times) + end,
    lines,
    st.sampled_from([1, 1, 2, 300]),
    st.sampled_from([b"", b"\n", b"\n\n"]),
)
numbered = st.builds(
    lambda first, count: b"".join(
        b"this is line %d\n" % (first + offset) for offset in range(count)
    ),
    st.integers(0, 50),
    st.integers(0, 400),
)
contents = st.lists(st.one_of(parts, numbered), max_size=5).map(b"".join)


@settings(deadline=None)
@given(contents, contents)
@example(b"", b"a")
@example(b"a", b"a\n")
@example(b"a\nb", b"a\nb\nc")
@example(b"x\n", b"y\nx\n")
def test_between_the_differences_both_versions_are_equal_whole_lines(
    old: bytes, new: bytes
) -> None:
    old_at = new_at = 0
    for part in differences(old, new):
        assert old_at <= part.old_start <= part.old_end
        assert new_at <= part.new_start <= part.new_end
        assert old[old_at : part.old_start] == new[new_at : part.new_start]
        for content, ends in ((old, part[:2]), (new, part[2:])):
            for end in ends:
                # Every cut is at the end of a line or of the content.
                assert end in (0, len(content)) or content[end - 1 : end] == b"\n"
        old_at, new_at = part.old_end, part.new_end
    assert old[old_at:] == new[new_at:]


def test_equal_contents_have_almost_no_differences() -> None:
    content = b"".join(b"line %d\n" % number for number in range(50_000))
    assert sum(part.new_end - part.new_start for part in differences(content, content)) < 512


def test_a_few_changed_lines_of_a_long_file_give_small_differences() -> None:
    many = [b"line %d\n" % number for number in range(50_000)]
    old = b"".join(many)
    changed = {number: b"something else %d\n" % number for number in (17, 20_000, 31_234, 49_999)}
    for number, line in changed.items():
        many[number] = line
    del many[25_000]
    new = b"".join(many)
    found = b"".join(new[part.new_start : part.new_end] for part in differences(old, new))
    assert all(line in found for line in changed.values())
    assert len(found) < 20_000
