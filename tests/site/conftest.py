"""A site and a browser that all tests of pages share."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from headway.cli.serve_command import server
from headway.site import campaign_page as campaign
from tests.support.browsing import Site
from tests.support.programs import chromium
from tests.support.showcase import TODAY, showcase
from tests.support.workspaces import headway


@pytest.fixture(scope="session")
def showcased(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the scanned workspace of `tests.support.showcase`."""
    return showcase(tmp_path_factory.mktemp("showcase"))


@pytest.fixture(scope="session")
def site(showcased: Path) -> Path:
    """Build a site with eight repositories per page, so that the list has a second page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(campaign, "_FIRST_ROWS", 8)
        headway(showcased, "--today", TODAY.isoformat(), "report")
    return showcased / "site"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium. Its sandbox refuses to run as root, so disable the sandbox for root."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(playwright), args=sandbox)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def served(site: Path) -> Iterator[Site]:
    """Serve the site like `headway serve`."""
    with server(site, 0) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
        thread.start()
        yield Site(site, f"http://127.0.0.1:{listening.server_port}/")
        listening.shutdown()
        thread.join()
