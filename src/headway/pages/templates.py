"""The templates: the user's folder first, then the shipped one, then `builtin:` for the latter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)

from headway.errors import HeadwayError
from headway.pages.contexts import Page
from headway.pages.filters import FILTERS


class PageTemplateError(HeadwayError):
    """A template cannot be rendered."""

    def __init__(self, template: str, error: TemplateError) -> None:
        place = template
        if isinstance(error, TemplateSyntaxError):
            place = f"{error.filename or error.name or template}, line {error.lineno}"
        super().__init__(
            f"the template {place} cannot be used: {error.message or type(error).__name__}; "
            "docs/pages.md lists what a template is given."
        )


class Templates:
    """Renders pages.

    folders: to look in, the first that has a template wins; the last is the shipped one, which
    `{% extends "builtin:campaign.html" %}` names whatever stands before it.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._environment = Environment(
            loader=ChoiceLoader(
                [
                    FileSystemLoader([str(folder) for folder in folders]),
                    PrefixLoader({"builtin": FileSystemLoader(str(folders[-1]))}, delimiter=":"),
                ]
            ),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters.update(FILTERS)

    def render(self, template: str, page: Page) -> str:
        """The text of one page; raises `PageTemplateError`."""
        try:
            return self._environment.get_template(template).render(page=page)
        except TemplateError as error:
            raise PageTemplateError(template, error) from error

    def assets(self) -> Iterator[tuple[str, bytes]]:
        """(path below the site's root, content) of the style sheet, scripts and pictures."""
        chosen: dict[str, Path] = {}
        for folder in reversed(self._folders):
            for file in sorted((folder / "assets").rglob("*")):
                if file.is_file():
                    chosen[file.relative_to(folder).as_posix()] = file
        for name, file in sorted(chosen.items()):
            yield name, file.read_bytes()
