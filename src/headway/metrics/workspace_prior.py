"""Adjust the coefficients of forecasts to the workspace's finished campaigns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from weakref import WeakKeyDictionary

from headway.progress.forecast_coefficients import COEFFICIENTS, Coefficients
from headway.progress.forecast_prior import with_finished
from headway.progress.weekly_history import History, history_of
from headway.store.store_reader import Store

_Key = tuple[date, object]

_FOUND: WeakKeyDictionary[Store, dict[_Key, Coefficients]] = WeakKeyDictionary()


def workspace_prior(store: Store, today: date) -> Coefficients:
    """Return the coefficients of forecasts, based on campaigns that had finished by `today`.

    Forecasts for the same day need the same coefficients, which are cached until the next scan.
    """
    by_key = _FOUND.setdefault(store, {})
    key = today, store.scans.last()
    if key not in by_key:
        by_key[key] = with_finished(_finished(store, today), COEFFICIENTS)
    return by_key[key]


def _finished(store: Store, today: date) -> Iterator[History]:
    campaigns, rules = store.campaigns.records(), store.campaigns.rules()
    for campaign in store.ledger.finished(today):
        counted = [
            rule for (name, rule), kept in rules.items() if name == campaign and kept.counted
        ]
        entries = store.ledger.entries_by_week(campaign, today, by_team=False)
        opened = store.ledger.open_repositories_by_week(campaign, today, counted)
        if campaign in campaigns:
            yield history_of(
                (("", entry.day, entry.movement) for entry in entries if entry.rule in counted),
                campaigns[campaign].starts,
                today,
                [(day, change) for _, day, change in opened],
            )
