"""docs/campaigns.md: every key is there, its example is a campaign, and what it says of patterns
holds.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headway.config.json_schema import campaign_schema
from headway.config.load import load_campaigns
from headway.config.workspace import shipped_folder
from headway.plugins import load_scanners
from headway.scanner import ContentScanner

PAGE = (Path(__file__).parents[2] / "docs" / "campaigns.md").read_text("utf-8")
SCANNERS = load_scanners([shipped_folder() / "scanners"])
CLAIMS = re.findall(r"^\| `(.+?)` \| `(.+?)` \| (yes|no) \|", PAGE, re.MULTILINE)


def keys(schema: Any) -> Iterator[str]:
    """Every key that a campaign file may have, at whatever depth."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from keys(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from keys(value)


def test_every_key_of_the_schema_is_explained_and_shown() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    prose = PAGE.replace(example, "")
    for key in sorted(set(keys(campaign_schema(SCANNERS)))):
        assert f"`{key}`" in prose, key
        assert re.search(rf"\b{key}:", example), key


def test_the_example_is_a_campaign(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "remove-six.yaml").write_text(example)
    assert load_campaigns(tmp_path, SCANNERS).problems == ()


@pytest.mark.parametrize(("pattern", "content", "found"), CLAIMS)
def test_what_it_says_of_patterns_holds(pattern: str, content: str, found: str) -> None:
    scanner = SCANNERS.get("regex")
    assert isinstance(scanner, ContentScanner)
    text = ast.literal_eval(f'b"{content}"')
    matches = list(scanner.find(scanner.Options(pattern=pattern), "file", text))
    assert bool(matches) == (found == "yes")


def test_it_claims_something_about_bytes() -> None:
    assert len(CLAIMS) >= 10
