"""The YAML reader locates each value, and rejects features such as tags and aliases."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.config.document import MAX_BYTES, Document, parse_document, read_document
from tests.support.definitions import printed


def parse(text: str | bytes) -> Document:
    content = text if isinstance(text, bytes) else text.encode()
    return parse_document(Path("six.yaml"), content)


def problems_in(text: str | bytes) -> str:
    return "\n".join(problem.render() for problem in parse(text).problems)


def test_keys_and_values_have_places() -> None:
    document = parse("title: Remove six\nscope:\n  topics: [python, web]\n")
    assert document.data == {"title": "Remove six", "scope": {"topics": ["python", "web"]}}
    assert document.keys["scope", "topics"] == (3, 3)
    assert document.places["scope", "topics"] == (3, 11)
    assert document.places["scope", "topics", 1] == (3, 20)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("no", "no"),
        ("1:30", "1:30"),
        ("2026-13-01", "2026-13-01"),
        ("2026-01-05", "2026-01-05"),
        ("1.10", 1.1),
        ("007", 7),
        ("0o17", "0o17"),
        ("true", True),
        ("~", None),
        ("", None),
        ("3", 3),
        ("9" * 400, "9" * 400),
    ],
)
def test_scalars_are_not_converted_unexpectedly(text: str, value: object) -> None:
    document = parse(f"key: {text}\n")
    assert document.data == {"key": value}
    assert not document.problems


@pytest.mark.fault(33)
def test_a_duplicate_key_is_reported() -> None:
    assert problems_in("title: a\nscope:\n  forks: true\n  forks: false\ntitle: b\n") == printed("""
        error: duplicate key `forks`
          --> six.yaml:4:3
           |
         4 |   forks: false
           |   ^
          help: the key is already on line 3
        error: duplicate key `title`
          --> six.yaml:5:1
           |
         5 | title: b
           | ^
          help: the key is already on line 1
    """)


def test_an_alias_is_reported_where_it_is_used() -> None:
    assert problems_in("title: &name Remove six\nsummary: *name\n") == printed("""
        error: YAML aliases are not allowed
          --> six.yaml:2:10
           |
         2 | summary: *name
           |          ^
          help: write out the value
    """)


def test_an_alias_without_an_anchor_is_one_error() -> None:
    assert problems_in("title: *name\n").count("error:") == 1


@pytest.mark.fault(33)
def test_a_million_aliases_are_counted_and_not_followed() -> None:
    content = "a: &a [x]\nb: [" + "*a," * 300_000 + "]\n"
    document = parse(content)
    assert document.data is None
    assert len(document.problems) == 21
    assert document.problems[-1].message == "there are 299,980 more aliases in this file"


@pytest.mark.fault(33)
def test_exponential_aliases_are_not_followed() -> None:
    bomb = "k0: &k0 [x, x]\n" + "".join(
        f"k{n}: &k{n} [*k{n - 1}, *k{n - 1}]\n" for n in range(1, 10)
    )
    document = parse(bomb)
    assert document.data is not None
    assert document.data["k9"] == [None, None]
    assert len(document.problems) == 18
    assert document.concerns_refused(("k9", 1, 0))
    assert not document.concerns_refused(("k9",))


@pytest.mark.fault(33)
def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "six.yaml"
    file.write_bytes(b"x" * 5_000_000)
    document = read_document(file)
    assert [problem.render(tmp_path) for problem in document.problems] == [
        "error: the file is larger than 1 MiB\n  --> six.yaml:1:1\n  help: split the campaign"
    ]
    assert parse(b"#" * MAX_BYTES).problems[0].message == "the file is empty"


@pytest.mark.parametrize(
    "text", ["a: " + "[" * 100_000, "".join(" " * n + "a:\n" for n in range(300))]
)
def test_deep_nesting_is_refused_without_recursion(text: str) -> None:
    (problem,) = parse(text).problems
    assert problem.message == "this value is nested more than 50 levels deep"
    assert problem.help == "use fewer levels"


@pytest.mark.fault(33)
def test_a_tab_as_indentation_is_reported() -> None:
    assert problems_in("title: a\nscope:\n\tforks: true\n") == printed("""
        error: this is not valid YAML: a tab is used where YAML requires spaces
          --> six.yaml:3:1
           |
         3 | \tforks: true
           | ^
          help: indent with spaces
    """)


@pytest.mark.fault(33)
def test_a_byte_order_mark_is_ignored() -> None:
    document = parse(b"\xef\xbb\xbftitle: a\n")
    assert document.data == {"title": "a"}
    assert document.keys["title",] == (1, 1)


def test_windows_line_endings_are_allowed() -> None:
    document = parse("title: a\r\nsummary: b\r\n")
    assert document.data == {"title": "a", "summary": "b"}
    assert document.at(2, 1, "here").source == "summary: b"


def test_bytes_that_are_not_utf_8_are_reported() -> None:
    assert problems_in(b"title: a\nsummary: caf\xe9 noir\n") == printed("""
        error: the file is not UTF-8 text
          --> six.yaml:2:13
           |
         2 | summary: caf\ufffd noir
           |             ^
          help: save it as UTF-8
    """)


def test_utf_16_is_reported() -> None:
    assert parse("title: a\n".encode("utf-16")).problems[0].message == "the file is not UTF-8 text"


def test_a_control_character_is_named_and_escaped() -> None:
    assert problems_in("title: a\nsummary: 'b\x1b[31mc'\n") == printed(r"""
        error: the character U+001B is not allowed in YAML
          --> six.yaml:2:12
           |
         2 | summary: 'b\x1b[31mc'
           |            ^
          help: remove it, or write it as an escape in double quotes, such as "\x1b"
    """)


def test_an_unclosed_value_is_reported_where_it_begins() -> None:
    assert problems_in("title: 'Remove six\nowner: me\n") == printed("""
        error: this quote is never closed
          --> six.yaml:1:8
           |
         1 | title: 'Remove six
           |        ^
          help: close it, or remove it
    """)


def test_an_unquoted_colon_is_reported() -> None:
    assert problems_in("title: Remove: six\n") == printed("""
        error: this is not valid YAML: mapping values are not allowed in this context
          --> six.yaml:1:14
           |
         1 | title: Remove: six
           |              ^
          help: put text that contains a colon in quotes
    """)


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing but this\n"])
def test_an_empty_file_is_reported(text: str) -> None:
    assert "the file is empty" in problems_in(text)


def test_a_second_document_is_reported_where_it_begins() -> None:
    (problem,) = parse("title: a\n---\ntitle: b\n").problems
    assert (problem.line, problem.message) == (3, "a second document begins here")


@pytest.mark.parametrize("text", ["- a\n", "hello\n", "5\n"])
def test_a_file_must_be_a_mapping(text: str) -> None:
    (problem,) = parse(text).problems
    assert problem.message == "the file must contain a mapping of keys to values"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a: !!python/object:os.system x\n", (1, 4), "the tag `!!python/object:os.system`"),
        ("a: !secret [x]\n", (1, 4), "the tag `!secret`"),
        ("a: !env {x: 1}\n", (1, 4), "the tag `!env`"),
        ("<<: {a: 1}\n", (1, 1), "the merge key `<<` is not allowed"),
        ("? [a]\n: 1\n", (1, 3), "a key must be text, not a list or mapping"),
    ],
)
def test_features_with_hidden_meanings_are_refused(
    text: str, place: tuple[int, int], message: str
) -> None:
    (problem,) = parse(text).problems
    assert (problem.line, problem.column) == place
    assert message in problem.message


def test_lines_are_counted_as_yaml_counts_them() -> None:
    # In YAML 1.1, the line separator U+2028 ends a line.
    document = parse("# a\u2028b: 1\nc: 1\nc: 2\n")
    (problem,) = document.problems
    assert (problem.line, problem.source) == (4, "c: 2")


def test_an_unreadable_file_is_reported(tmp_path: Path) -> None:
    (problem,) = read_document(tmp_path / "nowhere.yaml").problems
    assert problem.message == "the file cannot be read: No such file or directory"
