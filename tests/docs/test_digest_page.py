"""All examples in docs/digest.md run, and it documents every field, format and action."""

from __future__ import annotations

import email
import email.policy
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
import yaml
from pytest_httpserver import HTTPServer

from headway.cli.digest_command import FORMATS
from headway.config.ci_templates import GITHUB_PATH, GITLAB_PATH, github_files, gitlab_files
from headway.digest.digest_context import CampaignDigest, Digest, Section
from headway.digest.team_sections import TeamDigest, TeamPart
from headway.metrics.attention.attention_records import Attention, NeedKind
from headway.progress.health import STALLED_AFTER_WEEKS
from headway.wording.action_sentences import NeedLine
from tests.support.git import Repo
from tests.support.programs import program
from tests.support.smtp import inbox
from tests.support.workspaces import headway, scan, workspace

PAGE = (Path(__file__).parents[2] / "docs" / "digest.md").read_text("utf-8")
SHELL = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
GITHUB, GITLAB = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SUNDAY = date(2026, 3, 8)

# The examples call `date` to find yesterday's date and to run only on Mondays. This script stands
# in for `date` on a Monday.
DATE = f"""#!/bin/sh
case "$*" in
  "-u +%u") echo 1 ;;
  "-u -d yesterday +%F") echo {SUNDAY} ;;
  *) exit 1 ;;
esac
"""
HEADWAY = f"""#!/bin/sh
exec {sys.executable} -m headway "$@"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a scanned workspace whose folder `bin` has the programs that the examples call."""
    made = workspace(tmp_path_factory.mktemp("workspace"))
    (made / "teams.yaml").write_text("teams:\n  - {name: payments, repositories: [one]}\n")
    Repo(made / "clones" / "one").commit("2026-01-01", {"a.py": "import six\n"})
    scan(made, SUNDAY)
    (made / "bin").mkdir()
    for name, text in (("date", DATE), ("headway", HEADWAY)):
        (made / "bin" / name).write_text(text)
        (made / "bin" / name).chmod(0o755)
    return made


def run(folder: Path, script: str, **environment: str) -> str:
    """Run a script as CI does: it ends at the first command that fails."""
    program("curl")
    done = subprocess.run(
        ["sh", "-e", "-c", script],
        cwd=folder,
        env={
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "HEADWAY_TODAY": SUNDAY.isoformat(),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def webhook(server: HTTPServer) -> str:
    server.expect_oneshot_request("/hook", method="POST").respond_with_data("ok")
    return str(server.url_for("/hook"))


def posted(server: HTTPServer) -> dict[str, object]:
    """Return the message that the webhook received, and check that there is only one."""
    server.check()
    ((request, _),) = server.log
    assert request.headers["Content-Type"] == "application/json"
    payload: dict[str, object] = json.loads(request.data)
    server.clear()
    return payload


def example_with(word: str) -> str:
    """Return the only shell example on the page that contains `word`."""
    (found,) = [script for script in SHELL if word in script]
    return str(found)


def test_the_first_examples(folder: Path) -> None:
    text = run(folder, example_with("all campaigns, as plain text"))
    days = ("2 to 8 March 2026", "9 February to 8 March 2026", "5 January to 8 March 2026")
    assert [text.count(f"\n{period}\n") for period in days] == [3, 1, 1]
    assert "payments: 1 open item in 1 campaign" in text
    assert (folder / "digest.md").read_text().startswith("# Remove six")


def test_the_mail_arrives(folder: Path) -> None:
    with inbox() as mails:
        run(folder, example_with("SMTP_URL"), SMTP_URL=mails.url)
        ((sender, recipients, content),) = mails.messages
    assert (sender, recipients) == ("headway@example.com", ("vp@example.com",))
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert message["To"] == "vp@example.com"
    assert message["Subject"].startswith("Remove six: ")
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_the_message_is_posted(folder: Path, httpserver: HTTPServer) -> None:
    run(folder, example_with("SLACK_WEBHOOK"), SLACK_WEBHOOK=webhook(httpserver))
    assert "blocks" in posted(httpserver)


def test_a_team_has_its_own_digest(folder: Path) -> None:
    run(folder, example_with("--team payments > payments.json").replace("payments.json", "p.json"))
    assert "payments" in json.loads((folder / "p.json").read_text())["text"]


def test_every_example_was_run() -> None:
    known = ("all campaigns, as plain text", "SMTP_URL", "SLACK_WEBHOOK", "> payments.json")
    assert len(SHELL) == len({example_with(word) for word in known})


def test_the_github_workflow_posts_the_digest(folder: Path, httpserver: HTTPServer) -> None:
    marker = '            >> "$GITHUB_STEP_SUMMARY"\n'
    workflow = github_files("", enterprise_server=False)[GITHUB_PATH].replace(
        marker, marker + GITHUB
    )
    steps = yaml.safe_load(workflow)["jobs"]["scan"]["steps"]
    (step,) = [step for step in steps if step.get("name") == "Digest, on Mondays"]
    run(folder, step["run"], SLACK_WEBHOOK=webhook(httpserver))
    assert "blocks" in posted(httpserver)


def test_the_gitlab_pipeline_posts_the_digest(folder: Path, httpserver: HTTPServer) -> None:
    marker = '    - headway report --audience "$audience"\n'
    pipeline = gitlab_files("")[GITLAB_PATH].replace(marker, marker + GITLAB)
    script = yaml.safe_load(pipeline)["headway"]["script"]
    (line,) = [line for line in script if "SLACK_WEBHOOK" in line]
    run(folder, line, SLACK_WEBHOOK=webhook(httpserver))
    assert "blocks" in posted(httpserver)


def test_the_user_template_is_used(folder: Path) -> None:
    (example,) = re.findall(r"```jinja\n(.*?)```", PAGE, re.DOTALL)
    (folder / "reports").mkdir()
    (folder / "reports" / "digest.md").write_text(example)
    try:
        text = headway(
            folder, "digest", "--format", "markdown", "--today", SUNDAY.isoformat()
        ).stdout
    finally:
        shutil.rmtree(folder / "reports")
    assert text.startswith("# Migrations, 2 to 8 March 2026\n")
    assert "### " not in text


def test_the_formats_are_those_of_the_command() -> None:
    assert re.findall(r"^\| `([a-z]+)` \| .* \|$", section("## Formats"), re.MULTILINE) == list(
        FORMATS
    )


def test_the_actions_needed_are_in_order_of_urgency() -> None:
    named = re.findall(
        r"^\| `([a-z ]+)` \|", section("## Actions needed, by urgency"), re.MULTILINE
    )
    assert named == list(get_args(NeedKind))


@pytest.mark.parametrize(
    "record", [Digest, CampaignDigest, Section, NeedLine, TeamDigest, TeamPart, Attention]
)
def test_every_field_is_explained(record: type) -> None:
    where = section("## The digest as JSON" if record is Attention else "## Use your own wording")
    for field in fields(record):
        assert f"`{field.name}`" in where, field.name


def section(title: str) -> str:
    """Return the text between a heading and the next heading of the same level."""
    return PAGE.partition(f"\n{title}\n")[2].partition("\n## ")[0]


def test_pages_name_the_number_of_weeks_after_which_work_has_stalled() -> None:
    weeks = f"{STALLED_AFTER_WEEKS} weeks"
    condition = (
        f"a team has had open items for at least {weeks}, "
        f"and last fixed an item at least {weeks} ago"
    )
    assert f"| `stalled` | {condition} |" in PAGE
    numbers = (Path(__file__).parents[2] / "docs" / "numbers.md").read_text("utf-8")
    assert len(re.findall(rf"^\| `?stalled`? \|.* {weeks}", numbers, re.MULTILINE)) == 1
