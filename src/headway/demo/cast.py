"""Who is in the story: teams with their habits, and the repositories that they have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Team:
    """A team and how it works off what a campaign asks for.

    zeal: chance, each week, that one of its repositories is worked on for a campaign.
    quiet_after: weeks before the end of the story from which nothing is fixed any more, or None.
    people: who commits.
    """

    name: str
    zeal: float
    people: tuple[str, ...]
    quiet_after: int | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """One repository. born: weeks after the story's beginning. modules: how many files it grows
    from. readable: whether its objects are whole at the end.
    """

    name: str
    team: str
    born: int = 0
    modules: int = 8
    readable: bool = True


TEAMS = (
    Team("payments", 0.16, ("Amara Okafor", "Jonas Lind", "Mei Tanaka")),
    Team("search", 0.09, ("Priya Nair", "Tom Becker")),
    Team("identity", 0.11, ("Lucía Fernández", "Sam Osei", "Noa Levi")),
    Team("logistics", 0.08, ("Piotr Zielinski", "Hana Sato"), quiet_after=22),
    Team("storefront", 0.13, ("Elif Kaya", "Ben Carter", "Ines Moreau")),
    Team("data", 0.05, ("Ravi Menon", "Olga Petrova")),
)

HOMES = (
    Home("payments-api", "payments", modules=16),
    Home("payments-ledger", "payments", modules=12),
    Home("payments-fraud", "payments"),
    Home("payments-invoices", "payments"),
    Home("payments-gateway", "payments", modules=10),
    Home("payments-payouts", "payments", born=70),
    Home("payments-tax", "payments", modules=5),
    Home("search-indexer", "search", modules=14),
    Home("search-query", "search", modules=10),
    Home("search-ranking", "search"),
    Home("search-crawler", "search", modules=6),
    Home("search-synonyms", "search", modules=4),
    Home("search-suggest", "search", born=96, modules=5),
    Home("identity-login", "identity", modules=12),
    Home("identity-tokens", "identity"),
    Home("identity-profiles", "identity", modules=9),
    Home("identity-audit", "identity", modules=6),
    Home("identity-roles", "identity", born=30, modules=5),
    Home("identity-sso", "identity", modules=7),
    Home("logistics-routes", "logistics", modules=13),
    Home("logistics-depots", "logistics"),
    Home("logistics-labels", "logistics", modules=6),
    Home("logistics-tracking", "logistics", modules=11),
    Home("logistics-returns", "logistics", modules=7),
    Home("logistics-customs", "logistics", modules=5),
    Home("storefront-web", "storefront", modules=15),
    Home("storefront-cart", "storefront"),
    Home("storefront-catalogue", "storefront", modules=10),
    Home("storefront-reviews", "storefront", modules=6),
    Home("storefront-mail", "storefront", modules=5),
    Home("storefront-vouchers", "storefront", born=52, modules=5),
    Home("storefront-images", "storefront", modules=6),
    Home("data-warehouse", "data", modules=18),
    Home("data-pipelines", "data", modules=16),
    Home("data-events", "data", modules=9),
    Home("data-reports", "data", modules=10),
    Home("data-notebooks", "data", modules=7),
    Home("data-exports", "data", born=110, modules=5),
    Home("data-archive", "data", modules=6, readable=False),
    Home("handbook", "data", modules=0),
)

WEEKS = 156
"""How long the story is."""

SIX_BEGINS = 74
TRAVIS_BEGINS = 40
UTC_BEGINS = 128
"""The week of the story in which each campaign begins."""


def team_of(home: Home) -> Team:
    """The team that has a repository."""
    return next(team for team in TEAMS if team.name == home.team)
