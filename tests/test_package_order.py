"""Each package imports only packages that come before it in the documented order."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "headway"

ORDER = (
    "version",
    "errors",
    "printable",
    "scratch_dir",
    "process_tree",
    "external_program",
    "contained_import",
    "hashing",
    "http_dates",
    "urls",
    "templating",
    "scanner",
    "model",
    "git",
    "progress",
    "plugins",
    "config",
    "forges",
    "demo",
    "store",
    "storage",
    "workers",
    "scan",
    "testing",
    "metrics",
    "wording",
    "digest",
    "site",
    "cluster",
    "cli",
)
"""The packages and individual modules of `headway`, in the order in ARCHITECTURE.md."""

ENTRY_POINTS = {"__init__", "__main__"}
"""Modules that may import any package: the public API for plugins, and `python -m headway`."""


def package_of(file: Path) -> str:
    return file.relative_to(SOURCE).with_suffix("").parts[0]


def imported_packages(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            names = [node.module]
            if node.module == "headway":
                names = [f"headway.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "headway" and len(parts) > 1:
                yield parts[1]


def test_the_order_names_every_package() -> None:
    packages = {package_of(file) for file in SOURCE.rglob("*.py")} - ENTRY_POINTS
    assert packages == set(ORDER)


@pytest.mark.parametrize("package", ORDER)
def test_a_package_imports_only_packages_before_it(package: str) -> None:
    allowed = {package, *ORDER[: ORDER.index(package)]}
    wrong = [
        f"{file.relative_to(SOURCE)} imports headway.{imported}"
        for file in sorted(SOURCE.rglob("*.py"))
        if package_of(file) == package
        for imported in imported_packages(file)
        if imported not in allowed
    ]
    assert wrong == []


@pytest.mark.parametrize("package", ["metrics", "wording", "digest", "site"])
def test_numbers_and_pages_depend_on_the_store_alone(package: str) -> None:
    importing = [
        str(file.relative_to(SOURCE))
        for file in sorted(SOURCE.rglob("*.py"))
        if package_of(file) == package and "scan" in imported_packages(file)
    ]
    assert importing == []


def test_no_two_packages_have_modules_of_the_same_name() -> None:
    files = [file for file in SOURCE.rglob("*.py") if file.stem not in ENTRY_POINTS]
    by_name: dict[str, list[str]] = {}
    for file in files:
        by_name.setdefault(file.stem, []).append(str(file.relative_to(SOURCE)))
    assert {name: found for name, found in by_name.items() if len(found) > 1} == {}
