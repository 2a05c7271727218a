"""Encode teams as text for the store and decode them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from headway.progress.path_owners import Team


def teams_text(teams: Sequence[Team]) -> str:
    """Encode teams as text."""
    return json.dumps([asdict(team) for team in teams], ensure_ascii=False, sort_keys=True)


def teams_of(text: str) -> tuple[Team, ...]:
    """Decode a result of `teams_text`."""
    return tuple(
        Team(
            entry["name"],
            entry["lead"],
            entry["channel"],
            tuple(entry["repositories"]),
            tuple(entry["paths"]),
            tuple(entry["aliases"]),
        )
        for entry in json.loads(text)
    )
