"""The campaigns that ship: each can be used as it is."""

from __future__ import annotations

import pytest

from headway.definition.campaign import Campaign
from headway.definition.load import load_campaigns
from headway.scan.plugins import load_scanners
from headway.workspace import shipped_folder

LOADED = load_campaigns(
    shipped_folder() / "campaigns", load_scanners([shipped_folder() / "scanners"])
)


def test_none_has_a_problem() -> None:
    assert LOADED.problems == ()
    assert len(LOADED.campaigns) >= 5


@pytest.mark.parametrize("campaign", LOADED.campaigns, ids=lambda campaign: campaign.id)
def test_each_says_why_and_how_and_shows_what_its_patterns_mean(campaign: Campaign) -> None:
    assert campaign.summary
    assert campaign.guide
    for rule in campaign.rules:
        assert rule.samples or rule.scanner != "regex", rule.id
        assert rule.paths, rule.id


@pytest.mark.parametrize("campaign", LOADED.campaigns, ids=lambda campaign: campaign.id)
def test_none_has_dates_of_its_own(campaign: Campaign) -> None:
    # whoever takes it sets them; `headway init` writes the first
    assert campaign.starts is None
    assert campaign.due is None
