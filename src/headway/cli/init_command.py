"""The `headway init` command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click

from headway.cli import first_clones, invocation
from headway.cli.first_clones import FirstClones
from headway.cli.install_source import install_source
from headway.cli.options import shared_options
from headway.cli.output import headway_in, shown_path
from headway.config import ci_templates, workspace_templates
from headway.config.catalogue import catalogue_file, copied_text
from headway.errors import CannotWriteError
from headway.forges.source_registry import load_source_types, source_tables
from headway.model.object_address import parse_object_address
from headway.version import __version__

_FALLBACK = "remove-six"
"""The campaign to copy if no clones can be searched, or no campaign in the catalogue is suitable.
"""
_JOBS = (ci_templates.GITHUB_PATH, ci_templates.GITLAB_PATH)


def _source_options(command: Callable[..., None]) -> Callable[..., None]:
    types = load_source_types()
    for name in reversed(types.names):
        option = types.by_name[name].init_option
        if option is not None:
            command = click.option(f"--{name}", metavar=option.metavar, help=option.help)(command)
    return command


def _check_store(_: click.Context, __: click.Parameter, value: str) -> str:
    try:
        parse_object_address(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r}: {error}.") from error
    return value


@click.command(name="init")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@_source_options
@click.option(
    "--campaign",
    metavar="NAME",
    help="Campaign to copy from the catalogue.  [default: one that finds items in the clones]",
)
@click.option(
    "--ci",
    type=click.Choice(["github", "github-enterprise", "gitlab", "none"]),
    default=None,
    help="Forge that runs the nightly CI job; github-enterprise is GitHub Enterprise Server.  "
    "[default: the forge of the sources]",
)
@click.option(
    "--store",
    metavar="PATH",
    default="headway.duckdb",
    show_default=True,
    callback=_check_store,
    help="Where to keep the history: a file, or an object in object storage, for example "
    "s3://BUCKET/headway.duckdb. If it is an object, the nightly CI job uses it too.",
)
@shared_options
def command(
    folder: Path | None,
    campaign: str | None,
    ci: workspace_templates.Ci | None,
    store: str,
    **sources: str | None,
) -> None:
    """Create a workspace: settings, a campaign, teams, an editor schema and a nightly CI job.

    DIR defaults to the current folder. Existing files are kept and reported, but the command adds
    missing entries to .gitignore.

    If the command finds clones, it searches their latest commits for matches of the campaigns in
    the catalogue, for at most a minute. It copies the campaign that finds items in the most
    repositories, but prefers campaigns with a deadline. Without an option for a source, the command
    looks for clones in DIR/clones, in DIR and in the current folder.
    """
    target = invocation.directory() / (folder or "")
    first = first_clones.look(target, sources)
    present = first_clones.present_campaigns(target)
    if campaign is None and not present:
        campaign = first_clones.choose_campaign(first, target) or _FALLBACK
    files = _files(first, campaign, ci, store)
    for name in present:
        if name not in files:
            click.echo(f"kept     {name}")
    for name, text in files.items():
        _write_new(target, name, text)
    _update_ignore_file(target)
    for name in files:
        if name in _JOBS and 'HEADWAY_SOURCE: ""' in (target / name).read_text("utf-8"):
            click.echo(
                f"{name}: set HEADWAY_SOURCE to the repository and the commit from which to "
                "install Headway; the nightly job fails without it",
                err=True,
            )
    _print_next(target, first, campaign)


def _print_next(target: Path, first: FirstClones, campaign: str | None) -> None:
    run = headway_in(target)
    if campaign is not None:
        file = shown_path(target / "campaigns" / f"{campaign}.yaml")
        click.echo(
            f"\n`starts` in {file} is about a year ago; the first scan reads the history from "
            "then on.",
            err=True,
        )
    steps = [(f"{run} scan", "read the history"), (f"{run} report", "build the pages")]
    if not first.repositories:
        steps.insert(0, (f"{run} doctor", "check the connection to the repositories"))
    steps.append((f"{run} catalog suggest", "all campaigns that find something"))
    width = max(len(command) for command, _ in steps)
    lines = [f"  {command:{width}}  # {purpose}" for command, purpose in steps]
    click.echo("\n".join(["\nNext:", *lines]), err=True)


def _files(
    first: FirstClones, campaign: str | None, ci: workspace_templates.Ci | None, store: str
) -> dict[str, str]:
    """Return the contents of the new files, by path in the workspace."""
    sources = first.sources
    if ci is None:
        ci = "github" if sources["github"] else "gitlab" if sources["gitlab"] else "none"
    files = {"headway.toml": workspace_templates.config(source_tables(sources), store)}
    if campaign is not None:
        shipped = catalogue_file(campaign).read_text("utf-8")
        files[f"campaigns/{campaign}.yaml"] = copied_text(
            campaign, shipped, __version__, invocation.today(), schema=True
        )
    return {
        **files,
        f"campaigns/{workspace_templates.SCHEMA_NAME}": _schema(),
        "teams.yaml": first_clones.teams_text(first),
        **_ci_files(ci, store),
    }


def _schema() -> str:
    from headway.config.json_schema import campaign_schema
    from headway.config.workspace import shipped_folder
    from headway.plugins import load_scanners

    schema = campaign_schema(load_scanners((shipped_folder() / "scanners",)))
    return json.dumps(schema, indent=2) + "\n"


def _ci_files(ci: workspace_templates.Ci, store: str) -> dict[str, str]:
    if ci == "none":
        return {}
    source, storage = install_source() or "", parse_object_address(store)
    if ci == "gitlab":
        return ci_templates.gitlab_files(source, storage)
    return ci_templates.github_files(
        source, enterprise_server=ci == "github-enterprise", storage=storage
    )


def _write_new(target: Path, name: str, text: str) -> None:
    path = target / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        click.echo(f"kept     {name}{_manual_step(name)}")
    except OSError as error:
        raise CannotWriteError(path, error.strerror or error) from error
    else:
        click.echo(f"written  {name}")


def _manual_step(name: str) -> str:
    if name == ".gitlab-ci.yml":
        return f" (add `include: [local: {ci_templates.GITLAB_PATH}]` to it)"
    return ""


def _update_ignore_file(target: Path) -> None:
    path = target / ".gitignore"
    try:
        existing = path.read_text("utf-8") if path.exists() else ""
        text = workspace_templates.ignore(existing)
        if text != existing:
            path.write_text(text, "utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotWriteError(path, error) from error
    if text == existing:
        click.echo("kept     .gitignore")
    else:
        click.echo(f"{'added to' if existing else 'written '} .gitignore")
