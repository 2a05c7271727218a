"""Nothing is told of a repository that is less visible than the readers may see."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from headway.config.workspace import shipped_folder
from headway.digest.compose import Setting, digest
from headway.digest.render import render
from headway.digest.slack import slack
from headway.digest.team_digest import team_digest
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
from headway.metrics.attention_audience import shown_to
from headway.metrics.records import ItemRow, Mark, RepositoryFacts
from headway.metrics.serialize import json_text
from headway.model.audience import AUDIENCES, Audience
from tests.support.attention import LAST, attention, moves, team

SECRET = ("vault", "keys.py", "Eve Example", "5ec2e7c0de", "keys/old.pem", "vault is now safe")
NAMES = ("vault", "vault is now safe")
WORK = Work("vault", "5ec2e7c0de" + "0" * 30, LAST, "Eve Example", 4, 0, None)


def facts() -> Attention:
    """Everything that could be told of a private repository, and something of a public one."""
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
    """All formats of both digests, and the records."""
    setting = Setting(LAST, audience)
    folders = (shipped_folder() / "reports",)
    pages = [digest([facts()], (), setting), team_digest("alpha", [facts()], [ITEM], (), setting)]
    texts: list[Any] = [json_text([shown_to(audience, facts())])]
    for page in pages:
        texts += [render(page, kind, folders) for kind in ("text", "markdown", "html")]
        texts.append(slack(page))
    return "\n".join(str(text) for text in texts)


def test_whoever_may_see_everything_is_told_everything() -> None:
    text = everything("private")
    assert [word for word in SECRET if word not in text] == []


def test_readers_within_the_organisation_get_counts_and_names() -> None:
    text = everything("internal")
    assert "vault" in text
    for word in ("keys.py", "Eve Example", "5ec2e7c0de"):
        assert word not in text
    assert "Of 1 repository this digest gives counts only" in text


def test_a_public_digest_does_not_even_name_it() -> None:
    text = everything("public")
    for word in SECRET:
        assert word not in text
    assert "a repository that not all readers may see" in text
    assert "rule six changed" in text


@pytest.mark.parametrize("audience", AUDIENCES)
def test_counts_are_the_same_for_everybody(audience: Audience) -> None:
    whole, seen = facts(), shown_to(audience, facts())
    assert seen.moves == whole.moves
    assert [mover.moves for mover in seen.repositories] == [m.moves for m in whole.repositories]
    assert [need.items for need in seen.needs] == [need.items for need in whole.needs]
    assert [len(each.works) + each.more for each in seen.repositories] == [1, 1]
    assert "site" in everything(audience)
