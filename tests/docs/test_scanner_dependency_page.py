"""docs/scanner-dependency.md describes the `dependency` scanner correctly."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from headway.config.workspace import shipped_folder
from headway.plugins import load_scanners
from tests.support.definitions import loaded

PAGE = (Path(__file__).parents[2] / "docs" / "scanner-dependency.md").read_text("utf-8")
ROWS = {
    name: (re.findall(r"`([^`]+)`", files), ranges.replace("\\|", "|"))
    for name, files, ranges in re.findall(
        r"^\| `([a-z-]+)` \| (`.*) \| `(.*)` \|$", PAGE, re.MULTILINE
    )
}


@pytest.fixture(scope="module")
def scanner() -> Any:
    return load_scanners([shipped_folder() / "scanners"]).by_name["dependency"]


@pytest.mark.parametrize("name", ROWS)
def test_the_table_lists_the_files_and_a_range_of_each_ecosystem(scanner: Any, name: str) -> None:
    ecosystem = sys.modules[type(scanner).__module__].ecosystem_of(name)
    files, ranges = ROWS[name]
    assert files == list(ecosystem.files)
    assert not ecosystem.versions(ranges).is_empty


def test_the_options_and_cases_are_described(scanner: Any) -> None:
    for option in scanner.Options.model_fields:
        assert f"| `{option}` |" in PAGE
    for case in sys.modules[type(scanner).__module__].CASES:
        assert f"| `{case}` |" in PAGE


def test_the_campaign_is_valid(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    campaign = loaded(tmp_path, text)
    assert [rule.id for rule in campaign.deprecated] == ["log4j", "old-spring"]
