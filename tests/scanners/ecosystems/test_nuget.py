"""Packages in .NET project files get the versions that NuGet would restore."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners._ecosystems.nuget import ECOSYSTEM
from scanners._ecosystems.records import Finding
from scanners._ecosystems.version_sets import ALL
from tests.support.hostile_files import hostile_files
from tests.support.package_findings import findings_in, place_of, read_hostile

# Modelled on the projects of eShop and Polly.
PROJECT = """\
<Project Sdk="Microsoft.NET.Sdk">
  <Sdk Name="Aspire.AppHost.Sdk" Version="9.0.0" />
  <PropertyGroup>
    <SerilogVersion Condition="'$(TargetFramework)' == 'net462'">2.12.0</SerilogVersion>
    <SerilogVersion>3.1.1</SerilogVersion>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Serilog" Version="$(SerilogVersion)" />
    <PackageReference Include="Newtonsoft.Json" />
    <PackageReference Include="xunit">
      <Version>[2.4.1, 3.0)</Version>
      <PrivateAssets>all</PrivateAssets>
    </PackageReference>
    <PackageReference Include="Aspire.Npgsql" />
    <PackageReference Include="Polly" VersionOverride="7.2.4" />
    <PackageReference Include="Moq" Version="4.*" />
    <PackageReference Include="Flurl.Http" Version="$(Nowhere)" />
    <PackageReference Include="Microsoft.AspNetCore.App" />
  </ItemGroup>
</Project>
"""
CENTRAL = """\
<Project>
  <PropertyGroup>
    <AspireVersion>13.1.0</AspireVersion>
  </PropertyGroup>
  <ItemGroup>
    <PackageVersion Include="Aspire.Npgsql" Version="$(AspireVersion)" />
    <PackageVersion Include="Newtonsoft.Json" Version="13.0.3" />
    <PackageVersion Include="Polly" Version="8.0.0" />
    <GlobalPackageReference Include="MinVer" Version="6.0.0" />
  </ItemGroup>
</Project>
"""
LOCK = """\
{
  "version": 1,
  "dependencies": {
    "net8.0": {
      "Newtonsoft.Json": {
        "type": "Direct",
        "requested": "[13.0.3, )",
        "resolved": "13.0.4",
        "contentHash": "HrC5BXdl00IP9zeV+0Z848QWPAoCr9P3bDEZguI=="
      },
      "System.Buffers": {
        "type": "Transitive",
        "resolved": "4.5.1",
        "contentHash": "x",
        "dependencies": { "System.Memory": "4.5.4" }
      },
      "core": {
        "type": "Project"
      }
    }
  }
}
"""
FILES = {"src/App/App.csproj": PROJECT, "Directory.Packages.props": CENTRAL}


def findings(package: str, files: Mapping[str, str]) -> list[Finding]:
    return findings_in(ECOSYSTEM, package, files)


@pytest.mark.parametrize(
    ("package", "constraint", "locked", "unresolved"),
    [
        ("Serilog", "3.1.1", ("3.1.1",), ""),
        ("NEWTONSOFT.json", "13.0.3", ("13.0.3",), ""),
        ("xunit", "[2.4.1, 3.0)", ("2.4.1",), ""),
        ("Aspire.Npgsql", "13.1.0", ("13.1.0",), ""),
        ("Polly", "7.2.4", ("7.2.4",), ""),
        ("Moq", "4.*", (), ""),
        ("Flurl.Http", "$(Nowhere)", (), "Nowhere"),
        ("Microsoft.AspNetCore.App", "", (), ""),
        ("Aspire.AppHost.Sdk", "9.0.0", ("9.0.0",), ""),
    ],
)
def test_references_in_a_project(
    package: str, constraint: str, locked: tuple[str, ...], unresolved: str
) -> None:
    (found,) = (one for one in findings(package, FILES) if one.path == "src/App/App.csproj")
    assert (found.constraint, found.locked, found.unresolved) == (constraint, locked, unresolved)


def test_central_versions_are_places_too() -> None:
    found = [(one.path, one.line) for one in findings("Newtonsoft.Json", FILES)]
    assert found == [("src/App/App.csproj", 9), ("Directory.Packages.props", 7)]
    assert [one.path for one in findings("MinVer", FILES)] == ["Directory.Packages.props"]


def test_place_is_the_start_of_the_element() -> None:
    (found,) = findings("xunit", {"App.csproj": PROJECT})
    assert (found.line, found.column) == place_of('<PackageReference Include="xunit"', PROJECT)


def test_nearest_central_file_is_used() -> None:
    own = CENTRAL.replace("13.0.3", "12.0.1")
    found = findings("Newtonsoft.Json", FILES | {"src/Directory.Packages.props": own})
    assert found[0].constraint == "12.0.1"


def test_imported_properties() -> None:
    props = '<Project><Import Project="..\\eng\\Versions.props" /></Project>'
    versions = "<Project><PropertyGroup><Nowhere>4.0.2</Nowhere></PropertyGroup></Project>"
    other = versions.replace("4.0.2", "1.0")
    files = {
        "src/App.csproj": PROJECT,
        "src/Directory.Build.props": props,
        "eng/Versions.props": versions,
        "other/Versions.props": other,
    }
    assert findings("Flurl.Http", files)[0].constraint == "4.0.2"


def test_imports_in_a_circle_end() -> None:
    files = {
        "a.props": '<Project><Import Project="b.props" /></Project>',
        "b.props": '<Project><Import Project="a.props" /></Project>',
        "App.csproj": PROJECT.replace("<ItemGroup>", '<Import Project="a.props" /><ItemGroup>'),
    }
    assert findings("Serilog", files)[0].constraint == "3.1.1"


def test_lock_file_beside_the_project_gives_the_version() -> None:
    files = FILES | {"src/App/packages.lock.json": LOCK}
    assert findings("Newtonsoft.Json", files)[0].locked == ("13.0.4",)
    assert findings("System.Buffers", files) == [
        Finding(
            "src/App/packages.lock.json",
            LOCK[: LOCK.index('"System.Buffers')].count("\n") + 1,
            1,
            "",
            ("4.5.1",),
        )
    ]


def test_lock_file_is_read_as_a_json_parser_reads_it() -> None:
    parsed = json.loads(LOCK)["dependencies"]["net8.0"]
    expected = {
        name.lower(): entry["resolved"] for name, entry in parsed.items() if "resolved" in entry
    }
    locked = ECOSYSTEM.read("packages.lock.json", LOCK.encode()).locked
    assert {name: one.version for name, (one,) in locked.items()} == expected


def test_older_and_other_files() -> None:
    files = {
        "packages.config": '<packages>\n  <package id="NUnit" version="2.6.3" />\n</packages>',
        "global.json": '{\n  // a comment\n  "msbuild-sdks": {\n    "MSTest.Sdk": "3.4.0"\n  }\n}',
        ".config/dotnet-tools.json": '{"tools": {\n "dotnet-ef": {\n "version": "8.0.1"}}}',
        "a.fsproj": '<Project Sdk="MSTest.Sdk/3.3.1"/>',
    }
    assert findings("nunit", files) == [Finding("packages.config", 2, 3, "2.6.3", ("2.6.3",))]
    assert findings("dotnet-ef", files)[0][:4] == (".config/dotnet-tools.json", 2, 2, "8.0.1")
    assert [one[:4] for one in findings("mstest.sdk", files)] == [
        ("global.json", 4, 5, "3.4.0"),
        ("a.fsproj", 1, 1, "3.3.1"),
    ]


ASCENDING = "0.9 1.0-alpha.1 1.0-alpha.2 1.0-alpha.10 1.0-beta 1.0 1.0.0.1 1.0.1 1.2 1.10 2.0-rc 2"


def test_versions_are_ordered_as_by_nuget() -> None:
    for earlier, later in pairwise(ASCENDING.split()):
        assert ECOSYSTEM.key(earlier) < ECOSYSTEM.key(later), (earlier, later)
    assert ECOSYSTEM.key("1.0.0.0") == ECOSYSTEM.key("1.0") == ECOSYSTEM.key("1.0+build")
    assert ECOSYSTEM.key("1.0-RC") == ECOSYSTEM.key("1.0-rc")


@pytest.mark.parametrize(
    ("constraint", "inside", "outside"),
    [
        ("1.0", "1.0 1.5 9", "0.9 1.0-rc"),
        ("[1.0]", "1.0 1.0.0", "1.0.1 0.9"),
        ("(1.0,)", "1.0.1", "1.0 0.9"),
        ("(,1.0]", "0.1 1.0", "1.0.1"),
        ("[1.0,2.0)", "1.0 1.9.9", "2.0 0.9"),
        ("(1.0, 2.0)", "1.1", "1.0 2.0"),
        ("1.*", "1.0 1.9", "0.9 2.0 2.0-rc"),
        ("1.2.*", "1.2.0 1.2.7", "1.1 1.3"),
        ("*", "1 99", ""),
        ("1.0.0-*", "1.0.0-alpha 1.0.0", "0.9 1.0.1"),
        ("[1.*, 2.0)", "1.5", "2.0"),
    ],
)
def test_ranges_contain_versions(constraint: str, inside: str, outside: str) -> None:
    versions = ECOSYSTEM.versions(constraint)
    for version in inside.split():
        assert versions.contains(ECOSYSTEM.key(version)), version
    for version in outside.split():
        assert not versions.contains(ECOSYSTEM.key(version)), version


def test_every_version_is_in_the_range_of_no_constraint() -> None:
    assert ECOSYSTEM.versions("") == ALL


@pytest.mark.parametrize("text", ["<2", "^1.0", "[1,2", "(1)", "[]", "1.0 - 2.0", "x", "9" * 300])
def test_other_texts_are_no_ranges(text: str) -> None:
    with pytest.raises(ValueError, match=r"NuGet|version"):
        ECOSYSTEM.versions(text)


@given(st.text(max_size=40))
def test_any_text_is_a_range_or_a_value_error(text: str) -> None:
    try:
        ECOSYSTEM.versions(text)
    except ValueError:
        return


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("a.csproj", b"<Project>", "the file is not valid XML (no element found), line 1"),
        ("packages.lock.json", b"{\n,", "the file is not valid JSON (Expecting property name"),
        ("global.json", b"\xff", "the file is not valid UTF-8, line 1"),
        ("global.json", b"[" * 90_000, "the objects of the file are nested too deeply"),
    ],
)
def test_broken_files_are_errors(path: str, content: bytes, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        ECOSYSTEM.read(path, content)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("path", ["a.csproj", "packages.lock.json", "global.json"])
@given(content=hostile_files(PROJECT, CENTRAL, LOCK))
def test_damaged_files_are_read_or_are_value_errors(path: str, content: bytes) -> None:
    read_hostile(ECOSYSTEM, path, content)
