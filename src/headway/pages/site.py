"""Builds the whole site."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from headway.answers.records import CampaignAnswer
from headway.pages.addresses import INDEX, campaign_page
from headway.pages.output import DESCRIPTION, GENERATOR, Output, replacing
from headway.pages.overview import campaign_context, portfolio_page, repository_pages
from headway.pages.templates import Templates


def build_site(
    report_folders: tuple[Path, ...],
    answers: Sequence[CampaignAnswer],
    out: Path,
    *,
    today: date,
) -> Path:
    """Writes every page below `out`, whole or not at all; gives the index.

    report_folders: where templates are, the user's own first. Raises what `output.replacing` and
    `Templates.render` raise.
    """
    templates = Templates(report_folders)
    with replacing(out) as output:
        _write(templates, answers, output, today)
    return out / INDEX


def _write(
    templates: Templates, answers: Sequence[CampaignAnswer], output: Output, today: date
) -> None:
    for path, content in templates.assets():
        output.write(path, content)
    index = portfolio_page(answers, today)
    output.write(index.frame.path, templates.render("index.html", index))
    for answer in answers:
        campaign = campaign_context(answer)
        output.write(campaign.frame.path, templates.render("campaign.html", campaign))
    for repository in repository_pages(answers, today):
        output.write(repository.frame.path, templates.render("repository.html", repository))
    output.write(DESCRIPTION, _description(answers, today))


def _description(answers: Sequence[CampaignAnswer], today: date) -> str:
    described = {
        "generator": GENERATOR,
        "today": today.isoformat(),
        "campaigns": [
            {"id": answer.campaign, "title": answer.title, "page": campaign_page(answer.campaign)}
            for answer in answers
        ],
    }
    return json.dumps(described, indent=1, ensure_ascii=True) + "\n"
