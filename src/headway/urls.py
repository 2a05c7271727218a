"""Where every page lies: stable, safe on any file system, the same on every build."""

from __future__ import annotations

import hashlib
import re

_PLAIN = re.compile(
    r"[a-z0-9][a-z0-9._]*(?:-[a-z0-9._]+)*(?:/[a-z0-9][a-z0-9._]*(?:-[a-z0-9._]+)*)*"
)
_OTHER = re.compile(r"[^a-z0-9]+")
_LONGEST = 80

INDEX = "index.html"


def slug(name: str) -> str:
    """A folder's name for any name; two names never share one.

    `acme/payments-api` gives `acme--payments-api`. A name that is not plain lower-case text keeps
    what is legible of it, with a hash of the whole after it.
    """
    if _PLAIN.fullmatch(name) and len(name) <= _LONGEST and not name.endswith("."):
        return name.replace("/", "--")
    legible = _OTHER.sub("-", name.lower()).strip("-")[:40].strip("-")
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{legible}---{digest}" if legible else f"---{digest}"


def campaign_page(campaign: str) -> str:
    """Path of a campaign's page below the site's root."""
    return f"campaigns/{slug(campaign)}/{INDEX}"


def repositories_page(campaign: str, number: int = 1) -> str:
    """Path of the list of all repositories of a campaign."""
    name = "repositories.html" if number == 1 else f"repositories-{number}.html"
    return f"campaigns/{slug(campaign)}/{name}"


def campaign_file(campaign: str) -> str:
    """Path of the copy of a campaign's definition."""
    return f"campaigns/{slug(campaign)}/campaign.yaml"


def data_file(table: str, ending: str) -> str:
    """Path of a table of everything, as a file for programs."""
    return f"data/{table}.{ending}"


def campaign_data(campaign: str, table: str, ending: str) -> str:
    """Path of a table of one campaign."""
    return f"data/campaigns/{slug(campaign)}/{table}.{ending}"


def team_data(team: str, ending: str) -> str:
    """Path of the items of one team."""
    return f"data/teams/{slug(team)}/items.{ending}"


def feed_file(campaign: str) -> str:
    """Path of a campaign's Atom feed."""
    return f"feeds/{slug(campaign)}.atom"


def badge_file(kind: str, name: str) -> str:
    """Path of a badge; kind: campaigns, teams or repositories."""
    return f"badges/{kind}/{slug(name)}.svg"


def team_page(team: str, number: int = 1) -> str:
    """Path of a team's page; long lists go on with page 2."""
    return f"teams/{slug(team)}/{_numbered(number)}"


def repository_page(repository: str, number: int = 1) -> str:
    """Path of a repository's page; long lists go on with page 2."""
    return f"repositories/{slug(repository)}/{_numbered(number)}"


def anchor(campaign: str) -> str:
    """Where on a page that lists several campaigns this one is."""
    return f"campaign-{slug(campaign)}"


def relative(target: str, page: str) -> str:
    """How the page at `page` links to `target`; both are paths below the site's root."""
    own, others = page.split("/"), target.split("/")
    shared = 0
    # the last part is a file
    while shared < min(len(own), len(others)) - 1 and own[shared] == others[shared]:
        shared += 1
    return "../" * (len(own) - 1 - shared) + "/".join(others[shared:])


def _numbered(number: int) -> str:
    return INDEX if number == 1 else f"page-{number}.html"
