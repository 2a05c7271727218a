"""Generate the template reference in docs/pages.md.

Run it with `python -m headway.site.context_reference FILE`.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from headway.config.workspace import shipped_folder
from headway.metrics.serialize import field_names
from headway.site.template_context.campaign_context import CampaignPage, RepositoriesPage
from headway.site.template_context.feed_and_badge_context import Badge, Feed
from headway.site.template_context.index_context import PortfolioPage
from headway.site.template_context.listing_context import ChangesPage, ItemsPage
from headway.site.template_context.repository_context import RepositoryPage
from headway.site.template_context.team_context import TeamPage
from headway.wording.formats import FILTERS

MARK = (
    "<!-- `python3 tasks.py docs` writes everything below; a test checks that it is current. -->\n"
)
PAGES: Mapping[str, type] = {
    "index.html": PortfolioPage,
    "campaign.html": CampaignPage,
    "repositories.html": RepositoriesPage,
    "items.html": ItemsPage,
    "changes.html": ChangesPage,
    "team.html": TeamPage,
    "repository.html": RepositoryPage,
    "feed.xml": Feed,
    "badge.svg": Badge,
}
"""Maps each template's name to the type of the record that it receives as `page`."""


def reference() -> str:
    """Return the reference of all templates, their blocks, filters and records as Markdown."""
    parts = [MARK, "## Templates\n", _templates(), "## Filters\n", _filters(), "## Records\n"]
    parts += [_record(record) for record in _records()]
    return "\n".join(parts)


def _templates() -> str:
    rows = [f"| `{name}` | {_linked(record)} | {_blocks(name)} |" for name, record in PAGES.items()]
    layout = (
        f"| `layout.html` | the record of the page that extends it | {_blocks('layout.html')} |"
    )
    head = ["| template | `page` is | blocks |", "| --- | --- | --- |"]
    return "\n".join([*head, layout, *rows]) + "\n"


def _blocks(template: str) -> str:
    text = (shipped_folder() / "reports" / template).read_text("utf-8")
    names = dict.fromkeys(re.findall(r"{% block (\w+) %}", text))
    return ", ".join(f"`{name}`" for name in names) or "none"


def _filters() -> str:
    rows = [
        f"| `{name}` | {_cell(function.__doc__)} |" for name, function in sorted(FILTERS.items())
    ]
    return "\n".join(["| filter | what it does |", "| --- | --- |", *rows]) + "\n"


def _records() -> Iterator[type]:
    """Yield the record types of pages, followed by the record types in their fields."""
    waiting = list(PAGES.values())
    seen: set[type] = set()
    while waiting:
        record = waiting.pop(0)
        if record in seen:
            continue
        seen.add(record)
        yield record
        for hint in _members(record).values():
            waiting += [part for part in _types_in(hint) if field_names(part)]


def _members(record: type) -> dict[str, Any]:
    """Map a record's fields and properties to their types."""
    hints = get_type_hints(record)
    members = {name: hints[name] for name in field_names(record) or ()}
    for name, value in vars(record).items():
        if isinstance(value, property) and value.fget is not None:
            members[name] = get_type_hints(value.fget)["return"]
    return members


def _types_in(hint: Any) -> Iterator[type]:
    if isinstance(hint, type) and not get_args(hint):
        yield hint
    for argument in get_args(hint):
        yield from _types_in(argument)


def _record(record: type) -> str:
    paragraphs = (inspect.getdoc(record) or "").split("\n\n")
    text = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    descriptions = _descriptions(record)
    rows = [
        f"| `{name}` | {_type_name(hint)} | {_cell(descriptions.get(name))} |"
        for name, hint in _members(record).items()
    ]
    table = "\n".join(["| field | type | description |", "| --- | --- | --- |", *rows])
    return f"### {record.__name__}\n\n{text}\n\n{table}\n"


def _descriptions(record: type) -> dict[str, str]:
    """Map a record's fields and properties to their docstrings.

    A field's docstring is the string literal below it.
    """
    found: dict[str, str] = {}
    # An inherited field has its docstring in the class that defines it.
    for base in reversed(record.__mro__):
        if field_names(base):
            found |= _own_descriptions(base)
    return found


def _own_descriptions(record: type) -> dict[str, str]:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(record))).body
    assert isinstance(definition, ast.ClassDef)
    found: dict[str, str] = {}
    for node, following in zip(definition.body, [*definition.body[1:], None], strict=True):
        if isinstance(node, ast.FunctionDef):
            found[node.name] = ast.get_docstring(node) or ""
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and isinstance(following, ast.Expr)
            and isinstance(following.value, ast.Constant)
        ):
            found[node.target.id] = inspect.cleandoc(str(following.value.value))
    return found


def _cell(docstring: str | None) -> str:
    """Return the first paragraph of a docstring as a cell of a Markdown table."""
    paragraph = inspect.cleandoc(docstring or "").split("\n\n")[0]
    return " ".join(paragraph.split()).replace("|", "\\|")


def _type_name(hint: Any) -> str:
    """Describe a type to template authors who may not know Python."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, Union):
        return " or ".join(_type_name(argument) for argument in arguments)
    if origin is Literal:
        return ", ".join(f"`{argument}`" for argument in arguments)
    if origin is tuple and arguments[-1] is Ellipsis:
        return f"list of {_type_name(arguments[0])}"
    if origin is tuple:
        return f"({', '.join(_type_name(argument) for argument in arguments)})"
    if origin is not None and issubclass(origin, Mapping):
        return f"mapping of {_type_name(arguments[0])} to {_type_name(arguments[1])}"
    if hint is type(None):
        return "none"
    return _linked(hint) if field_names(hint) else hint.__name__


def _linked(record: Any) -> str:
    return f"[{record.__name__}](#{record.__name__.lower()})"


def main(file: Path) -> None:
    """Replace everything from `MARK` to the end of a file with the reference."""
    before = file.read_text("utf-8").partition(MARK)[0]
    file.write_text(before + reference(), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
