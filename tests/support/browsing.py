"""Pages in a real browser, which tells everything that goes wrong in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page

CHROMIUM = "/usr/bin/chromium"
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
PHONE = 375
DESK = 1280

Mode = Literal["light", "dark", "phone", "print"]


@dataclass(frozen=True, slots=True)
class Site:
    """A site and where it is served; address ends with a slash."""

    folder: Path
    address: str


@contextmanager
def opened(
    browser: Browser, site: Site, path: str, mode: Mode = "light", **context: Any
) -> Iterator[Page]:
    """The page at `path`. At the end nothing may have been said on the console, asked of
    another host, answered by an error, or popped up.
    """
    context.setdefault("viewport", {"width": PHONE if mode == "phone" else DESK, "height": 800})
    held = browser.new_context(color_scheme="dark" if mode == "dark" else "light", **context)
    page = held.new_page()
    faults: list[str] = []
    page.on("console", lambda said: faults.append(f"console: {said.text}"))
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on(
        "requestfailed",
        # leaving a page ends what it was still loading, such as its icon
        lambda failed: (
            None
            if failed.failure == "net::ERR_ABORTED"
            else faults.append(f"failed: {failed.url}: {failed.failure}")
        ),
    )
    page.on("dialog", lambda shown: faults.append(f"dialog: {shown.message}"))
    page.on(
        "request",
        lambda asked: (
            None if asked.url.startswith(site.address) else faults.append(f"outside: {asked.url}")
        ),
    )
    page.on(
        "response",
        lambda given: (
            faults.append(f"{given.status}: {given.url}") if given.status >= 400 else None
        ),
    )
    if mode == "print":
        page.emulate_media(media="print")
    page.goto(site.address + path)
    try:
        yield page
    finally:
        held.close()
    assert not faults, faults


def violations(page: Page, *, all_rules: bool = True) -> list[str]:
    """What axe finds wrong with the page: by every rule, or by those about what is seen."""
    page.evaluate(AXE)
    rules = (
        {} if all_rules else {"runOnly": ["color-contrast", "target-size", "link-in-text-block"]}
    )
    found = page.evaluate(
        "(options) => axe.run(document, {resultTypes: ['violations'], ...options})", rules
    )
    return [
        f"{each['id']}: {node['html'][:160]} {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
