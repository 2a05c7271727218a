"""The files that `headway init` writes are valid."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.config.catalogue import copied_text
from headway.config.load import load_campaigns
from headway.config.teams_file import load_teams
from headway.config.workspace import (
    ConfiguredSource,
    find_workspace,
    shipped_folder,
)
from headway.config.workspace_templates import SCHEMA_NAME, config, ignore, teams, with_settings
from headway.forges.source_registry import load_source_types, source_tables
from headway.forges.sources.local import LocalSettings
from headway.plugins import load_scanners
from headway.progress.path_owners import Team

SHIPPED = """\
title: Remove six
deprecated:
  - {id: import-six, scanner: regex, pattern: '^import six$', sample: import six}
"""


def test_only_the_requested_sources_are_active(tmp_path: Path) -> None:
    (tmp_path / "headway.toml").write_text(config(source_tables({"local": 'odd "name"'})))
    settings = find_workspace(tmp_path, load_source_types).settings
    assert settings.sources == (ConfiguredSource("local", LocalSettings(path='odd "name"')),)
    assert settings.store == tmp_path / "headway.duckdb"


def test_commented_out_sources_are_valid_when_uncommented(tmp_path: Path) -> None:
    text = config(source_tables({"github": "acme"})).replace("# [[", "[[")
    lines = [line[2:] if line.startswith(("# type", "# gr", "# to", "# pa")) else line
             for line in text.splitlines()]  # fmt: skip
    (tmp_path / "headway.toml").write_text("\n".join(lines))
    sources = find_workspace(tmp_path, load_source_types).settings.sources
    assert [source.type for source in sources] == ["github", "gitlab", "local"]


@given(
    st.text(min_size=1, max_size=20).filter(
        lambda text: not any(0xD800 <= ord(c) < 0xE000 for c in text)
    )
)
def test_any_name_can_be_written_to_the_settings(name: str) -> None:
    import tomllib

    assert tomllib.loads(config(source_tables({"gitlab": name})))["sources"][0]["group"] == name


def test_the_campaign_has_a_year_of_history_and_a_modeline(tmp_path: Path) -> None:
    text = copied_text("remove-six", SHIPPED, "1.0", date(2026, 3, 17), schema=True)
    assert text.startswith(f"# yaml-language-server: $schema={SCHEMA_NAME}\n")
    (tmp_path / "remove-six.yaml").write_text(text)
    loaded = load_campaigns(tmp_path, load_scanners([shipped_folder() / "scanners"]))
    assert loaded.problems == ()
    assert loaded.campaigns[0].starts == date(2025, 3, 1)


def test_keys_of_the_shipped_campaign_are_not_repeated(tmp_path: Path) -> None:
    text = with_settings(
        SHIPPED + "starts: 2020-01-01\ndue: 2030-01-01\nowner: us\n", date(2026, 3, 17)
    )
    assert [text.count(f"{key}:") for key in ("starts", "due", "owner")] == [1, 1, 1]


@pytest.mark.parametrize(
    ("existing", "expected"),
    [
        ("", "# written by Headway\n.headway/\nheadway.duckdb*\nsite/\n"),
        ("site/\n*.log", "site/\n*.log\n# written by Headway\n.headway/\nheadway.duckdb*\n"),
    ],
)
def test_missing_lines_are_added_to_gitignore(existing: str, expected: str) -> None:
    assert ignore(existing) == expected
    assert ignore(expected) == expected


HOSTILE = ('pay"\\#: {x}', "a\nteams: []", "line\u2028end", "\x1b[31m", "*alias", "- item")


def test_teams_with_any_name_are_valid(tmp_path: Path) -> None:
    found = [
        (Team(f"{number}{name}", aliases=(name,)), name) for number, name in enumerate(HOSTILE)
    ]
    (tmp_path / "teams.yaml").write_text(teams(found, HOSTILE), "utf-8")
    loaded = load_teams(tmp_path)
    assert loaded.problems == ()
    assert len(loaded.teams) == len(HOSTILE)
    assert (loaded.teams[0].name, loaded.teams[0].aliases) == ('0pay"\\#: {x}', ('pay"\\#: {x}',))


def test_no_teams_are_valid_too(tmp_path: Path) -> None:
    (tmp_path / "teams.yaml").write_text(teams([], []), "utf-8")
    loaded = load_teams(tmp_path)
    assert (loaded.problems, loaded.teams) == ((), ())
