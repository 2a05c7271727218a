"""Determine what each audience is allowed to see in pages, digests, feeds and data files.

`POLICIES` is an allow-list of the fields that each audience is shown. Every other field becomes
empty. Counts are the same for every audience. Readers learn that hidden repositories exist, but not
what they contain. Public pages also omit the names of hidden repositories.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from headway.metrics.attention.attention_records import (
    Attention,
    DeadRepository,
    Due,
    Held,
    MilestoneNews,
    Mover,
    Moves,
    Need,
    NeedKind,
    Regression,
    ScopeChange,
    StalledTeam,
    TeamAttention,
    Unseen,
    Work,
)
from headway.metrics.change_records import Change
from headway.metrics.forecast_records import (
    CampaignForecast,
    ForecastPoint,
    ForecastQuantile,
    ForecastRecord,
    PastForecastRow,
    QuietRepositories,
    RepositoryDelay,
    TeamDelay,
)
from headway.metrics.records import (
    BurndownPoint,
    CampaignReport,
    ExemptionRow,
    InexactDays,
    ItemRow,
    Mark,
    RepositoryFacts,
    SeriesPoint,
    StatusRow,
    TeamContact,
)
from headway.model.campaign import Campaign, Exemption, Milestone, Reference, Rule, Scope
from headway.model.movement import FLOW_SIGNS, TEAM_FLOWS

_REPOSITORY_NEEDS: tuple[NeedKind, ...] = (
    "unknown",
    "regressed",
    "incomplete",
    "dead",
    "unowned",
    "scope added",
)
"""The kinds of actions needed whose subject is a list of repositories."""


@dataclass(frozen=True, slots=True)
class HiddenCounts:
    """Totals of the repositories that the readers of a page are not allowed to see."""

    repositories: int
    open: int
    """The number of open items in these repositories."""


def _always(_: object) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class RecordPolicy:
    """The fields of one type of record that each audience is allowed to see.

    Field names in a string are separated by spaces.
    """

    everyone: str
    """The fields that every audience is allowed to see.

    If a field contains records, the policies of these records apply to them.
    """
    about: str | None = None
    """The field with the name of the record's repository, or None if the record has no such field.
    """
    dropped: Literal["never", "public", "always"] = "never"
    """The audiences for which records of hidden repositories are removed: none, only the public, or
    all. The `about` field names the repository.
    """
    names: str = ""
    """The fields with repository names. For the public, `HIDDEN` replaces the names of hidden
    repositories.
    """
    names_if: Callable[[Any], bool] = _always
    """Returns whether the fields in `names` contain repository names in the given record."""
    by_name: str = ""
    """The fields with mappings whose keys are repository names. For the public, the entries of
    hidden repositories are removed.
    """
    quotes: str = ""
    """The fields that can quote the contents of repositories. They become empty if any repository
    is hidden.
    """
    not_public: Mapping[str, object] = field(default_factory=dict)
    """Maps fields to the values that the public sees instead.

    If the policy has an `about` field, the values replace only fields of hidden repositories.
    """
    counted: Mapping[str, str] = field(default_factory=dict)
    """Maps each field with a list of records to the field with the number of omitted records. The
    number of removed records is added to that field.
    """
    policies: Mapping[str, RecordPolicy] = field(default_factory=dict)
    """Maps fields to the policies for their records, if these differ from `POLICIES`."""

    def listed(self) -> frozenset[str]:
        """Return the fields that the policy allows. All other fields become empty."""
        groups = f"{self.everyone} {self.names} {self.by_name} {self.quotes}".split()
        return frozenset((*groups, *self.not_public))


_FLOWS = " ".join(TEAM_FLOWS)
"""The names of the ledger columns, all of which contain counts."""

_REPOSITORY_MOVER = RecordPolicy(
    everyone="moves works more", names="name", counted={"works": "more"}
)
_TEAM_MOVER = RecordPolicy(everyone="name moves works more", counted={"works": "more"})

POLICIES: Mapping[type, RecordPolicy] = {
    CampaignReport: RecordPolicy(
        everyone="campaign title summary owner guide starts due today scanned_at status forecast"
        " repositories teams days weeks items definition marks team_weeks team_weeks_then"
        " rule_weeks milestones exemptions contacts record changes",
        by_name="facts",
        quotes="capture_series",
    ),
    Attention: RecordPolicy(
        everyone="campaign title owner guide first last scanned_on status before forecast"
        " forecast_before moves open_repositories repositories teams team_parts regressions"
        " scope_added scope_removed stalled dead lapsing lapsed granted idle unseen milestones"
        " marks needs",
        names="incomplete",
        by_name="facts",
        policies={"repositories": _REPOSITORY_MOVER, "teams": _TEAM_MOVER},
    ),
    StatusRow: RecordPolicy(
        everyone="campaign title repository team state open fixed exempt completion coverage health"
        " p50 p85 due owner guide repositories unknown incomplete pace chance reason since last_fix"
        " oldest_open milestone horizon forecast_reason due_moves due_slips due_slip_days"
        " definition_changed binary_files inexact affected",
        about="repository",
        dropped="public",
    ),
    InexactDays: RecordPolicy(everyone="first last versions repositories"),
    ItemRow: RecordPolicy(
        everyone="item campaign rule role repository path line column excerpt team state regressed"
        " opened_at opened_commit opened_before_baseline closed_at closed_commit closed_by url"
        " captures opened_by opened_by_all closed_by_all changed_by",
        about="repository",
        dropped="always",
    ),
    Change: RecordPolicy(
        everyone="campaign repository day commit author url " + " ".join(FLOW_SIGNS),
        about="repository",
        dropped="always",
    ),
    BurndownPoint: RecordPolicy(
        everyone="campaign team date open exempt fixed_total completion coverage inexact " + _FLOWS
    ),
    SeriesPoint: RecordPolicy(
        everyone="campaign team series role value date open exempt fixed_total repositories"
    ),
    CampaignForecast: RecordPolicy(
        everyone="campaign team today open due reason p50 p85 horizon chance pace pace_needed"
        " growth weeks fixing_weeks unknown quantiles fan milestone pace_year due_moves due_slips"
        " due_slip_days definition_changed residual stall late_repositories late_teams quiet"
        " own_campaigns"
    ),
    RepositoryDelay: RecordPolicy(
        everyone="repository open days", about="repository", dropped="public"
    ),
    TeamDelay: RecordPolicy(everyone="team open days"),
    QuietRepositories: RecordPolicy(everyone="repositories open since share p50"),
    ForecastQuantile: RecordPolicy(everyone="chance date"),
    ForecastPoint: RecordPolicy(everyone="date low median high"),
    ForecastRecord: RecordPolicy(everyone="told finished p50_passed p85_passed"),
    PastForecastRow: RecordPolicy(everyone="said_on p50 p85"),
    # The patterns of exemptions can contain names of repositories and paths.
    ExemptionRow: RecordPolicy(
        everyone="campaign reason approved_by rules since until state items days_left",
        not_public={"repositories": (), "paths": ()},
    ),
    TeamContact: RecordPolicy(everyone="team lead channel"),
    RepositoryFacts: RecordPolicy(everyone="visibility forge"),
    Mark: RecordPolicy(everyone="date kind text repository", about="repository", dropped="public"),
    Campaign: RecordPolicy(
        everyone="id title applies_to deprecated replacement summary owner guide references starts"
        " due milestones exemptions",
        not_public={"scope": Scope(), "file": None},
    ),
    Reference: RecordPolicy(everyone="url read_on says"),
    Rule: RecordPolicy(everyone="id role scanner options paths weight samples include_vendored"),
    Scope: RecordPolicy(everyone="repositories topics languages visibility archived forks"),
    Milestone: RecordPolicy(everyone="name due", not_public={"repositories": ()}),
    Exemption: RecordPolicy(
        everyone="reason until rules approved_by", not_public={"repositories": (), "paths": ()}
    ),
    Moves: RecordPolicy(everyone="open_before open exempt_before exempt " + _FLOWS),
    Mover: _REPOSITORY_MOVER,
    Work: RecordPolicy(
        everyone="repository commit day author fixed opened url",
        about="repository",
        dropped="always",
    ),
    Regression: RecordPolicy(
        everyone="repository team rule path line day commit author url commit_url open",
        about="repository",
        dropped="always",
    ),
    ScopeChange: RecordPolicy(everyone="day items reason", names="repository"),
    StalledTeam: RecordPolicy(everyone="team open since last_fix"),
    DeadRepository: RecordPolicy(everyone="team open last_commit", names="repository"),
    # The reason why a repository is unknown can contain a file name.
    Unseen: RecordPolicy(
        everyone="since until open fresh",
        about="repository",
        names="repository",
        not_public={"reason": "the repository cannot be read"},
    ),
    MilestoneNews: RecordPolicy(everyone="state row"),
    Due: RecordPolicy(everyone="day milestone"),
    Held: RecordPolicy(everyone="open due", names="repository"),
    TeamAttention: RecordPolicy(
        everyone="team status forecast moves stalled due left contact works more",
        counted={"works": "more"},
    ),
    Need: RecordPolicy(
        everyone="kind who items day deadline",
        names="subject",
        names_if=lambda need: need.kind in _REPOSITORY_NEEDS,
    ),
}
