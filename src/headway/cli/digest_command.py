"""The `headway digest` command."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
from click.core import ParameterSource

from headway.cli import invocation, session
from headway.cli.options import audience_option, campaigns_argument, shared_options, team_option
from headway.cli.workspace_store import open_history
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

_PERIOD = re.compile(r"([1-9][0-9]{0,3})([dw])")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _first_day(since: str, today: date) -> date:
    """Return the first day of the period.

    `7d` means today and the six days before. `monday` means the last Monday, possibly today.
    """
    period = _PERIOD.fullmatch(since)
    if period:
        days = int(period[1]) * (7 if period[2] == "w" else 1)
        return today - timedelta(days=days - 1)
    if since.lower() in _WEEKDAYS:
        return today - timedelta(days=(today.weekday() - _WEEKDAYS.index(since.lower())) % 7)
    try:
        first = date.fromisoformat(since)
    except ValueError:
        message = (
            f"{since!r} is not a number of days (7d) or weeks (4w), a weekday (monday) or a date."
        )
        raise click.BadParameter(message, param_hint="'--since'") from None
    if first > today:
        message = f"{first} is after today ({today})."
        raise click.BadParameter(message, param_hint="'--since'")
    return first


def _web_address(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    from headway.wording.formats import web

    if value is not None and web(value) is None:
        raise click.BadParameter(f"{value!r} does not start with https:// or http://.")
    return value


def _format_or_default(
    ctx: click.Context, _: click.Parameter, value: DigestFormat | None
) -> DigestFormat:
    """Return the format: the command's `--format`, the global format or `text`.

    The digest does not support every global format. On the command line, an unsupported format is
    an error. In the environment, it is ignored, because the variable applies to all commands.
    """
    before = invocation.global_format(ctx)
    if value or before in (None, "table"):
        return value or "text"
    if before in FORMATS:
        chosen: DigestFormat = before
        return chosen
    if ctx.find_root().get_parameter_source("format") == ParameterSource.COMMANDLINE:
        raise click.UsageError(
            f"a digest cannot be written as {before}; choose from {', '.join(FORMATS)}.", ctx
        )
    return "text"


@click.command(name="digest")
@campaigns_argument
@click.option(
    "--since",
    metavar="7d|4w|monday|DATE",
    default="7d",
    show_default=True,
    help="Period of the digest, which ends today: a number of days or weeks, or the first day. The "
    "first day is a date, or a weekday such as monday for the most recent one (possibly today).",
)
@team_option
@audience_option
@click.option(
    "--site",
    metavar="URL",
    callback=_web_address,
    help="URL of the published site; the digest links to its pages.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(FORMATS),
    allow_from_autoenv=False,
    callback=_format_or_default,
    help="Output format. `mail` is an email with text and HTML parts, for sendmail.  "
    "[default: text]",
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
    """Summarise what changed, why, and who must act.

    The digest starts with a summary, followed by the actions needed, the teams and the
    details. docs/digest.md explains how to mail or post the digest every week.
    """
    from headway.digest.compose import Setting
    from headway.metrics.attention.campaign_attention import attention
    from headway.metrics.campaign_metrics import CampaignMetrics

    opened = session.open_session()
    # A click callback cannot parse --since, because --today may follow it on the command line.
    first = _first_day(since, opened.today)
    chosen = opened.campaigns(campaigns)
    with open_history(opened.workspace) as store:
        name = opened.team(store, team)
        repositories = store.repositories.records()
        facts = [
            attention(CampaignMetrics(store, campaign, opened.today, repositories), first)
            for campaign in chosen
        ]
        if output_format == "json":
            _print_json(facts, name, audience)
            return
        last_scan = store.scans.last()
        scanned_at = last_scan[0].replace(tzinfo=UTC) if last_scan else None
        setting = Setting(opened.today, audience, site, scanned_at, store.scans.source_notes())
        page = _digest(facts, name, store, chosen, setting)
    _print(page, output_format, opened.workspace.reports)


def _digest(
    facts: Sequence[Attention],
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
        return digest(facts, contacts(store), setting)
    open_items = items(store, campaigns, team=team, today=setting.today)
    return team_digest(team, facts, open_items, contacts(store), setting)


def _print_json(facts: Sequence[Attention], team: str | None, audience: Audience) -> None:
    from headway.digest.team_digest import of_team
    from headway.metrics.redaction import attention_for
    from headway.metrics.serialize import json_text

    selected = [campaign if team is None else of_team(team, campaign) for campaign in facts]
    _echo(json_text([attention_for(audience, campaign) for campaign in selected]))


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
    # Without `color`, click would strip escape sequences if the output is not a terminal.
    click.echo(printable(text, keep="\n\u200b"), nl=False, color=True)
