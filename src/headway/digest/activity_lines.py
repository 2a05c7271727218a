"""Digest lines about recent changes, regressions and open items by repository."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from headway.metrics.attention.attention_records import Mover, Regression, Work
from headway.wording.movements import movements
from headway.wording.rich_text import Phrase, code, joined, link, say, strong
from headway.wording.sentences import day, names, plural

_MOST_COMMITS = 3
_MOST_PLACES = 5


def mover_line(mover: Mover) -> Phrase:
    """Describe the changes in a repository or team, and the commits with the most changes."""
    line = say("{name}: {moves}", name=strong(mover.name), moves=movements(mover.moves))
    if mover.works:
        more = mover.more + len(mover.works[_MOST_COMMITS:])
        line += say("; ") + works_text(mover.works[:_MOST_COMMITS], more)
    return line


def works_text(works: Sequence[Work], more: int) -> Phrase:
    """List commits with their authors, and state the number of unlisted commits."""
    commits: list[Phrase | str] = [_work(work) for work in works]
    if more:
        commits.append(plural(more, "more commit"))
    return joined(commits)


def _work(work: Work) -> Phrase:
    actions = []
    if work.fixed:
        actions.append(f"fixed {work.fixed:,}")
    if work.opened:
        actions.append(f"added {work.opened:,}")
    did = " and ".join(actions)
    commit = link(work.commit[:10], work.url)
    if work.author:
        return say("{author} {did} in {commit}", author=work.author, did=did, commit=commit)
    return say("{commit} {did}", commit=commit, did=did)


def regression_lines(regressions: Sequence[Regression], today: date) -> list[Phrase]:
    """Return a line for each commit that reopened fixed items."""
    by_commit: dict[tuple[str, str], list[Regression]] = defaultdict(list)
    for regression in regressions:
        by_commit[regression.repository, regression.commit].append(regression)
    return [_regression_line(group, today) for group in by_commit.values()]


def _regression_line(regressions: Sequence[Regression], today: date) -> Phrase:
    first = regressions[0]
    places: list[Phrase | str] = [
        place(regression.path, regression.line, regression.url)
        for regression in regressions[:_MOST_PLACES]
    ]
    if len(regressions) > _MOST_PLACES:
        places.append(f"{len(regressions) - _MOST_PLACES:,} more")
    teams = tuple(dict.fromkeys(regression.team for regression in regressions))
    fixed = sum(not regression.open for regression in regressions)
    return say(
        "{repository} ({teams}): {items} on {day} in {commit}{by}{fixed}: {places}",
        repository=strong(first.repository),
        teams=names(teams),
        items=plural(len(regressions), "item"),
        day=day(first.day, today),
        commit=link(first.commit[:10], first.commit_url),
        by=say(" by {author}", author=first.author) if first.author else Phrase(),
        fixed=f", {fixed:,} since fixed" if fixed else "",
        places=joined(places),
    )


def place(path: str, line: int | None, url: str | None) -> Phrase:
    """Return a path with its line number, linked to `url` if given."""
    text = path if line is None else f"{path}:{line}"
    return link(text, url) if url else code(text)


def open_lines(counts: Iterable[tuple[str, int]]) -> list[Phrase]:
    """Return a line for each repository with its number of open items."""
    return [
        say("{name}: {open}", name=strong(name), open=plural(count, "open item"))
        for name, count in counts
    ]
