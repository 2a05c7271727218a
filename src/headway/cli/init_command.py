"""The command `headway init`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from headway.cli import invocation
from headway.cli.install_source import install_source
from headway.cli.options import shared_options
from headway.cli.output import headway_in, shown_path
from headway.config import ci_templates, workspace_templates
from headway.config.catalogue import catalogue_file
from headway.errors import CannotWriteError
from headway.forges.source_registry import load_source_types, source_tables

_JOBS = (ci_templates.GITHUB_PATH, ci_templates.GITLAB_PATH)


def _source_options(command: Callable[..., None]) -> Callable[..., None]:
    types = load_source_types()
    for name in reversed(types.names):
        option = types.by_name[name].init_option
        if option is not None:
            command = click.option(f"--{name}", metavar=option.metavar, help=option.help)(command)
    return command


@click.command(name="init")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@_source_options
@click.option(
    "--campaign",
    metavar="NAME",
    default="remove-six",
    show_default=True,
    help="Campaign to copy from the catalogue.",
)
@click.option(
    "--ci",
    type=click.Choice(["github", "github-enterprise", "gitlab", "none"]),
    default=None,
    help="Forge that runs the nightly CI job; github-enterprise is GitHub Enterprise Server.  "
    "[default: the forge of the sources]",
)
@shared_options
def command(
    folder: Path | None,
    campaign: str,
    ci: workspace_templates.Ci | None,
    **sources: str | None,
) -> None:
    """Create a workspace: settings, a campaign, an editor schema and a nightly CI job.

    DIR defaults to the current folder. Existing files are kept and reported.
    """
    target = invocation.directory() / (folder or "")
    if not any(sources.values()):
        sources["local"] = "clones"
    files = _files(sources, campaign, ci)
    for name, text in files.items():
        _write_new(target, name, text)
    _update_ignore_file(target)
    for name in files:
        if name in _JOBS and 'HEADWAY_SOURCE: ""' in (target / name).read_text("utf-8"):
            click.echo(
                f"{name}: set HEADWAY_SOURCE to the repository and the commit to install Headway "
                "from; the nightly job fails without it",
                err=True,
            )
    click.echo(
        f"\nNext: review {shown_path(target / 'headway.toml')}, then run\n"
        f"  {headway_in(target)} validate && {headway_in(target)} scan\n"
        "To see which campaigns of the catalogue find something here, run\n"
        f"  {headway_in(target)} catalog suggest",
        err=True,
    )


def _files(
    sources: Mapping[str, str | None], campaign: str, ci: workspace_templates.Ci | None
) -> dict[str, str]:
    """Return the contents of the new files, by path in the workspace."""
    if ci is None:
        ci = "github" if sources["github"] else "gitlab" if sources["gitlab"] else "none"
    shipped = catalogue_file(campaign).read_text("utf-8")
    return {
        "headway.toml": workspace_templates.config(source_tables(sources)),
        f"campaigns/{campaign}.yaml": workspace_templates.campaign(shipped, invocation.today()),
        f"campaigns/{workspace_templates.SCHEMA_NAME}": _schema(),
        **_ci_files(ci),
    }


def _schema() -> str:
    from headway.config.json_schema import campaign_schema
    from headway.config.workspace import shipped_folder
    from headway.plugins import load_scanners

    schema = campaign_schema(load_scanners((shipped_folder() / "scanners",)))
    return json.dumps(schema, indent=2) + "\n"


def _ci_files(ci: workspace_templates.Ci) -> dict[str, str]:
    if ci == "none":
        return {}
    source = install_source() or ""
    if ci == "gitlab":
        return ci_templates.gitlab_files(source)
    return ci_templates.github_files(source, enterprise_server=ci == "github-enterprise")


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
