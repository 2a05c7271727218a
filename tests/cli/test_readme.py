"""The commands, links and examples of README.md work."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from headway.cli.command_group import COMMANDS
from headway.config.load import load_campaigns
from headway.config.workspace import shipped_folder
from headway.plugins import load_scanners

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_commands_exist() -> None:
    shell = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL))
    commands = set(re.findall(r"^headway (\w+)", shell, re.MULTILINE))
    assert commands
    assert commands <= COMMANDS.keys()
    tasks = set(re.findall(r"^python3 tasks\.py (\w+)", shell, re.MULTILINE))
    assert tasks == {"demo", "test"}
    assert tasks <= runpy.run_path(str(ROOT / "tasks.py"))["TASKS"].keys()


def test_the_example_campaign_is_valid(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "remove-six.yaml").write_text(example)
    loaded = load_campaigns(tmp_path, load_scanners([shipped_folder() / "scanners"]))
    assert loaded.problems == ()
    assert [campaign.id for campaign in loaded.campaigns] == ["remove-six"]


def test_the_links_have_targets() -> None:
    for target in re.findall(r"\]\(([^)#]+)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), target


def test_ci_runs_the_test_command_of_the_readme() -> None:
    last = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()[-1]
    assert last == "exec env CI=true python3 tasks.py test"
