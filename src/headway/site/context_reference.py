"""Writes the second half of docs/pages.md: `python -m headway.site.context_reference FILE`."""

from __future__ import annotations

import inspect
import re
import sys
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from headway.config.workspace import shipped_folder
from headway.metrics.serialize import field_names
from headway.site import template_context as contexts
from headway.wording.formats import FILTERS

MARK = "<!-- What follows is written by `python3 tasks.py docs`; a test compares it. -->\n"
PAGES: Mapping[str, type] = {
    "index.html": contexts.PortfolioPage,
    "campaign.html": contexts.CampaignPage,
    "repositories.html": contexts.RepositoriesPage,
    "team.html": contexts.TeamPage,
    "repository.html": contexts.RepositoryPage,
    "feed.xml": contexts.Feed,
    "badge.svg": contexts.Badge,
}
"""What each template is given as `page`."""


def reference() -> str:
    """Templates with their blocks, filters, and every record that a template meets."""
    parts = [MARK, "## Templates\n", _templates(), "## Filters\n", _filters(), "## Records\n"]
    parts += [_record(record) for record in _records()]
    return "\n".join(parts)


def _templates() -> str:
    rows = [f"| `{name}` | {_linked(record)} | {_blocks(name)} |" for name, record in PAGES.items()]
    layout = f"| `layout.html` | what the page has | {_blocks('layout.html')} |"
    head = ["| template | `page` is | blocks |", "| --- | --- | --- |"]
    return "\n".join([*head, layout, *rows]) + "\n"


def _blocks(template: str) -> str:
    text = (shipped_folder() / "reports" / template).read_text("utf-8")
    names = dict.fromkeys(re.findall(r"{% block (\w+) %}", text))
    return ", ".join(f"`{name}`" for name in names) or "none"


def _filters() -> str:
    rows = [f"| `{name}` | {_line(function)} |" for name, function in sorted(FILTERS.items())]
    return "\n".join(["| filter | what it gives |", "| --- | --- |", *rows]) + "\n"


def _line(function: Any) -> str:
    return (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def _records() -> Iterator[type]:
    """Pages first, then what is in them, each once."""
    waiting = list(PAGES.values())
    seen: set[type] = set()
    while waiting:
        record = waiting.pop(0)
        if record in seen:
            continue
        seen.add(record)
        yield record
        for hint in _members(record).values():
            waiting += [part for part in _parts(hint) if field_names(part)]


def _members(record: type) -> dict[str, Any]:
    """Fields and properties, with their types."""
    hints = get_type_hints(record)
    found = {name: hints[name] for name in field_names(record) or ()}
    for name, value in vars(record).items():
        if isinstance(value, property) and value.fget is not None:
            found[name] = get_type_hints(value.fget)["return"]
    return found


def _parts(hint: Any) -> Iterator[type]:
    if isinstance(hint, type) and not get_args(hint):
        yield hint
    for argument in get_args(hint):
        yield from _parts(argument)


def _record(record: type) -> str:
    paragraphs = (inspect.getdoc(record) or "").split("\n\n")
    text = "\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs)
    rows = [f"| `{name}` | {_words(hint)} |" for name, hint in _members(record).items()]
    table = "\n".join(["| field | is |", "| --- | --- |", *rows])
    return f"### {record.__name__}\n\n{text}\n\n{table}\n"


def _words(hint: Any) -> str:
    """A type as a reader of templates needs it."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, Union):
        return " or ".join(_words(each) for each in arguments)
    if origin is Literal:
        return ", ".join(f"`{each}`" for each in arguments)
    if origin is tuple and arguments[-1] is Ellipsis:
        return f"list of {_words(arguments[0])}"
    if origin is tuple:
        return f"({', '.join(_words(each) for each in arguments)})"
    if origin is not None and issubclass(origin, Mapping):
        return f"mapping of {_words(arguments[0])} to {_words(arguments[1])}"
    if hint is type(None):
        return "none"
    return _linked(hint) if field_names(hint) else hint.__name__


def _linked(record: Any) -> str:
    return f"[{record.__name__}](#{record.__name__.lower()})"


def main(file: Path) -> None:
    """Writes the half anew; what stands before the mark stays."""
    before = file.read_text("utf-8").partition(MARK)[0]
    file.write_text(before + reference(), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
