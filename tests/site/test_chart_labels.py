"""Chart labels never overlap and are never cut off, on screens of any width and in print."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from headway.urls import campaign_page, repository_page, team_page
from tests.support.browsing import Site, opened

pytestmark = pytest.mark.browser

WIDTHS = (320, 390, 641, 820, 1100, 1440, 2560)
PAPER = 718
PAGES = (
    "index.html",
    campaign_page("remove-six"),
    campaign_page("setup-py"),
    campaign_page("hostile"),
    campaign_page("dockerfile-old"),
    team_page("payments"),
    team_page("unowned"),
    repository_page("acme/shop-cart"),
)
# Return a description of each label that overlaps another label, or extends beyond the chart or the
# screen. The browser must not cut off a chart. Labels may touch each other.
MISPLACED = """() => {
  const found = [];
  for (const chart of document.querySelectorAll("main svg")) {
    if (chart.parentElement.closest("svg") || !chart.checkVisibility()) continue;
    const edges = chart.getBoundingClientRect();
    const clips = getComputedStyle(chart).overflow !== "visible";
    const texts = [...chart.querySelectorAll("text")]
      .filter((text) => text.checkVisibility() && text.textContent.trim())
      .map((text) => [text.textContent, text.getBoundingClientRect()]);
    texts.forEach(([text, box], place) => {
      const inside = box.left >= edges.left - 1 && box.right <= edges.right + 1
        && box.top >= edges.top - 1 && box.bottom <= edges.bottom + 1;
      if (clips && !inside) found.push(`${text} is cut off`);
      if (box.left < 0 || box.right > innerWidth) found.push(`${text} is off the screen`);
      for (const [other, area] of texts.slice(place + 1)) {
        const across = Math.min(box.right, area.right) - Math.max(box.left, area.left);
        const down = Math.min(box.bottom, area.bottom) - Math.max(box.top, area.top);
        if (across > 0.5 && down > 2) found.push(`${text} overlaps ${other}`);
      }
    });
  }
  return found;
}"""


@pytest.mark.parametrize("path", PAGES)
def test_texts_of_charts_never_overlap(browser: Browser, served: Site, path: str) -> None:
    with opened(browser, served, path) as page:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert misplaced(page) == [], width
    with opened(browser, served, path, "print", viewport={"width": PAPER, "height": 1000}) as page:
        assert misplaced(page) == []


def misplaced(page: Page) -> list[str]:
    found: list[str] = page.evaluate(MISPLACED)
    return found


def test_an_overlap_is_found(browser: Browser, served: Site) -> None:
    with opened(browser, served, campaign_page("remove-six")) as page:
        page.evaluate(
            """() => {
              const text = document.querySelector(".wide-plot .axis text");
              text.parentElement.append(text.cloneNode(true));
              document.querySelector(".wide-plot .grid text").setAttribute("x", -9);
            }"""
        )
        kinds = {problem.rpartition(" ")[2] for problem in misplaced(page)}
        assert "off" in kinds
        assert len(misplaced(page)) >= 2
