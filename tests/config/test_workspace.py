"""headway.toml is found and read correctly, and errors have the right line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.config.problems import DefinitionError
from headway.config.workspace import (
    ConfiguredSource,
    UnreadableConfigError,
    find_workspace,
    shipped_folder,
)
from headway.errors import WorkspaceNotFoundError
from headway.forges.source_registry import load_source_types
from headway.forges.sources.local import LocalSettings
from headway.model.limits import DEFAULT_LIMITS
from tests.support.definitions import printed

LOCAL = '[[sources]]\ntype = "local"\npath = "clones"\n'


def problems_in(folder: Path, text: str | bytes) -> str:
    (folder / "headway.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DefinitionError) as caught:
        find_workspace(folder, load_source_types)
    return str(caught.value)


def test_a_workspace_is_found_from_any_folder_in_it(tmp_path: Path) -> None:
    (tmp_path / "headway.toml").write_text(LOCAL)
    below = tmp_path / "campaigns" / "deep"
    below.mkdir(parents=True)
    workspace = find_workspace(below, load_source_types)
    assert workspace.root == tmp_path
    assert workspace.settings.sources == (ConfiguredSource("local", LocalSettings(path="clones")),)
    assert workspace.settings.store == tmp_path / "headway.duckdb"
    assert workspace.settings.out == tmp_path / "site"
    assert workspace.settings.mirrors == tmp_path / ".headway" / "mirrors"


def test_a_folder_outside_any_workspace_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceNotFoundError, match="run `headway init` to create a workspace"):
        find_workspace(tmp_path, load_source_types)


def test_own_folders_come_before_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "headway.toml").write_text("")
    assert find_workspace(tmp_path, load_source_types).scanners == (shipped_folder() / "scanners",)
    (tmp_path / "scanners").mkdir()
    assert find_workspace(tmp_path, load_source_types).scanners == (
        tmp_path / "scanners",
        shipped_folder() / "scanners",
    )


def test_limits_have_defaults(tmp_path: Path) -> None:
    (tmp_path / "headway.toml").write_text("[limits]\n")
    assert find_workspace(tmp_path, load_source_types).settings.limits == DEFAULT_LIMITS
    (tmp_path / "headway.toml").write_text(
        "[limits]\nscanner_seconds = 7.5\nmemory_gigabytes = 0.5\n"
        "file_megabytes = 1.5\nfiles = 7\nmatches = 8\n"
    )
    limits = find_workspace(tmp_path, load_source_types).settings.limits
    assert (limits.scanner_seconds, limits.memory_bytes) == (7.5, 500_000_000)
    assert (limits.max_text_bytes, limits.max_files, limits.max_matches) == (1_500_000, 7, 8)


def test_an_invalid_limit_is_an_error_at_its_place(tmp_path: Path) -> None:
    text = "[limits]\nfiles = 0\nmatches = 'many'\nfile_megabyte = 3\n"
    printed_errors = problems_in(tmp_path, text)
    assert "headway.toml:2:" in printed_errors
    assert "headway.toml:3:" in printed_errors
    assert "file_megabytes" in printed_errors


def test_a_pyproject_with_a_headway_table_is_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.headway.report]\nout = "pages"\n')
    assert find_workspace(tmp_path, load_source_types).settings.out == tmp_path / "pages"


@pytest.mark.parametrize("text", ["[tool.other]\n", "[tool.headway\n", "[tool]\nheadways = 1\n"])
def test_any_other_pyproject_is_not_a_workspace(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(WorkspaceNotFoundError):
        find_workspace(tmp_path, load_source_types)


def test_errors_in_a_pyproject_have_their_place_there(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.headway]\nstor = 5\n')
    with pytest.raises(DefinitionError) as caught:
        find_workspace(tmp_path, load_source_types)
    assert str(caught.value) == printed("""
        error: unknown key `stor`
          --> pyproject.toml:4:1
           |
         4 | stor = 5
           | ^
          help: did you mean `store`?
    """)


def test_all_errors_are_reported_at_their_places(tmp_path: Path) -> None:
    text = """
[[sources]]
type = "local"
path = "clones"

[[sources]]
type = "github"
organisation = "acme"   # British spelling

[stor]
path = "x"

[cache]
gigabytes = "many"
"""
    assert problems_in(tmp_path, text.lstrip()) == printed("""
        error: unknown key `sources[1].organisation`
          --> headway.toml:7:1
           |
         7 | organisation = "acme"   # British spelling
           | ^
          help: did you mean `organization`?

        error: unknown key `stor`
          --> headway.toml:9:1
           |
         9 | [stor]
           | ^
          help: did you mean `store`?

        error: `cache.gigabytes` must be a number, not `many`
          --> headway.toml:13:13
            |
         13 | gigabytes = "many"
            |             ^
    """)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (
            "[store\n",
            "1:7",
            "this is not valid TOML: expected ']' at the end of a table declaration",
        ),
        (LOCAL + "path =\n", "4:7", "this is not valid TOML: invalid value"),
        (LOCAL + 'path = "b"\n', "4:11", "this is not valid TOML: cannot overwrite a value"),
        (LOCAL + 'x = "abc\n', "4:9", "this is not valid TOML: illegal character"),
        (LOCAL + "x = [1,\n", "5:1", "this is not valid TOML: invalid value"),
        (b"# caf\xe9\n", "1:6", "the file is not UTF-8 text"),
        (b"x" * 5_000_000, "1:1", "the file is larger than 1 MiB"),
        ("a = " + "[" * 100_000, "1:1", "this value is nested too deeply"),
    ],
)
def test_a_syntax_error_is_reported_at_its_place(
    tmp_path: Path, text: str | bytes, place: str, message: str
) -> None:
    found = problems_in(tmp_path, text)
    assert found.startswith(f"error: {message}")
    assert f"  --> headway.toml:{place}" in found


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("[store]\npath = 5\n", "2:8", "`store.path` must be text, not `5`"),
        ('[report]\nout = ""\n', "2:7", "`report.out` is empty"),
        ("[cache]\ngigabytes = -1\n", "2:13", "`cache.gigabytes` must be more than 0"),
        ("store.path = 5\n", "1:14", "`store.path` must be text, not `5`"),
        ('"store"."path" = 5\n', "1:18", "`store.path` must be text, not `5`"),
        ("store = {path = 5}\n", "1:17", "`store.path` must be text, not `5`"),
        ('[[sources]]\npath = "x"\n', "1:1", "`sources[0].type` is missing"),
        ('[[sources]]\ntype = "local"\n', "1:1", "`sources[0].path` is missing"),
        ('[[sources]]\ntype = "githob"\n', "2:8", "did you mean `github`?"),
        (
            "[[sources]]\ntype = 5\n",
            "2:8",
            "there is no source type `5`",
        ),
        ('[sources]\ntype = "local"\n', "1:1", "write the header as [[...]]"),
        (LOCAL + '[[sources]] # b\ntype = "local"\n  path = 7 # x\n', "6:10", "`sources[1].path`"),
        (LOCAL + '[report]\nout = """\n[store]\npath = 3"""\n[store]\npath = 4\n', "9:8", "store"),
        (
            'sources = [\n  {type = "local", path = "a"},\n  {type = "local", pth = "b"},\n]\n',
            "3:20",
            "unknown key `sources[1].pth`",
        ),
        ('[[sources]]\ntyp = "local"\npath = "x"\n', "2:1", "did you mean `type`?"),
        ('[[sources]]\ntype = "local"\npth = "x"\n', "3:1", "did you mean `path`?"),
        (
            '[[sources]]\ntype = "github"\nrepositories = ["a/b",\n  5]\n',
            "4:3",
            "`sources[0].repositories[1]` must be text, not `5`",
        ),
        (
            '[[sources]]\ntype = "github"\nrepositories = "a/b"\n',
            "3:16",
            "put the entries between [ and ]",
        ),
        (
            '[[sources]]\ntype = "github"\n',
            "1:1",
            "a github source needs exactly one of organization, user and repositories",
        ),
        (
            '[[sources]]\ntype = "gitlab"\ngroup = "a"\nurl = "ftp://b"\n',
            "4:7",
            "`sources[0].url` must be a link that begins with http:// or https://",
        ),
    ],
)
def test_a_wrong_setting_is_reported_at_its_place(
    tmp_path: Path, text: str, place: str, message: str
) -> None:
    found = problems_in(tmp_path, text)
    assert message in found
    assert f"  --> headway.toml:{place}\n" in found


@pytest.mark.parametrize("key", ["token", "private_key"])
@pytest.mark.parametrize(
    "secret", ["ghp_0123456789abcdefghij0123456789abcdef", "glpat-0123456789abcdefghij", "a b"]
)
def test_a_secret_in_place_of_its_name_is_refused_and_not_shown(
    tmp_path: Path, key: str, secret: str
) -> None:
    text = f'[[sources]]\ntype = "github"\norganization = "acme"\n{key} = "{secret}"\n'
    found = problems_in(tmp_path, text)
    assert found == (
        f"error: `sources[0].{key}` is not a valid name for an environment variable: "
        "write the name of a variable, never the secret itself\n"
        f"  --> headway.toml:4:{len(key) + 4}"
    )


def test_windows_line_endings_and_a_byte_order_mark_are_allowed(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf[store]\r\npath = 5\r\n"
    assert "  --> headway.toml:2:8\n   |\n 2 | path = 5\n" in problems_in(tmp_path, text)


def test_an_unreadable_file_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "headway.toml"
    config.write_text("")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    # File permissions do not stop root, so `open` is replaced instead.
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UnreadableConfigError) as caught:
        find_workspace(tmp_path, load_source_types)
    assert str(caught.value) == f"{config} cannot be read: Permission denied; make it readable."


def test_the_store_can_be_in_object_storage(tmp_path: Path) -> None:
    (tmp_path / "headway.toml").write_text('[store]\npath = "s3://acme/team/headway.duckdb"\n')
    settings = find_workspace(tmp_path, load_source_types).settings
    assert str(settings.remote_store) == "s3://acme/team/headway.duckdb"
    assert settings.store.is_relative_to(settings.cache / "storage")
    assert settings.store.name == "headway.duckdb"


def test_a_wrong_address_of_a_store_is_an_error_at_its_place(tmp_path: Path) -> None:
    text = problems_in(tmp_path, '[store]\npath = "s3://acme"\n')
    assert "headway.toml:2:8" in text
    assert "name an object, for example s3://acme/headway.duckdb" in text
