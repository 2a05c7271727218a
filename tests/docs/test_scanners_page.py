"""The example scanners in docs/scanners.md work without changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from headway.config.scanner_reference import OptionRow, ScannerDetails, ScannerRow
from headway.metrics.serialize import field_names
from tests.support.git import Repo
from tests.support.workspaces import headway, rows, workspace

PAGE = (Path(__file__).parents[2] / "docs" / "scanners.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"```\w+\n# (\S+)\n(.*?)```", PAGE, re.DOTALL))

FOLDERS = """\
title: Explain every folder
starts: 2026-01-05
deprecated:
  - {id: unexplained, scanner: missing-readme}
"""
LONG = """\
title: Shorter files
starts: 2026-01-05
deprecated:
  - {id: long, scanner: long-file, lines: 2}
"""
TODAY = ("--today", "2026-03-01")


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = workspace(tmp_path_factory.mktemp("work"), folders=FOLDERS, long=LONG)
    for name, text in BLOCKS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    repo = Repo(folder / "clones" / "shop")
    repo.commit("2026-01-10", {"app/a.py": "# TODO(2024-05-01): mend\n# TODO(2027-01-01): later\n"})
    english, french = '{"hello": "Hello", "bye": "Goodbye"}\n', '{"hello": "Bonjour"}\n'
    repo.commit("2026-01-10", {"locales/en.json": english, "locales/fr.json": french})
    repo.commit("2026-01-20", {"app/a.py": "\n\n# TODO(2024-05-01): mend\n", "lib/b.py": "x = 1\n"})
    repo.commit("2026-01-30", {"locales/de.json": "{}\n", "locales/en.json": "broken\n"})
    repo.commit("2026-01-31", {"locales/de.json": french, "locales/en.json": english})
    repo.commit("2026-02-03", {"locales/en.json": french})
    repo.commit("2026-02-03", {"app/a.py": "\n\n\nx = 1\n", "app/README.md": "# App\n"})
    headway(folder, "scan", "--jobs", "1", *TODAY)
    return folder


def test_the_page_has_a_scanner_of_each_kind_and_a_campaign() -> None:
    assert [name for name in BLOCKS if name.startswith("scanners/")] == [
        "scanners/dated_todo.py",
        "scanners/missing_readme.py",
        "scanners/missing_translation.py",
        "scanners/long_file.py",
    ]
    assert {"campaigns/old-promises.yaml", "campaigns/translations.yaml"} < BLOCKS.keys()


def test_the_scanners_are_in_the_schema_and_have_no_problems(scanned: Path) -> None:
    assert headway(scanned, "validate").stdout == "4 campaigns checked: no errors\n"
    schema = headway(scanned, "schema").stdout
    assert all(name in schema for name in ("dated-todo", "missing-readme", "long-file"))


def test_the_content_scanner_has_history(scanned: Path) -> None:
    (item,) = rows(scanned, "items", "old-promises", "--state", "all", *TODAY)
    assert (item["excerpt"], item["line"], item["state"]) == (
        "# TODO(2024-05-01): mend",
        3,
        "fixed",
    )
    assert item["captures"] == {"year": "2024"}
    assert item["opened_at"].startswith("2026-01-10")


def test_invalid_options_are_reported_at_their_location(scanned: Path, tmp_path: Path) -> None:
    folder = workspace(tmp_path, old_promises=BLOCKS["campaigns/old-promises.yaml"])
    (folder / "scanners").symlink_to(scanned / "scanners")
    campaign = folder / "campaigns" / "old-promises.yaml"
    campaign.write_text(campaign.read_text().replace("before: 2026-01-01", "before: soon"))
    assert "old-promises.yaml:6:13" in headway(folder, "validate", code=1).output


def test_the_tree_scanner_follows_folders(scanned: Path) -> None:
    items = rows(scanned, "items", "folders", "--state", "all", *TODAY)
    assert {(item["excerpt"], item["state"]) for item in items} == {
        ("app has no README.md", "fixed"),
        ("lib has no README.md", "open"),
        ("locales has no README.md", "open"),
    }


def test_the_project_scanner_compares_files(scanned: Path) -> None:
    items = rows(scanned, "items", "translations", "--state", "all", *TODAY)
    assert [
        (item["path"], item["excerpt"], item["opened_at"][:10], item["state"]) for item in items
    ] == [
        ("locales/de.json", "bye", "2026-01-31", "fixed"),
        ("locales/fr.json", "bye", "2026-01-10", "fixed"),
    ]


def test_the_repository_scanner_sees_the_tip(scanned: Path) -> None:
    (item,) = rows(scanned, "items", "long", "--state", "all", *TODAY)
    assert (item["path"], item["excerpt"], item["line"]) == ("app/a.py", "too long", None)


@pytest.mark.parametrize("record", [ScannerRow, ScannerDetails, OptionRow])
def test_every_field_of_the_list_of_scanners_is_named(record: type) -> None:
    for name in field_names(record) or ():
        assert f"`{name}`" in PAGE, name
