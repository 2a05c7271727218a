"""Paths of a site's pages and files, relative to the site's root.

A page has the same path in every build. All paths are valid in URLs and on all file systems.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date
from functools import lru_cache

_PLAIN = re.compile(
    r"[a-z0-9][a-z0-9._]*(?:-[a-z0-9._]+)*(?:/[a-z0-9][a-z0-9._]*(?:-[a-z0-9._]+)*)*"
)
_OTHER = re.compile(r"[^a-z0-9]+")
_LONGEST = 80

INDEX = "index.html"


# Cached, because a page has many links to the same few pages.
@lru_cache(maxsize=4096)
def slug(name: str) -> str:
    """Convert the name of a campaign, team or repository to a unique folder name.

    A short name of lower-case letters, digits, dots, underscores, single hyphens and slashes stays
    readable. For example, `acme/payments-api` becomes `acme--payments-api`. Any other name is
    reduced to lower-case letters, digits and hyphens, followed by a hash of the whole name.
    """
    if _PLAIN.fullmatch(name) and len(name) <= _LONGEST and not name.endswith("."):
        return name.replace("/", "--")
    legible = _OTHER.sub("-", name.lower()).strip("-")[:40].strip("-")
    fingerprint = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{legible}---{fingerprint}" if legible else f"---{fingerprint}"


def campaign_page(campaign: str) -> str:
    """Return the path of a campaign's page."""
    return f"campaigns/{slug(campaign)}/{INDEX}"


def repositories_page(campaign: str, number: int = 1) -> str:
    """Return the path of a page that lists a campaign's repositories."""
    return _listing(campaign, "repositories", number)


def items_page(campaign: str, number: int = 1) -> str:
    """Return the path of a page that lists a campaign's open items."""
    return _listing(campaign, "items", number)


def changes_page(campaign: str, number: int = 1) -> str:
    """Return the path of a page that lists who changed a campaign's open count."""
    return _listing(campaign, "changes", number)


def campaign_file(campaign: str) -> str:
    """Return the path of the site's copy of a campaign file."""
    return f"campaigns/{slug(campaign)}/campaign.yaml"


DATA_FORMATS = ("csv", "json")
"""The formats of each data file, which are also its file name extensions."""


def data_file(table: str, ending: str) -> str:
    """Return the path of a data file about all campaigns. `ending` is `csv` or `json`."""
    return f"data/{table}.{ending}"


def campaign_data(campaign: str, table: str, ending: str) -> str:
    """Return the path of a data file about one campaign."""
    return f"data/campaigns/{slug(campaign)}/{table}.{ending}"


def team_data(team: str, ending: str) -> str:
    """Return the path of the data file with a team's open items."""
    return f"data/teams/{slug(team)}/items.{ending}"


def feed_file(campaign: str) -> str:
    """Return the path of a campaign's Atom feed."""
    return f"feeds/{slug(campaign)}.atom"


def badge_file(kind: str, name: str) -> str:
    """Return the path of a badge. `kind` is `campaigns`, `teams` or `repositories`."""
    return f"badges/{kind}/{slug(name)}.svg"


def team_page(team: str, number: int = 1) -> str:
    """Return the path of a team's page. A long list of items continues on further pages."""
    return f"teams/{slug(team)}/{_numbered(number)}"


def repository_page(repository: str, number: int = 1) -> str:
    """Return the path of a repository's page. A long list of items continues on further pages."""
    return f"repositories/{slug(repository)}/{_numbered(number)}"


def anchor(campaign: str) -> str:
    """Return the HTML ID of a campaign's section on a page about several campaigns."""
    return f"campaign-{slug(campaign)}"


def week_anchor(day: date) -> str:
    """Return the HTML ID of the week that ends on `day` on a page that lists changes."""
    return f"week-{day.isoformat()}"


def relative(target: str, page: str) -> str:
    """Return the relative link from `page` to `target`. Both paths are relative to the root."""
    own, others = page.split("/"), target.split("/")
    shared = 0
    # The last segment of each path is a file, not a folder.
    while shared < min(len(own), len(others)) - 1 and own[shared] == others[shared]:
        shared += 1
    return "../" * (len(own) - 1 - shared) + "/".join(others[shared:])


def _listing(campaign: str, kind: str, number: int) -> str:
    name = f"{kind}.html" if number == 1 else f"{kind}-{number}.html"
    return f"campaigns/{slug(campaign)}/{name}"


def _numbered(number: int) -> str:
    return INDEX if number == 1 else f"page-{number}.html"
