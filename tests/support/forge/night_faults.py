"""The faults that a forge can have on one night, and the requests that they affect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from tests.support.forge.faulty_answers import (
    ANSWERS,
    GRAPHQL_ERRORS,
    KEY_ANSWERS,
    IsPlace,
    Wrong,
    body_has,
    change_json,
    entry_of,
    fault,
    is_lookup,
    is_page,
    nodes,
    path_has,
    redirect_once,
)
from tests.support.forge.night_changes import Inject, real_changes, unlist
from tests.support.forge.night_stage import Stage
from tests.support.forge.nights import FORGES
from tests.support.forge.world import Answer, Request


@dataclass(frozen=True)
class NightFault:
    """One fault of one forge, and the requests that it affects."""

    name: str
    forge: str
    """One of `FORGES`."""
    place: str
    """What is affected: requests with wrong responses, the listing, or the changed repository."""
    inject: Inject
    """Starts the fault. `Stage.begin` ends it."""
    is_change: bool = False
    """Whether the repository really changes, so that the ledger may record the change."""

    @property
    def described(self) -> str:
        return f"{self.forge}: {self.name} ({self.place})"

    @property
    def may_stall(self) -> bool:
        """Whether the forge stalls, so that the scan waits for a timeout."""
        return "stalled" in self.name


def all_faults() -> Iterator[NightFault]:
    """Yield the faults of each forge in turn, then the faults in extra places."""
    for forge in FORGES:
        rest = forge.endswith("rest")
        yield from _wrong_listings(forge, rest=rest)
        yield from _changes(forge)
        yield from _wrong_answers(forge, rest=rest)
        if not rest:
            yield from _other_places(forge)
    for name, is_place in _EXTRA_PLACES.items():
        forge, place = name
        yield from _answers_in(forge, place, is_place, KEY_ANSWERS)


_EXTRA_PLACES: dict[tuple[str, str], IsPlace] = {
    ("github", "teams"): body_has(b"teams("),
    ("gitlab rest", "languages of a"): path_has("/projects/1/languages"),
}


def _answers_in(
    forge: str,
    place: str,
    is_place: IsPlace,
    answers: tuple[Wrong, ...],
    before: Inject | None = None,
) -> Iterator[NightFault]:
    """Yield one fault for each wrong response. `before` changes the forge first."""

    def inject(wrong: Wrong, stage: Stage) -> None:
        if before is not None:
            before(stage)
        stage.world.after.append(fault(is_place, wrong))

    for wrong in answers:
        yield NightFault(wrong.name, forge, place, partial(inject, wrong))


def _wrong_answers(forge: str, *, rest: bool) -> Iterator[NightFault]:
    first, second = is_page(1, rest=rest), is_page(2, rest=rest)
    yield from _answers_in(forge, "page 1", first, (*ANSWERS, *_redirects()))
    yield from _answers_in(forge, "page 2", second, (*KEY_ANSWERS, *_redirects()))
    once = Wrong("502 once", _once(Answer(502)))
    yield from _answers_in(forge, "page 2", second, (once,))


def _redirects() -> tuple[Wrong, ...]:
    return redirect_once(keep_query=True), redirect_once(keep_query=False)


def _once(answer: Answer) -> Callable[[Request, Answer], Answer]:
    """Return a function that gives the wrong response to the first request only."""
    remaining = [answer]
    return lambda _request, right: remaining.pop() if remaining else right


def _other_places(forge: str) -> Iterator[NightFault]:
    api = path_has("/api/")
    yield from _answers_in(forge, "every API request", api, KEY_ANSWERS)
    yield from _answers_in(forge, "lookup, not listed", is_lookup, KEY_ANSWERS, unlist("a"))
    yield from _answers_in(forge, "lookup, seems empty", is_lookup, KEY_ANSWERS, _seems_empty)
    refs, pack = path_has("/a.git/info/refs"), path_has("/a.git/git-upload-pack")

    def pack_by_git(request: Request) -> bool:
        return pack(request) and not _is_direct(request)

    yield from _answers_in(forge, "git pack of a", pack, ANSWERS)
    yield from _answers_in(forge, "git refs of a", refs, ANSWERS, _without_direct_answers)
    by_git = partial(_answers_in, forge, "git pack of a, by git", pack_by_git, KEY_ANSWERS)
    yield from by_git(_without_direct_answers)
    yield from _answers_in(forge, "every git request", path_has(".git/"), KEY_ANSWERS)


def _is_direct(request: Request) -> bool:
    """Return whether Headway itself, and not git, sent a request to a git server."""
    return request.headers.get("user-agent") == "git/headway" and ".git/" in request.path


def _without_direct_answers(stage: Stage) -> None:
    """Reject Headway's own requests to the git server, so that git must send them."""

    def before(request: Request) -> Answer | None:
        return Answer(405) if _is_direct(request) else None

    stage.world.before.append(before)


def _claim(fields: dict[str, Any]) -> Inject:
    """Return a fault that changes fields of `a` in listings, but not in lookups."""

    def change(body: Any) -> None:
        entry = entry_of(body, "acme/a")
        if entry is not None:
            entry.update({key: value for key, value in fields.items() if key in entry})
            if "path_with_namespace" in entry and fields.get("fork"):
                entry["forked_from_project"] = {"id": 1}

    def inject(stage: Stage) -> None:
        stage.world.after.append(change_json(lambda request: not is_lookup(request), change))

    return inject


_EMPTY = {"exists": True, "empty": True, "rootRef": None, "tree": None}
_seems_empty = _claim(
    {
        "isEmpty": True,
        "defaultBranchRef": None,
        "repository": _EMPTY,
        "empty_repo": True,
        "default_branch": None,
    }
)
_CLAIMS = {
    "listing claims that a is empty": _seems_empty,
    "listing claims that a is archived": _claim({"isArchived": True, "archived": True}),
    "listing claims that a is disabled": _claim(
        {"isDisabled": True, "disabled": True, "repository_access_level": "disabled"}
    ),
    "listing claims that a is a fork": _claim({"isFork": True, "isForked": True, "fork": True}),
    "listing has no branch of a": _claim(
        {"defaultBranchRef": None, "default_branch": None, "repository": None}
    ),
    "listing has no languages of a": _claim({"languages": None, "language": 7}),
    "listing has broken topics of a": _claim(
        {"topics": ["web", None], "repositoryTopics": {"nodes": [None]}}
    ),
    "listing has no name of a": _claim(
        {"nameWithOwner": None, "fullPath": None, "full_name": None, "path_with_namespace": None}
    ),
    "listing has no ID of a": _claim({"databaseId": None, "id": None}),
}


_IMPOSSIBLE = {
    ("gitlab", "listing claims that a is disabled"),
    ("gitlab rest", "listing has no languages of a"),
}
"""Listings of these forges lack the field. See "listing has no branch of a" and the languages in
`_EXTRA_PLACES` instead.
"""


def _wrong_listings(forge: str, *, rest: bool) -> Iterator[NightFault]:
    pages: dict[str, Inject] = {
        "page 2 is not announced": _without_next_page,
        "page 1 names itself as the next page": partial(_repeat, rest),
        "page 2 is empty": partial(_change_page, 2, rest, _without_entries),
        "page 2 has an entry less": partial(_change_page, 2, rest, _without_last_entry),
        "page 1 has null entries": partial(_change_page, 1, rest, _with_null_entries),
        "list shrunk by two thirds": unlist("a", "b", "c", "done"),
        "list shrunk by two thirds, lookup 404": unlist("a", "b", "c", "done", still_there=False),
        "list empty": unlist("a", "b", "c", "done", "old", "secret"),
        "a not listed": unlist("a"),
        "a not listed, lookup 404": unlist("a", still_there=False),
        "token refused after page 1": partial(_refuse_after, is_page(1, rest=rest)),
        "token refused after the listing": partial(_refuse_after, is_page(2, rest=rest)),
        "token refused before the scan": _refuse,
        "token refused for git only": _refuse_git,
    }
    for name, inject in (pages | _CLAIMS).items():
        if (forge, name) in _IMPOSSIBLE:
            continue
        yield NightFault(name, forge, "listing", inject)
    if not rest:
        for name, error in GRAPHQL_ERRORS.items():
            yield NightFault(name, forge, "listing", partial(_graphql_error, error))
    if forge.startswith("github"):
        yield NightFault("single sign-on hides a", forge, "listing", _sign_on)


def _without_next_page(stage: Stage) -> None:
    """Remove the references to further pages, and the totals in headers."""

    def after(_request: Request, answer: Answer) -> Answer:
        for name in ("Link", "X-Next-Page", "X-Total"):
            answer.headers.pop(name, None)
        return answer

    def change(body: Any) -> None:
        for node in nodes(body):
            if "pageInfo" in node and "nodes" in node:
                node["pageInfo"] = {"hasNextPage": False, "endCursor": None}

    stage.world.after += [after, change_json(lambda _: True, change)]


def _repeat(rest: bool, stage: Stage) -> None:
    """Send page 1 instead of page 2 or, through GraphQL, instead of all later pages."""
    first: list[Answer] = []

    def after(request: Request, answer: Answer) -> Answer:
        is_any = is_page(1, rest=rest)(request) or is_page(2, rest=rest)(request)
        if not is_any or answer.status != 200:
            return answer
        first.append(answer)
        return first[0]

    stage.world.after.append(after)


def _change_page(
    number: int, rest: bool, change: Callable[[list[Any]], None], stage: Stage
) -> None:
    """Change the list of entries on one page, but not the totals."""

    def change_body(body: Any) -> None:
        lists = [node["nodes"] for node in nodes(body) if "nodes" in node and "pageInfo" in node]
        change(body if isinstance(body, list) else lists[0])

    stage.world.after.append(change_json(is_page(number, rest=rest), change_body))


def _without_entries(entries: list[Any]) -> None:
    entries.clear()


def _without_last_entry(entries: list[Any]) -> None:
    entries.pop()


def _with_null_entries(entries: list[Any]) -> None:
    entries[:] = [None] * len(entries)


def _refuse_after(is_place: IsPlace, stage: Stage) -> None:
    def after(request: Request, answer: Answer) -> Answer:
        if is_place(request):
            stage.world.tokens = {"another"}
        return answer

    stage.world.after.append(after)


def _refuse(stage: Stage) -> None:
    stage.world.tokens = {"another"}


def _refuse_git(stage: Stage) -> None:
    refusal = Answer(401, {"WWW-Authenticate": 'Basic realm="x"'})
    stage.world.before.append(lambda request: refusal if ".git/" in request.path else None)


def _graphql_error(error: tuple[dict[str, Any], bool], stage: Stage) -> None:
    description, is_partial = error

    def change(body: Any) -> Any:
        if not is_partial:
            return {"data": None, "errors": [description]}
        for node in nodes(body):
            if "nodes" in node and "pageInfo" in node:
                node["nodes"] = [
                    None if entry_of(entry, "acme/a") else entry for entry in node["nodes"]
                ]
        return body | {"errors": [description]}

    def is_listing(request: Request) -> bool:
        return any(is_page(number, rest=False)(request) for number in (1, 2))

    stage.world.after.append(change_json(is_listing, change))


def _sign_on(stage: Stage) -> None:
    unlist("a", still_there=False)(stage)

    def after(_request: Request, answer: Answer) -> Answer:
        return replace(
            answer, headers=answer.headers | {"X-GitHub-SSO": "partial-results; organizations=1"}
        )

    stage.world.after.append(after)


def _changes(forge: str) -> Iterator[NightFault]:
    for name, inject in real_changes(forge).items():
        yield NightFault(name, forge, "repository", inject, is_change=True)
