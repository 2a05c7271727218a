"""The documentation site builds without warnings, and its links have targets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from website import build as website

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("README.md", "[a](docs/teams.md#b)", "[a](teams.md#b)"),
        ("README.md", "![a](docs/images/a.png)", "![a](images/a.png)"),
        ("docs/a.md", "[a](../CHANGELOG.md)", "[a](changelog.md)"),
        ("docs/a.md", "[a](../tests/x.py)", "[a](https://example.com/x/blob/HEAD/tests/x.py)"),
        ("docs/a.md", "[a](https://b.example/c.md) [d](#e)", "[a](https://b.example/c.md) [d](#e)"),
        ("docs/a.md", "`[a](../tests/x.py)`", "`[a](../tests/x.py)`"),
        ("docs/a.md", "```sh\n[a](b.md)\n```", "```sh\n[a](b.md)\n```"),
        ("docs/a.md", "```example\n$ a\n```", "```text\n$ a\n```"),
    ],
)
def test_links_are_adapted_to_the_site(source: str, text: str, expected: str) -> None:
    assert website.page_text(source, text, "https://example.com/x/") == expected


def test_links_to_files_become_text_if_the_repository_is_unknown() -> None:
    assert website.page_text("docs/a.md", "[the test](../tests/x.py)", None) == "the test"


class _Requests(HTMLParser):
    """Collects the URLs that a browser loads for a page."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in ("script", "img", "iframe", "link"):
            self.loaded += filter(None, (values.get("src"), values.get("href")))


def loaded_by(page: Path) -> Iterator[str]:
    parser = _Requests()
    parser.feed(page.read_text("utf-8"))
    yield from parser.loaded


@pytest.mark.slow
def test_the_site_has_every_page_a_search_and_the_demo(tmp_path: Path) -> None:
    # This test takes 8 s of processor time. It is the only one that checks the links in the docs.
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "index.html").write_text("the demo")
    assert website.build(tmp_path / "out", demo=tmp_path / "demo") == 0
    out = tmp_path / "out"
    names = {file.stem for file in (ROOT / "docs").glob("*.md")}
    assert names <= {file.stem for file in out.glob("*.html")}
    assert '"codeown":' in (out / "searchindex.js").read_text("utf-8")
    index = (out / "index.html").read_text("utf-8")
    assert re.search("href=['\"]demo/index.html['\"]", index)
    assert (out / "demo" / "index.html").read_text() == "the demo"
    for page in out.glob("*.html"):
        assert not [address for address in loaded_by(page) if "//" in address]
