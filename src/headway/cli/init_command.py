"""`headway init`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click

from headway.cli import session
from headway.cli.application import shared_options
from headway.cli.output import shown_path
from headway.config import ci_templates as nightly
from headway.config import workspace_templates as starter
from headway.config.problems import likely
from headway.errors import CannotWriteError, HeadwayError
from headway.forges.source_registry import load_source_types, source_tables
from headway.version import __version__


class NotInCatalogueError(HeadwayError):
    """No shipped campaign has that name."""

    def __init__(self, name: str, known: list[str]) -> None:
        hint = likely(name, known) or "this installation has no catalogue: install Headway anew."
        super().__init__(f"there is no campaign `{name}` in the catalogue; {hint}")


def _source_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds one option for each shipped source that `init` offers."""
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
    help="Which campaign of the catalogue to begin with.",
)
@click.option(
    "--ci",
    type=click.Choice(["github", "gitlab", "none"]),
    default=None,
    help="Whose nightly job to write (default: that of the forge that is named).",
)
@shared_options
def command(
    folder: Path | None,
    campaign: str,
    ci: starter.Ci | None,
    **sources: str | None,
) -> None:
    """Make a workspace: settings, a first campaign, an editor schema, a nightly CI job.

    No file is overwritten; what is there already is kept, and said to be.
    """
    target = session.directory() / (folder or "")
    if not any(sources.values()):
        sources["local"] = "clones"
    if ci is None:
        ci = "github" if sources["github"] else "gitlab" if sources["gitlab"] else "none"
    files = {
        "headway.toml": starter.config(source_tables(sources)),
        f"campaigns/{campaign}.yaml": starter.campaign(_shipped(campaign), session.today()),
        f"campaigns/{starter.SCHEMA_NAME}": _schema(),
        **_ci_files(ci),
    }
    for name, text in files.items():
        _write_new(target, name, text)
    _ignore(target)
    click.echo(
        f"\nNext: look over {shown_path(target / 'headway.toml')}, then run\n"
        f"  {_with_directory(target)} validate && {_with_directory(target)} scan",
        err=True,
    )


def _with_directory(target: Path) -> str:
    return "headway" if target.resolve() == Path.cwd() else f"headway -C {shown_path(target)}"


def catalogue_folder() -> Path:
    """Where the shipped campaigns are."""
    from headway.config.workspace import shipped_folder

    return shipped_folder() / "campaigns"


def _shipped(name: str) -> str:
    found = {file.stem: file for file in sorted(catalogue_folder().glob("*.yaml"))}
    if name not in found:
        raise NotInCatalogueError(name, list(found))
    return found[name].read_text("utf-8")


def _schema() -> str:
    from headway.config.json_schema import campaign_schema
    from headway.config.workspace import shipped_folder
    from headway.plugins import load_scanners

    schema = campaign_schema(load_scanners((shipped_folder() / "scanners",)))
    return json.dumps(schema, indent=2) + "\n"


def _ci_files(ci: starter.Ci) -> dict[str, str]:
    if ci == "github":
        return {nightly.GITHUB_PATH: nightly.github_workflow(__version__)}
    if ci == "gitlab":
        return {
            nightly.GITLAB_PATH: nightly.gitlab_pipeline(__version__),
            ".gitlab-ci.yml": nightly.gitlab_include(),
        }
    return {}


def _write_new(target: Path, name: str, text: str) -> None:
    path = target / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        click.echo(f"kept     {name}" + _by_hand(name))
    except OSError as error:
        raise CannotWriteError(path, error.strerror or error) from error
    else:
        click.echo(f"written  {name}")


def _by_hand(name: str) -> str:
    if name == ".gitlab-ci.yml":
        return f" (add `include: [local: {nightly.GITLAB_PATH}]` to it)"
    return ""


def _ignore(target: Path) -> None:
    path = target / ".gitignore"
    try:
        existing = path.read_text("utf-8") if path.exists() else ""
        text = starter.ignore(existing)
        if text != existing:
            path.write_text(text, "utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotWriteError(path, error) from error
    if text == existing:
        click.echo("kept     .gitignore")
    else:
        click.echo(f"{'added to' if existing else 'written '} .gitignore")
