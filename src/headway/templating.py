"""Render Jinja templates from the user's folder and from the shipped folder."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import markupsafe
from jinja2 import (
    BytecodeCache,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
    nodes,
)
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from jinja2.meta import find_referenced_templates
from markupsafe import Markup, escape

from headway.errors import HeadwayError
from headway.hashing import fingerprint_of


class PageTemplateError(HeadwayError):
    """A template has an error."""

    def __init__(self, template: str, error: TemplateError) -> None:
        place = template
        if isinstance(error, TemplateSyntaxError):
            place = f"{error.filename or error.name or template}, line {error.lineno}"
        super().__init__(
            f"the template {place} has an error: {error.message or type(error).__name__}; "
            "docs/pages.md and docs/digest.md list the values that templates can use."
        )


# MarkupSafe's function that returns plain text. In `escape`, creating a `Markup` object takes most
# of the time.
_escape_text: Callable[[str], str] = getattr(markupsafe, "_escape_inner", escape)


def escaped(value: object) -> str:
    """Escape a value for HTML, with the same result as `markupsafe.escape` but as plain text.

    A page can contain a million values, and `escape` would take five times as long.
    """
    if type(value) is str:
        return _escape_text(value)
    return value if type(value) is Markup else escape(value)


class _PageGenerator(CodeGenerator):
    """Compiles templates so that they escape values with `escaped`."""

    def _output_child_pre(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write(f"environment.escaped({finalize.src or ''}")


class _Environment(Environment):
    code_generator_class = _PageGenerator
    escaped = staticmethod(escaped)


class _CompiledTemplates(BytecodeCache):
    """Compiled templates in memory, by the path of their file.

    Compiling all templates of a site takes about a second. Jinja compiles a template again if its
    text has changed.
    """

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Put the compiled template into the bucket, unless its text has changed."""
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the compiled template."""
        self._code[bucket.key] = bucket.bytecode_to_string()


_Functions = tuple[Callable[[object], object] | None, frozenset[tuple[str, Callable[..., object]]]]
_COMPILED: defaultdict[_Functions, _CompiledTemplates] = defaultdict(_CompiledTemplates)
"""The compiled templates of this process, by `finalize` and the filters, because Jinja calls these
functions for constants while it compiles a template.
"""


@lru_cache(maxsize=256)
def _referenced_in(source: str) -> frozenset[str | None]:
    """Return the names of the templates that a text includes. None stands for a computed name."""
    return frozenset(find_referenced_templates(Environment(autoescape=True).parse(source)))


class Templates:
    """Templates of pages and digests. A user's folder can override them."""

    def __init__(
        self,
        folders: Sequence[Path],
        finalize: Callable[[object], object] | None = None,
        filters: Mapping[str, Callable[..., object]] | None = None,
    ) -> None:
        """Args:
        folders: The folders to search for templates, in order. The last one is the shipped folder.
            The prefix `builtin:` refers to it, as in `{% extends "builtin:campaign.html" %}`.
        finalize: Converts every value before it is escaped. A result of type `Markup` is not
            escaped.
        filters: Additional template filters by name.
        """
        self._folders = tuple(folders)
        self._fingerprints: dict[str, str] = {}
        self._references: dict[str, tuple[str, ...]] = {}
        self._environment = _Environment(
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
            # Templates do not change during a build.
            auto_reload=False,
            finalize=finalize,
            bytecode_cache=_COMPILED[finalize, frozenset((filters or {}).items())],
        )
        self._environment.filters.update(filters or {})

    def render(self, template: str, page: object) -> str:
        """Render one page.

        Raises:
            PageTemplateError: The template has an error.
        """
        try:
            return self._environment.get_template(template).render(page=page)
        except TemplateError as error:
            raise PageTemplateError(template, error) from error

    def fingerprint(self, template: str) -> str:
        """Return the fingerprint of a template and all templates that it includes.

        If a template computes the name of an included template, the fingerprint covers all
        templates.

        Raises:
            PageTemplateError: The template has an error.
        """
        try:
            # Cached, because many pages of a site have the same template.
            if template not in self._fingerprints:
                names = sorted(self._included(template))
                self._fingerprints[template] = fingerprint_of(
                    [(name, self._source(name)) for name in names]
                )
            return self._fingerprints[template]
        except TemplateError as error:
            raise PageTemplateError(template, error) from error

    def _included(self, template: str) -> set[str]:
        names, new = {template}, [template]
        while new:
            found = self._referenced(new.pop())
            new += [included for included in found if included not in names]
            names |= set(found)
        return names

    def _referenced(self, template: str) -> tuple[str, ...]:
        """Return the names of the templates that a template includes directly."""
        # Cached, because many templates include the same few templates.
        if template not in self._references:
            names = set(_referenced_in(self._source(template)))
            if None in names:
                names |= set(self._environment.list_templates())
            self._references[template] = tuple(name for name in names if name is not None)
        return self._references[template]

    def _source(self, name: str) -> str:
        loader = self._environment.loader
        assert loader is not None
        return loader.get_source(self._environment, name)[0]

    def assets(self) -> Iterator[tuple[str, bytes]]:
        """Yield the paths and contents of the style sheet, scripts and images."""
        chosen: dict[str, Path] = {}
        for folder in reversed(self._folders):
            for file in sorted((folder / "assets").rglob("*")):
                if file.is_file():
                    chosen[file.relative_to(folder).as_posix()] = file
        for name, file in sorted(chosen.items()):
            yield name, file.read_bytes()
