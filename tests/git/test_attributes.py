"""`.gitattributes` files exclude exactly the files that `git check-attr` marks."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.git.attributes import Attributes
from headway.model.vendored import is_vendored
from tests.support.git import git

MARKS = ("linguist-vendored", "linguist-generated")
PATTERNS = (
    *("*", "*.py", "a.py", "/a.py", "lib/a.py", "lib", "lib/", "/lib/", "lib/*", "lib/**"),
    *("**/a.py", "**/lib/**", "lib/**/a.py", "/**", "**", "a**.py", "lib**/a.py", "***", "*/a.py"),
    *("li?/a.py", "[al]*", "[!a]*.py", "[^l]ib/*", "[[:alpha:]].py", "[[:nope:]].py", "[a-c].py"),
    *("[]a].py", "[a", "[a-]*", "[\\]a]*", "[[:digit:]-z]*", "\\*.py", "\\a.py", "a.py\\"),
    *("a.\\py", "a[]", "[[:]a.py", "[[::]]*", "[a-\\c].py"),
    *('"a.py"', '"sp ace.py"', '"tab\\there.py"', '"bad', '"a.py"x', "!a.py", "#a.py", "caf\\303*"),
    *("*/*/a.py", "deep/lib", "deep/lib/*.py", "deep/**/a.py", "/deep/lib/**", "*lib*", "?.py"),
    *("*.p*", "*.*", ".", "..", "a.py/", "a.py/**", "//a.py", "lib//a.py", "lib/[/]a.py", "[.-/]*"),
    *("café.py", "caf?.py", "caf??.py", "caf[^x]*.py", "\ufeffa.py", "**\\/a.py", "x**y/a.py"),
)
STATES = (
    *MARKS,
    *("-linguist-vendored", "!linguist-vendored", "linguist-vendored=false"),
    *("linguist-generated=true", "-linguist-generated", "linguist-vendored=", "mine", "-mine"),
    *("!mine", "theirs", "text eol=lf", "linguist-language=Go", "-bad-=x", "a!b", ""),
)
MACROS = (
    "[attr]mine linguist-vendored",
    "[attr]mine -linguist-vendored linguist-generated",
    "[attr]theirs mine text",
    "[attr]mine",
    "[attr] mine linguist-vendored",
    "[attr]bad/name linguist-vendored",
)
PATHS = (
    *("a.py", "b.py", "lib/a.py", "deep/lib/a.py", "deep/lib/b.c", "deep/a.py", "lib/x/y/a.py"),
    *("lib", "sp ace.py", "tab\there.py", "café.py", "[a", "*.py", "!a.py", "#a.py", "xy/a.py"),
    *("xzy/a.py", "x/q/y/a.py", "]", "-", "a.py/a.py", "libx/a.py", "vendor/a.py", "vendor/b.c"),
)
FOLDERS = ("", "lib/", "deep/", "deep/lib/")


def checked(files: Mapping[str, bytes], paths: Sequence[str]) -> dict[str, list[str]]:
    """Return the values of both marks for each path, as `git check-attr` prints them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        git(folder, "init", "-q")
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        names = "".join(f"{path}\0" for path in paths).encode()
        output = git(folder, "check-attr", "-z", "--stdin", *MARKS, stdin=names)
    fields = output.split("\0")[:-1]
    values: dict[str, list[str]] = {path: [] for path in paths}
    for path, value in zip(fields[::3], fields[2::3], strict=True):
        values[path].append(value)
    return values


def expected(path: str, values: Sequence[str]) -> bool:
    """Return whether a file is excluded according to the values that git printed."""
    known = [value for value in values if value != "unspecified"]
    if not known:
        return is_vendored(path)
    return any(value not in ("unset", "false") for value in known)


def assert_as_git(files: Mapping[str, bytes], paths: Sequence[str] = PATHS) -> None:
    attributes = Attributes({path.encode(): content for path, content in files.items()})
    for path, values in checked(files, paths).items():
        assert attributes.excludes(path.encode()) == expected(path, values), (path, values)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_each_pattern_matches_as_in_git(pattern: str) -> None:
    assert_as_git({".gitattributes": f"{pattern} linguist-vendored\n".encode()})


@pytest.mark.parametrize("pattern", PATTERNS)
def test_each_pattern_matches_as_in_git_in_a_folder(pattern: str) -> None:
    assert_as_git({"deep/.gitattributes": f"{pattern} linguist-generated\n".encode()})


lines = st.one_of(
    st.builds(
        lambda pattern, states, blank: f"{pattern}{blank}{' '.join(states)}",
        st.sampled_from(PATTERNS),
        st.lists(st.sampled_from(STATES), min_size=1, max_size=3),
        st.sampled_from([" ", "  ", "\t"]),
    ),
    st.sampled_from([*MACROS, "", "# linguist-vendored", "  * linguist-vendored", "x" * 2050]),
)
contents = st.builds(
    lambda rows, end: end.join([*rows, ""]).encode(),
    st.lists(lines, max_size=6),
    st.sampled_from(["\n", "\r\n"]),
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(FOLDERS), contents, max_size=4))
def test_generated_files_decide_as_in_git(files: dict[str, bytes]) -> None:
    assert_as_git({f"{folder}.gitattributes": content for folder, content in files.items()})


_names = st.lists(st.text("ab[]!^-\\.x:*", min_size=1, max_size=4), min_size=1, max_size=3)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text("ab*?[]!^-\\/.x:", min_size=1, max_size=8), min_size=1, max_size=20),
    _names.map("/".join),
)
def test_any_pattern_decides_as_in_git(patterns: list[str], path: str) -> None:
    paths = [path, "a", "b", "a/b", "ab/x", "a/x/b", "x/a.b"]
    paths = [name for name in dict.fromkeys(paths) if not {".", ".."} & set(name.split("/"))]
    for pattern in patterns:
        assert_as_git({".gitattributes": f"{pattern} linguist-vendored\n".encode()}, paths)


def test_contents_without_marks_are_equal_to_none() -> None:
    files = {b".gitattributes": b"*.py text\n[attr]x text\n", b"lib/.gitattributes": b"* x\n"}
    assert not Attributes(files)
    assert Attributes(files) == Attributes()
    assert Attributes({b".gitattributes": b"* linguist-vendored\n"}) != Attributes()


def test_a_long_pattern_takes_linear_time() -> None:
    pattern = b"*a" * 500 + b"b linguist-vendored\n"
    attributes = Attributes({b".gitattributes": pattern})
    assert not attributes.excludes(b"a" * 5000)
