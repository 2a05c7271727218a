"""The plan of a site build, and the tasks for its worker processes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from headway.hashing import file_fingerprint, fingerprint_of
from headway.model.audience import Audience
from headway.model.campaign import Campaign
from headway.site.build.item_fragments import ItemFragments
from headway.site.build.publish import Place
from headway.site.build.record_files import RecordFile
from headway.store.row_fingerprints import SourceFingerprints


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """The inputs and folders of a build. They are the same for all its processes."""

    store: Path
    campaigns: tuple[Campaign, ...]

    reports: tuple[Path, ...]
    """The folders with templates: the user's folder first, the shipped folder last."""

    today: date
    audience: Audience

    scanned_at: datetime | None
    """The end of the latest scan in UTC, or None before the first scan."""

    notes: tuple[str, ...]
    """Sentences about repositories that the scan cannot see."""

    place: Place

    constants: str
    """A fingerprint of the inputs that all pages share, such as the date and the code."""

    templates: Mapping[str, str]
    """Maps each template's name to its fingerprint."""

    sources: SourceFingerprints

    batches: tuple[str, ...]
    """The name of the first repository in each batch of repositories, sorted."""

    @property
    def scanned_on(self) -> date | None:
        """The UTC day on which the latest scan ended, or None before the first scan."""
        return self.scanned_at.date() if self.scanned_at is not None else None

    @property
    def fragments(self) -> ItemFragments:
        """The formatted open items, from which the tables of items are assembled."""
        return ItemFragments(self.place.scratch / "items")

    def batch_of(self, repository: str) -> int:
        """Return the index of the batch that contains the repository with this name."""
        return max(bisect_right(self.batches, repository) - 1, 0)

    def records(self, campaign: int) -> RecordFile:
        """Return the record file of a campaign. `campaign` is its index in `campaigns`."""
        return RecordFile(self.place.scratch / f"{campaign}.zip")

    def campaign_source(self, campaign: Campaign) -> object:
        """Return the sources of a campaign's lists of items: definition, file and stored rows."""
        file = file_fingerprint(campaign.file) if campaign.file is not None else None
        return campaign, file, self.sources.of_campaign(campaign.id)

    def campaign_counts(self, campaign: Campaign) -> object:
        """Return the sources of a campaign's report, except its items.

        Computing a report takes a long time. The report is unchanged if its sources are unchanged.

        They do not change if only lines have moved, or if a commit has not changed any item.
        """
        file = file_fingerprint(campaign.file) if campaign.file is not None else None
        return campaign, file, self.sources.counts_of(campaign.id)

    def records_fingerprint(self, campaign: Campaign) -> str:
        """Return a fingerprint of all inputs of a campaign's record file."""
        return fingerprint_of(self.constants, self.batches, self.campaign_counts(campaign))


@dataclass(frozen=True, slots=True)
class TeamTask:
    """A task for one process: build the pages and tables of some teams."""

    teams: tuple[str, ...]

    campaigns: tuple[int, ...]
    """The indices of all campaigns in `BuildPlan.campaigns`, in page order."""


@dataclass(frozen=True, slots=True)
class ItemsTask:
    """A task for one process: build the table of all open items of one campaign."""

    campaign: int
    """The index of the campaign in `BuildPlan.campaigns`."""

    teams: tuple[str, ...]
    """The names of all teams that have or had an item in the campaign, sorted."""


@dataclass(frozen=True, slots=True)
class RepositoryTask:
    """A task for one process: build the pages of one batch of repositories."""

    batch: int
    """The index of the batch in `BuildPlan.batches`."""

    campaigns: tuple[int, ...]
    """The indices of all campaigns in `BuildPlan.campaigns`, in page order."""
