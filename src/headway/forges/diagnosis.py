"""Asking a forge what it lets us do, before a scan relies on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from headway.forges.forge_errors import ForgeTrouble
from headway.forges.github import Account, GithubSource
from headway.forges.github_client import GithubClient
from headway.forges.gitlab import GitlabSource
from headway.forges.gitlab_client import GitlabClient
from headway.forges.json_fields import inside
from headway.forges.retry import Reply
from headway.forges.source import Source
from headway.model.repository import Listing

_CLOCK_TOLERANCE = 60.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked. good: None where there is nothing to judge."""

    source: str
    check: str
    good: bool | None
    said: str


def diagnose(source: Source) -> Iterator[Finding]:
    """What the source's forge says of the token; nothing for a local one.

    Raises `HeadwayError` for a token that is refused.
    """
    if isinstance(source, GithubSource):
        yield from _github(source)
    elif isinstance(source, GitlabSource):
        yield from _gitlab(source)


def describe(listing: Listing) -> Iterator[Finding]:
    """What a listing lets one see."""
    kinds = Counter(it.visibility for it in listing.repositories)
    seen = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items())) or "none"
    yield Finding(listing.source, "repositories", bool(listing.repositories), seen)
    said = "; ".join(listing.problems) or "yes"
    yield Finding(listing.source, "listing complete", listing.complete, said)
    if listing.groups_unknown is not None:
        yield Finding(listing.source, "teams", None, listing.groups_unknown)
    elif owned := sum(bool(it.groups) for it in listing.repositories):
        yield Finding(listing.source, "teams", True, f"of {owned:,} repositories")
    if listing.unlisted:
        names = ", ".join(entry.name for entry in listing.unlisted[:5])
        yield Finding(listing.source, "not described", False, names)


def _github(source: GithubSource) -> Iterator[Finding]:
    try:
        with closing(
            GithubClient(source.id, source.address, source.credential, source.pace)
        ) as client:
            reply = client.get("/rate_limit")
    except ForgeTrouble as trouble:
        yield Finding(source.id, "reachable", False, str(trouble))
        return
    yield _token(source, source.credential is not None)
    yield _clock(source, reply, source.pace.now())
    scopes = reply.headers.get("x-oauth-scopes")
    if scopes is not None:
        wide = "repo" in scopes.replace(",", " ").split()
        yield Finding(source.id, "scopes", wide or None, scopes or "none: public repositories only")
    for name in ("core", "graphql"):
        left = inside(reply.body, "resources", name, "remaining")
        of = inside(reply.body, "resources", name, "limit")
        if isinstance(left, int) and isinstance(of, int):
            yield Finding(source.id, f"{name} limit", left > 0, f"{left:,} of {of:,} an hour left")
    if isinstance(source.wanted, Account) and "x-github-sso" in reply.headers:
        yield Finding(source.id, "single sign-on", False, "the token is not authorised for it")


def _gitlab(source: GitlabSource) -> Iterator[Finding]:
    try:
        with closing(
            GitlabClient(source.id, source.address, source.credential, source.pace)
        ) as client:
            reply = client.get("/personal_access_tokens/self")
    except ForgeTrouble as trouble:
        yield Finding(source.id, "reachable", False, str(trouble))
        return
    yield _token(source, source.credential is not None)
    yield _clock(source, reply, source.pace.now())
    scopes = inside(reply.body, "scopes")
    if isinstance(scopes, list):
        words = {word for word in scopes if isinstance(word, str)}
        enough = "api" in words or {"read_api", "read_repository"} <= words
        yield Finding(source.id, "scopes", enough, ", ".join(sorted(words)))
    ends = inside(reply.body, "expires_at")
    if isinstance(ends, str):
        yield Finding(source.id, "token ends", None, ends[:40])


def _token(source: Source, there: bool) -> Finding:
    said = "accepted" if there else "none: public repositories only"
    return Finding(source.id, "token", there or None, said)


def _clock(source: Source, reply: Reply, now: datetime) -> Finding:
    """A clock that is wrong makes an App's requests invalid and waits too long."""
    try:
        theirs = parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return Finding(source.id, "clock", None, "the forge does not tell the time")
    theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
    apart = abs((theirs - now).total_seconds())
    return Finding(source.id, "clock", apart <= _CLOCK_TOLERANCE, f"{apart:.0f} s from the forge's")
