"""Crates are found in manifests and lock files, and ranges mean the same as in Cargo."""

from __future__ import annotations

import pytest

from scanners._ecosystems import ecosystem_of
from tests.scanners.ecosystems.reading import find, locked, requirements

CARGO = ecosystem_of("cargo")


def test_every_table_of_a_manifest_is_read() -> None:
    text = """
        [package]
        name = "shop"

        [dependencies]
        serde = "1.0"
        clap_old = { version = "2", package = "clap" }
        local = { path = "../local" }
        any = "*"

        [dev-dependencies.lazy_static]
        version = "1.4"

        [target.'cfg(windows)'.dependencies]
        winapi = "0.3"
        """
    assert [(n, v, line) for n, v, line, _ in requirements("cargo", "Cargo.toml", text)] == [
        ("serde", "1.0", 5),
        ("clap", "2", 6),
        ("any", "", 8),
        ("lazy-static", "1.4", 10),
        ("winapi", "0.3", 14),
    ]


def test_lock_files_are_read_without_the_crates_of_the_repository() -> None:
    text = """
        version = 4

        [[package]]
        name = "shop"
        version = "0.1.0"
        dependencies = ["serde"]

        [[package]]
        name = "serde"
        version = "1.0.210"
        source = "registry+https://github.com/rust-lang/crates.io-index"
        """
    assert locked("cargo", "Cargo.lock", text) == [("serde", "1.0.210", 9)]


def test_members_inherit_the_range_and_use_the_lock_file_of_the_workspace() -> None:
    files = {
        "Cargo.toml": '[workspace.dependencies]\nclap = "4"\nold = "1"\n',
        "app/Cargo.toml": "[dependencies]\nclap = { workspace = true }\n",
        "Cargo.lock": """
            [[package]]
            name = "clap"
            version = "4.5.1"
            source = "registry"

            [[package]]
            name = "clap"
            version = "2.34.0"
            source = "registry"
            """,
    }
    found = [
        (one.path, one.line, one.constraint, one.locked) for one in find("cargo", files, "clap")
    ]
    assert found == [
        ("Cargo.lock", 7, "2.34.0", ("2.34.0",)),
        ("app/Cargo.toml", 2, "4", ("4.5.1",)),
    ]
    (unused,) = find("cargo", files, "old")
    assert unused.path == "Cargo.toml"


@pytest.mark.parametrize(
    ("wanted", "inside", "outside"),
    [
        ("1.2", ("1.2.0", "1.9.0"), ("1.1.0", "2.0.0")),
        ("0.2.3", ("0.2.9",), ("0.3.0",)),
        ("=1.2.3", ("1.2.3",), ("1.2.4",)),
        ("~1.2", ("1.2.9",), ("1.3.0",)),
        ("1.*", ("1.9.0",), ("2.0.0",)),
        (">=1.2, <1.5", ("1.4.9",), ("1.5.0",)),
        ("*", ("0.1.0",), ()),
    ],
)
def test_ranges_are_those_of_cargo(
    wanted: str, inside: tuple[str, ...], outside: tuple[str, ...]
) -> None:
    versions = CARGO.versions(wanted)
    assert all(versions.contains(CARGO.key(version)) for version in inside)
    assert not any(versions.contains(CARGO.key(version)) for version in outside)
