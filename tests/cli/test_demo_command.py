"""`headway demo` accepts only certain folders and prints what to do next.

These tests replace the demo organisation and site with small ones. Other tests check the real ones.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType

import pytest

from headway.site.build.site_builder import SiteRequest
from tests.support.git import Repo
from tests.support.workspaces import headway, rows, workspace

OPTIONS = ("--jobs", "1", "--today", "2020-03-01")


def make_organisation(
    folder: Path, *, today: date, since: date | None = None, until: date | None = None
) -> None:
    assert today == date(2020, 3, 1)
    if since is not None:
        Repo(folder / "clones" / "shop").commit("2020-02-20", {"b.py": "import six\n"})
        return
    assert until == date(2020, 2, 1)
    repo = Repo(folder / "clones" / "shop")
    repo.commit("2020-01-10", {"a.py": "import six\n"})
    broken = Repo(folder / "clones" / "broken")
    broken.commit("2020-01-10", {"a.py": "import six\n"})
    for blob in (folder / "clones" / "broken" / ".git" / "objects").glob("??/*"):
        blob.chmod(0o600)
        blob.write_bytes(b"damaged")


def write_workspace(folder: Path, *, today: date) -> None:
    workspace(folder)


def build_site(request: SiteRequest) -> Path:
    request.out.mkdir()
    index = request.out / "index.html"
    index.write_text(f"{len(request.campaigns)} campaign")
    return index


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    organisation = ModuleType("headway.demo.organisation")
    organisation.__dict__.update(
        EARLIER=timedelta(days=29),
        make_organisation=make_organisation,
    )
    monkeypatch.setitem(sys.modules, "headway.demo.organisation", organisation)
    demo_workspace = ModuleType("headway.demo.demo_workspace")
    demo_workspace.__dict__.update(write_workspace=write_workspace)
    monkeypatch.setitem(sys.modules, "headway.demo.demo_workspace", demo_workspace)
    site = ModuleType("headway.site.build.site_builder")
    site.__dict__.update(build_site=build_site, SiteRequest=SiteRequest)
    monkeypatch.setitem(sys.modules, "headway.site.build.site_builder", site)


def test_the_demo_prints_the_page_to_open_and_the_next_step(tmp_path: Path) -> None:
    result = headway(tmp_path, "demo", *OPTIONS)
    index = tmp_path / "headway-demo" / "site" / "index.html"
    assert result.stdout == f"{index}\n"
    assert index.read_text() == "1 campaign"
    assert "headway status" in result.stderr


def test_the_demo_scans_twice(tmp_path: Path) -> None:
    result = headway(tmp_path, "demo", *OPTIONS)
    assert "as of 2020-02-01" in result.stderr
    assert "as of 2020-03-01" in result.stderr
    scans = rows(tmp_path / "headway-demo", "query", "SELECT today FROM scans ORDER BY today")
    assert [row["today"][:10] for row in scans] == ["2020-02-01", "2020-03-01"]


def test_the_unknown_repository_is_not_an_error(tmp_path: Path) -> None:
    result = headway(tmp_path, "demo", *OPTIONS)
    assert "unknown: broken" in result.stderr
    assert "this is expected" in result.stderr


def test_an_earlier_demo_is_replaced(tmp_path: Path) -> None:
    headway(tmp_path, "demo", "play", *OPTIONS)
    (tmp_path / "play" / "left-over").mkdir()
    headway(tmp_path, "demo", "play", *OPTIONS)
    assert not (tmp_path / "play" / "left-over").exists()


def test_a_symbolic_link_in_an_earlier_demo_is_not_followed(tmp_path: Path) -> None:
    headway(tmp_path, "demo", "play", *OPTIONS)
    treasure = tmp_path / "treasure"
    treasure.mkdir()
    (treasure / "gold").write_text("mine")
    (tmp_path / "play" / "link").symlink_to(treasure)
    headway(tmp_path, "demo", "play", *OPTIONS)
    assert (treasure / "gold").read_text() == "mine"


@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_folder_that_is_not_a_demo_is_kept(tmp_path: Path, what: str) -> None:
    if what == "folder":
        (tmp_path / "play").mkdir()
        (tmp_path / "play" / "thesis.txt").write_text("years of work")
    else:
        (tmp_path / "play").write_text("years of work")
    before = sorted(tmp_path.rglob("*"))
    result = headway(tmp_path, "demo", "play", code=1)
    assert "is neither empty nor an earlier demo" in result.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_an_empty_folder_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "play").mkdir()
    headway(tmp_path, "demo", "play", *OPTIONS)


def test_an_interrupted_demo_can_be_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(folder: Path, **_: date) -> None:
        (folder / "half").mkdir()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sys.modules["headway.demo.organisation"], "make_organisation", interrupted)
        headway(tmp_path, "demo", *OPTIONS, code=130)
    headway(tmp_path, "demo", *OPTIONS)
    assert not (tmp_path / "headway-demo" / "half").exists()
