"""Templates are compiled once per process, unless their text or functions differ."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jinja2
import pytest

from headway.templating import Templates


def upper(value: object) -> str:
    return str(value).upper()


def reverse(value: object) -> str:
    return str(value)[::-1]


def test_a_template_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("{{ page }}")
    compiled = []
    compile_it = jinja2.Environment._compile

    def counting(environment: jinja2.Environment, source: str, filename: str) -> object:
        compiled.append(filename)
        return compile_it(environment, source, filename)

    monkeypatch.setattr(jinja2.Environment, "_compile", counting)
    assert [Templates([tmp_path]).render("a.txt", number) for number in (1, 2)] == ["1", "2"]
    assert compiled == [str(tmp_path / "a.txt")]


def test_a_changed_template_is_compiled_again(tmp_path: Path) -> None:
    template = tmp_path / "a.txt"
    rendered, fingerprints = [], []
    for text in ("one {{ page }}", "two {{ page }}", "one {{ page }}"):
        template.write_text(text)
        templates = Templates([tmp_path])
        rendered.append(templates.render("a.txt", 1))
        fingerprints.append(templates.fingerprint("a.txt"))
    assert rendered == ["one 1", "two 1", "one 1"]
    assert fingerprints[0] == fingerprints[2] != fingerprints[1]


@pytest.mark.parametrize("text", ["{{ 'ab' }}", "{{ page }}"])
def test_each_function_gets_its_own_compiled_template(tmp_path: Path, text: str) -> None:
    """Jinja calls `finalize` for constants while it compiles a template."""
    (tmp_path / "a.txt").write_text(text)
    assert Templates([tmp_path], upper).render("a.txt", "ab") == "AB"
    assert Templates([tmp_path], reverse).render("a.txt", "ab") == "ba"
    assert Templates([tmp_path]).render("a.txt", "ab") == "ab"


@pytest.mark.parametrize(("function", "expected"), [(upper, "AB"), (reverse, "ba")])
def test_each_filter_gets_its_own_compiled_template(
    tmp_path: Path, function: Callable[[object], str], expected: str
) -> None:
    (tmp_path / "a.txt").write_text("{{ 'ab' | change }}")
    for change, result in ((function, expected), (str, "ab")):
        assert Templates([tmp_path], filters={"change": change}).render("a.txt", 1) == result
