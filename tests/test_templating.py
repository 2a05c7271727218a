"""Templates escape every value in the same way as Jinja and MarkupSafe do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup, escape

from headway.templating import PageTemplateError, Templates, escaped

PAGE = """{% macro quoted(text) %}<q title="{{ text }}">{{ text|upper }}</q>{% endmacro %}
{% import "macros.html" as macros %}{% include "part.html" %}
{{ page.text }} {{ page.safe }} {{ page.number }} {{ page.nothing }} {{ page.words }}
{{ quoted(page.text) }} {{ macros.again(page.text) }} {{ page.text ~ page.safe }}
{% set both %}{{ page.text }}<br>{% endset %}{{ both }} {{ page.html }} {{ page.special }}
{% filter upper %}{{ page.text }}{% endfilter %} {{ page.text|safe }}
{% autoescape false %}{{ page.text }}{{ quoted(page.safe) }}{% endautoescape %}
{% for word in page.words %}{{ word }}{{ loop.index }}{% endfor %} {{ "a<b" }} {{ '"' ~ page.text }}
"""
FILES = {
    "page.html": PAGE,
    "part.html": "{{ page.text }}",
    "macros.html": "{% macro again(text) %}<i>{{ text }}</i>{% endmacro %}",
}


class Html:
    """A value that is HTML already."""

    def __html__(self) -> str:
        return "<hr>"


class Special(str):
    """A subclass of `str`, which is not the same as a `str`."""

    __slots__ = ()

    def __str__(self) -> str:
        return f"<{super().__str__()}>"


def values(text: str) -> Mapping[str, object]:
    return {
        "text": text,
        "safe": Markup("<b>bold</b>"),
        "number": 1.5,
        "nothing": None,
        "words": (text, "'quoted'"),
        "html": Html(),
        "special": Special(text),
    }


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    folder = tmp_path_factory.mktemp("reports")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return Templates((folder,))


@given(text=some.text(some.sampled_from("<>&'\"a ")))
def test_a_page_is_escaped_as_jinja_does(templates: Templates, text: str) -> None:
    plain = Environment(
        loader=DictLoader(FILES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    page = values(text)
    expected = plain.get_template("page.html").render(page=page)
    assert templates.render("page.html", page) == expected


@given(some.text(some.sampled_from("<>&'\"a ")) | some.integers() | some.none() | some.booleans())
def test_a_value_is_escaped_as_markupsafe_does(value: object) -> None:
    assert escaped(value) == escape(value)
    assert escaped(Markup(str(value))) == str(value)


def test_a_missing_value_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{{ page.other }}")
    with pytest.raises(PageTemplateError, match="has no attribute 'other'"):
        Templates((tmp_path,)).render("page.html", {})


def test_a_finalized_value_is_escaped(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{{ page.text }}{{ page.safe }}")
    templates = Templates((tmp_path,), finalize=lambda value: value or "<none>")
    assert templates.render("page.html", {"text": "", "safe": Markup("<b>")}) == "&lt;none&gt;<b>"
