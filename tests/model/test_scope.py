"""Scopes of campaigns include the right repositories, and give the reason for all others."""

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


def test_an_empty_scope_admits_every_repository() -> None:
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
def test_a_repository_must_meet_every_condition(scope: Scope, reason: str | None) -> None:
    found = reason_outside(scope, PAYMENTS)
    assert found is None if reason is None else str(found).startswith(reason)


def test_archived_repositories_and_forks_are_excluded_by_default() -> None:
    archived, fork = replace(PAYMENTS, archived=True), replace(PAYMENTS, fork=True)
    assert reason_outside(Scope(), archived) == "it is archived"
    assert reason_outside(Scope(archived=True), archived) is None
    assert reason_outside(Scope(), fork) == "it is a fork"
    assert reason_outside(Scope(forks=True), fork) is None


def test_empty_and_disabled_repositories_are_never_in_scope() -> None:
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
def test_patterns_follow_the_rules_of_gitignore(
    patterns: tuple[str, ...], name: str, admitted: bool
) -> None:
    assert name_matches(patterns, name) is admitted


@pytest.mark.parametrize("excluded", ["!vendor/", "!/vendor/", "!vendor", "!vendor/**"])
def test_excluding_a_folder_excludes_everything_below_it(excluded: str) -> None:
    patterns = ("*.go", excluded)
    admitted = [
        path
        for path in ("a.go", "vendor/v.go", "vendor/x/w.go", "vendored/v.go", "vendor.go")
        if name_matches(patterns, path)
    ]
    assert admitted == ["a.go", "vendored/v.go", "vendor.go"]


def test_a_file_in_an_excluded_folder_can_be_admitted_again() -> None:
    patterns = ("*.go", "!vendor/", "vendor/ours/")
    assert name_matches(patterns, "vendor/ours/a.go")
    assert not name_matches(patterns, "vendor/theirs/a.go")


def test_patterns_that_only_exclude_admit_everything_else() -> None:
    patterns = ("!**/vendor/**", "!*.min.js")
    admitted = [
        path
        for path in ("a.ts", "vendor/b.ts", "x/vendor/b.ts", "lib.min.js", "lib.js")
        if name_matches(patterns, path)
    ]
    assert admitted == ["a.ts", "lib.js"]


def test_a_pattern_for_one_character_matches_a_character_of_several_bytes() -> None:
    for pattern in ("?.py", "[!a].py", "[é].py"):
        assert name_matches((pattern,), "é.py")
