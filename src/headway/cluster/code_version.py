"""The versions and code that must be the same on all machines of a scan or build."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from headway.config.workspace import Workspace, shipped_folder
from headway.hashing import fingerprint_of, folder_fingerprint
from headway.plugins import Scanners
from headway.version import __version__

_PACKAGES = ("ast-grep-py", "duckdb", "google-re2", "jinja2", "pathspec", "pyyaml")
"""The packages whose versions can change the results of a scan or the content of pages."""
_SOURCE_FILES = (".py", ".toml")
_NONE = "none"


@dataclass(frozen=True, slots=True)
class CodeVersion:
    """The code on one machine. Values that differ between two machines can change the results."""

    values: tuple[tuple[str, str], ...]
    """(name, value) pairs, in the order in which they are compared. Messages show the names."""

    def first_difference(self, here: CodeVersion) -> str | None:
        """Describe the first value that differs from the local one, or return None if none does."""
        ours, theirs = dict(here.values), dict(self.values)
        for name in dict.fromkeys((*ours, *theirs)):
            our, their = ours.get(name, _NONE), theirs.get(name, _NONE)
            if our != their:
                return f"{name}: {their} there, {our} here"
        return None


def code_version(workspace: Workspace, scanners: Scanners) -> CodeVersion:
    """Return the versions and fingerprints of the code on this machine.

    Args:
        workspace: The workspace on this machine.
        scanners: The scanners of the workspace.
    """
    return CodeVersion(
        (
            ("Headway", __version__),
            ("Python", ".".join(map(str, sys.version_info[:2]))),
            ("implementation", platform.python_implementation()),
            *((f"package {name}", _package_version(name)) for name in _PACKAGES),
            *(
                (f"scanner {name}", scanners.by_name[name].version)
                for name in sorted(scanners.by_name)
            ),
            ("code of Headway", _code_in([Path(__file__).parents[1]])),
            ("shipped scanners", _code_in([shipped_folder() / "scanners"])),
            ("code in scanners/", _code_in(workspace.scanners[:-1])),
            ("templates in reports/", _templates(workspace.reports)),
            ("sources in headway.toml", _sources(workspace)),
        )
    )


def _package_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return _NONE


def _code_in(folders: Sequence[Path]) -> str:
    """Return a short fingerprint of the source files in the folders."""
    return fingerprint_of(*(part for folder in folders for part in _files(folder)))[:12]


def _files(folder: Path) -> Iterator[object]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        # In an installed package, the package folder also contains `_builtin`. A checkout does not.
        if path.suffix in _SOURCE_FILES and "_builtin" not in name.parts and path.is_file():
            yield name.as_posix()
            yield path.read_bytes()


def _templates(folders: Sequence[Path]) -> str:
    """Return a short fingerprint of all files in the folders."""
    return fingerprint_of(*map(folder_fingerprint, folders))[:12]


def _sources(workspace: Workspace) -> str:
    """Return a short fingerprint of the source settings. The settings contain no tokens."""
    tables = [
        (source.type, source.settings.model_dump(mode="json"))
        for source in workspace.settings.sources
    ]
    return fingerprint_of(tables)[:12]
