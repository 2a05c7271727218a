"""Open pages in a real browser and report all errors and warnings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
PHONE = 375
DESK = 1280

Mode = Literal["light", "dark", "phone", "print"]


@dataclass(frozen=True, slots=True)
class Site:
    """A site that a test server serves."""

    folder: Path
    address: str
    """The URL of the site, with a slash at the end."""


@contextmanager
def opened(
    browser: Browser, site: Site, path: str, mode: Mode = "light", **context: Any
) -> Iterator[Page]:
    """Open the page at `path` and check that it causes no problems.

    The check fails if, during the block, the page writes to the console, raises an error, opens a
    dialog, makes a failing request, or makes a request to another host.
    """
    context.setdefault("viewport", {"width": PHONE if mode == "phone" else DESK, "height": 800})
    browser_context = browser.new_context(
        color_scheme="dark" if mode == "dark" else "light", **context
    )
    page = browser_context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: problems.append(f"error: {error}"))
    page.on(
        "requestfailed",
        # The browser aborts running requests, such as the request for the icon, when it leaves
        # a page.
        lambda failed: (
            None
            if failed.failure == "net::ERR_ABORTED"
            else problems.append(f"failed: {failed.url}: {failed.failure}")
        ),
    )
    page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(site.address)
            else problems.append(f"outside: {request.url}")
        ),
    )
    page.on(
        "response",
        lambda response: (
            problems.append(f"{response.status}: {response.url}")
            if response.status >= 400
            else None
        ),
    )
    if mode == "print":
        page.emulate_media(media="print")
    page.goto(site.address + path)
    try:
        yield page
    finally:
        browser_context.close()
    assert not problems, problems


def violations(page: Page, *, all_rules: bool = True) -> list[str]:
    """Return the accessibility violations that axe finds.

    Args:
        page: The page to check.
        all_rules: Whether to check all rules of axe. Otherwise, only contrast, target sizes and
            links in text are checked.
    """
    page.evaluate(AXE)
    rules = (
        {} if all_rules else {"runOnly": ["color-contrast", "target-size", "link-in-text-block"]}
    )
    found = page.evaluate(
        "(options) => axe.run(document, {resultTypes: ['violations'], ...options})", rules
    )
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
