"""Renders phrases in each format, and escapes all text for that format."""

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

_NOBODY = "\u200b"
"""A zero-width space, which keeps `@name` from notifying and `#1` from linking."""

_MARKDOWN = re.compile(r"[\\`*_\[\]<>|~&!]")
# mentions, issues, merge requests and URLs, which forges turn into links anywhere
_NOTIFYING = re.compile(
    r"(@|[#!&$%~](?=\d)|(?<=\w)[#!&]|\bGH-(?=\d)|://|\bwww(?=\.))", re.IGNORECASE
)
_LINE_START = re.compile(r"^(?:([-+=#])(?=[-+=#\s]|$)|(\d+)([.)])(?=\s|$))")
# leading blanks before a list marker, or that would start a code block
_INDENTED = re.compile(r"^(?=\s+(?:[-+=#]|\d+[.)])|\s{4})")
_SLACK_MARKS = re.compile(r"(?<!\w)[*_~`]|[*_~`](?!\w)")

_LINK = "color:#0b57d0"
_CODE = "font-family:Consolas,Menlo,monospace;font-size:13px"


def written(phrase: Phrase, writer: Writer) -> str:
    """The phrase, rendered part by part."""
    return "".join(writer(part) for part in phrase.parts)


def address(url: str | None) -> str | None:
    """The URL, quoted so that no format ends it early; None for anything but http and https."""
    safe = web(url)
    return quote(safe, safe="%/:?#@!$&'+,;=~-._") if safe else None


def text_part(part: Part) -> str:
    """For terminals and plain-text mail: the text alone, without links."""
    return printable(part.text)


def markdown_part(part: Part) -> str:
    """Markdown for GitHub and GitLab."""
    target = address(part.url)
    if part.kind == "code":
        return markdown_code(part.text)
    shown = markdown_text(part.text)
    if part.kind == "strong":
        return f"**{shown}**" if shown.strip() == shown and shown else shown
    return f"[{shown}]({target})" if target else shown


def markdown_text(text: str) -> str:
    """Escaped text that notifies nobody and links to nothing."""
    shown = _NOTIFYING.sub(rf"\1{_NOBODY}", printable(text))
    shown = _MARKDOWN.sub(r"\\\g<0>", shown)
    return _LINE_START.sub(_started, _INDENTED.sub(_NOBODY, shown))


def _started(found: re.Match[str]) -> str:
    mark, number, stop = found.groups()
    return f"\\{mark}" if mark else f"{number}\\{stop}"


def markdown_code(text: str) -> str:
    """Text as inline code, fenced by more backticks than it contains."""
    shown = printable(text)
    runs = [len(list(run)) for char, run in groupby(shown) if char == "`"]
    fence = "`" * (max(runs, default=0) + 1)
    if fence != "`" or shown[:1] in {"", " ", "`"} or shown[-1:] in {" ", "`"}:
        return f"{fence} {shown} {fence}"
    return f"`{shown}`"


def html_part(part: Part) -> str:
    """HTML for mail: inline styles, because mail clients ignore style sheets."""
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
    """Slack's mrkdwn, which escapes only three characters; other marks are neutralised."""
    if part.kind == "code":
        return f"`{slack_escaped(printable(part.text).replace('`', _NOBODY))}`"
    shown = slack_text(part.text)
    target = address(part.url)
    if part.kind == "strong":
        return f"*{shown}*" if shown.strip() == shown and shown else shown
    return f"<{slack_escaped(target)}|{shown}>" if target else shown


def slack_text(text: str) -> str:
    """Escaped text that notifies nobody and has no style."""
    shown = printable(text).replace("@", f"@{_NOBODY}")
    return slack_escaped(_SLACK_MARKS.sub(rf"\g<0>{_NOBODY}", shown))


def slack_escaped(text: str) -> str:
    """Text with the three characters escaped that control Slack's markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
