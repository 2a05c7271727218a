"""`headway digest`."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
from click.core import ParameterSource

from headway.cli import session
from headway.cli.application import shared_options
from headway.cli.report_command import audience_option
from headway.printable import printable

if TYPE_CHECKING:
    from headway.digest.compose import Setting
    from headway.digest.digest_context import Digest
    from headway.metrics.attention.attention_records import Attention
    from headway.model.audience import Audience
    from headway.model.campaign import Campaign
    from headway.store.store_reader import Store

DigestFormat = Literal["text", "markdown", "html", "mail", "slack", "json"]
FORMATS: tuple[DigestFormat, ...] = ("text", "markdown", "html", "mail", "slack", "json")

_LENGTH = re.compile(r"([1-9][0-9]{0,3})([dw])")


def _first_day(value: str, today: date) -> date:
    """Of the period whose last day is today: `7d` counts back from it."""
    found = _LENGTH.fullmatch(value)
    if found:
        days = int(found[1]) * (7 if found[2] == "w" else 1)
        return today - timedelta(days=days - 1)
    try:
        first = date.fromisoformat(value)
    except ValueError:
        sentence = f"{value!r} is neither days (7d), weeks (4w) nor a date (2026-03-31)."
        raise click.BadParameter(sentence, param_hint="'--since'") from None
    if first > today:
        sentence = f"{first} is after today, which is {today}."
        raise click.BadParameter(sentence, param_hint="'--since'")
    return first


def _site(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:  # noqa: ARG001 - click's signature
    from headway.wording.formats import web

    if value is not None and web(value) is None:
        raise click.BadParameter(f"{value!r} does not begin with https:// or http://.")
    return value


def _remembered(ctx: click.Context, _: click.Parameter, value: DigestFormat | None) -> DigestFormat:
    """What was said after the verb, else before it, as far as a digest can be that; else text."""
    before = ctx.find_root().ensure_object(dict).get("format")
    if value or before in (None, "table"):
        return value or "text"
    if before in FORMATS:
        chosen: DigestFormat = before
        return chosen
    if ctx.find_root().get_parameter_source("format") == ParameterSource.COMMANDLINE:
        raise click.UsageError(
            f"a digest is no list of rows; choose from {', '.join(FORMATS)}.", ctx
        )
    return "text"


@click.command(name="digest")
@click.argument("campaigns", nargs=-1)
@click.option(
    "--since",
    metavar="7d|4w|DATE",
    default="7d",
    show_default=True,
    help="What changed in so many days, today among them, or since this day, that day among them.",
)
@click.option("--team", metavar="NAME", help="Only what is this team's, and where it can begin.")
@audience_option
@click.option(
    "--site",
    metavar="URL",
    callback=_site,
    help="Where the pages of `headway report` are; the digest then links to them.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(FORMATS),
    allow_from_autoenv=False,
    callback=_remembered,
    help="What it is for; `mail` is text and HTML in one, for sendmail.  [default: text]",
)
@shared_options
def command(
    campaigns: tuple[str, ...],
    since: str,
    team: str | None,
    audience: Audience,
    site: str | None,
    output_format: DigestFormat,
) -> None:
    """Write what changed, why, and who must act.

    First the paragraph for whoever has a minute, then what is needed from whom, then each team,
    then the details. docs/digest.md says how to mail or post it every week.
    """
    from headway.digest.compose import Setting
    from headway.metrics.attention.campaign_attention import attention
    from headway.metrics.campaign_metrics import CampaignMetrics
    from headway.store.store_reader import open_store

    opened = session.open_session()
    # `--today` may stand behind `--since`
    first = _first_day(since, opened.today)
    chosen = opened.campaigns(campaigns)
    with open_store(opened.workspace.settings.store) as store:
        name = opened.team(store, team)
        repositories = store.repositories.records()
        answers = [
            attention(CampaignMetrics(store, each, opened.today, repositories), first)
            for each in chosen
        ]
        if output_format == "json":
            _print_json(answers, name, audience)
            return
        scanned = store.scans.last()
        scanned_at = scanned[0].replace(tzinfo=UTC) if scanned else None
        setting = Setting(opened.today, audience, site, scanned_at)
        page = _page(answers, name, store, chosen, setting)
    _print(page, output_format, opened.workspace.reports)


def _page(
    answers: Sequence[Attention],
    team: str | None,
    store: Store,
    campaigns: Sequence[Campaign],
    setting: Setting,
) -> Digest:
    from headway.digest.compose import digest
    from headway.digest.team_digest import team_digest
    from headway.metrics.item_rows import items
    from headway.metrics.owner_rows import contacts

    if team is None:
        return digest(answers, contacts(store), setting)
    left = items(store, campaigns, team=team, today=setting.today)
    return team_digest(team, answers, left, contacts(store), setting)


def _print_json(answers: Sequence[Attention], team: str | None, audience: Audience) -> None:
    from headway.digest.team_digest import of_team
    from headway.metrics.audience_policy import attention_for
    from headway.metrics.serialize import json_text

    seen = [facts if team is None else of_team(team, facts) for facts in answers]
    _echo(json_text([attention_for(audience, facts) for facts in seen]))


def _print(page: Digest, output_format: DigestFormat, reports: tuple[Path, ...]) -> None:
    from headway.digest.mail import mail
    from headway.digest.render import render
    from headway.digest.slack import slack

    if output_format == "slack":
        _echo(json.dumps(slack(page), indent=2, ensure_ascii=False) + "\n")
    elif output_format == "mail":
        text, html = (render(page, kind, reports) for kind in ("text", "html"))
        _echo(mail(page.subject, text, html).decode("ascii"))
    elif output_format != "json":
        _echo(render(page, output_format, reports))


def _echo(text: str) -> None:
    # without `color`, echo takes out what looks like an escape sequence
    click.echo(printable(text, keep="\n\u200b"), nl=False, color=True)
