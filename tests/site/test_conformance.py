"""All pages are valid HTML, and all references within a page resolve."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.conformance import errors

HEAD = "<!doctype html><html lang='en'><head><title>x</title></head><body><h1>x</h1>"


@pytest.mark.parametrize(
    ("html", "error"),
    [
        ("<p>a</div>", "unexpected-end-tag at line 1"),
        ("<p style='color:red'>a</p>", "style on <p>"),
        ("<p onclick='x()'>a</p>", "onclick on <p>"),
        ("<span><div>a</div></span>", "<div> in <span>"),
        ("<ul><a href='x'>x</a></ul>", "<a> in <ul>"),
        ("<div><dt>x</dt></div>", "<dt> in <div>"),
        (
            "<a href='x'><span><button type='button'>x</button></span></a>",
            "<button> somewhere in <a>",
        ),
        ("<marquee>a</marquee>", "<marquee> in <body>"),
        ("<b id='a'>a</b><b id='a'>a</b>", "the id a occurs 2 times"),
        ("<label for='q'>a</label>", "for refers to q, which does not exist"),
        ("<svg><path d='M0 0'></path></svg>", "an <svg> that is neither hidden nor labelled"),
        ("<h3>a</h3>", "<h3> below a heading of level 1"),
    ],
)
def test_an_error_is_found(html: str, error: str) -> None:
    assert error in errors(HEAD + html)


def test_a_valid_page_has_no_errors() -> None:
    assert errors(f"{HEAD}<dl><div><dt>a</dt><dd>b</dd></div></dl><h2>c</h2></body></html>") == []


def test_every_page_is_valid(site: Path) -> None:
    files = sorted(site.rglob("*.html"))
    assert len(files) > 20
    found = {
        file.relative_to(site).as_posix(): wrong
        for file in files
        if (wrong := errors(file.read_text("utf-8")))
    }
    assert found == {}
