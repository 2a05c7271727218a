"""Errors for names of campaigns, teams, rules or repositories that do not exist."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from headway.config.problems import likely
from headway.errors import HeadwayError


class NoSuchCampaignError(HeadwayError):
    """The workspace has no campaign with the requested name."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        hint = likely(name, known) or "the campaigns/ folder is empty"
        super().__init__(f"there is no campaign `{name}`; {hint}")


class NoSuchTeamError(HeadwayError):
    """The requested team is not in teams.yaml and has never owned an item."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        hint = likely(name, known) or (
            "no teams are known yet: teams.yaml lists none, and no scan has found an item with an "
            "owner"
        )
        super().__init__(f"there is no team `{name}`; {hint}")


class NoSuchRuleError(HeadwayError):
    """None of the selected campaigns has the requested rule."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no rule `{name}`; {likely(name, known)}")


class NoScannedRepositoryError(HeadwayError):
    """The pattern matches no repository in the store."""

    def __init__(self, glob: str, known: Sequence[str]) -> None:
        near = likely(glob, known) if known else ""
        hint = (
            near
            if near.startswith("did you mean")
            else "`headway repositories` lists the repositories."
        )
        super().__init__(f"no repository matches `{glob}`; {hint}")


class NoCampaignError(HeadwayError):
    """The workspace has no campaigns."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"there are no campaigns in {folder}; write one, or run `headway init` to create one."
        )
