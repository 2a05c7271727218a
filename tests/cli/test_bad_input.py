"""What goes wrong at a user's desk: one sentence, the right exit code, nothing lost."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.support.git import Repo
from tests.support.workspaces import headway, rows, workspace

TODAY = ("--today", "2020-03-01")


def sentence(folder: Path, *arguments: str, code: int = 1) -> str:
    """What the command says, when that is one line and no traceback."""
    result = headway(folder, *TODAY, *arguments, code=code)
    (line,) = result.stderr.strip().splitlines()
    return line.replace(str(folder), "DIR")


def with_shop(folder: Path) -> Path:
    made = workspace(folder)
    Repo(made / "clones" / "shop").commit("2020-01-10", {"a.py": "import six\n"})
    return made


def states(folder: Path) -> dict[str, tuple[str, str | None]]:
    return {
        row["repository"]: (row["state"], row["reason"])
        for row in rows(folder, *TODAY, "status", "--by", "repository")
    }


def test_a_folder_that_is_no_workspace(tmp_path: Path) -> None:
    assert sentence(tmp_path, "scan") == (
        "error: DIR is not inside a Headway workspace (no headway.toml here or above); "
        "run `headway init` to make one, or name one with -C DIR."
    )


def test_no_repository_below_the_folder(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    said = sentence(folder, "scan")
    assert said.startswith("error: ")
    assert "clones" in said


def test_the_folder_of_a_source_is_not_there(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    (folder / "clones").rmdir()
    assert sentence(folder, "scan").startswith(
        "error: cannot list repositories below DIR/clones: there is no such folder; "
    )


def test_a_repository_without_commits_is_out_of_scope_and_says_why(tmp_path: Path) -> None:
    folder = with_shop(tmp_path)
    Repo(folder / "clones" / "fresh")
    headway(folder, *TODAY, "scan", "--jobs", "1")
    assert set(states(folder)) == {"shop"}
    (fresh,) = [row for row in rows(folder, *TODAY, "repositories") if row["repository"] == "fresh"]
    assert "it is empty" in str(fresh)


def test_a_corrupt_repository_is_unknown_and_the_others_are_as_without_it(tmp_path: Path) -> None:
    folder = with_shop(tmp_path)
    bad = Repo(folder / "clones" / "bad")
    bad.commit("2020-01-10", {"a.py": "import six\n"})
    for stored in (bad.path / ".git" / "objects").glob("??/*"):
        stored.chmod(0o600)
        stored.write_bytes(b"damaged")
    headway(folder, *TODAY, "scan", "--jobs", "1", code=3)
    found = states(folder)
    assert found["shop"][0] == "open"
    assert found["bad"][0] == "unknown"
    assert found["bad"][1]


def test_a_campaign_that_matches_nothing(tmp_path: Path) -> None:
    text = "title: a\ndeprecated: [{id: a, scanner: regex, pattern: nowhere}]\n"
    folder = workspace(tmp_path, nothing=text)
    Repo(folder / "clones" / "shop").commit("2020-01-10", {"a.py": "import six\n"})
    headway(folder, *TODAY, "scan", "--jobs", "1")
    assert states(folder)["shop"][0] == "not affected"
    assert headway(folder, *TODAY, "items", "--format", "json").stdout.strip() == "[]"


def test_no_campaign_at_all(tmp_path: Path) -> None:
    folder = with_shop(tmp_path)
    (folder / "campaigns" / "remove-six.yaml").unlink()
    assert sentence(folder, "scan") == (
        "error: there is no campaign in DIR/campaigns; "
        "write one, or let `headway init` write the first."
    )


def test_a_wrong_campaign_stops_the_scan_with_its_place_and_loses_nothing(tmp_path: Path) -> None:
    folder = with_shop(tmp_path)
    headway(folder, *TODAY, "scan", "--jobs", "1")
    before = (folder / "headway.duckdb").read_bytes()
    (folder / "campaigns" / "other.yaml").write_text("titel: a\n")
    result = headway(folder, *TODAY, "scan", "--jobs", "1", code=1)
    assert "--> campaigns/other.yaml:1:1" in result.stderr
    assert (folder / "headway.duckdb").read_bytes() == before


def test_a_store_where_nothing_can_be_written(tmp_path: Path) -> None:
    folder = with_shop(tmp_path)
    (folder / "headway.toml").write_text(
        (folder / "headway.toml").read_text() + '[store]\npath = "clones/shop/a.py/x.duckdb"\n'
    )
    said = sentence(folder, "scan", "--jobs", "1")
    assert said.startswith("error: cannot write DIR/clones/shop/a.py/x.duckdb")
    assert said.endswith("make it writable, or choose another place.")


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    folder = with_shop(tmp_path)
    headway(folder, *TODAY, "scan", "--jobs", "1")
    store = folder / "headway.duckdb"
    with duckdb.connect(str(store)) as connection:
        connection.execute("UPDATE schema_version SET version = 99")
    before = store.read_bytes()
    for verb in (("scan", "--jobs", "1"), ("status",), ("report",)):
        said = sentence(folder, *verb)
        assert "has store version 99, and this Headway knows versions up to" in said
        assert said.endswith("it was left untouched: upgrade Headway.")
    assert store.read_bytes() == before
