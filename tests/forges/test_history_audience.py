"""A scan stores nothing if some readers of its history are not allowed to see all repositories."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from headway.model.audience import Audience
from headway.model.repository import Listing, Repository, Unlisted, Visibility
from headway.model.store_records import RepositoryRecord
from headway.scan.history_audience import AudienceTooWideError, check_listings, check_records
from tests.support.forge.nights import without_graphql
from tests.support.forge.organisation import Organisation, github_config, gitlab_config
from tests.support.forge.server import Server
from tests.support.forge.world import TOKEN, Answer, always
from tests.support.workspaces import rows

DAY = date(2026, 3, 1)


@pytest.fixture
def acme(
    tmp_path: Path, server: Server, forge: str, monkeypatch: pytest.MonkeyPatch
) -> Organisation:
    """Return an organisation of two repositories: `open` is public and `secret` is private."""
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("GITLAB_TOKEN", TOKEN)
    acme = Organisation(tmp_path, server.world)
    for name, visibility in (("open", "public"), ("secret", "private")):
        acme.add(name)
        acme.get(name).visibility = visibility
    acme.configure((github_config if forge.startswith("github") else gitlab_config)(server))
    without_graphql(server.world, forge)
    return acme


def test_a_scan_stores_and_prints_nothing_about_a_repository_that_readers_may_not_see(
    acme: Organisation,
) -> None:
    acme.world.before.append(always(Answer(401), "secret.git"))
    result = acme.scan("2026-03-01", "--history-audience", "public", code=1)
    assert (
        "the audience public, which is not allowed to see all repositories in it (1 private)"
        in (result.stderr)
    )
    assert "secret" not in result.output
    assert acme.world.count_requests(".git/") == 0
    mirrors = acme.workspace / ".headway" / "mirrors"
    assert not [path for path in mirrors.rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in acme.workspace.glob("*.duckdb*"))
    assert b"acme/secret" not in content


@pytest.mark.parametrize("forge", ["github"], indirect=True)
def test_a_refused_scan_leaves_the_history_as_it_was(acme: Organisation) -> None:
    acme.get("secret").visibility = "internal"
    acme.scan("2026-03-01", "--history-audience", "internal")
    before = rows(acme.workspace, "burndown", "remove-six", "--by", "day")
    acme.get("secret").visibility = "private"
    acme.fix("open", "2026-03-02")
    acme.scan("2026-03-02", "--history-audience", "internal", code=1)
    assert rows(acme.workspace, "burndown", "remove-six", "--by", "day") == before


def record(visibility: Visibility) -> RepositoryRecord:
    repository = Repository("h/1", "acme/a", "s", clone_url="", visibility=visibility)
    return RepositoryRecord(repository, None, DAY, DAY, None)


@pytest.mark.parametrize(
    ("visibility", "narrowest"),
    [("public", "public"), ("internal", "internal"), ("unknown", "internal")],
)
@pytest.mark.parametrize("audience", ["public", "internal", "private"])
def test_an_audience_sees_what_is_at_least_as_visible(
    visibility: Visibility, narrowest: Audience, audience: Audience
) -> None:
    records = {"h/1": record(visibility)}
    listing = Listing("s", (records["h/1"].listed,))
    if audience == "public" != narrowest:
        with pytest.raises(AudienceTooWideError, match=rf"\(1 {visibility}\)"):
            check_listings(audience, [listing], {})
        with pytest.raises(AudienceTooWideError):
            check_records(audience, records)
    else:
        check_listings(audience, [listing], {})
        check_records(audience, records)


def test_repositories_that_only_the_store_knows_count() -> None:
    check_listings("public", [], {"h/1": record("public")})
    with pytest.raises(AudienceTooWideError, match="1 private"):
        check_listings("public", [], {"h/1": record("private")})


def test_a_repository_that_the_forge_does_not_describe_is_as_visible_as_before() -> None:
    listing = Listing("s", (), unlisted=(Unlisted("h/1", "acme/a", "not described"),))
    check_listings("public", [listing], {"h/1": record("public")})
    with pytest.raises(AudienceTooWideError, match="1 unknown"):
        check_listings("public", [listing], {})


def test_a_listing_tells_more_than_the_store() -> None:
    listing = Listing("s", (record("public").listed,))
    check_listings("public", [listing], {"h/1": record("private")})
