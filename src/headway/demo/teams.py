"""The teams of the fictional organisation, with their members and repositories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from headway.demo.stream import Person

ORGANISATION = "acme"
FORGE = "https://github.example.com"

Kind = Literal["python", "node", "go", "java"]


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan for the history of one repository. Ages are numbers of days before today."""

    name: str
    kind: Kind
    modules: int = 8
    """The number of modules in the first commit."""
    born: int = 1090
    """The age of the first commit."""
    retired: int = 1
    """The age of the last commit."""
    joins: int | None = None
    """The age at which the repository joins the organisation, or None for an initial member."""
    leaves: int | None = None
    """The age at which the repository leaves the organisation, or None if it stays."""
    branch: str = "main"
    owned_by: Literal["CODEOWNERS", "teams.yaml", "nothing"] = "CODEOWNERS"
    """The file that names the repository's owner."""
    owners: tuple[tuple[str, str], ...] = ()
    """(Path, team) pairs for the paths that other teams own."""
    handed_over: tuple[int, str] | None = None
    """The age at which another team takes over the repository, and the name of that team. None if
    no team takes it over.
    """


@dataclass(frozen=True, slots=True)
class Team:
    """A team, and its speed in migrations."""

    slug: str
    people: tuple[Person, ...]
    nouns: tuple[str, ...]
    """The nouns from which the names of the team's modules are formed."""
    plans: tuple[Plan, ...]
    delay: int
    """The number of days from the start of a migration until half of the items are fixed."""
    tail: float
    """The variation in the delays. With a higher value, the last items take longer."""
    quiet: int = 0
    """The number of days up to today during which the team has fixed no items."""
    slips: float = 0.1
    """The probability, from 0 to 1, that a new module uses six after the migration has started."""
    reverts: int = 0
    """The number of the team's repositories whose clean-ups are reverted."""


def _people(*names: str) -> tuple[Person, ...]:
    return tuple(
        Person(name, f"{name.lower().replace(' ', '.').replace(chr(39), '')}@acme.example")
        for name in names
    )


PLATFORM = Team(
    "platform",
    _people("Ines Okafor", "Tomasz Lind", "Ravi Menon", "Greta Sand"),
    ("deployment", "cluster", "secret", "release", "image", "health_check", "quota", "flag", "log"),
    (
        Plan("deploy-tool", "python", 11),
        Plan("service-template", "python", 5),
        Plan("feature-flags", "python", 8),
        Plan("logging-client", "python", 6),
        Plan("auth-gateway", "go", 7),
        Plan("config-store", "go", 6),
        Plan("developer-portal", "node", 8, born=610),
    ),
    delay=55,
    tail=0.6,
    slips=0.02,
)

PAYMENTS = Team(
    "payments",
    _people("Maria Castell", "Jonas Weber", "Aiko Tanabe", "Sam Oduya", "Lena Fischer"),
    ("charge", "refund", "settlement", "card", "dispute", "payout", "merchant", "currency", "fee"),
    (
        Plan("payments-api", "python", 16),
        Plan("payments-ledger", "python", 12),
        Plan("card-vault", "python", 9),
        Plan("fraud-rules", "python", 10),
        Plan("invoice-renderer", "python", 7, branch="master"),
        Plan("checkout-web", "node", 9),
        Plan("refunds-worker", "python", 6, born=205),
        Plan("quote-engine", "python", 12, joins=20),
    ),
    delay=180,
    tail=0.6,
    reverts=1,
)

DATA = Team(
    "data",
    _people("Omar Haddad", "Yuki Sato", "Pilar Rojas", "Nils Berg"),
    ("event", "partition", "schema", "model", "batch", "feature", "dataset", "metric", "window"),
    (
        Plan("event-pipeline", "python", 14),
        Plan("warehouse-models", "python", 12),
        Plan("report-scheduler", "python", 8, owned_by="teams.yaml"),
        Plan("ml-features", "python", 10, born=820),
        Plan("data-quality", "python", 7),
        Plan("stream-ingest", "java", 8),
        Plan("metrics-catalog", "python", 6, born=118),
    ),
    delay=390,
    tail=0.9,
    slips=0.35,
)

WEB = Team(
    "web",
    _people("Chloe Martin", "Dev Patel", "Ewa Nowak", "Luis Ortega", "Bea Holm"),
    ("product", "basket", "search", "review", "image", "category", "coupon", "page", "session"),
    (
        Plan("storefront", "node", 12),
        Plan("design-system", "node", 9),
        Plan("search-api", "python", 11),
        Plan("catalog-api", "python", 12, handed_over=(150, "data")),
        Plan("image-resizer", "python", 6),
        Plan("cms-bridge", "python", 7, branch="master"),
        Plan("gift-cards", "python", 7, leaves=30),
        Plan("recommendations", "python", 8, born=330, owners=(("*_report.py", "data"),)),
    ),
    delay=230,
    tail=0.7,
    slips=0.2,
    reverts=3,
)

MOBILE = Team(
    "mobile",
    _people("Hana Kim", "Peter Novak", "Zoe Adeyemi"),
    ("device", "push_token", "screen", "release", "crash", "locale", "deep_link", "profile"),
    (
        Plan("mobile-gateway", "python", 12),
        Plan("push-notifier", "python", 9),
        Plan("app-config", "python", 6),
        Plan("android-app", "java", 10),
        Plan("crash-collector", "go", 6),
        Plan("release-train", "python", 5, born=470),
    ),
    delay=280,
    tail=0.5,
    reverts=1,
)

BACK_OFFICE = Team(
    "back-office",
    _people("Walter Brandt", "Rosa Silva", "Arne Dahl"),
    ("customer", "contract", "address", "letter", "ticket", "account", "tariff", "mandate"),
    (
        Plan("legacy-billing", "python", 15, branch="master"),
        Plan("customer-admin", "python", 11, branch="master"),
        Plan("support-desk", "python", 9),
        Plan("crm-sync", "python", 8, branch="master"),
        Plan("address-book", "python", 7, owned_by="nothing"),
        Plan("letter-press", "java", 6, retired=260),
    ),
    delay=240,
    tail=0.7,
    quiet=140,
    slips=0.25,
)

TEAMS = (PLATFORM, PAYMENTS, DATA, WEB, MOBILE, BACK_OFFICE)

EMPTY = "handbook"
"""A repository that has no commits and is in no campaign."""

UNREADABLE = "crm-sync"
"""A repository with damaged objects. Scans cannot determine its state."""
