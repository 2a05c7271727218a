"""Which repositories are in scope, and the phrase for those that are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headway.model.campaign import Scope
from headway.model.repository import Repository
from headway.model.scope import name_matches, reason_outside

PAYMENTS = Repository(
    key="github.com/1",
    name="acme/payments-api",
    source="github",
    clone_url="",
    topics=("Python", "web"),
    languages=("Python", "Shell"),
    visibility="internal",
)


def test_an_empty_scope_admits_all() -> None:
    assert reason_outside(Scope(), PAYMENTS) is None


@pytest.mark.parametrize(
    ("scope", "reason"),
    [
        (Scope(repositories=("acme/*",)), None),
        (Scope(repositories=("acme/*", "!acme/payments-*")), "its name does not match"),
        (Scope(repositories=("!acme/payments-*", "acme/*")), None),
        (Scope(repositories=("other/*",)), "its name does not match scope.repositories"),
        (Scope(topics=("python",)), None),
        (Scope(topics=("PYTHON", "go")), None),
        (Scope(topics=("go", "rust")), "none of its topics is go or rust"),
        (Scope(languages=("shell",)), None),
        (Scope(languages=("Go",)), "none of its languages is Go"),
        (Scope(visibility=("internal",)), None),
        (Scope(visibility=("public", "private")), "its visibility is internal, not public or"),
        (Scope(topics=("python",), languages=("Go",)), "none of its languages is Go"),
    ],
)
def test_each_part_of_a_scope_must_admit_it(scope: Scope, reason: str | None) -> None:
    found = reason_outside(scope, PAYMENTS)
    assert found is None if reason is None else str(found).startswith(reason)


def test_archived_and_forks_are_left_out_unless_asked_for() -> None:
    archived, fork = replace(PAYMENTS, archived=True), replace(PAYMENTS, fork=True)
    assert reason_outside(Scope(), archived) == "it is archived"
    assert reason_outside(Scope(archived=True), archived) is None
    assert reason_outside(Scope(), fork) == "it is a fork"
    assert reason_outside(Scope(forks=True), fork) is None


def test_what_cannot_have_items_is_never_in_scope() -> None:
    everything = Scope(archived=True, forks=True)
    assert reason_outside(everything, replace(PAYMENTS, empty=True)) == "it is empty"
    disabled = replace(PAYMENTS, disabled=True)
    assert reason_outside(everything, disabled) == "it is disabled on its forge"


@pytest.mark.parametrize(
    ("patterns", "name", "admitted"),
    [
        ((), "anything", True),
        (("shop",), "shop", True),
        (("shop",), "acme/shop", True),
        (("/shop",), "acme/shop", False),
        (("acme",), "acme/shop", True),
        (("acme/*",), "acme/team/shop", True),
        (("*-archive",), "acme/shop-archive", True),
        (("acme/**/api",), "acme/a/b/api", True),
        (("*", "!acme/shop"), "acme/shop", False),
    ],
)
def test_patterns_are_those_of_gitignore(
    patterns: tuple[str, ...], name: str, admitted: bool
) -> None:
    assert name_matches(patterns, name) is admitted
