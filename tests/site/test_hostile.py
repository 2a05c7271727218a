"""Malicious names and lines of code are shown as text in HTML, SVG, CSV, Markdown and Atom."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from justhtml import JustHTML

from headway.site.pagination import checklist
from headway.urls import (
    badge_file,
    campaign_data,
    feed_file,
    repository_page,
    team_data,
    team_page,
)
from tests.support.showcase import FORMULA, SCRIPT, TODAY, TURN
from tests.support.workspaces import headway

HOSTILE = "acme/a<script>alert(4)<script>"
SVG = "{http://www.w3.org/2000/svg}"
ATOM = "{http://www.w3.org/2005/Atom}"

pytestmark = pytest.mark.fault(34)


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    """Return the name and attributes of every element of an HTML page."""
    found = []
    waiting = [JustHTML(html, sanitize=False).root]
    while waiting:
        node = waiting.pop()
        for child in node.children or ():
            if not child.name.startswith(("#", "!")):
                found.append((child.name.lower(), child.attrs))
                waiting.append(child)
    return found


def test_html_contains_malicious_text_as_text(site: Path) -> None:
    for file in sorted(site.rglob("*.html")):
        text = file.read_text("utf-8")
        assert TURN not in text, file
        assert "\x1b" not in text, file
        for name, attributes in elements(text):
            assert name not in ("img", "iframe", "object", "embed", "form", "base"), file
            assert not any(key.lower().startswith("on") for key in attributes), file
            for key in ("href", "src"):
                assert "javascript:" not in (attributes.get(key) or "").lower()[:12], file
            if name == "script":
                assert (attributes["src"] or "").endswith(("headway.js", "charts.js")), file


def test_the_text_remains_readable(site: Path) -> None:
    page = JustHTML((site / repository_page(HOSTILE)).read_text("utf-8"), sanitize=False)
    text = page.to_text()
    assert HOSTILE in text
    assert "x'\"><img src=y onerror=z>.txt" in text
    assert f"HOSTILE {SCRIPT} \\u202e ]]> --> </textarea>" in text
    assert (
        SCRIPT in JustHTML((site / team_page(SCRIPT)).read_text("utf-8"), sanitize=False).to_text()
    )


def test_svg_contains_malicious_text_as_text(site: Path) -> None:
    badges = sorted(site.rglob("badges/**/*.svg"))
    assert len(badges) > 20
    for badge in badges:
        root = ElementTree.fromstring(badge.read_bytes())
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
            "svg", "title", "clipPath", "rect", "g", "text",
        }  # fmt: skip
    root = ElementTree.fromstring((site / badge_file("teams", SCRIPT)).read_bytes())
    assert root.findtext(f"{SVG}title") == f"{SCRIPT}: 2 open"


def test_atom_contains_malicious_text_as_text(site: Path) -> None:
    for feed in sorted(site.rglob("*.atom")):
        root = ElementTree.fromstring(feed.read_bytes())
        for element in root.iter():
            assert element.tag.startswith(ATOM)
        for link in root.iter(f"{ATOM}link"):
            assert re.fullmatch(r"[./\w-]+\.html", link.get("href", ""))
    root = ElementTree.fromstring((site / feed_file("hostile")).read_bytes())
    assert root.findtext(f"{ATOM}title") == f"{SCRIPT} {FORMULA}"


def test_no_cell_of_a_csv_file_is_a_formula(site: Path) -> None:
    seen = 0
    for file in sorted(site.rglob("*.csv")):
        with file.open(encoding="utf-8", newline="") as opened:
            for row in csv.reader(opened):
                for cell in row:
                    seen += cell.startswith("'")
                    number = re.fullmatch(r"-?[0-9.]+", cell)
                    assert number or not cell.startswith(("=", "+", "-", "@", "\t", "\r")), file
    assert seen > 5


def test_json_contains_malicious_text_unchanged(site: Path) -> None:
    rows = json.loads((site / campaign_data("hostile", "items", "json")).read_bytes())
    assert f"HOSTILE {SCRIPT} {TURN} ]]> --> </textarea>" in {row["excerpt"] for row in rows}
    assert "=HYPERLINK(1) HOSTILE" in {row["excerpt"] for row in rows}
    assert json.loads((site / team_data(FORMULA, "json")).read_bytes())


@pytest.mark.parametrize(
    "path", ["a.py", "`a`.py", "``` [x](javascript:x).py", "a\nb` @all <b>.py"]
)
def test_a_checklist_contains_malicious_text_as_code(site: Path, path: str) -> None:
    """The code is in a fence that is longer than any run of backticks in the code."""
    rows = json.loads((site / campaign_data("hostile", "items", "json")).read_bytes())
    item = type("Item", (), {**rows[0], "path": path, "url": None, "line": 3})
    (line,) = checklist([item]).splitlines()  # type: ignore[list-item]  # has the fields that a checklist needs
    found = re.fullmatch(r"- \[ \] (`+) ?(.*?) ?\1", line)
    assert found
    assert found[1] not in re.findall(r"`+", found[2])
    shown = path.replace("\n", "\\x0a")
    assert found[2] == f"{rows[0]['repository']}: {shown}:3"


def test_markdown_of_the_command_line_is_escaped(showcased: Path) -> None:
    """No character of an item's text starts an HTML element, a link, code or a mention."""
    options = ("--today", TODAY.isoformat(), "items", "hostile", "--format", "markdown")
    head, _, *lines = headway(showcased, *options).stdout.splitlines()
    assert any("alert(2)" in line for line in lines)
    assert any("everyone" in line for line in lines)
    for line in lines:
        assert not re.search(r"(?<!\\)[<\[`]|@(?=\w)", line), line
        assert len(re.findall(r"(?<!\\)\|", line)) == len(re.findall(r"\|", head))


def test_a_public_site_neither_quotes_nor_names_hidden_repositories(
    showcased: Path, tmp_path: Path
) -> None:
    """A public site shows only totals for local clones, because their visibility is unknown."""
    out = tmp_path / "public"
    headway(
        showcased, "--today", TODAY.isoformat(), "report", "--audience", "public", "--out", str(out)
    )
    assert json.loads((out / "index.json").read_bytes())["repositories"] == []
    for file in sorted(path for path in out.rglob("*") if path.is_file()):
        text = file.read_bytes().decode()
        assert "from six import moves" not in text, file
        assert "HOSTILE line" not in text, file
        for name in ("pay-api", "shop-cart", "legacy", "ads", "late"):
            assert f"acme/{name}" not in text, (file, name)
            assert f"acme--{name}" not in text, (file, name)
    campaign = (out / "campaigns" / "remove-six" / "index.html").read_text("utf-8")
    assert "This site shows only totals" in campaign
