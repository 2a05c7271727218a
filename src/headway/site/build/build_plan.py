"""The plan of a build, and the tasks that it gives to worker processes."""

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
    """The inputs and folders of a build; the same for all of its processes."""

    store: Path
    campaigns: tuple[Campaign, ...]

    reports: tuple[Path, ...]
    """Folders with templates, the user's own first."""

    today: date
    audience: Audience

    scanned_at: datetime | None
    """When the latest scan ended, in UTC; None before the first scan."""

    place: Place

    constants: str
    """The fingerprint of everything that all pages depend on, such as today and the code."""

    templates: Mapping[str, str]
    """Name to fingerprint of each template."""

    sources: SourceFingerprints

    batches: tuple[str, ...]
    """The first name of each batch of repositories, sorted; a batch ends before the next name."""

    @property
    def scanned_on(self) -> date | None:
        """The UTC day on which the latest scan ended; None before the first scan."""
        return self.scanned_at.date() if self.scanned_at is not None else None

    @property
    def fragments(self) -> ItemFragments:
        """The formatted items that tables are assembled from."""
        return ItemFragments(self.place.scratch / "items")

    def batch_of(self, repository: str) -> int:
        """The number of the batch that contains the repository of this name."""
        return max(bisect_right(self.batches, repository) - 1, 0)

    def records(self, campaign: int) -> RecordFile:
        """The file with the records of a campaign. campaign: its index in `campaigns`."""
        return RecordFile(self.place.scratch / f"{campaign}.zip")

    def campaign_source(self, campaign: Campaign) -> object:
        """What a campaign's report is made from: its definition, its file and its stored rows.

        If their fingerprint is unchanged, so is the report, which takes long to compute.
        """
        file = file_fingerprint(campaign.file) if campaign.file is not None else None
        return campaign, file, self.sources.of_campaign(campaign.id)

    def records_fingerprint(self, campaign: Campaign) -> str:
        """The fingerprint of everything that a campaign's records are made from."""
        return fingerprint_of(self.constants, self.batches, self.campaign_source(campaign))


@dataclass(frozen=True, slots=True)
class TeamTask:
    """A task for one process: build the files of some teams."""

    teams: tuple[str, ...]
    """Names of the teams, sorted."""

    campaigns: tuple[int, ...]
    """Indexes of all campaigns in `BuildPlan.campaigns`, in the order in which pages list them."""


@dataclass(frozen=True, slots=True)
class ItemsTask:
    """A task for one process: build the table of all open items of one campaign."""

    campaign: int
    """The index of the campaign in `BuildPlan.campaigns`."""

    teams: tuple[str, ...]
    """All teams that have or had an item of the campaign, sorted."""


@dataclass(frozen=True, slots=True)
class RepositoryTask:
    """A task for one process: build the pages of one batch of repositories."""

    batch: int
    """The index of the batch in `BuildPlan.batches`."""

    campaigns: tuple[int, ...]
    """Indexes of all campaigns in `BuildPlan.campaigns`, in the order in which pages list them."""
