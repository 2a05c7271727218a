"""A phrase as each format writes it. All text is made harmless here, whoever wrote it."""

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
"""A zero-width space: behind it an @ names nobody, and a # no issue."""

_MARKDOWN = re.compile(r"[\\`*_\[\]<>|~&!]")
# who is named, issues and merge requests, addresses: what a forge makes links of in any text
_NOTIFYING = re.compile(
    r"(@|[#!&$%~](?=\d)|(?<=\w)[#!&]|\bGH-(?=\d)|://|\bwww(?=\.))", re.IGNORECASE
)
_LINE_START = re.compile(r"^(?:([-+=#])(?=[-+=#\s]|$)|(\d+)([.)])(?=\s|$))")
# blanks that end before such a mark, or would begin a block of code
_INDENTED = re.compile(r"^(?=\s+(?:[-+=#]|\d+[.)])|\s{4})")
_SLACK_MARKS = re.compile(r"(?<!\w)[*_~`]|[*_~`](?!\w)")

_LINK = "color:#0b57d0"
_CODE = "font-family:Consolas,Menlo,monospace;font-size:13px"


def written(phrase: Phrase, writer: Writer) -> str:
    """All parts of a phrase."""
    return "".join(writer(part) for part in phrase.parts)


def address(url: str | None) -> str | None:
    """A link that leads to the web and ends nowhere early; None for any other."""
    safe = web(url)
    return quote(safe, safe="%/:?#@!$&'+,;=~-._") if safe else None


def text_part(part: Part) -> str:
    """For a terminal or a plain mail: the words alone, for nobody can follow a link there."""
    return printable(part.text)


def markdown_part(part: Part) -> str:
    """As GitHub and GitLab read it."""
    target = address(part.url)
    if part.kind == "code":
        return markdown_code(part.text)
    shown = markdown_text(part.text)
    if part.kind == "strong":
        return f"**{shown}**" if shown.strip() == shown and shown else shown
    return f"[{shown}]({target})" if target else shown


def markdown_text(text: str) -> str:
    """Text that stays text, tells nobody, and links to nothing."""
    shown = _NOTIFYING.sub(rf"\1{_NOBODY}", printable(text))
    shown = _MARKDOWN.sub(r"\\\g<0>", shown)
    return _LINE_START.sub(_started, _INDENTED.sub(_NOBODY, shown))


def _started(found: re.Match[str]) -> str:
    mark, number, stop = found.groups()
    return f"\\{mark}" if mark else f"{number}\\{stop}"


def markdown_code(text: str) -> str:
    """Text as code, whatever backticks are in it."""
    shown = printable(text)
    runs = [len(list(run)) for char, run in groupby(shown) if char == "`"]
    fence = "`" * (max(runs, default=0) + 1)
    if fence != "`" or shown[:1] in {"", " ", "`"} or shown[-1:] in {" ", "`"}:
        return f"{fence} {shown} {fence}"
    return f"`{shown}`"


def html_part(part: Part) -> str:
    """For a mail: styles stand at each element, for mail programs take no style sheet."""
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
    """As Slack's mrkdwn has it: only three characters are escaped, the rest is kept from acting."""
    if part.kind == "code":
        return f"`{slack_escaped(printable(part.text).replace('`', _NOBODY))}`"
    shown = slack_text(part.text)
    target = address(part.url)
    if part.kind == "strong":
        return f"*{shown}*" if shown.strip() == shown and shown else shown
    return f"<{slack_escaped(target)}|{shown}>" if target else shown


def slack_text(text: str) -> str:
    """Text that stays text, and tells nobody."""
    shown = printable(text).replace("@", f"@{_NOBODY}")
    return slack_escaped(_SLACK_MARKS.sub(rf"\g<0>{_NOBODY}", shown))


def slack_escaped(text: str) -> str:
    """The three characters that control Slack's text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
