"""The rules on the page about the `ast` scanner are valid, and it names every language."""

from __future__ import annotations

import re
from pathlib import Path

from headway.config.load import load_campaigns
from scanners._syntax_tree.languages import LANGUAGES
from tests.support.definitions import SHIPPED

PAGE = (Path(__file__).parents[2] / "docs" / "scanner-ast.md").read_text("utf-8")


def test_the_rules_on_the_page_are_valid(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(deprecated:.*?)```", PAGE, re.DOTALL)
    (tmp_path / "example.yaml").write_text(f"title: Example\n{block}")
    loaded = load_campaigns(tmp_path, SHIPPED)
    assert [problem.render() for problem in loaded.problems] == []


def test_the_page_names_every_language() -> None:
    (sentence,) = re.findall(r"`language` is one of (.*?)\.", PAGE, re.DOTALL)
    assert tuple(re.findall(r"`(\w+)`", sentence)) == LANGUAGES
