"""Carrying over what was found in another version gives what searching the whole gives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from headway.definition.campaign import Rule
from headway.scan.matching import BoundRule, Hits, Matcher
from headway.scan.plugins import load_scanners
from headway.scan.versions import Versions, difference
from headway.workspace import shipped_folder

REGEX = load_scanners([shipped_folder() / "scanners"]).get("regex")
assert REGEX is not None

PATTERNS = ("six", r"^\s*import", r"six$", "^$", r"\bx\b", "ä.b", r"(?P<name>\w+)=")

lines = st.sampled_from(
    ["import six", "  import os", "", "x", "a=1", "äb", "äöb", "six six", "\r", "\ufeffsix"]
)
contents = st.builds(
    lambda several, end, junk: "\n".join(several).encode() + end + junk,
    st.lists(lines, max_size=12),
    st.sampled_from([b"", b"\n", b"\n\n"]),
    st.sampled_from([b"", b"", b"", b"\xe9 six"]),
)


def matcher(*flags: str) -> Matcher:
    bound = []
    for number, pattern in enumerate(PATTERNS):
        options = {"pattern": pattern, "flags": list(flags) if number == 0 else []}
        rule = Rule(f"r{number}", "deprecated", "regex", options, (), 1.0)
        assert REGEX is not None
        bound.append(BoundRule(rule, REGEX, REGEX.Options(**options)))
    return Matcher(bound)


def ordered(hits: Hits) -> Hits:
    return tuple(sorted(hits))


@given(st.lists(contents, min_size=1, max_size=5), st.sampled_from([(), ("span-lines",)]))
def test_each_version_gives_what_it_gives_alone(
    versions: list[bytes], flags: tuple[str, ...]
) -> None:
    rules = matcher(*flags)
    mask = (1 << len(PATTERNS)) - 1
    carried = Versions(rules)
    for content in versions:
        found = carried.find("a.py", mask, content)
        assert ordered(found) == ordered(rules.find(mask, "", content))
    assert not rules.failures


@given(contents, contents, contents)
def test_the_difference_is_whole_lines_and_leaves_the_same_around_it(
    before: bytes, one: bytes, other: bytes
) -> None:
    for old, new in ((one, other), (before + one, before + other), (one + before, other + before)):
        start, old_end, new_end = difference(old, new)
        assert old[:start] == new[:start]
        assert old[old_end:] == new[new_end:]
        assert start <= min(old_end, new_end)
        assert start == 0 or old[start - 1 : start] == b"\n"
        for content, end in ((old, old_end), (new, new_end)):
            if end < len(content):
                assert end == 0 or content[end - 1 : end] == b"\n"


def test_a_long_file_with_one_changed_line_differs_in_that_line() -> None:
    many = [b"line %d\n" % number for number in range(50_000)]
    old = b"".join(many)
    many[31_234] = b"something else\n"
    start, old_end, new_end = difference(old, b"".join(many))
    assert old[start:old_end] == b"line 31234\n"
    assert b"".join(many)[start:new_end] == b"something else\n"
