"""Source plugins are found in all documented places, and their problems are reported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from headway.config.problems import DefinitionError
from headway.config.workspace import find_workspace
from headway.forges.source_plugin import SourceContext
from headway.forges.source_registry import build_sources, load_source_types, source_tables
from tests.support.git import Repo
from tests.support.workspaces import headway, rows, workspace

PLUGIN = """
from headway import SourcePlugin, SourceSettings
from headway.forges.sources.local import LocalSource
from pathlib import Path

class MirrorSettings(SourceSettings):
    folder: str

class MirrorSource(SourcePlugin):
    name = "mirror"
    Settings = MirrorSettings

    def __init__(self, folder):
        self._local = LocalSource(Path(folder), "mirror")

    @classmethod
    def from_settings(cls, settings, context):
        return cls(context.workspace / settings.folder)

    @property
    def id(self):
        return self._local.id

    def list_repositories(self):
        return self._local.list_repositories()
"""
CONFIG = '[[sources]]\ntype = "mirror"\nfolder = "clones"\n'


def with_plugin(folder: Path, text: str, config: str = CONFIG) -> Path:
    workspace(folder)
    (folder / "sources").mkdir()
    (folder / "sources" / "mirror.py").write_text(text)
    (folder / "headway.toml").write_text(config)
    return folder


def test_the_shipped_sources_are_plugins_without_problems() -> None:
    types = load_source_types()
    assert types.names == ("github", "gitlab", "list", "local")
    assert [types.by_name[name].name for name in types.names] == list(types.names)
    assert types.problems == ()


def test_reading_the_settings_of_sources_imports_no_client_library() -> None:
    code = (
        "import sys\n"
        "from headway.forges.source_registry import load_source_types\n"
        "types = load_source_types()\n"
        "print([types.by_name[name].Settings.__name__ for name in types.names])\n"
        "print([name for name in ('github', 'gitlab', 'requests') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == ["[]"]


def test_a_source_of_the_workspace_is_scanned(tmp_path: Path) -> None:
    folder = with_plugin(tmp_path, PLUGIN)
    Repo(folder / "clones" / "shop").commit("2020-01-10", {"a.py": "import six\n"})
    headway(folder, "--today", "2020-03-01", "scan", "--jobs", "1")
    (row,) = rows(folder, "--today", "2020-03-01", "status", "--by", "repository")
    assert (row["repository"], row["state"]) == ("shop", "open")
    assert headway(folder, "doctor").exit_code == 0


def test_settings_of_a_plugin_are_checked_at_their_place(tmp_path: Path) -> None:
    folder = with_plugin(tmp_path, PLUGIN, CONFIG.replace("folder", "foldr"))
    result = headway(folder, "validate", code=1)
    assert "--> headway.toml:3:1" in result.stderr
    assert "did you mean `folder`?" in result.stderr


def test_a_plugin_that_cannot_be_used_is_named_where_it_is_needed(tmp_path: Path) -> None:
    folder = with_plugin(tmp_path, "import nowhere_at_all\n")
    with pytest.raises(DefinitionError) as raised:
        find_workspace(folder, load_source_types)
    assert f"the `mirror` source type cannot be used: {folder}/sources/mirror.py" in str(
        raised.value
    )
    assert "--> headway.toml:2:8" in str(raised.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x = 1\n", "the module defines no source; define a subclass of SourcePlugin"),
        (PLUGIN.replace("SourceSettings):", "str):"), "`Settings` of MirrorSource must derive"),
    ],
)
def test_a_plugin_that_is_not_needed_is_a_warning(tmp_path: Path, text: str, problem: str) -> None:
    own = '[[sources]]\ntype = "local"\npath = "clones"\n'
    folder = with_plugin(tmp_path, text, own)
    (found,) = find_workspace(folder, load_source_types).source_types.problems
    assert problem in str(found)
    assert problem in headway(folder, "validate", code=1).stderr


def test_two_plugins_of_one_name_are_reported_with_both_files(tmp_path: Path) -> None:
    folder = with_plugin(tmp_path, PLUGIN)
    (folder / "sources" / "second.py").write_text(PLUGIN)
    (problem,) = find_workspace(folder, load_source_types).source_types.problems
    first, second = (folder / "sources" / name for name in ("mirror.py", "second.py"))
    assert str(problem) == f"{second}: the `mirror` source is already defined in {first}"


def test_a_source_of_the_workspace_replaces_the_shipped_one(tmp_path: Path) -> None:
    config = CONFIG.replace("mirror", "local")
    folder = with_plugin(tmp_path, PLUGIN.replace('"mirror"\n', '"local"\n'), config)
    opened = find_workspace(folder, load_source_types)
    (source,) = build_sources(opened, SourceContext(folder, {}))
    assert type(source).__name__ == "MirrorSource"


def test_init_writes_a_table_for_each_source_that_it_offers() -> None:
    tables = source_tables({"github": "acme"})
    assert [table.splitlines()[1] for table in tables] == [
        'type = "github"',
        '# type = "gitlab"',
        '# type = "local"',
    ]
