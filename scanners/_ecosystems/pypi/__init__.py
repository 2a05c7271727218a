"""Python packages from PyPI."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ..records import Ecosystem, Facts, Finding
from ..repository_paths import name_of
from ..version_sets import VersionSet
from .findings import python_findings
from .locks import read_pipfile_lock, read_toml_lock
from .pyproject import read_pipfile, read_pyproject
from .requirement_text import normalise
from .requirements_file import read_requirements_file
from .setup_cfg import read_setup_cfg
from .setup_py import read_setup_py
from .versions import Key, key, versions

_READERS: Mapping[str, Callable[[str, bytes], Facts]] = {
    "pyproject.toml": read_pyproject,
    "Pipfile": read_pipfile,
    "Pipfile.lock": read_pipfile_lock,
    "uv.lock": read_toml_lock,
    "poetry.lock": read_toml_lock,
    "pdm.lock": read_toml_lock,
    "setup.cfg": read_setup_cfg,
    "setup.py": read_setup_py,
}


class Pypi:
    """The ecosystem `pypi`."""

    name = "pypi"
    files = (
        *_READERS,
        "pylock.toml",
        "pylock.*.toml",
        "*requirements*.txt",
        "*requirements*.in",
        "requirements/**/*.txt",
        "requirements/**/*.in",
        "*constraints*.txt",
        "pip-requires",
        "test-requires",
    )

    def normalise(self, package: str) -> str:
        """Return the name in lower case, with single hyphens."""
        return normalise(package)

    def read(self, path: str, content: bytes) -> Facts:
        """Read a manifest, requirements file or lock file."""
        name = name_of(path)
        if name.startswith("pylock.") and name.endswith(".toml"):
            return read_toml_lock(path, content)
        return _READERS.get(name, read_requirements_file)(path, content)

    def findings(self, facts: Mapping[str, Facts], package: str) -> Iterable[Finding]:
        """Find a package in all manifests and lock files."""
        return python_findings(facts, package)

    def versions(self, constraint: str) -> VersionSet:
        """Return the versions in a range."""
        return versions(constraint)

    def key(self, version: str) -> Key:
        """Return the sort key of a version."""
        return key(version)


ECOSYSTEM: Ecosystem = Pypi()
