"""What each audience may see of a campaign's report."""

from __future__ import annotations

from dataclasses import dataclass, replace

from headway.metrics.records import (
    CampaignReport,
)
from headway.model.audience import Audience, may_see
from headway.model.campaign import Campaign, Scope


@dataclass(frozen=True, slots=True)
class Hidden:
    """What this page's readers may not see: counts of it."""

    repositories: int
    open: int


def shown_to(audience: Audience, answer: CampaignReport) -> tuple[CampaignReport, Hidden | None]:
    """The answer without what the audience may not see, and counts of that.

    Counts of the whole campaign and of its teams stay as they are. A public page does not even
    name a repository that is not public, nor show the definition's patterns over repositories and
    paths of exemptions and milestones, which could.
    """
    hidden = {
        name for name, facts in answer.facts.items() if not may_see(facts.visibility, audience)
    }
    shown = answer.facts.keys() - hidden
    public = audience == "public"
    rows = [row for row in answer.repositories if row.repository in hidden]
    seen = replace(
        answer,
        regressed=tuple(item for item in answer.regressed if item.repository not in hidden),
        repositories=tuple(
            row for row in answer.repositories if not public or row.repository not in hidden
        ),
        definition=_without_patterns(answer.definition) if public else answer.definition,
        exemptions=tuple(
            replace(row, repositories=(), paths=()) if public else row for row in answer.exemptions
        ),
        # a captured value is a quotation
        grades=answer.grades if not hidden else {},
        marks=tuple(
            mark
            for mark in answer.marks
            if not public or mark.repository is None or mark.repository in shown
        ),
    )
    if not rows:
        return seen, None
    return seen, Hidden(len(rows), sum(row.open for row in rows))


def _without_patterns(campaign: Campaign) -> Campaign:
    """The definition without what names repositories or files."""
    return replace(
        campaign,
        scope=Scope(),
        milestones=tuple(replace(each, repositories=()) for each in campaign.milestones),
        exemptions=tuple(replace(each, repositories=(), paths=()) for each in campaign.exemptions),
        file=None,
    )
