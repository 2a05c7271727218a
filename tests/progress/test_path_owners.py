from __future__ import annotations

import pytest

from headway.progress.path_owners import Owners, Team, TeamList, entity_name, guess_dialect

TEAMS = TeamList(
    [
        Team("platform", repositories=("acme/*",), paths=("ci/**",)),
        Team("payments", repositories=("acme/payments-*",), aliases=("@acme/pay", "pay@acme.com")),
        Team("search", aliases=("@acme/Search",)),
        Team("fonts", paths=("*.ttf",)),
    ]
)
CODEOWNERS = "* @acme/search\n/other/ @stranger @acme/search\n/new/ @acme/newcomers\n/nobody/\n"


@pytest.mark.parametrize(
    ("repository", "path", "team", "by"),
    [
        ("acme/payments-api", "a.py", "payments", "teams.yaml"),
        ("acme/payments-api", "ci/run.sh", "platform", "teams.yaml"),
        ("acme/payments-api", "ci/a.ttf", "fonts", "teams.yaml"),
        ("elsewhere/b", "deep/a.ttf", "fonts", "teams.yaml"),
        ("acme/web", "a.py", "search", "CODEOWNERS"),
        # an owner that is a team takes precedence over one that is not
        ("acme/web", "other/a.py", "search", "CODEOWNERS"),
        ("acme/web", "new/a.py", "acme/newcomers", "CODEOWNERS"),
        ("acme/web", "nobody/a.py", "payments", "catalog-info.yaml"),
    ],
)
def test_the_first_source_with_an_owner_decides(
    repository: str, path: str, team: str, by: str
) -> None:
    owners = Owners(
        TEAMS,
        repository,
        codeowners=(".github/CODEOWNERS", CODEOWNERS),
        catalog_owner=("catalog-info.yaml", "group:default/PAY@acme.com"),
        groups=("acme/search",),
    )
    decision = owners.of(path)
    assert (decision.team, decision.by) == (team, by)


def test_a_decision_names_the_rule_and_its_place() -> None:
    owners = Owners(TEAMS, "acme/web", codeowners=("CODEOWNERS", CODEOWNERS))
    assert owners.of("new/a").rule == "CODEOWNERS:3: /new/ @acme/newcomers"
    assert owners.of("ci/a").rule == "platform: ci/**"
    assert owners.of("nobody/a").team == "unowned"


def test_the_group_of_the_forge_comes_last() -> None:
    owners = Owners(TEAMS, "x", groups=("acme/search", "other"))
    assert (owners.of("a").team, owners.of("a").by) == ("search", "group")
    assert not owners.is_the_same_everywhere
    assert Owners(TeamList([]), "x", groups=("acme/a",)).of("a").team == "acme/a"
    assert Owners(TeamList([]), "x").of("a").team == "unowned"


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("payments", "payments"),
        ("group:payments", "payments"),
        ("group:default/payments", "payments"),
        ("group:acme/payments", "acme/payments"),
        ("user:default/ada", "ada"),
        ("group:", "unowned"),
    ],
)
def test_names_in_references_of_a_catalog(reference: str, name: str) -> None:
    assert entity_name(reference) == name


def test_the_dialect_of_a_local_repository_is_guessed() -> None:
    assert guess_dialect("CODEOWNERS", "* @a\n") == "github"
    assert guess_dialect("CODEOWNERS", "[Docs] @a\n*.md\n") == "gitlab"
    assert guess_dialect(".github/CODEOWNERS", "[Docs] @a\n*.md\n") == "github"
    assert guess_dialect(".gitlab/CODEOWNERS", "* @a\n") == "gitlab"
