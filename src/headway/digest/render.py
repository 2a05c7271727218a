"""Render a digest with the templates `digest.txt`, `digest.md` and `digest.html`."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from markupsafe import Markup

from headway.digest.digest_context import Digest
from headway.digest.renderers import Writer, html_part, markdown_part, text_part, written
from headway.printable import printable
from headway.templating import Templates
from headway.wording.formats import FILTERS
from headway.wording.rich_text import Part, Phrase

Written = Literal["text", "markdown", "html"]

_TEMPLATES: Mapping[Written, str] = {
    "text": "digest.txt",
    "markdown": "digest.md",
    "html": "digest.html",
}
_WRITERS: Mapping[Written, Writer] = {
    "text": text_part,
    "markdown": markdown_part,
    "html": html_part,
}
_WIDTH = 78


def render(page: Digest, kind: Written, folders: Sequence[Path]) -> str:
    """Render the digest in one format with the first matching template in the folders.

    All values are escaped for the format automatically.

    Raises:
        PageTemplateError: The template has an error.
    """
    templates = Templates(folders, _finalizing(_WRITERS[kind]), {**FILTERS, "fill": fill})
    return templates.render(_TEMPLATES[kind], page)


@cache
def _finalizing(writer: Writer) -> Callable[[object], object]:
    def finalize(value: object) -> object:
        if value is None:
            return ""
        if isinstance(value, Markup):
            return value
        if isinstance(value, Phrase):
            return Markup(written(value, writer))  # noqa: S704 - escaped by the writer
        if isinstance(value, int):
            return f"{value:,}"
        return Markup(writer(Part("text", str(value))))  # noqa: S704 - escaped by the writer

    return finalize


def fill(
    value: Phrase | str | Sequence[Phrase], first: str = "", rest: str = "", width: int = _WIDTH
) -> Markup:
    """Wrap plain text into lines of at most `width` characters. Longer words are not broken.

    Args:
        value: A string, a phrase or several sentences. `Markup` from a `{% filter fill %}` block is
            not escaped again.
        first: The prefix of the first line, such as spaces or a bullet.
        rest: The prefix of all other lines.
        width: The maximum length of a line, in characters. A longer word gets its own line.
    """
    lines = textwrap.wrap(
        _words(value),
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return Markup("\n".join(lines))  # noqa: S704 - plain text needs no escaping


def _words(value: Phrase | str | Sequence[Phrase]) -> str:
    if isinstance(value, str):
        return str(value) if isinstance(value, Markup) else printable(value)
    if isinstance(value, Phrase):
        return written(value, text_part)
    return " ".join(written(sentence, text_part) for sentence in value)
