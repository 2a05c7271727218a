"""The pages and the digest show changes on the forge, and what the token cannot see."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from headway.urls import campaign_page
from tests.support.forge.organisation import Organisation
from tests.support.forge.prepared import Prepared
from tests.support.forge.world import FakeRepository
from tests.support.workspaces import headway

FIRST, SECOND = "2026-03-01", "2026-03-02"


@pytest.fixture
def acme(prepared: Prepared, tmp_path: Path, tokens: None) -> Organisation:
    """Return five repositories on GitLab with one open item each, after the first night."""

    def build(acme: Organisation) -> None:
        for name in ("a", "b", "c", "d", "e"):
            acme.add(name)
        acme.scan(FIRST)

    return prepared.organisation("pages of changes", "gitlab", tmp_path, build)


def page(acme: Organisation, name: str) -> str:
    """Return the visible text of a page, with the titles and labels of its elements."""
    html = (acme.workspace / "site" / name).read_text("utf-8")
    html = re.sub(r"(?s)<(script|style).*?</\1>", "", html)
    titles = " ".join(re.findall(r'(?:title|aria-label)="([^"]*)"', html))
    return " ".join(unescape(f"{re.sub(r'<[^>]+>', ' ', html)} {titles}").split())


def report(acme: Organisation) -> None:
    headway(acme.workspace, "--today", SECOND, "report")


def unlist(acme: Organisation, name: str) -> FakeRepository:
    entry = acme.get(name)
    acme.world.repositories.remove(entry)
    acme.world.elsewhere.append(entry)
    return entry


def transfer(acme: Organisation) -> None:
    unlist(acme, "a").name = "other/a"


def delete_later(acme: Organisation) -> None:
    unlist(acme, "a").deletion_on = "2026-03-09"


def archive(acme: Organisation) -> None:
    acme.get("a").archived = True


def fork(acme: Organisation) -> None:
    acme.get("a").fork = True


def rename(acme: Organisation) -> None:
    acme.get("a").name = "acme/renamed"


def publish(acme: Organisation) -> None:
    acme.get("a").visibility = "public"


CHANGES: tuple[tuple[Callable[[Organisation], None], str], ...] = (
    (transfer, "acme/a is gone: it was transferred to other/a"),
    (delete_later, "acme/a is gone: it is scheduled for deletion on 2026-03-09"),
    (archive, "acme/a was archived"),
    (fork, "acme/a is now a fork"),
    (rename, "acme/a is now acme/renamed"),
    (publish, "acme/a is now public instead of private"),
)


@pytest.mark.fault(21)
@pytest.mark.parametrize(("change", "text"), CHANGES, ids=[text for _, text in CHANGES])
def test_the_page_of_the_campaign_marks_a_change(
    acme: Organisation, change: Callable[[Organisation], None], text: str
) -> None:
    change(acme)
    result = acme.scan(SECOND)
    assert text in result.stderr
    report(acme)
    assert text in page(acme, campaign_page("remove-six"))
    digest = headway(acme.workspace, "--today", SECOND, "digest").stdout
    assert text in " ".join(digest.split())


@pytest.mark.fault(14)
def test_a_repository_that_the_token_no_longer_sees_is_unknown_on_the_page(
    acme: Organisation,
) -> None:
    acme.get("a").hidden = True
    acme.scan(SECOND, code=3)
    report(acme)
    text = page(acme, campaign_page("remove-six"))
    assert "Unknown 1 repository, not counted as done" in text
    assert "not visible to this token" in text
    digest = headway(acme.workspace, "--today", SECOND, "digest").stdout
    assert "not visible to this token" in " ".join(digest.split())


@pytest.mark.fault(14)
def test_the_index_page_and_the_digest_count_hidden_projects(acme: Organisation) -> None:
    sentence = "The scan cannot see 2 repositories, so the numbers do not include them."
    report(acme)
    assert "cannot see" not in page(acme, "index.html")
    acme.world.repositories += [
        FakeRepository(number, f"acme/secret-{number}", hidden=True) for number in (50, 51)
    ]
    acme.scan(SECOND)
    report(acme)
    assert sentence in page(acme, "index.html")
    for form in ("text", "markdown", "html"):
        digest = headway(
            acme.workspace, "--today", SECOND, "digest", "--format", form, code=None
        ).stdout
        assert sentence in " ".join(digest.split()), form
    acme.world.repositories[:] = acme.world.repositories[:-2]
    acme.scan("2026-03-03")
    headway(acme.workspace, "--today", "2026-03-03", "report")
    assert "cannot see" not in page(acme, "index.html")
