"""docs/campaigns.md explains every key, and its examples and claims are right."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headway.cli.history_table import HistoryRow
from headway.config.json_schema import campaign_schema
from headway.config.load import load_campaigns
from headway.config.workspace import shipped_folder
from headway.metrics.serialize import field_names
from headway.metrics.trial_rows import TrialMatch, TrialRow
from headway.model.scope import name_matches
from headway.plugins import Plugins, load_scanners
from headway.scanner import ContentScanner

PAGE = (Path(__file__).parents[2] / "docs" / "campaigns.md").read_text("utf-8")


def page_of(scanner: str) -> Path:
    """Return the path of the page about a scanner, which may not exist.

    Scanners such as `sarif` and `sarif-folder` share a page.
    """
    return Path(__file__).parents[2] / "docs" / f"scanner-{scanner.partition('-')[0]}.md"


SCANNERS = load_scanners([shipped_folder() / "scanners"])
ADMISSIONS = re.findall(r"^\| (`.+`) \| `(.+?)` \| (yes|no) \|$", PAGE, re.MULTILINE)
"""The table of path patterns: the patterns, a path, and whether the path matches."""
CLAIMS = re.findall(r"^\| `(.+?)` \| `(.+?)` \| (yes|no) \| ", PAGE, re.MULTILINE)


def keys(schema: Any) -> Iterator[str]:
    """Yield every key that a campaign file may have, at any depth."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from keys(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from keys(value)


def test_every_key_is_explained_and_in_the_example() -> None:
    example, _ = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    prose = PAGE.replace(example, "")
    described = {
        name: scanner for name, scanner in SCANNERS.by_name.items() if not page_of(name).exists()
    }
    assert described.keys() == {"file", "regex"}
    for key in sorted(set(keys(campaign_schema(Plugins(described, SCANNERS.origins))))):
        assert f"`{key}`" in prose, key
        assert re.search(rf"\b{key}:", example), key


@pytest.mark.parametrize("name", [name for name in SCANNERS.names if page_of(name).exists()])
def test_other_scanners_have_a_page_that_explains_their_options(name: str) -> None:
    assert f"[`{name}`]({page_of(name).name})" in PAGE
    text = page_of(name).read_text("utf-8")
    assert all(f"`{option}`" in text for option in SCANNERS.by_name[name].Options.model_fields)


def test_the_examples_are_valid_campaigns(tmp_path: Path) -> None:
    for example in re.findall(r"```yaml\n# campaigns/(\S+)\n(.*?)```", PAGE, re.DOTALL):
        (tmp_path / example[0]).write_text(example[1])
    assert len(list(tmp_path.iterdir())) == 2
    assert load_campaigns(tmp_path, SCANNERS).problems == ()


@pytest.mark.parametrize(("pattern", "content", "found"), CLAIMS)
def test_claims_about_patterns_are_right(pattern: str, content: str, found: str) -> None:
    scanner = SCANNERS.get("regex")
    assert isinstance(scanner, ContentScanner)
    text = ast.literal_eval(f'b"{content}"')
    matches = list(scanner.find(scanner.Options(pattern=pattern), "file", text))
    assert bool(matches) == (found == "yes")


@pytest.mark.parametrize(("patterns", "path", "admitted"), ADMISSIONS)
def test_claims_about_paths_are_right(patterns: str, path: str, admitted: str) -> None:
    assert name_matches(re.findall("`(.+?)`", patterns), path) == (admitted == "yes")


def test_the_page_makes_claims_about_patterns() -> None:
    assert len(CLAIMS) >= 10
    assert len(ADMISSIONS) >= 9


@pytest.mark.parametrize("record", [TrialRow, TrialMatch, HistoryRow])
def test_every_field_of_try_is_explained(record: type) -> None:
    for name in field_names(record) or ():
        assert f"`{name}`" in PAGE, name
