"""A Markdown parser finds no markup in escaped malicious text."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from headway.digest.renderers import markdown_code, markdown_part, markdown_text, written
from headway.printable import printable
from headway.wording.rich_text import code, joined, link, say, strong

PARSER = MarkdownIt("gfm-like", {"linkify": False})
HOSTILE = st.text(
    alphabet=st.sampled_from("ab1 @#!<>&*_~`|[]()\\\"'/:.-+=\n\t\u202eé"), min_size=1, max_size=30
)
WORDS = {"paragraph_open", "paragraph_close", "inline"}


def parsed(text: str) -> tuple[list[Token], list[Token]]:
    """Parse Markdown, and return its block tokens and the inline tokens within them."""
    blocks = PARSER.parse(text)
    return blocks, [child for block in blocks for child in block.children or ()]


def shown(text: str) -> str:
    """Return the text as a reader sees it: without zero-width spaces and repeated spaces."""
    return re.sub("[ \u200b]+", " ", text.replace("\u200b", "")).strip()


@given(HOSTILE)
def test_text_is_one_paragraph_of_text(text: str) -> None:
    blocks, inline = parsed(markdown_text(text))
    if not text.strip():
        return
    assert {block.type for block in blocks} <= WORDS
    assert {token.type for token in inline} <= {"text", "text_special"}
    assert shown("".join(token.content for token in inline)) == shown(printable(text))


@given(HOSTILE)
@example(" -")
@example("    1. code")
def test_text_does_not_end_a_list_or_table(text: str) -> None:
    blocks, _ = parsed(f"- {markdown_text(text)}\n- next\n")
    assert [block.type for block in blocks].count("list_item_open") == 2
    assert "html_block" not in {block.type for block in blocks}
    table = f"| a | b |\n| --- | --- |\n| {markdown_text(text)} | end |\n"
    blocks, _ = parsed(table)
    cells = [block.content for block in blocks if block.type == "inline"]
    assert (len(cells), cells[-1]) == (4, "end")


@given(HOSTILE)
def test_code_keeps_its_text(text: str) -> None:
    _, inline = parsed(f"see {markdown_code(text)} there")
    assert [token.type for token in inline] == ["text", "code_inline", "text"]
    assert shown(inline[1].content) == shown(printable(text))


@given(HOSTILE, HOSTILE, HOSTILE)
def test_a_sentence_has_only_the_intended_marks(one: str, two: str, three: str) -> None:
    phrase = say(
        "x {a}, {b} and {c} y",
        a=strong(one),
        b=code(two),
        c=link(three, "https://a.example/x(y)"),
    )
    _, inline = parsed(written(phrase, markdown_part))
    kinds = [token.type for token in inline if token.type not in ("text", "text_special")]
    assert [kind for kind in kinds if kind.startswith(("link", "code", "html"))] == [
        "code_inline",
        "link_open",
        "link_close",
    ]
    (opened,) = [token for token in inline if token.type == "link_open"]
    assert opened.attrs["href"] == "https://a.example/x%28y%29"


@given(st.lists(HOSTILE, min_size=1, max_size=4))
def test_a_list_of_names_has_no_marks(names: list[str]) -> None:
    _, inline = parsed("x " + written(joined(names), markdown_part) + " y")
    assert {token.type for token in inline} <= {"text", "text_special"}
