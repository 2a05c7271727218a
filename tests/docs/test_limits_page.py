"""docs/limits.md lists every limit with its default."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from headway.config.workspace import ConfigFile

PAGE = (Path(__file__).parents[2] / "docs" / "limits.md").read_text("utf-8")


def test_the_example_shows_every_default() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    without = ConfigFile.model_validate({}).limits
    assert ConfigFile.model_validate(tomllib.loads(example)).limits == without
    assert set(tomllib.loads(example)["limits"]) == set(type(without).model_fields)
