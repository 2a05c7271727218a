"""Requirements in go.mod are read, with replacements, major versions and pseudo-versions."""

from __future__ import annotations

import pytest

from scanners._ecosystems import ecosystem_of
from tests.scanners.ecosystems.reading import find, read, requirements

GO = ecosystem_of("go")
MOD = """
    module example.com/shop

    go 1.22

    require github.com/pkg/errors v0.9.1

    require (
        github.com/gogo/protobuf v1.3.2 // indirect
        // github.com/old/one v1.0.0
        "github.com/quoted/one" v1.2.0
        github.com/jackc/pgx/v5 v5.5.0
        github.com/dgrijalva/jwt-go v3.2.0+incompatible
        golang.org/x/old v0.0.0-20190308202827-9d24e82272b4
        github.com/local/one v1.0.0
    )

    exclude github.com/pkg/errors v0.9.0

    replace github.com/gogo/protobuf v1.3.2 => github.com/fork/protobuf v1.4.0
    replace github.com/local/one => ../one
    """


def test_requirements_are_read_after_replacement() -> None:
    assert [
        (name, version, line) for name, version, line, _ in requirements("go", "go.mod", MOD)
    ] == [
        ("github.com/pkg/errors", "v0.9.1", 5),
        ("github.com/quoted/one", "v1.2.0", 10),
        ("github.com/jackc/pgx/v5", "v5.5.0", 11),
        ("github.com/dgrijalva/jwt-go", "v3.2.0+incompatible", 12),
        ("golang.org/x/old", "v0.0.0-20190308202827-9d24e82272b4", 13),
        ("github.com/fork/protobuf", "v1.4.0", 19),
    ]


def test_a_replacement_of_another_version_has_no_effect() -> None:
    text = """
        require golang.org/x/crypto v0.2.0
        replace golang.org/x/crypto v0.1.0 => github.com/fork/crypto v0.1.1
    """
    found = [(name, version) for name, version, *_ in requirements("go", "go.mod", text)]
    assert found == [("golang.org/x/crypto", "v0.2.0")]


def test_the_version_in_go_mod_is_the_one_in_use() -> None:
    (found,) = find("go", {"go.mod": MOD}, "github.com/pkg/errors")
    assert (found.path, found.line, found.locked) == ("go.mod", 5, ("v0.9.1",))


def test_a_path_without_a_major_version_stands_for_all() -> None:
    (found,) = find("go", {"go.mod": MOD}, "github.com/jackc/pgx")
    assert found.locked == ("v5.5.0",)


@pytest.mark.parametrize(
    ("wanted", "version", "inside"),
    [
        ("<1.4.0", "v1.3.9", True),
        ("<1.4.0", "v1.4.0", False),
        ("<4", "v3.2.0+incompatible", True),
        ("<0.1.0", "v0.0.0-20190308202827-9d24e82272b4", True),
        (">=1.2, <1.4", "v1.2.0", True),
    ],
)
def test_versions_compare_as_in_go(wanted: str, version: str, inside: bool) -> None:
    assert GO.versions(wanted).contains(GO.key(version)) is inside


def test_a_block_without_an_end_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"the block `require \(` has no end, line 3"):
        read("go", "go.mod", "module a\nrequire (\n")
