"""Render phrases as plain text, Markdown, HTML and Slack messages. All text is escaped."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby
from urllib.parse import quote

from markupsafe import escape

from headway.printable import printable
from headway.wording.formats import web
from headway.wording.rich_text import Part, Phrase

Writer = Callable[[Part], str]
"""Renders a part of a phrase in one format."""

_NOBODY = "\u200b"
"""A zero-width space, which stops `@name` from notifying users and `#1` from becoming a link."""

_MARKDOWN = re.compile(r"[\\`*_\[\]<>|~&!]")
# Forges turn mentions, issue and merge request numbers, and URLs into links.
_NOTIFYING = re.compile(
    r"(@|[#!&$%~](?=\d)|(?<=\w)[#!&]|\bGH-(?=\d)|://|\bwww(?=\.))", re.IGNORECASE
)
_URL = re.compile(
    r"(?<![\w.])((?:[a-z][a-z0-9+.-]{0,20}://|www\.)[^\s|<>\"`]*[^\s|<>\"`.,;:!?)])", re.IGNORECASE
)
"""A URL in text. It is shown as code so that it can be copied but is not a link."""
_LINE_START = re.compile(r"^(?:([-+=#])(?=[-+=#\s]|$)|(\d+)([.)])(?=\s|$))")
# Leading spaces that would begin a list (before a list marker) or a code block (four spaces).
_INDENTED = re.compile(r"^(?=\s+(?:[-+=#]|\d+[.)])|\s{4})")
_SLACK_MARKS = re.compile(r"(?<!\w)[*_~`]|[*_~`](?!\w)")

_LINK = "color:#0b57d0"
_CODE = "font-family:Consolas,Menlo,monospace;font-size:13px"


def written(phrase: Phrase, writer: Writer) -> str:
    """Render all parts of a phrase in the same format."""
    return "".join(writer(part) for part in phrase.parts)


def address(url: str | None) -> str | None:
    """Return an http or https URL with unsafe characters quoted, or None for any other URL."""
    safe = web(url)
    return quote(safe, safe="%/:?#@!$&'+,;=~-._") if safe else None


def text_part(part: Part) -> str:
    """Render a part for terminals and plain-text email, without links."""
    return printable(part.text)


def markdown_part(part: Part) -> str:
    """Render a part as Markdown for GitHub and GitLab."""
    target = address(part.url)
    if part.kind == "code":
        return markdown_code(part.text)
    shown = markdown_text(part.text)
    if part.kind == "strong":
        return f"**{shown}**" if shown.strip() == shown and shown else shown
    if target and part.text == target:
        return f"<{target}>"
    return f"[{shown}]({target})" if target else shown


def markdown_text(text: str) -> str:
    """Escape text for Markdown, so that it cannot notify anybody or become a link."""
    words = _URL.split(printable(text))
    # `split` returns the URLs at the odd indices.
    words[::2] = [_escape_markdown(word) for word in words[::2]]
    words[1::2] = [markdown_code(url) for url in words[1::2]]
    return _LINE_START.sub(_started, _INDENTED.sub(_NOBODY, "".join(words)))


def _escape_markdown(text: str) -> str:
    return _MARKDOWN.sub(r"\\\g<0>", _NOTIFYING.sub(rf"\1{_NOBODY}", text))


def _started(found: re.Match[str]) -> str:
    mark, number, stop = found.groups()
    return f"\\{mark}" if mark else f"{number}\\{stop}"


def markdown_code(text: str) -> str:
    """Return inline code, in a fence that is longer than any run of backticks in the text."""
    shown = printable(text)
    runs = [len(list(run)) for char, run in groupby(shown) if char == "`"]
    fence = "`" * (max(runs, default=0) + 1)
    if fence != "`" or shown[:1] in {"", " ", "`"} or shown[-1:] in {" ", "`"}:
        return f"{fence} {shown} {fence}"
    return f"`{shown}`"


def html_part(part: Part) -> str:
    """Render a part as HTML with inline styles, because mail clients ignore style sheets."""
    shown = str(escape(printable(part.text)))
    target = address(part.url)
    if part.kind == "strong":
        return f"<strong>{shown}</strong>"
    if part.kind == "code":
        return f'<code style="{_CODE}">{shown}</code>'
    if target:
        return f'<a class="link" href="{escape(target)}" style="{_LINK}">{shown}</a>'
    return shown


def slack_part(part: Part) -> str:
    """Render a part in Slack's `mrkdwn` format."""
    if part.kind == "code":
        return f"`{slack_escaped(printable(part.text).replace('`', _NOBODY))}`"
    shown = slack_text(part.text)
    target = address(part.url)
    if part.kind == "strong":
        return f"*{shown}*" if shown.strip() == shown and shown else shown
    if target and part.text == target:
        return f"<{slack_escaped(target)}>"
    return f"<{slack_escaped(target)}|{shown}>" if target else shown


def slack_text(text: str) -> str:
    """Escape text for Slack, so that it cannot notify anybody or apply formatting."""
    words = _URL.split(printable(text))
    words[::2] = [
        _SLACK_MARKS.sub(rf"\g<0>{_NOBODY}", word.replace("@", f"@{_NOBODY}"))
        for word in words[::2]
    ]
    words[1::2] = [f"`{url}`" for url in words[1::2]]
    return slack_escaped("".join(words))


def slack_escaped(text: str) -> str:
    """Escape the three characters that control Slack's markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
