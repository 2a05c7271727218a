"""All page types work in Chromium: on phones, in print, by keyboard, without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from headway.urls import (
    anchor,
    campaign_page,
    changes_page,
    items_page,
    repositories_page,
    repository_page,
    team_page,
)
from tests.support.browsing import Mode, Site, opened, violations
from tests.support.showcase import FORMULA, SCRIPT

pytestmark = pytest.mark.browser

KINDS = {
    "index": "index.html",
    "campaign": campaign_page("remove-six"),
    "campaign, done": campaign_page("dockerfile-old"),
    "campaign, hostile": campaign_page("hostile"),
    "repositories": repositories_page("remove-six"),
    "items": items_page("remove-six"),
    "items, hostile": items_page("hostile"),
    "changes": changes_page("remove-six"),
    "team": team_page("payments"),
    "team, hostile": team_page(SCRIPT),
    "team, formula": team_page(FORMULA),
    "team, further page": team_page("unowned", 3),
    "repository": repository_page("acme/shop-cart"),
    "repository, unknown": repository_page("acme/ads"),
    "repository, done": repository_page("acme/tools"),
    "repository, hostile": repository_page("acme/a<script>alert(4)<script>"),
}
every_kind = pytest.mark.parametrize("path", KINDS.values(), ids=KINDS.keys())
some_kinds = pytest.mark.parametrize(
    "path", [KINDS[kind] for kind in ("index", "campaign", "team", "repository")]
)


def fits(page: Page) -> bool:
    """Return whether the page's whole width is visible without horizontal scrolling."""
    wide, seen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return bool(wide <= seen)


@every_kind
@pytest.mark.parametrize("mode", ["light", "dark", "phone"])
def test_a_page_is_accessible_and_fits_in_every_mode(
    browser: Browser, served: Site, path: str, mode: Mode
) -> None:
    with opened(browser, served, path, mode) as page:
        assert page.locator("h1").count() == 1
        # Phones and dark mode change only colours and sizes, so check the other rules only once.
        assert violations(page, all_rules=mode == "light") == []
        assert fits(page)


@every_kind
def test_a_printed_page_is_white_and_has_no_controls(
    browser: Browser, served: Site, path: str
) -> None:
    paper = {"width": 718, "height": 1000}
    with opened(browser, served, path, "print", viewport=paper) as page:
        body = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert body == "rgb(255, 255, 255)"
        screen_only = ".skip, .filter, .copy, .checklist, .ranges, .tab-names, summary"
        assert page.locator(screen_only).locator("visible=true").count() == 0
        assert fits(page)


def test_a_desktop_screen_shows_all_columns_of_the_index(browser: Browser, served: Site) -> None:
    for width in (820, 1100, 1280, 1920):
        with opened(
            browser, served, "index.html", viewport={"width": width, "height": 800}
        ) as page:
            table = page.get_by_role("region", name="Campaigns", exact=True)
            inner, outer = table.evaluate("table => [table.scrollWidth, table.clientWidth]")
            assert inner <= outer, width


@every_kind
def test_a_page_fits_screens_of_every_width(browser: Browser, served: Site, path: str) -> None:
    with opened(browser, served, path) as page:
        for width in (320, 820, 2560):
            page.set_viewport_size({"width": width, "height": 900})
            assert fits(page), width


@some_kinds
def test_the_keyboard_reaches_everything_in_order(
    browser: Browser, served: Site, path: str
) -> None:
    with opened(browser, served, path) as page:
        page.keyboard.press("Tab")
        skip = page.locator(":focus")
        assert skip.inner_text() == "Skip to content"
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        # Load the page again without `#content`, because Tab would otherwise start from there.
        page.goto("about:blank")
        page.goto(served.address + path)
        reached = page.evaluate(FOCUSABLE)
        order = [press_tab(page) for _ in range(reached)]
        assert order == sorted(order)
        assert len(set(order)) == reached


# Number all elements that the keyboard can reach, in page order. In a group of radio buttons, the
# keyboard reaches only the selected one.
FOCUSABLE = """() => {
  const kinds = "a[href], button, input, textarea, summary, [tabindex='0']";
  const all = [...document.querySelectorAll(kinds)]
    .filter((element) => element.checkVisibility({visibilityProperty: true}))
    .filter((element) => element.type !== "radio" || element.checked);
  all.forEach((element, place) => { element.dataset.place = place; });
  return all.length;
}"""
SEEN = """() => {
  const at = document.activeElement;
  const shown = at.type === "radio" ? at.nextElementSibling : at;
  const style = getComputedStyle(shown);
  if (parseFloat(style.outlineWidth) < 2 || style.outlineStyle === "none")
    throw new Error("no visible focus on " + at.outerHTML.slice(0, 200));
  return Number(at.dataset.place);
}"""


def press_tab(page: Page) -> int:
    """Press Tab, check that the focus is visible, and return the focused element's number."""
    page.keyboard.press("Tab")
    place: int = page.evaluate(SEEN)
    return place


@every_kind
def test_a_page_is_complete_without_javascript(browser: Browser, served: Site, path: str) -> None:
    with (
        opened(browser, served, path) as page,
        opened(browser, served, path, java_script_enabled=False) as bare,
    ):
        for selector in ("main table", "main svg.plot", "main h2", "main .item", ".tab"):
            counts = [
                opened_page.locator(selector).locator("visible=true").count()
                for opened_page in (page, bare)
            ]
            assert counts[0] == counts[1], selector
        assert bare.locator("button").count() == 0


def test_a_table_is_sorted_by_any_column_in_both_directions(browser: Browser, served: Site) -> None:
    with opened(browser, served, campaign_page("remove-six")) as page:
        table = page.get_by_role("region", name="Repositories", exact=True).locator("table")
        head = table.locator("thead th", has_text="Open")
        head.get_by_role("button").click()
        expect(head).to_have_attribute("aria-sort", "ascending")
        counts = column(page, 2)
        assert counts == sorted(counts)
        head.get_by_role("button").press("Enter")
        expect(head).to_have_attribute("aria-sort", "descending")
        assert column(page, 2) == sorted(counts, reverse=True)
        table.locator("thead button", has_text="Repository").click()
        assert head.get_attribute("aria-sort") is None
        names = table.locator("tbody th").all_inner_texts()
        assert names == sorted(names)


def column(page: Page, place: int) -> list[int]:
    """Return the numbers in one column of the table of repositories."""
    rows = page.get_by_role("region", name="Repositories", exact=True).locator("tbody tr")
    return [int(text) for text in rows.locator(f"td:nth-child({place + 1})").all_inner_texts()]


def test_a_table_is_filtered_by_words(browser: Browser, served: Site) -> None:
    with opened(browser, served, repositories_page("remove-six")) as page:
        rows = page.locator("tbody tr")
        whole = rows.count()
        field = page.get_by_role("searchbox", name="Filter repositories")
        field.fill("shop cart")
        expect(rows.locator("visible=true")).to_have_count(1)
        expect(page.locator("output")).to_have_text(f"1 of {whole}")
        field.fill("no such thing")
        expect(rows.locator("visible=true")).to_have_count(0)
        field.fill("")
        expect(rows.locator("visible=true")).to_have_count(whole)


@pytest.mark.parametrize(
    "path", [team_page("payments"), team_page("unowned", 3), repository_page("acme/shop-cart")]
)
def test_items_are_filtered_by_words(browser: Browser, served: Site, path: str) -> None:
    with opened(browser, served, path) as page:
        items = page.locator(".item, .path.whole")
        whole = items.count()
        here = " on this page" if page.locator(".paging").count() else ""
        field = page.get_by_role("searchbox", name=f"Filter items{here}")
        words = f"{page.locator('.file .path').first.inner_text()} {first_line(page)}"
        fitting = [
            text for text in texts(page) if all(word in text for word in words.lower().split())
        ]
        assert 0 < len(fitting) < whole
        field.press_sequentially(words)
        expect(items.locator("visible=true")).to_have_count(len(fitting))
        expect(page.get_by_role("status")).to_have_text(f"{len(fitting)} of {whole}{here}")
        for group in (".file", ".files-of", "section.left"):
            for visible in page.locator(group).locator("visible=true").all():
                assert visible.locator(".item, .path.whole").locator("visible=true").count()
        copied = page.locator(".checklist textarea").evaluate_all(
            "boxes => boxes.flatMap((box) => box.value.split('\\n')).filter(Boolean)"
        )
        assert len(copied) == len(fitting)
        field.fill("no such thing")
        expect(items.locator("visible=true")).to_have_count(0)
        expect(page.locator("h3").locator("visible=true")).to_have_count(0)
        field.fill("")
        expect(items.locator("visible=true")).to_have_count(whole)
        expect(page.get_by_role("status")).to_have_text("")


def first_line(page: Page) -> str:
    """Return the line of code that the page shows for its first item."""
    return page.locator(".item .what").first.inner_text().strip()


def texts(page: Page) -> list[str]:
    """Return the repository, path, line and rule that the page shows for each item."""
    found: list[str] = page.locator(".item, .path.whole").evaluate_all("""all => all.map((item) => {
      const files = item.closest(".files-of"), file = item.closest(".file");
      const above = files.previousElementSibling;
      const name = above.matches("h3") ? above.textContent : "";
      return [name, file ? file.querySelector(".path").textContent : "", item.textContent]
        .join(" ").toLowerCase();
    })""")
    return found


def test_a_team_reaches_its_next_item_in_two_clicks(browser: Browser, served: Site) -> None:
    with opened(browser, served, "index.html") as page:
        row = page.get_by_role("region", name="Open items by team").locator(
            "tr", has_text="payments"
        )
        row.locator("td a").first.click()
        assert page.url.endswith(f"{team_page('payments')}#{anchor('remove-six')}")
        section = page.locator(f"#{anchor('remove-six')}")
        expect(section.locator("h2")).to_be_in_viewport()
        place = section.locator(".item a, .path a").first
        expect(place).to_be_visible()
        assert (place.get_attribute("href") or "").startswith("https://github.com/acme/pay")


def test_a_checklist_is_copied(browser: Browser, served: Site) -> None:
    allowed = ["clipboard-read", "clipboard-write"]
    with opened(browser, served, team_page("payments"), permissions=allowed) as page:
        section = page.locator(f"#{anchor('remove-six')}")
        section.get_by_role("button", name="Copy as checklist").click()
        expect(section.get_by_role("button", name="Copied")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == section.locator("textarea").input_value()
        assert copied.splitlines()[0].startswith("- [ ] `acme/pay-api: ")


def test_an_action_of_a_team_links_to_its_page(browser: Browser, served: Site) -> None:
    for path in ("index.html", campaign_page("remove-six")):
        with opened(browser, served, path) as page:
            need = page.locator(".need", has=page.locator("a")).first
            team = need.locator("a").inner_text()
            need.locator("a").click()
            assert page.url == served.address + team_page(team)
            expect(page.locator("h1")).to_have_text(team)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_team_page_begins_with_the_actions_of_the_team(
    browser: Browser, served: Site, width: int
) -> None:
    size = {"width": width, "height": 900}
    with opened(browser, served, team_page("payments"), viewport=size) as page:
        need = page.locator(".needs.own .need").first
        expect(need.locator(".need-what")).to_be_in_viewport()
        expect(need.locator(".need-due")).to_be_in_viewport()
        what, due = (need.locator(name).bounding_box() for name in (".need-what", ".need-due"))
        assert what is not None
        assert due is not None
        assert what["x"] + what["width"] <= due["x"]
        figures = page.locator(".figures").bounding_box()
        assert figures is not None
        assert what["y"] < figures["y"]


def test_the_summary_is_copied_as_shown(browser: Browser, served: Site) -> None:
    allowed = ["clipboard-read", "clipboard-write"]
    with opened(browser, served, campaign_page("remove-six"), permissions=allowed) as page:
        page.locator(".telling").get_by_role("button", name="Copy").press("Enter")
        expect(page.locator(".telling").get_by_role("button", name="Copied")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == page.locator(".to-copy").inner_text()
        assert copied.startswith("Remove six (")


def test_a_chart_shows_the_values_of_a_week(browser: Browser, served: Site) -> None:
    with opened(browser, served, campaign_page("remove-six")) as page:
        plot = page.locator(".tab-1 .wide-plot")
        plot.scroll_into_view_if_needed()
        box = plot.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] / 2)
        tip = page.locator(".tab-1 .tip")
        expect(tip).to_be_visible()
        lines = tip.inner_text().split("\n")
        row = page.locator(
            ".tab-1 table.numbers tr", has=page.get_by_text(lines[0].removeprefix("Week ending "))
        )
        assert lines[-1] == row.locator("td").last.text_content()
        page.mouse.move(0, 0)
        expect(tip).to_be_hidden()
        page.locator(".tab-1 .slider").focus()
        page.keyboard.press("ArrowLeft")
        expect(tip).to_be_visible()
        description = page.locator(".tab-1 .slider").get_attribute("aria-valuetext") or ""
        assert description.startswith("Week ending 9 Jun 2024: ")


def test_a_chart_zooms_to_a_shorter_period(browser: Browser, served: Site) -> None:
    with opened(browser, served, campaign_page("remove-six")) as page:
        plot = page.locator(".tab-1 .wide-plot")
        before = plot.inner_html()
        months = plot.locator(".axis text")
        assert months.first.text_content() == "Feb 2024"
        page.locator(".tab-1").get_by_role("button", name="3 months").click()
        assert months.first.text_content() == "Apr 2024"
        page.locator(".tab-1").get_by_role("button", name="All").click()
        assert plot.inner_html().replace(' transform=""', "") == before


def test_a_week_of_a_chart_links_to_its_changes(browser: Browser, served: Site) -> None:
    with opened(browser, served, campaign_page("remove-six")) as page:
        page.locator(".tab-1 .slider").focus()
        page.keyboard.press("ArrowLeft")
        description = page.locator(".tab-1 .slider").get_attribute("aria-valuetext") or ""
        page.keyboard.press("Enter")
        page.wait_for_url("**/changes.html#week-2024-06-09")
        assert description.startswith("Week ending 9 Jun 2024: ")
        week = page.locator("#week-2024-06-09")
        expect(week.locator("tr").first).to_have_text("Week ending 9 Jun 2024")
        expect(week.locator("tr").first).to_be_in_viewport()
        commit = week.locator("tr", has_text="regressed").locator("a[href*='/commit/']").first
        assert (commit.get_attribute("href") or "").startswith("https://github.com/acme/")


def test_the_items_of_a_campaign_are_sorted_and_filtered(browser: Browser, served: Site) -> None:
    with opened(browser, served, items_page("remove-six")) as page:
        rows = page.locator(".listing tbody tr")
        whole = rows.count()
        assert page.locator("h1").inner_text().endswith(f": {whole} open items")
        page.get_by_role("searchbox", name="Filter items").fill("payments pay-api")
        for row in rows.locator("visible=true").all():
            assert "payments" in row.inner_text()
            assert "acme/pay-api" in row.inner_text()
        assert 0 < rows.locator("visible=true").count() < whole


def test_tabs_work_without_javascript(browser: Browser, served: Site) -> None:
    with opened(browser, served, campaign_page("remove-six"), java_script_enabled=False) as page:
        expect(page.locator("caption", has_text="6 Jun 2024 to 12 Jun 2024")).to_be_hidden()
        page.get_by_role("radio", name="Last 7 days").check()
        expect(page.locator("caption", has_text="6 Jun 2024 to 12 Jun 2024")).to_be_visible()
        page.get_by_role("radio", name="Rules").check()
        expect(page.locator("figcaption", has_text="require-six")).to_be_visible()
        expect(page.locator("figcaption", has_text="payments")).to_be_hidden()
