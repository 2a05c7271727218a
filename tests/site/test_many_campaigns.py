"""The index page of an organisation with twenty campaigns fits every screen and paper."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from headway.cli.serve_command import server
from tests.support.browsing import Site, opened, violations
from tests.support.git import Repo
from tests.support.workspaces import headway, scan, workspace

pytestmark = pytest.mark.browser

TODAY = date(2020, 3, 2)
CAMPAIGNS = 20
TEAMS = 30
MOST = 1_200
PAPER = {"width": 718, "height": 1000}
CAMPAIGN = """title: Leave the old interface {number}
starts: 2020-01-06
due: 2020-{month:02}-28
deprecated: [{{id: old, scanner: regex, pattern: 'old_{number}\\b'}}]
"""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve the site of many teams and campaigns. One team has thousands of items per campaign."""
    texts = {
        f"leave-{number}": CAMPAIGN.format(number=number, month=number % 9 + 4)
        for number in range(CAMPAIGNS)
    }
    folder = workspace(tmp_path_factory.mktemp("many"), **texts)
    names = [f"team-{number:02}" for number in range(TEAMS)]
    (folder / "teams.yaml").write_text(
        "teams:\n" + "".join(f"  - {{name: {name}, repositories: [{name}]}}\n" for name in names)
    )
    lines = "".join(f"old_{number}()\n" for number in range(CAMPAIGNS))
    for name in names:
        copies = MOST if name == names[-1] else 3
        Repo(folder / "clones" / name).commit("2020-02-10", {"a.py": lines * copies})
    scan(folder, TODAY)
    headway(folder, "--today", TODAY.isoformat(), "report")
    with server(folder / "site", 0) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
        thread.start()
        yield Site(folder / "site", f"http://127.0.0.1:{listening.server_port}/")
        listening.shutdown()
        thread.join()


def matrix(page: Page) -> Locator:
    return page.get_by_role("region", name="Open items by team")


def hidden_at_the_side(page: Page) -> int:
    """Return how many pixels of the matrix's width are visible only after scrolling."""
    wide, seen = matrix(page).evaluate("table => [table.scrollWidth, table.clientWidth]")
    return int(wide - seen)


def test_a_desktop_screen_shows_all_campaigns(browser: Browser, many: Site) -> None:
    for width in (1280, 1920):
        screen = {"width": width, "height": 800}
        with opened(browser, many, "index.html", viewport=screen) as page:
            assert matrix(page).locator("thead th.cell").count() == CAMPAIGNS
            assert matrix(page).get_by_text("1,200").count() == CAMPAIGNS
            assert hidden_at_the_side(page) == 0, width
            assert violations(page) == []


def test_the_header_stays_visible_above_the_last_team(browser: Browser, many: Site) -> None:
    with opened(browser, many, "index.html") as page:
        last = matrix(page).locator("tbody tr").last
        last.locator("th a").focus()
        expect(last).to_be_in_viewport()
        for title in matrix(page).locator("thead th").all():
            expect(title).to_be_in_viewport()


def test_paper_shows_all_campaigns(browser: Browser, many: Site) -> None:
    with opened(browser, many, "index.html", "print", viewport=PAPER) as page:
        assert hidden_at_the_side(page) == 0
        # The height of the table is not limited either, so paper also shows all teams.
        tall, seen = matrix(page).evaluate("table => [table.scrollHeight, table.clientHeight]")
        assert tall == seen


def test_a_phone_shows_some_campaigns_beside_the_team(browser: Browser, many: Site) -> None:
    with opened(browser, many, "index.html", "phone") as page:
        table = matrix(page)
        table.scroll_into_view_if_needed()
        for place in range(3):
            expect(table.locator("tbody tr").first.locator(".cell").nth(place)).to_be_in_viewport(
                ratio=1
            )


def test_a_number_names_its_campaign_in_a_tooltip(browser: Browser, many: Site) -> None:
    with opened(browser, many, "index.html") as page:
        for row in matrix(page).locator("tbody tr").all():
            titles = row.locator(".cell a").evaluate_all("links => links.map((link) => link.title)")
            heads = matrix(page).locator("thead .cell a").all_text_contents()
            assert titles == heads
