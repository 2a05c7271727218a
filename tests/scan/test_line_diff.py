"""What differs between two contents: nothing is missed, and what is left out is the same."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from headway.scan.line_diff import differences

lines = st.lists(
    st.sampled_from([b"", b"a", b"b", b"one line\r", b"a line that is long", b"x" * 3])
)
parts = st.builds(
    lambda several, times, end: b"\n".join(several * times) + end,
    lines,
    st.sampled_from([1, 1, 2, 300]),
    st.sampled_from([b"", b"\n", b"\n\n"]),
)
numbered = st.builds(
    lambda first, count: b"".join(b"this is line %d\n" % (first + each) for each in range(count)),
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
def test_around_the_differences_both_are_the_same_whole_lines(old: bytes, new: bytes) -> None:
    old_at = new_at = 0
    for part in differences(old, new):
        assert old_at <= part.old_start <= part.old_end
        assert new_at <= part.new_start <= part.new_end
        assert old[old_at : part.old_start] == new[new_at : part.new_start]
        for content, ends in ((old, part[:2]), (new, part[2:])):
            for end in ends:
                # cut at the end of a line, or of everything
                assert end in (0, len(content)) or content[end - 1 : end] == b"\n"
        old_at, new_at = part.old_end, part.new_end
    assert old[old_at:] == new[new_at:]


def test_of_the_same_hardly_anything_is_left() -> None:
    content = b"".join(b"line %d\n" % number for number in range(50_000))
    assert sum(part.new_end - part.new_start for part in differences(content, content)) < 300


def test_of_a_long_file_with_lines_changed_here_and_there_few_are_left() -> None:
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
