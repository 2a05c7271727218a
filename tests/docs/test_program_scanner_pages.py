"""The examples on the pages about `command`, `semgrep` and `sarif` are valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from headway.config.load import load_campaigns
from headway.scanner import ContentScanner
from tests.support.definitions import SHIPPED

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["command", "semgrep", "sarif"])
def test_the_rules_on_the_page_are_valid(tmp_path: Path, name: str) -> None:
    page = (DOCS / f"scanner-{name}.md").read_text("utf-8")
    for number, block in enumerate(re.findall(r"```yaml\n(deprecated:.*?)```", page, re.DOTALL)):
        (tmp_path / f"example-{number}.yaml").write_text(f"title: Example\n{block}")
    for path, text in re.findall(r"```python\n# (\S+)\n(.*?)```", page, re.DOTALL):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    loaded = load_campaigns(tmp_path, SHIPPED, tmp_path, run_programs=True)
    assert [problem.render() for problem in loaded.problems] == []
    assert loaded.campaigns
    if name != "command":
        return
    (rule,) = loaded.campaigns[0].rules
    scanner = SHIPPED.by_name["command"]
    assert isinstance(scanner, ContentScanner)
    find = scanner.compile([scanner.Options(**rule.options)])
    with pytest.raises(Exception, match="does not parse"):
        list(find("a.py", b"except :\n"))


def test_the_page_lists_every_option_of_the_scanner() -> None:
    for name, page in (("semgrep", "semgrep"), ("sarif", "sarif"), ("sarif-folder", "sarif")):
        text = (DOCS / f"scanner-{page}.md").read_text("utf-8")
        text += (DOCS / "scanner-command.md").read_text("utf-8")
        options = SHIPPED.by_name[name].Options.model_fields
        assert [
            option for option in options if f"`{option}" not in text and f"{option}:" not in text
        ] == []
