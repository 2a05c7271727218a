"""docs/forges.md explains every row that `headway doctor` prints."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "forges.md").read_text("utf-8")


def check_names() -> Iterator[str]:
    """Yield the constant names of all checks in the code."""
    for path in sorted((ROOT / "src" / "headway").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            is_finding = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding"
            if is_finding and isinstance(node, ast.Call) and isinstance(node.args[1], ast.Constant):
                yield str(node.args[1].value)


def test_every_check_of_doctor_is_explained() -> None:
    table = PAGE[PAGE.index("row in the output of `headway doctor`") :]
    explained = set(re.findall(r"`([a-z -]+)`", table))
    names = set(check_names()) | {"core limit", "graphql limit", "token expiry", "git token expiry"}
    assert {"first night", "audience", "hidden", "git"} <= names
    assert names - explained == set()
