"""An incremental build reuses unchanged files, and produces the same site as a full build."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from headway.hashing import file_fingerprint
from headway.metrics.campaign_metrics import CampaignMetrics
from headway.metrics.campaign_report import campaign_report
from headway.metrics.open_items import OpenItemReader
from headway.metrics.records import CampaignReport, ItemRow
from headway.store.connection import StorePart
from headway.store.item_tables import ItemTables
from headway.templating import Templates
from headway.urls import team_page
from tests.support.git import Repo
from tests.support.processes import begin, eventually, left_behind
from tests.support.thorough import sample
from tests.support.workspaces import headway, rows, scan, workspace

TODAY = date(2020, 3, 2)
TEAMS = """teams:
  - {name: web, repositories: ["shop", "wiki"]}
  - {name: pay, repositories: ["bank"]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a scanned workspace with three repositories of two teams."""
    made = workspace(tmp_path / "ws")
    (made / "teams.yaml").write_text(TEAMS)
    for name in ("shop", "wiki", "bank"):
        Repo(made / "clones" / name).commit("2020-02-10", {"a.py": "import six\n"})
    scan(made, TODAY)
    return made


def report(folder: Path, *arguments: str) -> None:
    headway(folder, "--today", TODAY.isoformat(), "report", "--jobs", "1", *arguments)


def content(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


@contextmanager
def rendering() -> Iterator[Counter[str]]:
    """Count the pages that the block renders, by template and title."""
    rendered: Counter[str] = Counter()
    render = Templates.render

    def counted(templates: Templates, template: str, page: Any) -> str:
        title = page.frame.title if hasattr(page, "frame") else ""
        rendered[f"{template} {title}".strip()] += 1
        return render(templates, template, page)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Templates, "render", counted)
        yield rendered


def test_nothing_is_rendered_if_nothing_changed(folder: Path) -> None:
    report(folder)
    before = content(folder / "site")
    with rendering() as rendered:
        report(folder)
    assert not rendered
    assert content(folder / "site") == before


def test_a_scan_that_finds_nothing_renders_no_page(folder: Path) -> None:
    report(folder)
    scan(folder, TODAY)
    with rendering() as rendered:
        report(folder)
    assert not rendered


def test_a_changed_repository_is_rendered_with_its_team(folder: Path) -> None:
    report(folder)
    Repo(folder / "clones" / "shop").commit("2020-03-01", {"b.py": "from six import x\n"})
    scan(folder, TODAY)
    with rendering() as rendered:
        report(folder)
    rendered_parts = {
        page for page in rendered if page.split()[0] in ("team.html", "repository.html")
    }
    assert rendered_parts == {"team.html web", "repository.html shop"}


def test_a_new_action_renders_only_the_page_of_its_team(folder: Path) -> None:
    report(folder)
    shop = Repo(folder / "clones" / "shop")
    shop.commit("2020-02-28", {"a.py": ""})
    shop.commit("2020-03-01", {"a.py": "import six\n"})
    scan(folder, TODAY)
    with rendering() as rendered:
        report(folder)
    assert {page for page in rendered if page.startswith("team.html")} == {"team.html web"}
    assert "Fix regressions" in (folder / "site" / team_page("web")).read_text("utf-8")


def test_an_action_for_a_campaign_owner_renders_the_page_of_the_owner(folder: Path) -> None:
    campaign = folder / "campaigns" / "remove-six.yaml"
    campaign.write_text(f"{campaign.read_text()}owner: pay\n")
    report(folder)
    (folder / "clones" / "wiki" / ".git" / "HEAD").write_text("ref: refs/heads/nowhere\n")
    scan(folder, TODAY)
    with rendering() as rendered:
        report(folder)
    assert "team.html pay" in rendered
    assert "Make wiki readable again" in (folder / "site" / team_page("pay")).read_text("utf-8")
    report(folder, "--out", str(folder / "from-nothing"))
    assert content(folder / "site") == content(folder / "from-nothing")


@pytest.mark.parametrize(
    "change",
    [
        {"b.py": "from six import x\n"},
        {"a.py": ""},
        {"a.py": "# moved\nimport six\n"},
        {"a.py": None, "c.py": "import six\n"},
        {"README": "nothing that a rule finds\n"},
    ],
)
def test_an_incremental_build_equals_a_full_build_after_a_commit(
    folder: Path, change: dict[str, str | bytes | None]
) -> None:
    report(folder)
    Repo(folder / "clones" / "shop").commit("2020-03-01", change)
    scan(folder, TODAY)
    report(folder)
    report(folder, "--out", str(folder / "from-nothing"))
    assert content(folder / "site") == content(folder / "from-nothing")


def test_an_incremental_build_equals_a_full_build_after_other_changes(folder: Path) -> None:
    report(folder)
    (folder / "teams.yaml").write_text(TEAMS.replace("pay, ", "money, lead: Ada, "))
    (folder / "clones" / "wiki").rename(folder / "clones" / "pedia")
    campaign = folder / "campaigns" / "remove-six.yaml"
    campaign.write_text(
        f"{campaign.read_text()}exemptions:\n"
        "  - {reason: Bought, paths: [a.py], repositories: [shop], until: 2020-06-01, "
        "approved_by: Ada}\n"
    )
    scan(folder, TODAY)
    report(folder)
    report(folder, "--out", str(folder / "from-nothing"))
    assert content(folder / "site") == content(folder / "from-nothing")


def test_the_number_of_queries_does_not_depend_on_the_number_of_repositories(
    folder: Path, tmp_path: Path
) -> None:
    many = workspace(tmp_path / "many")
    (many / "teams.yaml").write_text(TEAMS.replace('"bank"', '"*"'))
    for number in range(30):
        Repo(many / "clones" / f"r{number}").commit("2020-02-10", {"a.py": "import six\n"})
    for name in ("shop", "wiki"):
        Repo(many / "clones" / name).commit("2020-02-10", {"a.py": "import six\n"})
    scan(many, TODAY)
    assert query_count(many) == query_count(folder)


def query_count(folder: Path) -> int:
    """Return the number of queries that one build sends to the store."""
    count = 0
    rows, open_items = StorePart._execute, ItemTables.open_items

    def counted_rows(*arguments: Any) -> Any:
        nonlocal count
        count += 1
        return rows(*arguments)

    def counted_items(*arguments: Any) -> Any:
        nonlocal count
        count += 1
        return open_items(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StorePart, "_execute", counted_rows)
        patch.setattr(ItemTables, "open_items", counted_items)
        report(folder)
    return count


@pytest.mark.fault(2)
def test_a_killed_build_leaves_the_old_site_in_place(folder: Path) -> None:
    report(folder)
    before = content(folder / "site")
    (folder / "reports").mkdir()
    slow = folder / "reports" / "repository.html"
    slow.write_text(
        "{% for outer in range(10 ** 5) %}{% for inner in range(10 ** 5) %}{% endfor %}{% endfor %}"
    )
    for jobs in ("1", "2"):
        arguments = ("--today", TODAY.isoformat(), "report", "--jobs", jobs)
        building = begin(folder, *arguments)
        assert eventually(lambda: bool(list(folder.glob(".site.*/site/teams/*/index.html"))))
        building.kill()
        building.communicate()
        assert content(folder / "site") == before
    assert eventually(lambda: not left_behind(folder)), left_behind(folder)
    slow.unlink()
    slow.parent.rmdir()
    report(folder)
    assert content(folder / "site") == before
    # The last build also deletes the temporary files of the killed builds.
    assert not list(folder.glob(".*.headway-*"))


def test_the_items_of_a_campaign_are_those_of_its_teams(folder: Path) -> None:
    report(folder)
    Repo(folder / "clones" / "shop").commit("2020-03-01", {"b.py": "from six import x\n"})
    scan(folder, TODAY)
    for _ in ("one team is rebuilt", "nothing is rebuilt"):
        report(folder)
        items = json.loads((folder / "site/data/campaigns/remove-six/items.json").read_bytes())
        printed = rows(folder, "items", "remove-six", "--today", TODAY.isoformat())
        for item in printed:
            # Only the output of the command contains the earlier lines of an item and its moves.
            assert item.pop("texts")
            assert item.pop("moved_from") is item.pop("moved_to") is None
        assert len(items) == 4
        assert sorted(items, key=str) == sorted(printed, key=str)
        assert [item["team"] for item in items] == sorted(item["team"] for item in items)
        of_teams = [
            item
            for team in sorted({item["team"] for item in items})
            for item in json.loads((folder / f"site/data/teams/{team}/items.json").read_bytes())
        ]
        assert items == of_teams


def test_items_of_unchanged_teams_are_not_read(folder: Path) -> None:
    for name in ("other", "third"):
        other = OTHER_CAMPAIGN.format(due="2020-06-30").replace("import six", "six|seven")
        (folder / "campaigns" / f"{name}.yaml").write_text(other)
    Repo(folder / "clones" / "bank").commit("2020-02-20", {"b.py": "import six\n\nseven\n"})
    scan(folder, TODAY)
    report(folder)
    Repo(folder / "clones" / "shop").commit("2020-03-01", {"b.py": "from six import x\n"})
    scan(folder, TODAY)
    read: list[str] = []
    of_teams = OpenItemReader.of_teams

    def noted(
        reader: OpenItemReader, teams: Sequence[str], campaigns: Sequence[str]
    ) -> Iterator[ItemRow]:
        read.extend(teams)
        return of_teams(reader, teams, campaigns)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OpenItemReader, "of_teams", noted)
        report(folder)
    assert read == ["web"]
    report(folder, "--out", str(folder / "from-nothing"))
    assert content(folder / "site") == content(folder / "from-nothing")
    assert len(json.loads((folder / "site/data/campaigns/third/items.json").read_bytes())) == 6


def test_changed_historical_owners_are_published(folder: Path) -> None:
    report(folder)
    with duckdb.connect(folder / "headway.duckdb") as store:
        store.execute(
            "INSERT INTO movement_then SELECT * REPLACE ('others' AS team) FROM movement "
            "WHERE repository = (SELECT min(repository) FROM movement)"
        )
    report(folder)
    then = folder / "site/data/campaigns/remove-six/weeks-by-team-then.json"
    assert "others" in {row["team"] for row in json.loads(then.read_bytes())}
    report(folder, "--out", str(folder / "from-nothing"))
    assert content(folder / "site") == content(folder / "from-nothing")


@pytest.mark.parametrize("change", [None, {"b.py": "from six import x\n"}])
def test_unchanged_files_of_the_last_site_are_not_read(
    folder: Path, change: dict[str, str | bytes | None] | None
) -> None:
    report(folder)
    age(folder / "site")
    # The first build after the change of all times reads the files, and records the times.
    report(folder)
    if change is not None:
        Repo(folder / "clones" / "shop").commit("2020-03-01", change)
        scan(folder, TODAY)
    read: list[str] = []

    def noted(file: str) -> str | None:
        read.append(file)
        return file_fingerprint(file)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("headway.site.build.known_files.file_fingerprint", noted)
        report(folder)
    assert read == []
    report(folder, "--out", str(folder / "from-nothing"))
    assert content(folder / "site") == content(folder / "from-nothing")


def age(site: Path) -> None:
    """Make all files of a site an hour older, except the manifest."""
    for path in site.rglob("*"):
        if path.is_file() and path.name != "manifest.json":
            then = path.stat().st_mtime - 3600
            os.utime(path, (then, then))


def test_the_report_of_an_unchanged_campaign_is_not_computed_again(folder: Path) -> None:
    other = OTHER_CAMPAIGN.format(due="2020-06-30")
    (folder / "campaigns" / "other.yaml").write_text(other)
    scan(folder, TODAY)
    report(folder)
    (folder / "campaigns" / "other.yaml").write_text(OTHER_CAMPAIGN.format(due="2020-09-30"))
    scan(folder, TODAY)
    assert reported(folder) == ["other"]
    report(folder, "--out", str(folder / "from-nothing"))
    assert content(folder / "site") == content(folder / "from-nothing")


OTHER_CAMPAIGN = """title: Other
starts: 2020-01-06
due: {due}
deprecated: [{{id: old, scanner: regex, pattern: 'import six'}}]
"""


@pytest.mark.parametrize("damage", [b"", b"nothing", None])
def test_a_damaged_cache_is_replaced(folder: Path, damage: bytes | None) -> None:
    report(folder)
    before = content(folder / "site")
    (file,) = (folder / ".headway" / "site").glob("*/*.zip")
    file.write_bytes(damage if damage is not None else file.read_bytes()[:-300])
    scan(folder, TODAY)
    assert reported(folder) == ["remove-six"]
    after = content(folder / "site")
    # The manifest differs, because its fingerprint of the store includes the scan log.
    assert before.pop("manifest.json") != after.pop("manifest.json")
    assert after == before
    scan(folder, TODAY)
    assert reported(folder) == []


def reported(folder: Path) -> list[str]:
    """Build the site, and return the IDs of the campaigns whose reports were computed."""
    campaigns: list[str] = []

    def noted(metrics: CampaignMetrics, items: tuple[ItemRow, ...] | None = None) -> CampaignReport:
        campaigns.append(metrics.campaign.id)
        return campaign_report(metrics, items)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("headway.site.build.campaign_builder.campaign_report", noted)
        report(folder)
    return campaigns


def test_a_change_in_any_table_reaches_every_page_that_shows_it(folder: Path) -> None:
    """After a change in any table of the store, the site equals one that is built from scratch."""
    Repo(folder / "clones" / "shop").commit("2020-02-20", {"a.py": "import six  # again\n"})
    campaign = folder / "campaigns" / "remove-six.yaml"
    campaign.write_text(
        f"{campaign.read_text()}"
        "milestones: [{name: First, due: 2020-04-01, repositories: [shop]}]\n"
        "exemptions: [{reason: Bought, paths: [vendor/**], until: 2020-06-01, approved_by: Ada}]\n"
    )
    scan(folder, TODAY)
    store = folder / "headway.duckdb"
    original = store.read_bytes()
    report(folder, "--out", str(folder / "original"))
    site = content(folder / "original")
    shown = set()
    tested = sample(list(changes(store)), 8)
    for table, statement in tested:
        with duckdb.connect(store) as connection:
            connection.execute(statement)
        report(folder)
        report(folder, "--out", str(folder / "from-nothing"))
        expected = content(folder / "from-nothing")
        assert content(folder / "site") == expected, table
        if any(expected.get(path) != site[path] for path in site.keys() - {"manifest.json"}):
            shown.add(table)
        store.write_bytes(original)
        shutil.rmtree(folder / "from-nothing")
    assert shown == {
        "campaign", "cursor", "definition", "exemption", "mark", "membership", "movement",
        "movement_then", "opening", "repository", "rule", "source", "team_list", "unknown",
    } & {table for table, _ in tested}  # fmt: skip


REFERENCES = {"campaign", "id", "key", "repository", "rule"}
"""Columns that the test leaves unchanged, because tables refer to each other by them."""

OTHER_VALUES = {
    "VARCHAR": "\"{0}\" || 'x'",
    "DATE": '"{0}" - 1',
    "TIMESTAMP": '"{0}" - INTERVAL 800 DAY',
    "BOOLEAN": 'NOT "{0}"',
    "INTEGER": '"{0}" + 1',
    "BIGINT": '"{0}" + 1',
    "DOUBLE": '"{0}" * 2',
}
OTHER_JSON = {
    "captures": """'{"a": "b"}'""",
    "content": "replace(content, 'Bought', 'Sold')",
    "exemptions": "'[]'",
    "languages": """'["Python"]'""",
    "link_style": "'github'",
    "owner_groups": """'["all"]'""",
    "paths": """'["src/**"]'""",
    "repositories": """'["wiki"]'""",
    "rules": """'["other"]'""",
    "teams": """replace(teams, '"lead": null', '"lead": "Ada"')""",
    "topics": """'["all"]'""",
    "versions": "NULL",
    "visibility": "'private'",
}
"""SQL for new values of columns that contain JSON or allow only certain words."""

FIRST = "(SELECT min(key) FROM repository)"
STATEMENTS = {
    "definition": """UPDATE definition SET content = replace(content, ': false', ': true')""",
    "mark": "INSERT INTO mark (campaign, repository, day, kind, description) "
    "VALUES ('remove-six', NULL, '2020-02-20', 'rule', 'a rule')",
    "membership": f"UPDATE membership SET last_day = '2020-02-20' WHERE repository = {FIRST}",
    "movement_then": "INSERT INTO movement_then SELECT * REPLACE ('others' AS team) FROM movement "
    f"WHERE repository = {FIRST}",
    "unknown": "INSERT INTO unknown VALUES "
    f"('remove-six', {FIRST}, 'cannot be read', '2020-03-01', '2020-02-29')",
}


def changes(store: Path) -> Iterator[tuple[str, str]]:
    """Yield each table's name, and an SQL statement that changes or adds rows in the table."""
    with duckdb.connect(store) as connection:
        tables = connection.execute(
            "SELECT table_name, list(column_name ORDER BY column_index), "
            "list(data_type ORDER BY column_index) FROM duckdb_columns() "
            "WHERE table_name IN (SELECT table_name FROM duckdb_tables()) "
            "AND table_name != 'schema_version' GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    for table, columns, kinds in tables:
        if table in STATEMENTS:
            yield table, STATEMENTS[table]
            continue
        values = ", ".join(
            f'"{column}" = {other_value(column, kind)}'
            for column, kind in zip(columns, kinds, strict=True)
            if column not in REFERENCES
        )
        if values:
            yield table, f"UPDATE {table} SET {values} WHERE rowid = 0"


def other_value(column: str, kind: str) -> str:
    """Return SQL for a value that differs from the current value of a column."""
    known = OTHER_JSON.get(column) if kind == "VARCHAR" else None
    return known or OTHER_VALUES[kind].format(column)
