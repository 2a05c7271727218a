"""The templates: the user's folder first, then the shipped one, then `builtin:` for the latter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
from jinja2.meta import find_referenced_templates

from headway.errors import HeadwayError
from headway.hashing import fingerprint_of


class PageTemplateError(HeadwayError):
    """A template cannot be rendered."""

    def __init__(self, template: str, error: TemplateError) -> None:
        place = template
        if isinstance(error, TemplateSyntaxError):
            place = f"{error.filename or error.name or template}, line {error.lineno}"
        super().__init__(
            f"the template {place} cannot be used: {error.message or type(error).__name__}; "
            "docs/pages.md and docs/digest.md list what a template is given."
        )


class Templates:
    """Renders pages.

    folders: to look in, the first that has a template wins; the last is the shipped one, which
    `{% extends "builtin:campaign.html" %}` names whatever stands before it. finalize: what is done
    to every value before it is escaped; a value that it makes `Markup` is written as it is.
    filters: more of them, by name.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        finalize: Callable[[object], object] | None = None,
        filters: Mapping[str, Callable[..., object]] | None = None,
    ) -> None:
        self._folders = tuple(folders)
        self._fingerprints: dict[str, str] = {}
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
            # they are not edited while a site is built
            auto_reload=False,
            finalize=finalize,
        )
        self._environment.filters.update(filters or {})

    def render(self, template: str, page: object) -> str:
        """The text of one page; raises `PageTemplateError`."""
        try:
            return self._environment.get_template(template).render(page=page)
        except TemplateError as error:
            raise PageTemplateError(template, error) from error

    def fingerprint(self, template: str) -> str:
        """Of a template and all that it is made of; raises `PageTemplateError`.

        One that says only when it is rendered what it includes counts as made of everything.
        """
        try:
            # a site asks for each part of it, and its templates stay as they are meanwhile
            if template not in self._fingerprints:
                names = sorted(self._made_of(template))
                self._fingerprints[template] = fingerprint_of(
                    [(name, self._source(name)) for name in names]
                )
            return self._fingerprints[template]
        except TemplateError as error:
            raise PageTemplateError(template, error) from error

    def _made_of(self, template: str) -> set[str]:
        names, new = {template}, [template]
        while new:
            tree = self._environment.parse(self._source(new.pop()))
            for name in find_referenced_templates(tree):
                found = self._environment.list_templates() if name is None else [name]
                new += [each for each in found if each not in names]
                names |= set(found)
        return names

    def _source(self, name: str) -> str:
        loader = self._environment.loader
        assert loader is not None
        return loader.get_source(self._environment, name)[0]

    def assets(self) -> Iterator[tuple[str, bytes]]:
        """(path below the site's root, content) of the style sheet, scripts and pictures."""
        chosen: dict[str, Path] = {}
        for folder in reversed(self._folders):
            for file in sorted((folder / "assets").rglob("*")):
                if file.is_file():
                    chosen[file.relative_to(folder).as_posix()] = file
        for name, file in sorted(chosen.items()):
            yield name, file.read_bytes()
