"""The campaigns in the catalogue are valid and ready to use."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
import yaml

from headway.config.catalogue import catalogue_folder
from headway.config.load import load_campaigns
from headway.config.workspace import shipped_folder
from headway.model.campaign import Campaign
from headway.plugins import load_scanners

LOADED = load_campaigns(catalogue_folder(), load_scanners([shipped_folder() / "scanners"]))

_READS_KNOWN_FILES = ("dependency", "runtime")
_NEED_SAMPLES = ("regex", "dependency", "runtime")
_END_OF_LIFE = shipped_folder() / "scanners" / "_runtime" / "end_of_life.toml"
_BY_END_DATE = [
    campaign
    for campaign in LOADED.campaigns
    if any("ends_by" in rule.options for rule in campaign.deprecated)
]
# These campaigns lack `applies_to`, because no file can show that a repository is unaffected.
_CONCERN_ALL = {
    "code-owners",
    "compose-v2",
    "k8s-registry",
    "kubernetes-removed-apis",
    "plain-http-registries",
    "security-policy",
    "travis-to-github-actions",
}


def test_all_campaigns_are_valid() -> None:
    assert LOADED.problems == ()
    assert {"remove-six", "travis-to-github-actions"} <= {
        campaign.id for campaign in LOADED.campaigns
    }
    assert len(LOADED.campaigns) >= 80


@pytest.mark.parametrize("campaign", LOADED.campaigns, ids=lambda campaign: campaign.id)
def test_each_campaign_has_a_summary_a_guide_paths_and_samples(campaign: Campaign) -> None:
    assert campaign.summary
    assert campaign.guide
    for rule in campaign.rules:
        assert rule.paths or rule.scanner in _READS_KNOWN_FILES, f"{rule.id} reads every file"
        assert rule.samples or rule.scanner not in _NEED_SAMPLES, rule.id
    assert campaign.file is not None
    written = yaml.safe_load(campaign.file.read_text("utf-8"))
    for key in ("applies_to", "deprecated", "required", "replacement"):
        for entry in written.get(key, ()):
            assert "not_sample" in entry or entry["scanner"] not in _NEED_SAMPLES, entry["id"]


@pytest.mark.parametrize("campaign", LOADED.campaigns, ids=lambda campaign: campaign.id)
def test_campaigns_have_no_people_and_only_public_dates(campaign: Campaign) -> None:
    # Users set these keys. `headway init` adds the start date.
    assert (campaign.starts, campaign.due, campaign.owner) == (None, None, None)
    assert campaign.exemptions == ()
    # A milestone is the day on which support ends, so a source must state it.
    assert all(milestone.repositories == () for milestone in campaign.milestones)
    # A milestone counts all items of the campaign, so its date must apply to all of them.
    assert len(campaign.milestones) <= 1


@pytest.mark.parametrize("campaign", _BY_END_DATE, ids=lambda campaign: campaign.id)
def test_the_milestone_is_the_end_of_the_last_version_that_the_rule_finds(
    campaign: Campaign,
) -> None:
    (rule,) = campaign.deprecated
    ends = tomllib.loads(_END_OF_LIFE.read_text("utf-8"))[str(rule.options["runtime"])]["ends"]
    ends_by = date.fromisoformat(str(rule.options["ends_by"]))
    last = max(day for day in ends.values() if day <= ends_by)
    assert [milestone.due for milestone in campaign.milestones] == [last]


@pytest.mark.parametrize("campaign", LOADED.campaigns, ids=lambda campaign: campaign.id)
def test_each_campaign_states_the_sources_of_its_advice(campaign: Campaign) -> None:
    assert campaign.references
    for reference in campaign.references:
        assert reference.url.startswith("https://")
        assert reference.says.endswith(".")


@pytest.mark.parametrize("campaign", LOADED.campaigns, ids=lambda campaign: campaign.id)
def test_each_campaign_says_which_repositories_it_concerns(campaign: Campaign) -> None:
    assert bool(campaign.applies_to) != (campaign.id in _CONCERN_ALL)
