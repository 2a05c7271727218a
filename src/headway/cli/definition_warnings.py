"""Warnings about campaign definitions that have changed since the last scan."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

import click

from headway.printable import printable

if TYPE_CHECKING:
    from headway.model.campaign import Campaign
    from headway.store.store_reader import Store


def warn_of_changes(store: Store, campaigns: Iterable[Campaign], today: date) -> None:
    """Print a warning for every campaign that was edited since the last scan."""
    from headway.metrics.definition_history import definition_history
    from headway.wording.definition_sentences import definition_change

    for campaign in campaigns:
        parts = definition_change(definition_history(store, campaign, today).changed).parts
        if parts:
            texts = [f"`{part.text}`" if part.kind == "code" else part.text for part in parts]
            click.echo(f"warning: {printable(campaign.id)}: {''.join(texts)}", err=True)
