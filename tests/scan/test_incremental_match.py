"""Carrying over matches from the previous version gives the same result as a full search."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.config.workspace import shipped_folder
from headway.model.campaign import Rule
from headway.plugins import load_scanners
from headway.scan.bound_rule import BoundRule
from headway.scan.incremental_match import IncrementalMatch, _lines_on
from headway.scan.matching import Hits, Matcher

REGEX = load_scanners([shipped_folder() / "scanners"]).get("regex")
assert REGEX is not None

PATTERNS = ("six", r"^\s*import", r"six$", "^$", r"\bx\b", "ä.b", r"(?P<name>\w+)=")

LONG = [f"line {number} = six" if number % 50 == 0 else f"line {number}" for number in range(300)]

lines = st.sampled_from(
    ["import six", "  import os", "", "x", "a=1", "äb", "äöb", "six six", "\r", "\ufeffsix"]
)
contents = st.builds(
    lambda several, end, junk: "\n".join(several).encode() + end + junk,
    st.lists(lines, max_size=12).flatmap(
        lambda several: st.sampled_from(
            [several, [*several, *LONG, *several], [*LONG, *several, *LONG]]
        )
    ),
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


@settings(deadline=None)
@given(st.lists(contents, min_size=1, max_size=5), st.sampled_from([(), ("span-lines",)]))
def test_each_version_has_the_matches_that_it_has_alone(
    versions: list[bytes], flags: tuple[str, ...]
) -> None:
    rules = matcher(*flags)
    all_rules = (1 << len(PATTERNS)) - 1
    incremental = IncrementalMatch(rules)
    for content in versions:
        found = incremental.find("a.py", all_rules, content)
        assert ordered(found) == ordered(rules.find(all_rules, "", content))
    assert not rules.failures


@settings(deadline=None)
@given(st.lists(st.integers(0, 700), max_size=60), st.data())
def test_lines_on_finds_the_beginning_of_any_later_line(
    lengths: list[int], data: st.DataObject
) -> None:
    lines = [b"x" * length + b"\n" for length in lengths for _ in range(3)] + [b"end"]
    begin = data.draw(st.integers(0, len(lines) - 1))
    end = data.draw(st.integers(begin, len(lines) - 1))
    content = b"".join(lines)
    offset = sum(map(len, lines[:begin]))
    assert _lines_on(content, offset, end - begin) == sum(map(len, lines[:end]))
