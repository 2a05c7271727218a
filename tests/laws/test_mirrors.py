"""Laws 1 and 2 of ARCHITECTURE.md: partial mirrors give the same items as full clones."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.forges.address import github_address
from headway.forges.sources.github import Account, GithubSource
from headway.git.mirrors import is_partial
from tests.laws.test_laws import CAMPAIGN, TODAY
from tests.support.forge.clock import Clock
from tests.support.forge.github import github
from tests.support.forge.server import Server, serve
from tests.support.forge.world import FakeRepository, World
from tests.support.histories import History, build, histories, point
from tests.support.thorough import repeat
from tests.support.workspaces import rows, scan, workspace

COLUMNS = ("rule", "path", "line", "column", "excerpt", "state", "opened_commit", "closed_commit")
EARLIER = date(2020, 9, 14)


def source(server: Server) -> GithubSource:
    address = github_address(f"{server.url}/api/v3", source="t", allow_loopback_http=True)
    return GithubSource(address, Account("organization", "acme"), None, Clock().wait_policy)


def openings_of(folder: Path) -> list[tuple[Any, ...]]:
    """Return all openings of all items, sorted."""
    items = rows(folder, "items", "--state", "all")
    return sorted((tuple(item[name] for name in COLUMNS) for item in items), key=repr)


@settings(max_examples=repeat(2, thorough=40), deadline=None)
@given(histories, st.data())
def test_partial_mirrors_give_the_same_items_as_full_clones(
    history: History, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name, serve(World(tokens=set()), github) as server:
        whole = workspace(Path(name) / "whole", law=CAMPAIGN)
        repository = whole / "clones" / "one.git"
        chain = build(history, repository)
        # Repositories that are small according to the forge are fetched as a whole.
        server.world.repositories.append(FakeRepository(1, "acme/one", repository, kilobytes=9_000))
        lacking = workspace(Path(name) / "lacking", law=CAMPAIGN)
        stops = data.draw(st.sets(st.integers(0, len(chain) - 1)), label="stops")
        for stop in sorted(stops | {len(chain) - 1}):
            point(repository, chain[stop])
            assert scan(lacking, TODAY, source=source(server)).complete
        scan(whole, TODAY)
        assert openings_of(lacking) == openings_of(whole)
        (mirror,) = (lacking / ".headway" / "mirrors").glob("*/*.git")
        assert is_partial(mirror)
        # A rule for more paths and an earlier first day need blobs that were never fetched.
        wider = CAMPAIGN.replace("2020-10-01", str(EARLIER)).replace('["*.py"]', '["*"]')
        for folder in (whole, lacking):
            (folder / "campaigns" / "law.yaml").write_text(wider)
        scan(whole, TODAY)
        assert scan(lacking, TODAY, source=source(server)).complete
        assert openings_of(lacking) == openings_of(whole)
