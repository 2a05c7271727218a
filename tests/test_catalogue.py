"""The campaigns in the catalogue are valid and ready to use."""

from __future__ import annotations

import pytest

from headway.config.catalogue import catalogue_folder
from headway.config.load import load_campaigns
from headway.config.workspace import shipped_folder
from headway.model.campaign import Campaign
from headway.plugins import load_scanners

LOADED = load_campaigns(catalogue_folder(), load_scanners([shipped_folder() / "scanners"]))


def test_all_campaigns_are_valid() -> None:
    assert LOADED.problems == ()
    assert {"remove-six", "travis-to-github-actions"} <= {
        campaign.id for campaign in LOADED.campaigns
    }
    assert len(LOADED.campaigns) >= 5


@pytest.mark.parametrize("campaign", LOADED.campaigns, ids=lambda campaign: campaign.id)
def test_each_campaign_has_a_summary_a_guide_paths_and_samples(campaign: Campaign) -> None:
    assert campaign.summary
    assert campaign.guide
    for rule in campaign.rules:
        assert rule.paths, f"{rule.id} would search every file"
        assert rule.samples or rule.scanner != "regex", rule.id


@pytest.mark.parametrize("campaign", LOADED.campaigns, ids=lambda campaign: campaign.id)
def test_campaigns_have_no_dates_or_people(campaign: Campaign) -> None:
    # Users set these keys. `headway init` adds the start date.
    assert (campaign.starts, campaign.due, campaign.owner) == (None, None, None)
    assert (campaign.milestones, campaign.exemptions) == ((), ())
