"""A site that is built from scanned repositories is complete, safe and reproducible."""

from __future__ import annotations

import json
import shutil
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import Result

from headway.cli.progress_bar import ProgressBar
from tests.support.git import Repo
from tests.support.workspaces import headway, scan, workspace

TODAY = date(2024, 3, 29)


def report(folder: Path, *arguments: str, code: int = 0) -> Result:
    return headway(folder, "--today", TODAY.isoformat(), "report", *arguments, code=code)


class Page(HTMLParser):
    """Collects the links and anchors of one page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("href", "src") and value is not None:
                self.links.append(value)
            if name == "id" and value is not None:
                self.anchors.append(value)


@pytest.fixture(scope="module")
def scanned_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a scanned workspace. One of its two repositories has malicious names and lines."""
    place = workspace(tmp_path_factory.mktemp("scanned"))
    plain = Repo(place / "clones" / "acme" / "shop")
    plain.commit("2020-01-01", {"a.py": "import six\n", "b.py": "import six\nfrom six import x\n"})
    plain.commit("2024-03-20", {"b.py": "from six import x\n"})
    hostile = Repo(place / "clones" / "acme" / "a<script>")
    hostile.commit(
        "2021-01-01",
        {"x'\"><img src=y onerror=z>.py": "import six # <script>alert(1)</script> \u202e\n"},
    )
    scan(place, TODAY)
    return place


@pytest.fixture
def folder(scanned_folder: Path, tmp_path: Path) -> Path:
    """Return a copy of the scanned workspace."""
    return shutil.copytree(scanned_folder, tmp_path, symlinks=True, dirs_exist_ok=True)


def pages(folder: Path) -> dict[Path, Page]:
    return {
        file.resolve(): Page(file.read_text("utf-8")) for file in (folder / "site").rglob("*.html")
    }


def test_every_link_and_anchor_within_the_site_resolves(folder: Path) -> None:
    report(folder)
    found = pages(folder)
    assert len(found) >= 4
    for file, page in found.items():
        assert len(page.anchors) == len(set(page.anchors)), file
        for link in page.links:
            if link.startswith(("http://", "https://")):
                continue
            path, _, anchor = unquote(link).partition("#")
            target = (file.parent / path).resolve() if path else file
            assert target.is_file(), (file, link)
            if anchor:
                assert anchor in found[target].anchors, (file, link)


def test_malicious_text_is_harmless(folder: Path) -> None:
    report(folder)
    for file, page in pages(folder).items():
        text = file.read_text("utf-8")
        assert "<script>" not in text
        assert "\u202e" not in text
        assert "img" not in page.tags
        assert not [link for link in page.links if link.lower().startswith("javascript:")]


@pytest.mark.fault(29)
def test_the_same_store_gives_the_same_bytes(folder: Path) -> None:
    report(folder)
    report(folder, "--out", str(folder / "again"))
    first, again = (
        {file.relative_to(root): file.read_bytes() for file in root.rglob("*") if file.is_file()}
        for root in (folder / "site", folder / "again")
    )
    assert first == again


def test_a_users_template_extends_the_shipped_one(folder: Path) -> None:
    (folder / "reports").mkdir()
    (folder / "reports" / "index.html").write_text(
        '{% extends "builtin:index.html" %}'
        "{% block totals %}<p>Hello</p>{{ super() }}{% endblock %}"
    )
    (folder / "reports" / "assets").mkdir()
    (folder / "reports" / "assets" / "logo.svg").write_text("<svg/>")
    report(folder)
    index = (folder / "site" / "index.html").read_text("utf-8")
    assert "<p>Hello</p>" in index
    assert "Remove six" in index
    assert (folder / "site" / "assets" / "logo.svg").is_file()
    assert (folder / "site" / "assets" / "headway.css").is_file()


def test_a_broken_template_is_named_and_the_old_site_stays(folder: Path) -> None:
    report(folder)
    (folder / "reports").mkdir()
    (folder / "reports" / "index.html").write_text("{{ page.nothing }}")
    before = (folder / "site" / "index.html").read_bytes()
    result = report(folder, code=1)
    assert "index.html" in result.stderr
    assert "nothing" in result.stderr
    assert (folder / "site" / "index.html").read_bytes() == before
    assert not [entry.name for entry in folder.iterdir() if entry.name.startswith(".site")]


def test_a_folder_that_is_not_a_site_is_not_replaced(folder: Path) -> None:
    precious = folder / "photos"
    precious.mkdir()
    (precious / "cat.jpg").write_bytes(b"cat")
    result = report(folder, "--out", str(precious), code=1)
    assert "--out" in result.stderr
    assert [entry.name for entry in precious.iterdir()] == ["cat.jpg"]


def test_a_folder_whose_description_is_nested_too_deeply_is_not_replaced(folder: Path) -> None:
    precious = folder / "photos"
    precious.mkdir()
    (precious / "index.json").write_text("[" * 100_000)
    result = report(folder, "--out", str(precious), code=1)
    assert "--out" in result.stderr
    assert (precious / "index.json").read_text() == "[" * 100_000


@pytest.mark.parametrize("damage", ["", "[]", "[" * 100_000], ids=["empty", "list", "deep"])
def test_a_damaged_manifest_is_replaced(folder: Path, damage: str) -> None:
    report(folder)
    manifest = folder / "site" / "manifest.json"
    before = manifest.read_bytes()
    manifest.write_text(damage)
    report(folder)
    assert manifest.read_bytes() == before


def test_the_site_describes_itself(folder: Path) -> None:
    report(folder)
    described = json.loads((folder / "site" / "index.json").read_bytes())
    (campaign,) = described["campaigns"]
    assert campaign["id"] == "remove-six"
    assert (folder / "site" / campaign["page"]).is_file()


def test_the_progress_of_a_build_counts_repositories(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    totals: dict[str, int | None] = {}
    finished: dict[str, int] = {}

    class Recorder(ProgressBar):
        def stage(self, text: str, total: int | None) -> None:
            totals[text] = total
            finished[text] = 0

        def advance(self, count: int = 1, text: str = "") -> None:
            finished[list(totals)[-1]] += count

    monkeypatch.setattr("headway.cli.progress_bar.ProgressBar", Recorder)
    report(folder)
    assert totals["repositories"] == 2
    assert finished == totals
