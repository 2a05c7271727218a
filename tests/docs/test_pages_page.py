"""The reference in docs/pages.md matches the code, and the examples work."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from headway import urls as addresses
from headway.config.workspace import shipped_folder
from headway.site.context_reference import MARK, PAGES, reference
from tests.support.git import Repo
from tests.support.workspaces import headway, scan, workspace

PAGE = (Path(__file__).parents[2] / "docs" / "pages.md").read_text("utf-8")
TODAY = date(2024, 3, 29)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = workspace(tmp_path)
    Repo(place / "clones" / "acme" / "shop").commit("2020-01-01", {"a.py": "import six\n"})
    scan(place, TODAY)
    (place / "reports" / "assets").mkdir(parents=True)
    return place


def examples(language: str) -> list[str]:
    """Return the code blocks of one language in the first half of the page."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE.partition(MARK)[0], re.DOTALL)


def report(folder: Path) -> str:
    """Build the site and return the text of its first page."""
    headway(folder, "--today", TODAY.isoformat(), "report")
    return (folder / "site" / "index.html").read_text("utf-8")


def test_the_reference_is_up_to_date() -> None:
    assert PAGE.partition(MARK)[2] == reference().removeprefix(MARK), "run `python3 tasks.py docs`"


def test_every_template_is_documented() -> None:
    shipped = {file.name for file in (shipped_folder() / "reports").glob("*.*")}
    digests = {"digest.md", "digest.txt", "digest.html"}
    assert shipped - digests - {"layout.html"} == set(PAGES)


def test_ten_lines_are_enough_to_brand_every_page(folder: Path) -> None:
    layout, style = examples("html")[0], examples("css")[0]
    assert layout.count("\n") + style.count("\n") <= 10
    (folder / "reports" / "layout.html").write_text(layout)
    (folder / "reports" / "assets" / "acme.css").write_text(style)
    (folder / "reports" / "assets" / "acme.svg").write_text("<svg/>")
    report(folder)
    for file in (folder / "site").rglob("*.html"):
        text = file.read_text("utf-8")
        assert "Acme migrations</title>" in text
        assert "Headway</a>" not in text
        styles = re.findall(r'rel="stylesheet" href="([^"]+)"', text)
        assert [Path(style).name for style in styles] == ["headway.css", "acme.css"]
        assert all((file.parent / sheet).is_file() for sheet in styles)
        logo = re.search(r'<img src="([^"]+)"', text)
        assert logo
        assert (file.parent / logo[1]).is_file()


def test_examples_set_only_variables_that_the_style_sheet_uses() -> None:
    """The style sheet uses every CSS variable that an example sets."""
    sheet = (shipped_folder() / "reports" / "assets" / "headway.css").read_text("utf-8")
    for name in re.findall(r"(--[\w-]+):", "".join(examples("css"))):
        assert f"var({name})" in sheet, name


def test_a_block_is_extended(folder: Path) -> None:
    (folder / "reports" / "index.html").write_text(examples("html")[1])
    text = report(folder)
    assert text.index("Questions: #migrations") < text.index('class="card overview"')


def test_the_documented_security_policy_is_the_one_of_the_pages(folder: Path) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', report(folder))
    assert policy
    assert policy[1].replace("&#39;", "'") == examples("text")[0].strip()


def test_the_page_documents_the_addresses_of_the_site(folder: Path) -> None:
    report(folder)
    for address in (
        addresses.INDEX,
        addresses.campaign_page("remove-six"),
        f"{addresses.team_page('payments')}#{addresses.anchor('remove-six')}",
        addresses.repository_page("acme/payments-api"),
        addresses.badge_file("campaigns", "remove-six"),
        addresses.feed_file("remove-six"),
        addresses.data_file("campaigns", "csv"),
        addresses.campaign_data("remove-six", "items", "json"),
        addresses.team_data("payments", "csv"),
    ):
        assert f"`{address}`" in PAGE, address
