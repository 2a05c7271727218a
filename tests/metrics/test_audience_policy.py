"""Readers see only counts of the repositories that are hidden from them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import pytest

from headway.config.workspace import shipped_folder
from headway.digest.compose import Setting, digest
from headway.digest.render import render
from headway.digest.slack import slack
from headway.digest.team_digest import team_digest
from headway.metrics import redaction
from headway.metrics.attention.attention_records import (
    Attention,
    DeadRepository,
    Held,
    Mover,
    Regression,
    ScopeChange,
    Unseen,
    Work,
)
from headway.metrics.audience_policy import POLICIES, HiddenCounts, RecordPolicy
from headway.metrics.record_types import records_by_field
from headway.metrics.records import CampaignReport, ExemptionRow, ItemRow, Mark, RepositoryFacts
from headway.metrics.redaction import attention_for, report_for
from headway.metrics.serialize import field_names, json_text
from headway.model.audience import AUDIENCES, HIDDEN, Audience
from headway.model.campaign import Campaign, Scope
from tests.support.attention import LAST, attention, forecast, moves, status, team

SECRET = ("vault", "keys.py", "Eve Example", "5ec2e7c0de", "keys/old.pem", "vault is now safe")
WORK = Work("vault", "5ec2e7c0de" + "0" * 30, LAST, "Eve Example", 4, 0, None)


def facts() -> Attention:
    """Return a record with all kinds of details about a private and a public repository."""
    open_work = Work("site", "0b0e0b0e0b" + "0" * 30, LAST, "Ada", 2, 0, None)
    parts = team(
        "alpha",
        left=(Held("vault", 6), Held("site", 4)),
        works=(WORK, open_work),
        moves=moves(fixed=1),
    )
    return attention(
        repositories=(
            Mover("vault", moves(fixed=4), (WORK,), 0),
            Mover("site", moves(fixed=2), (open_work,), 0),
        ),
        moves=moves(20, fixed=6),
        teams=(Mover("alpha", moves(fixed=6), (WORK, open_work), 0),),
        team_parts=(parts,),
        regressions=(
            Regression(
                "vault", "alpha", "six", "keys.py", 1, LAST, "5ec2e7c0de", "Eve Example", None,
                None, True,
            ),
        ),
        scope_added=(ScopeChange("vault", LAST, 3, None),),
        scope_removed=(ScopeChange("vault", LAST, 3, "it is gone"),),
        dead=(DeadRepository("vault", "alpha", 6, date(2024, 1, 1)),),
        unseen=(Unseen("vault", "keys/old.pem is over the limit", LAST, None, 6, True),),
        incomplete=("vault",),
        marks=(
            Mark(LAST, "repository", "vault is now safe", "vault"),
            Mark(LAST, "definition", "rule six changed"),
        ),
        facts={
            "vault": RepositoryFacts("private", None),
            "site": RepositoryFacts("public", None),
        },
    )  # fmt: skip


ITEM = ItemRow(
    item="1", campaign="remove-six", rule="six", role="deprecated", repository="vault",
    path="keys.py", line=1, column=1, excerpt="import six", team="alpha", state="open",
    regressed=False, opened_at=None, opened_commit="5ec2e7c0de", opened_before_baseline=False,  # type: ignore[arg-type] # not shown
    closed_at=None, closed_commit=None, closed_by=None, url=None, captures={},
)  # fmt: skip


def everything(audience: Audience) -> str:
    """Return both kinds of digests in all formats, and the records as JSON."""
    setting = Setting(LAST, audience)
    folders = (shipped_folder() / "reports",)
    pages = [digest([facts()], (), setting), team_digest("alpha", [facts()], [ITEM], (), setting)]
    texts: list[Any] = [json_text([attention_for(audience, facts())])]
    for page in pages:
        texts += [render(page, kind, folders) for kind in ("text", "markdown", "html")]
        texts.append(slack(page))
    return "\n".join(str(text) for text in texts)


def test_readers_with_full_access_see_everything() -> None:
    text = everything("private")
    assert [word for word in SECRET if word not in text] == []


def test_internal_readers_see_counts_and_names() -> None:
    text = everything("internal")
    assert "vault" in text
    for word in ("keys.py", "Eve Example", "5ec2e7c0de"):
        assert word not in text
    assert "This digest shows only counts for 1 repository" in text


def test_a_public_digest_does_not_name_a_private_repository() -> None:
    text = everything("public")
    for word in SECRET:
        assert word not in text
    assert "a repository that some readers are not allowed to see" in text
    assert "rule six changed" in text


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_audience_sees_the_same_counts(audience: Audience) -> None:
    whole, seen = facts(), attention_for(audience, facts())
    assert seen.moves == whole.moves
    assert [mover.moves for mover in seen.repositories] == [m.moves for m in whole.repositories]
    assert [need.items for need in seen.needs] == [need.items for need in whole.needs]
    assert [len(mover.works) + mover.more for mover in seen.repositories] == [1, 1]
    assert "site" in everything(audience)


def test_the_public_sees_no_patterns_of_exemptions() -> None:
    row = ExemptionRow(
        campaign="remove-six", reason="Decommissioned", approved_by=None, repositories=("vault*",),
        paths=("keys/**",), rules=("six",), since=None, until=LAST, state="lapsed", items=3,
        days_left=None,
    )  # fmt: skip
    whole = attention(lapsed=(row,))
    assert attention_for("internal", whole).lapsed == (row,)
    (shown,) = attention_for("public", whole).lapsed
    assert (shown.reason, shown.repositories, shown.paths) == ("Decommissioned", (), ())


def test_a_repository_of_unknown_visibility_is_hidden() -> None:
    whole = attention(regressions=facts().regressions, incomplete=("site", "elsewhere"))
    assert attention_for("private", whole) == whole
    assert attention_for("internal", whole).regressions == ()
    assert attention_for("public", replace(whole, facts=facts().facts)).incomplete == (
        "site",
        HIDDEN,
    )


def test_a_team_with_the_name_of_a_hidden_repository_keeps_its_name() -> None:
    whole = replace(facts(), teams=(Mover("vault", moves(fixed=1), (), 0),))
    assert [mover.name for mover in attention_for("public", whole).teams] == ["vault"]


@pytest.mark.parametrize("record", list(POLICIES))
def test_every_field_is_in_a_policy(record: type) -> None:
    """Every new field must be added to a policy. Otherwise, it would be hidden."""
    assert POLICIES[record].listed() == set(field_names(record) or ())
    for policy in POLICIES[record].policies.values():
        assert isinstance(policy, RecordPolicy)
    nested = frozenset().union(*records_by_field(record).values())
    missing = {contained.__name__ for contained in nested if contained not in POLICIES}
    assert not missing


@dataclass(frozen=True)
class Extended(Regression):
    """A type of record with fields that no policy lists."""

    reviewer: str = ""
    reviewed_on: date | None = None
    files: tuple[str, ...] = ()


def test_a_field_that_no_policy_lists_is_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "POLICIES", {**POLICIES, Extended: POLICIES[Regression]})
    known = asdict(facts().regressions[0]) | {"repository": "site"}
    extended = Extended(**known, reviewer="Eve", reviewed_on=LAST, files=("keys.py",))
    whole = replace(facts(), regressions=(extended,))
    assert attention_for("private", whole).regressions == (extended,)
    assert attention_for("internal", whole).regressions == (Extended(**known),)


def test_a_report_keeps_the_totals_of_hidden_repositories() -> None:
    rows = (status(repository="vault", open=6), status(repository="site", open=4))
    whole = report(repositories=rows, facts=facts().facts, capture_series={"version": ()})
    shown, hidden = report_for("internal", whole)
    assert (shown.repositories, hidden) == (rows, HiddenCounts(1, 6))
    assert not shown.capture_series
    shown, hidden = report_for("public", whole)
    assert (shown.repositories, hidden) == (rows[1:], HiddenCounts(1, 6))
    assert list(shown.facts) == ["site"]
    assert report_for("private", whole) == (whole, None)


def report(**changes: Any) -> CampaignReport:
    """Return the report of a campaign without items, with the given changes."""
    campaign = Campaign("remove-six", "Remove six", (), scope=Scope(("vault",)))
    values: dict[str, Any] = {
        "campaign": campaign.id, "title": campaign.title, "summary": "", "owner": None,
        "guide": None, "starts": LAST, "due": None, "today": LAST, "scanned_at": None,
        "status": status(), "forecast": forecast(), "repositories": (), "teams": (), "days": (),
        "weeks": (), "items": (), "definition": campaign,
    }  # fmt: skip
    return CampaignReport(**{**values, **changes})
