"""Load campaign files in tests, and print the problems of these files."""

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
    """Write campaign files into a folder, and load all campaigns in this folder."""
    for name, text in files.items():
        content = text if isinstance(text, bytes) else dedent(text).lstrip("\n").encode()
        (folder / name).write_bytes(content)
    return load_campaigns(folder, scanners)


def problems_in(folder: Path, text: str | bytes, scanners: Scanners = SHIPPED) -> str:
    """Return all problems of one campaign file as text, as users see them."""
    loaded = load(folder, {"six.yaml": text}, scanners)
    return "\n".join(problem.render(folder) for problem in loaded.problems)


def loaded(folder: Path, text: str, scanners: Scanners = SHIPPED) -> Campaign:
    """Load a campaign from a string. Fail the test if the campaign has problems."""
    found = load(folder, {"six.yaml": text}, scanners)
    assert not found.problems, [problem.render() for problem in found.problems]
    return found.campaigns[0]


def printed(text: str) -> str:
    """Remove the indentation of an expected message in the source of a test."""
    return dedent(text).strip("\n")
