"""Every shipped scanner passes the checks of the test kit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headway.config.workspace import shipped_folder
from headway.testing import Example, check_scanner

SCANNERS = shipped_folder() / "scanners"
REQUIREMENTS = "urllib3==1.26.5\nrequests>=2\n"
EXAMPLES: dict[str, tuple[Example, ...]] = {
    "regex": (
        Example(
            {"pattern": "^import six"},
            {"a.py": "import six\n\nimport six  # again\n", "b.py": "import os\n"},
            finds=[("a.py", 1, "import six"), ("a.py", 3, "import six  # again")],
        ),
        Example(
            {"pattern": "a.b", "flags": ["span-lines", "dot-all"]},
            {"a.txt": "xa\nby\n"},
            finds=[("a.txt", 1, "xa\nby")],
        ),
    ),
    "file": (Example({}, {"a/setup.py": "", "setup.py": ""}, finds=[
        ("a/setup.py", None, "setup.py"), ("setup.py", None, "setup.py")]),),
    "config": (
        Example(
            {"key": "spec.replicas", "less_than": 2},
            {"a.yaml": "spec:\n  replicas: 1\n", "b.yaml": "spec: {replicas: 3}\n"},
            finds=[("a.yaml", 2, "spec.replicas: 1")],
        ),
        Example({"key": "spec.replicas"}, {"a.yaml": "spec: [replicas\n"}, unknown=["a.yaml"]),
    ),
    "dependency": (
        Example(
            {"ecosystem": "pypi", "package": "urllib3", "versions": "<2"},
            {"requirements.txt": REQUIREMENTS},
            finds=[("requirements.txt", 1, "urllib3")],
        ),
    ),
    "runtime": (
        Example(
            {"runtime": "python", "versions": "<3.9"},
            {".python-version": "3.8\n"},
            finds=[(".python-version", 1, "version")],
        ),
    ),
    "syntax_tree": (
        Example(
            {"language": "python", "symbol": "datetime.datetime.utcnow"},
            {"a.py": "from datetime import datetime as D\nx = D.utcnow()\n"},
            finds=[("a.py", 2, "x = D.utcnow()")],
        ),
        Example(
            {"language": "python", "pattern": "yaml.load($A)"},
            {"a.py": "yaml.load(yaml.load(a))\n# yaml.load(b)\n"},
            finds=[("a.py", 1, "yaml.load(yaml.load(a))"), ("a.py", 1, "yaml.load(yaml.load(a))")],
        ),
    ),
}  # fmt: skip


def test_every_shipped_scanner_has_examples() -> None:
    assert {file.stem for file in SCANNERS.glob("*.py")} == EXAMPLES.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_shipped_scanners_keep_to_the_interface(name: str) -> None:
    check_scanner(Path(SCANNERS / f"{name}.py"), *EXAMPLES[name])


def test_the_class_of_a_scanner_is_accepted(tmp_path: Any) -> None:
    loaded = check_scanner(SCANNERS / "file.py", *EXAMPLES["file"])
    assert check_scanner(type(loaded), *EXAMPLES["file"]).name == "file"
