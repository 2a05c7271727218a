"""The days on which each exemption applies.

An exemption applies from the day of the scan that first finds it. Otherwise, a new exemption would
change numbers that were already reported for past months. Exemptions found by a campaign's first
scan apply from the beginning of the history.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from headway.model.campaign import Campaign, Exemption
from headway.model.days import ONE_DAY
from headway.model.store_records import ExemptionRecord

Days = tuple[date | None, date]
"""(First day, last day), both inclusive. None as the first day means the beginning of the history.
"""


def settle_exemptions(
    campaign: Campaign,
    known: Sequence[ExemptionRecord],
    *,
    today: date,
    first_scan: bool,
) -> list[ExemptionRecord]:
    """Return a campaign's exemptions with the days on which they apply, sorted by ID and day.

    Args:
        campaign: The campaign as defined today.
        known: The exemptions of the campaign that earlier scans recorded.
        today: The day of this scan.
        first_scan: Whether this is the campaign's first scan.
    """
    before: dict[str, list[ExemptionRecord]] = defaultdict(list)
    for record in known:
        before[record.id].append(record)
    defined = {exemption_id(exemption): exemption for exemption in campaign.exemptions}
    after: list[ExemptionRecord] = []
    for name in sorted(before.keys() | defined.keys()):
        days = [(record.first_day, record.last_day) for record in before[name]]
        exemption = defined.get(name)
        if exemption is None:
            after += [
                record._replace(first_day=first, last_day=last)
                for record, (first, last) in zip(before[name], _ended(days, today), strict=False)
            ]
            continue
        for first, last in _renewed(days, exemption.until, today, first_scan=first_scan):
            after.append(_record(campaign.id, name, exemption, first, last))
    return after


def exemption_id(exemption: Exemption) -> str:
    """Return a fingerprint of an exemption's patterns, ignoring its reason and dates."""
    covers = [exemption.repositories, exemption.paths, exemption.rules]
    return hashlib.sha256(json.dumps(covers).encode()).hexdigest()[:16]


def _renewed(days: Sequence[Days], until: date, today: date, *, first_scan: bool) -> list[Days]:
    """Return the updated periods of an exemption that is still in the campaign file."""
    holds_today = until >= today
    if not days:
        if first_scan:
            return [(None, until)]
        return [(today, until)] if holds_today else []
    first, last = days[-1]
    if last < today - ONE_DAY:
        return [*days, (today, until)] if holds_today else list(days)
    # Reported numbers for past days must not change, so an expiry date in the past ends the
    # exemption yesterday instead of on that date.
    return [*_ended(days, today)] if not holds_today else [*days[:-1], (first, until)]


def _ended(days: Sequence[Days], today: date) -> list[Days]:
    """Return the periods of an exemption that no longer applies. The last one ends yesterday."""
    if not days:
        return []
    first, last = days[-1]
    if last < today:
        return list(days)
    if first == today:
        return list(days[:-1])
    return [*days[:-1], (first, today - ONE_DAY)]


def _record(
    campaign: str, name: str, exemption: Exemption, first: date | None, last: date
) -> ExemptionRecord:
    return ExemptionRecord(
        campaign,
        name,
        exemption.repositories,
        exemption.paths,
        exemption.rules,
        exemption.reason,
        exemption.approved_by,
        exemption.until,
        first,
        last,
    )
