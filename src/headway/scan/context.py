"""The request and the resources that all steps of a scan share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from headway.model.campaign import Campaign
from headway.scan.job_executor import JobExecutor
from headway.scan.mirror_provider import MirrorProvider
from headway.scan.request import ScanRequest
from headway.store.store_writer import ScanWriter


@dataclass(frozen=True)
class ScanContext:
    """The request of a scan, and the resources that are open while it runs."""

    request: ScanRequest
    writer: ScanWriter
    mirrors: MirrorProvider
    executor: JobExecutor
    started_at: datetime
    today: date
    """The date that the scan uses as today. This date is never earlier than the date of the
    previous scan. See `scan_day`.
    """

    @cached_property
    def campaigns(self) -> dict[str, Campaign]:
        """The campaigns to scan, by ID."""
        return {campaign.id: campaign for campaign in self.request.campaigns}


def scan_day(request: ScanRequest, writer: ScanWriter) -> date:
    """Return the requested day, or the day of the previous scan if that is later.

    The day of the previous scan can be later if the clock was set back.
    """
    last = writer.scans.last()
    return max(request.today, last[1]) if last else request.today
