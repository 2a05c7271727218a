"""Builds the whole site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from headway.answers.records import CampaignAnswer
from headway.pages import extras
from headway.pages.addresses import INDEX, campaign_file, feed_file
from headway.pages.audience import Audience, shown_to
from headway.pages.campaign import campaign_context, repositories_pages
from headway.pages.contexts import Hidden
from headway.pages.output import DESCRIPTION, Output, replacing
from headway.pages.portfolio import portfolio_page
from headway.pages.repository import repository_pages
from headway.pages.team import team_pages
from headway.pages.templates import Templates


def build_site(
    report_folders: tuple[Path, ...],
    answers: Sequence[CampaignAnswer],
    out: Path,
    *,
    today: date,
    audience: Audience = "internal",
) -> Path:
    """Writes every page below `out`, whole or not at all; gives the index.

    report_folders: where templates are, the user's own first. audience: see `audience.may_see`.
    Raises what `output.replacing` and `Templates.render` raise.
    """
    templates = Templates(report_folders)
    seen = [shown_to(audience, answer) for answer in answers]
    with replacing(out) as output:
        _write_pages(templates, seen, output, today)
        _write_extras(templates, [answer for answer, _ in seen], output)
        described = extras.description([answer for answer, _ in seen], today, audience)
        output.write(DESCRIPTION, described)
    return out / INDEX


def _write_pages(
    templates: Templates,
    seen: Sequence[tuple[CampaignAnswer, Hidden | None]],
    output: Output,
    today: date,
) -> None:
    answers = [answer for answer, _ in seen]
    index = portfolio_page(answers, today)
    output.write(index.frame.path, templates.render("index.html", index))
    for answer, hidden in seen:
        campaign = campaign_context(answer, hidden)
        output.write(campaign.frame.path, templates.render("campaign.html", campaign))
        for listed in repositories_pages(answer):
            output.write(listed.frame.path, templates.render("repositories.html", listed))
    for team in team_pages(answers, today):
        output.write(team.frame.path, templates.render("team.html", team))
    for repository in repository_pages(answers, today):
        output.write(repository.frame.path, templates.render("repository.html", repository))


def _write_extras(templates: Templates, answers: Sequence[CampaignAnswer], output: Output) -> None:
    for path, content in (*templates.assets(), *_definitions(answers)):
        output.write(path, content)
    for path, text in extras.tables(answers):
        output.write(path, text)
    for answer in answers:
        output.write(feed_file(answer.campaign), templates.render("feed.xml", extras.feed(answer)))
    for path, badge in extras.badges(answers):
        output.write(path, templates.render("badge.svg", badge))


def _definitions(answers: Sequence[CampaignAnswer]) -> Iterator[tuple[str, bytes]]:
    """Copies of the campaigns' files; those a public site must not show have none."""
    for answer in answers:
        if answer.definition.file is not None:
            yield campaign_file(answer.campaign), answer.definition.file.read_bytes()
