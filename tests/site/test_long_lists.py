"""A list with thousands of items is split into linked pages of limited size."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest

from headway.site.template_context.shared_context import Link, Paging
from tests.support.git import Repo
from tests.support.workspaces import headway, scan, workspace

TODAY = date(2020, 3, 2)
MOST_BYTES = 1_000_000
ITEMS = 3_000
CAMPAIGN = """title: {title}
starts: 2020-01-06
due: 2020-0{due}-01
deprecated: [{{id: old, scanner: regex, pattern: '{pattern}'}}]
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site of one repository with thousands of items, some with malicious text."""
    folder = workspace(
        tmp_path_factory.mktemp("long"),
        one=CAMPAIGN.format(title="One", due=6, pattern="import six"),
        two=CAMPAIGN.format(title="Two", due=9, pattern="import nose"),
    )
    lines = [f"import six  # {number} <&> `{'x' * 80}`\n" for number in range(ITEMS)]
    lines += [f"import nose  # {number} \u202e\n" for number in range(ITEMS // 2)]
    files: dict[str, str | bytes | None] = {
        f"a/{number:03}.py": "".join(lines[number * 50 : number * 50 + 50])
        for number in range(len(lines) // 50)
    }
    Repo(folder / "clones" / "shop").commit("2020-02-10", files)
    scan(folder, TODAY)
    headway(folder, "--today", TODAY.isoformat(), "report")
    return folder / "site"


def pages(site: Path, kind: str) -> list[Path]:
    """Return all pages of the only team or the only repository, in order."""
    (folder,) = (site / kind).iterdir()
    later = sorted(folder.glob("page-*.html"), key=lambda page: int(page.stem.partition("-")[2]))
    return [folder / "index.html", *later]


@pytest.mark.parametrize("kind", ["teams", "repositories"])
def test_no_page_is_too_large_and_no_item_is_missing(site: Path, kind: str) -> None:
    found = pages(site, kind)
    assert len(found) > 2
    assert max(page.stat().st_size for page in found) < MOST_BYTES
    # The pages are not much smaller than the limit allows.
    assert min(page.stat().st_size for page in found[:-1]) > MOST_BYTES / 5
    listed = sum(page.read_text("utf-8").count('<li class="item"') for page in found)
    assert listed == ITEMS + ITEMS // 2


@pytest.mark.parametrize("kind", ["teams", "repositories"])
def test_pages_link_to_their_neighbours(site: Path, kind: str) -> None:
    for page, following in pairwise(pages(site, kind)):
        assert link(page, "next") == following
        assert link(following, "prev") == page


@pytest.mark.parametrize("kind", ["teams", "repositories"])
def test_every_page_links_to_the_first_and_last_page(site: Path, kind: str) -> None:
    found = pages(site, kind)
    for page in found:
        text = page.read_text("utf-8")
        targets = set(re.findall(r'href="([^"]*)" (?:aria-current="page" )?aria-label="Page', text))
        assert {found[0].name, found[-1].name} <= targets


@pytest.mark.parametrize("kind", ["teams", "repositories"])
def test_every_page_links_to_the_first_items_of_each_campaign(site: Path, kind: str) -> None:
    found = pages(site, kind)
    for page in found:
        text = page.read_text("utf-8")
        for campaign, line in (("one", "import six"), ("two", "import nose")):
            targets = set(re.findall(rf'href="([^"]*)#campaign-{campaign}"', navigation(text)))
            begins = {page.parent / target if target else page for target in targets}
            assert begins == {next(first for first in found if line in items(first))}


def navigation(text: str) -> str:
    """Return the part of a page above the list of items."""
    return text.partition('<section class="card left"')[0]


def items(page: Path) -> str:
    """Return the part of a page that begins with the list of items."""
    return page.read_text("utf-8").partition('<section class="card left"')[2]


@pytest.mark.parametrize("kind", ["teams", "repositories"])
def test_a_further_page_has_its_number_and_no_table_of_campaigns(site: Path, kind: str) -> None:
    first, *further = pages(site, kind)
    assert "<table" in navigation(first.read_text("utf-8"))
    for number, page in enumerate(further, 2):
        text = page.read_text("utf-8")
        assert f", page {number} · Headway</title>" in text
        assert f"page {number} of {len(further) + 1}</small></h1>" in text
        assert "<table" not in navigation(text)


@pytest.mark.parametrize(
    ("kind", "below"), [("teams", ("weeks", "flow", "places")), ("repositories", ("past",))]
)
def test_the_sections_below_a_long_list_are_linked_at_its_top(
    site: Path, kind: str, below: tuple[str, ...]
) -> None:
    text = pages(site, kind)[0].read_text("utf-8")
    for anchor in below:
        assert f'href="#{anchor}"' in navigation(text)
        assert f'id="{anchor}"' in text


@pytest.mark.parametrize(
    ("number", "count", "offered"),
    [
        (1, 1, "1"),
        (3, 9, "1 2 3 4 5 6 7 8 9"),
        (1, 10, "1 2 3 4 5 6 7 … 10"),
        (5, 10, "1 2 3 4 5 6 7 … 10"),
        (6, 10, "1 … 4 5 6 7 8 9 10"),
        (10, 10, "1 … 4 5 6 7 8 9 10"),
        (40, 80, "1 … 38 39 40 41 42 … 80"),
    ],
)
def test_the_row_of_pages_has_both_ends_and_the_neighbours(
    number: int, count: int, offered: str
) -> None:
    pages = tuple(Link(str(page), "") for page in range(1, count + 1))
    near = Paging(number, pages).near
    assert " ".join(page.text if page else "…" for page in near) == offered


@pytest.mark.parametrize("kind", ["teams", "repositories"])
def test_a_continued_campaign_links_to_its_next_page(site: Path, kind: str) -> None:
    for page in pages(site, kind):
        targets = re.findall(r'href="([^"]*#campaign-[^"]*)"', page.read_text("utf-8"))
        assert targets
        for target in targets:
            path, _, anchor = unquote(target).partition("#")
            text = (page.parent / path if path else page).read_text("utf-8")
            assert f'id="{anchor}"' in text


def link(page: Path, relation: str) -> Path:
    (target,) = re.findall(rf'href="([^"]*)" rel="{relation}"', page.read_text("utf-8"))
    return page.parent / str(target)
