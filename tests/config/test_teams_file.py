"""All keys of teams.yaml are read, and all problems are reported with their location."""

from __future__ import annotations

import json
from pathlib import Path

from headway.config.teams_file import load_teams
from headway.progress.path_owners import Team
from tests.support.workspaces import headway, workspace

GOOD = """teams:
  - name: payments
    lead: ada@example.com
    channel: "#payments"
    repositories: "acme/payments-*"
    paths: ["services/pay/**"]
    aliases: ["@acme/payments"]
  - {name: search}
"""


def test_every_key_of_a_team_is_read(tmp_path: Path) -> None:
    (tmp_path / "teams.yaml").write_text(GOOD)
    loaded = load_teams(tmp_path)
    assert loaded.problems == ()
    assert loaded.teams == (
        Team(
            "payments",
            "ada@example.com",
            "#payments",
            ("acme/payments-*",),
            ("services/pay/**",),
            ("@acme/payments",),
        ),
        Team("search"),
    )
    assert load_teams(tmp_path / "elsewhere").teams == ()


def test_all_problems_are_reported_with_their_places(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    (folder / "teams.yaml").write_text("""teams:
  - name: payments
    chanel: "#payments"
  - name: Search
    aliases: ["@Payments", unowned]
  - lead: ada
  - nmae: checkout
""")
    result = headway(folder, "validate", code=1)
    for place, message in (
        ("teams.yaml:3:5", "did you mean `channel`?"),
        ("teams.yaml:5:15", "`@Payments` is already the name of another team"),
        ("teams.yaml:5:28", "a team cannot be called `unowned`"),
        ("teams.yaml:6:5", "`teams[2].name` is missing"),
        ("teams.yaml:7:5", "unknown key `teams[3].nmae`"),
        ("teams.yaml:7:5", "did you mean `name`?"),
    ):
        assert place in result.output
        assert message in result.output
    assert "5 errors" in result.output
    assert "teams.yaml:3:5" in headway(folder, "status", code=1).output


def test_the_schema_has_the_keys_of_a_team(tmp_path: Path) -> None:
    schema = json.loads(headway(workspace(tmp_path), "schema", "--teams").stdout)
    assert schema["$defs"]["TeamFile"]["properties"].keys() >= {"lead", "channel", "aliases"}
