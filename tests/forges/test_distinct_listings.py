"""Each repository is listed once, and repositories of different sources have different names."""

from __future__ import annotations

from pathlib import Path

from headway.forges.distinct_listings import distinct_listings
from headway.model.repository import Listing, Repository, Unlisted
from tests.support.git import Repo
from tests.support.workspaces import headway, rows, workspace


def listing(source: str, *names: str, complete: bool = True) -> Listing:
    return Listing(
        source,
        tuple(Repository(f"{source}/{name}", name, source, f"/{source}/{name}") for name in names),
        complete=complete,
    )


def names(listings: list[Listing]) -> list[list[str]]:
    return [[entry.name for entry in found.repositories] for found in listings]


def test_a_later_source_adds_its_name() -> None:
    found = distinct_listings(
        [listing("local:one", "shop", "web"), listing("local:x/two", "shop", "pay")]
    )
    assert names(found) == [["shop", "web"], ["two/shop", "pay"]]


def test_further_sources_have_further_names() -> None:
    sources = [listing(f"local:{name}/clones", "shop") for name in "abc"]
    found = names(distinct_listings(sources))
    assert found == [["shop"], ["clones/shop"], ["c/clones/shop"]]


def test_a_repository_that_cannot_be_read_has_its_own_name_too() -> None:
    broken = Listing("local:two", (), unlisted=(Unlisted("local/two/shop", "shop", "damaged"),))
    found = distinct_listings([listing("local:one", "shop"), broken])
    assert [entry.name for entry in found[1].unlisted] == ["two/shop"]


def test_names_do_not_change_while_a_source_cannot_be_listed() -> None:
    known = listing("local:one", "shop").repositories
    one = listing("local:one", complete=False)
    two = listing("local:two", "shop")
    assert names(distinct_listings([one, two], known)) == [[], ["two/shop"]]
    assert names(distinct_listings([listing("local:one"), two], known)) == [[], ["shop"]]


def test_a_folder_inside_another_source_counts_once(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    inner = '[[sources]]\ntype = "local"\npath = "clones/team"\n'
    (folder / "headway.toml").write_text((folder / "headway.toml").read_text() + inner)
    for name in ("shop", "team/pay"):
        Repo(folder / "clones" / name).commit("2020-02-01", {"a.py": "import six\n"})
    headway(folder, "scan", "--today", "2020-03-01")
    found = rows(folder, "status", "--by", "repository", "--today", "2020-03-01")
    assert [row["repository"] for row in found] == ["shop", "team/pay"]
    assert rows(folder, "status", "--today", "2020-03-01")[0]["open"] == 2


def test_rows_and_pages_tell_two_sources_apart(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    other = '[[sources]]\ntype = "local"\npath = "other"\n'
    (folder / "headway.toml").write_text((folder / "headway.toml").read_text() + other)
    for place, files in (("clones", {"a.py": "import six\n"}), ("other", {"a.py": "\n"})):
        Repo(folder / place / "shop").commit("2020-02-01", {**files})
    headway(folder, "scan", "--today", "2020-03-01")
    found = rows(folder, "status", "--by", "repository", "--today", "2020-03-01")
    assert {row["repository"]: row["open"] for row in found} == {"shop": 1, "other/shop": 0}
    listed = {row["repository"] for row in rows(folder, "repositories")}
    assert listed == {"shop", "other/shop"}
    headway(folder, "report", "--today", "2020-03-01")
    pages = {path.relative_to(folder / "site") for path in (folder / "site").rglob("*.html")}
    assert len([path for path in pages if "shop" in str(path)]) >= 1
