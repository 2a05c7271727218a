"""Every kind of page in Chromium: light, dark, on a phone, printed, without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from headway.pages.addresses import campaign_page, repositories_page, repository_page, team_page
from tests.support.browsing import Mode, Site, opened, violations
from tests.support.showcase import FORMULA, SCRIPT

pytestmark = pytest.mark.browser

KINDS = {
    "index": "index.html",
    "campaign": campaign_page("remove-six"),
    "campaign, done": campaign_page("dockerfile-old"),
    "campaign, hostile": campaign_page("hostile"),
    "repositories": repositories_page("remove-six"),
    "team": team_page("payments"),
    "team, hostile": team_page(SCRIPT),
    "team, formula": team_page(FORMULA),
    "team, second page": team_page("unowned", 2),
    "repository": repository_page("acme/shop-cart"),
    "repository, unknown": repository_page("acme/ads"),
    "repository, done": repository_page("acme/tools"),
    "repository, hostile": repository_page("acme/a<script>alert(4)<script>"),
}
every_kind = pytest.mark.parametrize("path", KINDS.values(), ids=KINDS.keys())


@every_kind
@pytest.mark.parametrize("mode", ["light", "dark", "phone"])
def test_a_page_is_sound_on_every_screen(
    browser: Browser, served: Site, path: str, mode: Mode
) -> None:
    with opened(browser, served, path, mode) as page:
        assert page.locator("h1").count() == 1
        assert violations(page) == []
        wide, seen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= seen


@every_kind
def test_a_page_prints_black_on_white_without_what_only_a_screen_can_use(
    browser: Browser, served: Site, path: str
) -> None:
    with opened(browser, served, path, "print", viewport={"width": 718, "height": 1000}) as page:
        assert (
            page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        )
        assert (
            page.locator(".skip, .filter, .copy, .checklist").locator("visible=true").count() == 0
        )
        wide, seen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= seen
