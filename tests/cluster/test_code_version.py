"""The code version differs if any code that can change the results differs."""

from __future__ import annotations

from pathlib import Path

from headway.cluster.code_version import _code_in


def test_the_code_of_an_installed_package_does_not_depend_on_its_shipped_folders(
    tmp_path: Path,
) -> None:
    package = tmp_path / "headway"
    shipped = package / "_builtin" / "scanners"
    shipped.mkdir(parents=True)
    (package / "engine.py").write_text("x = 1\n")
    before = _code_in([package])
    (shipped / "regex.py").write_text("version = 1\n")
    assert _code_in([package]) == before


def test_a_change_to_a_shipped_scanner_of_an_installed_package_is_noticed(tmp_path: Path) -> None:
    shipped = tmp_path / "headway" / "_builtin" / "scanners"
    shipped.mkdir(parents=True)
    (shipped / "regex.py").write_text("version = 1\n")
    before = _code_in([shipped])
    (shipped / "regex.py").write_text("version = 2\n")
    assert _code_in([shipped]) != before
