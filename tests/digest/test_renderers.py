"""Malicious text is harmless in every output format of phrases."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.digest.renderers import (
    address,
    html_part,
    markdown_code,
    markdown_part,
    markdown_text,
    slack_part,
    slack_text,
    text_part,
    written,
)
from headway.wording.rich_text import LONGEST, Part, clipped, code, joined, link, say, strong

HOSTILE = st.lists(
    st.sampled_from(
        [*"ab1 @#!<>&*_~`|[]()\\\"'/:.-+=\n\r\t\x1b\u202e\u2066\u200bé", "https://a", "www.b"]
    ),
    max_size=40,
).map("".join)
KINDS = st.sampled_from(["text", "strong", "code", "link"])
URLS = st.sampled_from([None, "https://example.com/a_(b)?c=<d>|e&f", "javascript:alert(1)"])
PARTS = st.builds(Part, KINDS, HOSTILE, URLS)


CODE = re.compile(r"(?<!\\)`[^`]*`")
"""Matches a URL that is shown as code."""


class Tags(HTMLParser):
    """Collects the tags, attributes and text that a browser would find in HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(PARTS)
def test_html_has_only_our_tags_and_links(part: Part) -> None:
    seen = Tags(html_part(part))
    assert [tag for tag, _ in seen.found] in ([], ["strong"], ["code"], ["a"])
    for _, attributes in seen.found:
        assert set(attributes) <= {"style", "class", "href"}
        assert attributes.get("href", "https://") is not None
        assert (attributes.get("href") or "https://").startswith("https://")


@given(PARTS)
def test_no_format_has_control_or_bidirectional_characters(part: Part) -> None:
    for writer in (text_part, markdown_part, html_part, slack_part):
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", writer(part))


@pytest.mark.fault(34)
@given(HOSTILE)
def test_markdown_mentions_nobody_and_no_issue(text: str) -> None:
    shown = CODE.sub("", markdown_text(text))
    assert not re.search("@(?!\u200b)", shown)
    assert not re.search(r"[#!&](?=\d)", shown)
    # Every character that could begin Markdown syntax is escaped.
    assert not re.search(r"(?<!\\)[`*_\[\]<>|]", re.sub(r"\\\\", "", shown))


@given(HOSTILE)
def test_markdown_text_reads_the_same(text: str) -> None:
    read = "".join(
        part[1:-1] if number % 2 else re.sub(r"\\([\\`*_\[\]<>|~&!\-+=#.)])", r"\1", part)
        for number, part in enumerate(re.split(f"({CODE.pattern})", markdown_text(text)))
    )
    assert read.replace("\u200b", "") == text_part(Part("text", text)).replace("\u200b", "")


@given(HOSTILE)
def test_a_fence_is_longer_than_any_run_of_backticks(text: str) -> None:
    shown = markdown_code(text)
    fence = re.match("`+", shown)
    assert fence is not None
    inner = shown[len(fence[0]) : -len(fence[0])]
    assert shown.endswith(fence[0])
    assert all(len(run) < len(fence[0]) for run in re.findall("`+", inner))


@given(PARTS)
def test_slack_has_only_our_links_as_control_sequences(part: Part) -> None:
    shown = slack_part(part)
    assert re.sub(r"^\*?<https://[^<>|]*\|[^<>]*>\*?$", "", shown).count("<") == 0
    mentions = re.search("@(?!\u200b)", CODE.sub("", shown))
    assert not mentions or part.kind == "code" or shown.startswith("<https://")
    assert not re.search("&(?!amp;|lt;|gt;)", shown)


@given(HOSTILE)
def test_slack_text_reads_the_same(text: str) -> None:
    read = html.unescape(re.sub("`(?!\u200b)", "", slack_text(text))).replace("\u200b", "")
    assert read == text_part(Part("text", text)).replace("\u200b", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("@acme/payments", "@\u200bacme/payments"),
        ("fixes #12", "fixes #\u200b12"),
        ("acme/one#12", "acme/one#\u200b12"),
        ("#payments", "#payments"),
        ("a * b_c", "a \\* b\\_c"),
        ("- x", "\\- x"),
        ("1. x", "1\\. x"),
        ("1.2 a week", "1.2 a week"),
        ("+22 into scope", "+22 into scope"),
        ("https://evil.example", "`https://evil.example`"),
        ("see https://x.example/a_b#1.", "see `https://x.example/a_b#1`."),
        ("www.evil.example, a", "`www.evil.example`, a"),
        ("http://", "http://\u200b"),
        ("![x](y)", "\\!\\[x\\](y)"),
        ("a\nb\u202e", "a\\\\x0ab\\\\u202e"),
    ],
)
def test_markdown(text: str, shown: str) -> None:
    assert markdown_text(text) == shown


def test_only_web_links_are_kept() -> None:
    assert address("javascript:alert(1)") is None
    assert address("https://a.example/x y)z>") == "https://a.example/x%20y%29z%3E"
    assert written(link("a", "javascript:alert(1)"), markdown_part) == "a"
    assert written(link("a", "https://b.example/(c)"), markdown_part) == (
        "[a](https://b.example/%28c%29)"
    )


def test_strong_code_and_links_in_each_format() -> None:
    phrase = say(
        "{a}, {b} and {c}", a=strong("one"), b=code("two"), c=link("three", "https://a.example/")
    )
    assert written(phrase, text_part) == "one, two and three"
    assert written(phrase, markdown_part) == "**one**, `two` and [three](https://a.example/)"
    assert written(phrase, slack_part) == "*one*, `two` and <https://a.example/|three>"
    assert Tags(written(phrase, html_part)).text == "one, two and three"


def test_numbers_in_sentences_have_separators() -> None:
    assert say("{count} items", count=12345).plain == "12,345 items"


def test_long_text_loses_its_middle() -> None:
    text = clipped("a" * 500 + "end")
    assert LONGEST - 2 <= len(text) <= LONGEST
    assert text.endswith("end")


def test_a_list_in_a_sentence() -> None:
    assert [joined("abc"[:count]).plain for count in range(4)] == ["", "a", "a and b", "a, b and c"]
