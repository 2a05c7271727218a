"""A digest as text: through the templates `digest.txt`, `digest.md` and `digest.html`."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
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
    """The digest by the template in the first folder that has one.

    Whatever a template writes is made harmless for its format; it has to do nothing for that.
    Raises `PageTemplateError`.
    """
    templates = Templates(folders, _finalizing(_WRITERS[kind]), {**FILTERS, "fill": fill})
    return templates.render(_TEMPLATES[kind], page)


def _finalizing(writer: Writer) -> Callable[[object], object]:
    def finalize(value: object) -> object:
        if value is None:
            return ""
        if isinstance(value, Markup):
            return value
        if isinstance(value, Phrase):
            return Markup(written(value, writer))  # noqa: S704 - made harmless by the writer
        if isinstance(value, int):
            return f"{value:,}"
        return Markup(writer(Part("text", str(value))))  # noqa: S704 - as above

    return finalize


def fill(
    value: Phrase | str | Sequence[Phrase], first: str = "", rest: str = "", width: int = _WIDTH
) -> Markup:
    """Plain text in lines of at most `width` characters; sentences come one after the other.

    value: text that is `Markup`, as from a `{% filter fill %}` block, is ready. first, rest: what
    the first line and the others begin with. A path is not broken.
    """
    lines = textwrap.wrap(
        _words(value),
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return Markup("\n".join(lines))  # noqa: S704 - plain text: nothing in it acts


def _words(value: Phrase | str | Sequence[Phrase]) -> str:
    if isinstance(value, str):
        return str(value) if isinstance(value, Markup) else printable(value)
    if isinstance(value, Phrase):
        return written(value, text_part)
    return " ".join(written(each, text_part) for each in value)
