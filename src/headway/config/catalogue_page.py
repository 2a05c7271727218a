"""Write the table of campaigns in docs/catalogue.md."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from headway.config.catalogue import load_catalogue
from headway.config.workspace import shipped_folder
from headway.model.campaign import Campaign, Rule
from headway.plugins import load_scanners

BEGIN = "<!-- campaigns begin -->\n"
END = "<!-- campaigns end -->\n"


def page(text: str) -> str:
    """Return the contents of the page with an updated table."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table(_campaigns())}{END}{after}"


def table(campaigns: Sequence[Campaign]) -> str:
    """Return a Markdown table with one row per campaign."""
    rows = ["| campaign | goal | searches for | milestone |\n", "| --- | --- | --- | --- |\n"]
    for campaign in campaigns:
        ends = ", ".join(f"{milestone.due}" for milestone in campaign.milestones)
        found = "; ".join(dict.fromkeys(_searches(campaign)))
        link = f"[{campaign.id}](../campaigns/{campaign.id}.yaml)"
        rows.append(f"| {link} | {campaign.title} | {found} | {ends} |\n")
    return "".join(rows)


def _searches(campaign: Campaign) -> Iterator[str]:
    for rule in campaign.deprecated:
        yield _target(rule)
    for rule in campaign.replacement:
        yield f"must have: {_target(rule).removeprefix('files: ')}"


def _target(rule: Rule) -> str:
    """Describe the findings of a rule in a few words."""
    options = rule.options
    if rule.scanner == "dependency":
        versions = options.get("versions")
        wanted = f" `{versions}`" if versions else ""
        return f"`{options['package']}`{wanted} ({options['ecosystem']})"
    if rule.scanner == "runtime":
        return f"versions of {options['runtime']}"
    if rule.scanner == "file":
        return "files: " + ", ".join(f"`{path}`" for path in rule.paths if path[0] != "!")
    return f"{rule.id.replace('-', ' ')} (`{rule.scanner}`)"


def _campaigns() -> Sequence[Campaign]:
    return load_catalogue(load_scanners([shipped_folder() / "scanners"])).campaigns


def main(target: str) -> None:
    """Update the table in a page."""
    path = Path(target)
    path.write_text(page(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
