"""The owner of a path comes from the first source that names an owner."""

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
        # An owner that is a known team takes precedence over other owners.
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


def test_a_decision_names_its_rule_and_the_source_of_the_rule() -> None:
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
def test_entity_names_are_read_from_catalog_references(reference: str, name: str) -> None:
    assert entity_name(reference) == name


def test_the_dialect_of_a_local_repository_is_guessed() -> None:
    assert guess_dialect("CODEOWNERS", "* @a\n") == "github"
    assert guess_dialect("CODEOWNERS", "[Docs] @a\n*.md\n") == "gitlab"
    assert guess_dialect(".github/CODEOWNERS", "[Docs] @a\n*.md\n") == "github"
    assert guess_dialect(".gitlab/CODEOWNERS", "* @a\n") == "gitlab"
    for line in ("* @@maintainers", "* @a/b/c", "!*.rb", "^[Docs]", "  [Docs][2] @a"):
        assert guess_dialect("CODEOWNERS", f"* @a\n{line}\n") == "gitlab", line
    for line in ("* a@b.c", "# [Docs]", "x[ab] @a", "* @a/b"):
        assert guess_dialect("docs/CODEOWNERS", f"* @a\n{line}\n") == "github", line


@pytest.mark.parametrize(
    ("owners", "team"),
    [
        # Forges ignore case, so all spellings of a name are the same team.
        ("@Acme/Payments-UI", "acme/payments-ui"),
        ("@acme/payments-ui", "acme/payments-ui"),
        ("Ada@Example.com", "ada@example.com"),
        ("@ACME/PAY", "payments"),
        # Of several owners, the first one is used.
        ("@zoe @acme/a", "zoe"),
        # A role is not a team, unless it is the alias of a team.
        ("@@maintainer", "unowned"),
        ("@@Maintainers @acme/a", "acme/a"),
        ("@@developers", "developers of pay"),
        ("@@owner", "unowned"),
    ],
)
def test_the_owners_in_a_line_decide_the_team(owners: str, team: str) -> None:
    teams = TeamList([*TEAMS.teams, Team("developers of pay", aliases=("@@developer",))])
    text = f"/a/ {owners}\n"
    decided = Owners(teams, "x", codeowners=("CODEOWNERS", text), dialect="gitlab").of("a/b")
    assert decided.team == team


def test_all_owners_of_all_sections_are_kept() -> None:
    text = "* @acme/all\n[C]\n/x.txt @Acme/C @bea\n^[O]\n*.txt @bea @o\n"
    decision = Owners(TeamList([]), "x", codeowners=(".gitlab/CODEOWNERS", text)).of("x.txt")
    assert decision.team == "acme/c"
    assert decision.owners == ("@Acme/C", "@bea", "@o", "@acme/all")


def test_the_catalog_in_the_nearest_folder_decides() -> None:
    owners = Owners(
        TEAMS,
        "x",
        codeowners=("CODEOWNERS", "/pay/docs/ @acme/docs\n"),
        catalog_owner=("catalog-info.yaml", "group:root"),
        folder_owners={
            "pay": ("pay/catalog-info.yaml", "group:default/Pay"),
            "pay/api": ("pay/api/catalog-info.yml", "user:ada"),
        },
    )
    teams = {path: owners.of(path).team for path in ("a", "pay/b", "pay/api/c/d", "pays/e")}
    assert teams == {"a": "root", "pay/b": "pay", "pay/api/c/d": "ada", "pays/e": "root"}
    assert owners.of("pay/docs/f").team == "acme/docs"
    assert owners.of("pay/api/c").rule == "pay/api/catalog-info.yml: user:ada"
    patterns = [pattern for pattern, _ in owners.by_pattern()]
    assert patterns[-3:] == ["/pay/api/", "/pay/", None]
    only = Owners(TeamList([]), "x", folder_owners={"a": ("a/catalog-info.yaml", "b")})
    assert not only.is_the_same_everywhere
    assert only.of("c").team == "unowned"


def test_the_case_of_owners_in_catalogs_and_groups_is_ignored() -> None:
    catalog = ("catalog-info.yaml", "group:Acme/Search-UI")
    assert Owners(TeamList([]), "x", catalog_owner=catalog).of("a").team == "acme/search-ui"
    assert Owners(TeamList([]), "x", groups=("Acme/A",)).of("a").team == "acme/a"
