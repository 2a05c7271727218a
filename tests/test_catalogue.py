"""The campaigns that ship: each can be used as it is."""

from __future__ import annotations

import pytest

from headway.cli.init_command import catalogue_folder
from headway.config.load import load_campaigns
from headway.config.workspace import shipped_folder
from headway.model.campaign import Campaign
from headway.plugins import load_scanners

LOADED = load_campaigns(catalogue_folder(), load_scanners([shipped_folder() / "scanners"]))


def test_none_has_a_problem() -> None:
    assert LOADED.problems == ()
    assert {"remove-six", "travis-to-github-actions"} <= {one.id for one in LOADED.campaigns}
    assert len(LOADED.campaigns) >= 5


@pytest.mark.parametrize("campaign", LOADED.campaigns, ids=lambda campaign: campaign.id)
def test_each_says_why_and_how_and_shows_what_its_patterns_mean(campaign: Campaign) -> None:
    assert campaign.summary
    assert campaign.guide
    for rule in campaign.rules:
        assert rule.paths, f"{rule.id} would be looked for in every file"
        assert rule.samples or rule.scanner != "regex", rule.id


@pytest.mark.parametrize("campaign", LOADED.campaigns, ids=lambda campaign: campaign.id)
def test_none_has_dates_or_people_of_one_organisation(campaign: Campaign) -> None:
    # whoever takes it sets them; `headway init` writes the first day
    assert (campaign.starts, campaign.due, campaign.owner) == (None, None, None)
    assert (campaign.milestones, campaign.exemptions) == ((), ())
