"""The global options of this run: workspace folder, date and output format."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click


def remember(ctx: click.Context, parameter: click.Parameter, value: object) -> None:
    """Store the value of a global option. This is a click callback."""
    if value is not None and parameter.name is not None:
        _settings(ctx)[parameter.name] = value


def remember_format(ctx: click.Context, output_format: str) -> None:
    """Use a format that was given before a subcommand, unless the subcommand has its own format."""
    _settings(ctx)["format"] = output_format


def global_format(ctx: click.Context) -> str | None:
    """Return the `--format` given before the command or in the environment, otherwise None."""
    output_format: str | None = _settings(ctx).get("format")
    return output_format


def directory() -> Path:
    """Return the folder that was given with `-C`, or the current folder."""
    given = _settings(click.get_current_context()).get("directory")
    return Path(given) if given is not None else Path.cwd()


def today() -> date:
    """Return the date that was given with `--today`, or the current date in UTC."""
    given = _settings(click.get_current_context()).get("today")
    return given.date() if given is not None else now().date()


def wide() -> bool:
    """Return whether `--wide` was given."""
    ctx = click.get_current_context(silent=True)
    return ctx is not None and bool(_settings(ctx).get("wide"))


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def environment() -> dict[str, str]:
    """Return the environment variables, including those removed by `hide_variables`."""
    hidden: dict[str, str] = _settings(click.get_current_context()).get("hidden_variables", {})
    return os.environ | hidden


def hide_variables(names: Iterable[str]) -> None:
    """Remove variables from the environment of this process until the command ends.

    Scanner plugins run in this process and its child processes. They must not find forge tokens in
    the environment.
    """
    root = click.get_current_context().find_root()
    hidden = {name: os.environ.pop(name) for name in names if name in os.environ}
    _settings(root).setdefault("hidden_variables", {}).update(hidden)
    root.call_on_close(lambda: os.environ.update(hidden))


def allows_loopback_http() -> bool:
    """Return whether plain HTTP to forges on this machine is allowed. Only tests allow it."""
    return bool(_settings(click.get_current_context()).get("allow_loopback_http"))


def _settings(ctx: click.Context) -> dict[str, Any]:
    settings: dict[str, Any] = ctx.find_root().ensure_object(dict)
    return settings
