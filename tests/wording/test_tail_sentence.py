"""Digests, pages and `headway forecast` report items that need a decision to be fixed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from headway.metrics.forecast_records import CampaignForecast, QuietRepositories
from headway.wording.forecast_sentences import tail_sentence

FORECAST = CampaignForecast(
    campaign="remove-six",
    team=None,
    today=date(2026, 1, 5),
    open=40,
    due=None,
    reason=None,
    p50=date(2026, 9, 1),
    p85=None,
    horizon=5,
    chance=None,
    pace=1.0,
    pace_needed=None,
    growth=0.0,
    weeks=30,
    fixing_weeks=20,
    unknown=0,
    quantiles=(),
    fan=(),
)
QUIET = QuietRepositories(3, 12, date(2023, 5, 4), 0.9, date(2026, 3, 1))


def said(quiet: QuietRepositories | None) -> str:
    return tail_sentence(replace(FORECAST, quiet=quiet)).plain.replace("\N{NO-BREAK SPACE}", " ")


def test_the_tail_is_said_in_words() -> None:
    assert said(QUIET) == (
        "90% is 50% likely to be done by 1 March; the last 3 repositories (12 open items) have had "
        "no commit since 2023 or earlier and will not finish without a decision."
    )
    assert said(replace(QUIET, repositories=1, open=1)).endswith(
        "the last repository (1 open item) has had no commit since 2023 and will not finish "
        "without a decision."
    )


def test_without_a_date_only_the_repositories_are_named() -> None:
    assert said(replace(QUIET, p50=None)).startswith("3 repositories (12 open items) have had no")
    assert said(None) == ""
