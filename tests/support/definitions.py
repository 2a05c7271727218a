"""Campaign files for tests: what is said of a text, as it would be printed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from headway.config.load import LoadedCampaigns, load_campaigns
from headway.config.workspace import shipped_folder
from headway.model.campaign import Campaign
from headway.plugins import Scanners, load_scanners

SHIPPED = load_scanners([shipped_folder() / "scanners"])


def load(
    folder: Path, files: Mapping[str, str | bytes], scanners: Scanners = SHIPPED
) -> LoadedCampaigns:
    """The files written into a folder of campaigns, and read from there."""
    for name, text in files.items():
        content = text if isinstance(text, bytes) else dedent(text).lstrip("\n").encode()
        (folder / name).write_bytes(content)
    return load_campaigns(folder, scanners)


def said(folder: Path, text: str | bytes, scanners: Scanners = SHIPPED) -> str:
    """Every problem of one campaign file, as printed."""
    loaded = load(folder, {"six.yaml": text}, scanners)
    return "\n".join(problem.render(folder) for problem in loaded.problems)


def loaded(folder: Path, text: str, scanners: Scanners = SHIPPED) -> Campaign:
    """The campaign of a text without a problem."""
    found = load(folder, {"six.yaml": text}, scanners)
    assert not found.problems, [problem.render() for problem in found.problems]
    return found.campaigns[0]


def printed(text: str) -> str:
    """An expectation that is indented as the test is."""
    return dedent(text).strip("\n")
