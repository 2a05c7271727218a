"""What happens in one repository, week by week: plain data, from nothing but a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from headway.demo.cast import (
    SIX_BEGINS,
    TRAVIS_BEGINS,
    UTC_BEGINS,
    WEEKS,
    Home,
    team_of,
)

_TOPICS = (
    "accounts", "batches", "calendar", "clients", "currency", "events", "filters", "gateway",
    "handlers", "imports", "jobs", "limits", "mailer", "models", "orders", "parsing", "quotas",
    "reports", "rules", "schedule", "sessions", "storage", "tasks", "totals", "views", "windows",
)  # fmt: skip
_SIX = ("import six", "from six import string_types", "from six.moves import urllib")
_STALE = "    now = datetime.datetime.utcnow()"
_FRESH = "    now = datetime.datetime.now(datetime.UTC)"
_SECONDS_A_WEEK = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Commit:
    """at: seconds since the story's beginning. changes: path to its text, None where it goes."""

    at: int
    author: str
    message: str
    changes: dict[str, str | None]


def tell(home: Home) -> list[Commit]:
    """All commits of a repository, oldest first; the same at each call."""
    return _Teller(home).tell()


class _Teller:
    def __init__(self, home: Home) -> None:
        self.home = home
        self.team = team_of(home)
        self.random = random.Random(f"headway demo {home.name}")  # noqa: S311 - a story, no secret
        self.package = home.name.replace("-", "_")
        self.files: dict[str, str] = {}
        self.commits: list[Commit] = []
        self.undo: dict[str, str] | None = None
        self.serial = 0

    def tell(self) -> list[Commit]:
        for week in range(self.home.born, WEEKS):
            times = sorted(self.random.sample(range(5 * 86_400), 6))
            moments = iter(week * _SECONDS_A_WEEK + time for time in times)
            if week == self.home.born:
                self._commit(next(moments), "First version", self._first())
            if self.home.modules:
                self._week(week, moments)
            elif self.random.random() < 0.2:
                self._commit(next(moments), "Handbook: a page more", self._page())
        return self.commits

    def _week(self, week: int, moments: Iterator[int]) -> None:
        rest = WEEKS - week
        quiet = self.team.quiet_after is not None and rest <= self.team.quiet_after
        chances: list[tuple[float, str, Callable[[], dict[str, str | None]]]] = [
            (0.45, "Work on {}", self._grow),
            (0.10, "Add a module", lambda: self._module(week)),
            (0.03, "Put modules where they belong", self._move),
        ]
        if week >= SIX_BEGINS and not quiet:
            chances.append((self._zeal(week - SIX_BEGINS), "Remove six", self._remove_six))
        if self.undo is not None:
            chances.append((0.5, "Remove six, again", self._remove_six))
        elif week > SIX_BEGINS + 8:
            chances.append((0.012, "Revert: the release broke", self._revert))
        if week >= UTC_BEGINS and not quiet:
            chances.append((self.team.zeal * 0.8, "Times with a zone", self._fix_times))
        if week >= TRAVIS_BEGINS and not quiet and ".travis.yml" in self.files:
            chances.append((self.team.zeal * 0.5, "Leave Travis", self._leave_travis))
        for chance, message, change in chances:
            if self.random.random() < chance:
                changes = change()
                if changes:
                    topic = self.random.choice(_TOPICS)
                    self._commit(next(moments), message.format(topic), changes)

    def _zeal(self, weeks: int) -> float:
        """Slow at first, while the guide is being read; then as the team works."""
        return self.team.zeal * min(1.0, 0.25 + weeks / 16)

    def _commit(self, at: int, message: str, changes: dict[str, str | None]) -> None:
        for path, text in changes.items():
            if text is None:
                del self.files[path]
            else:
                self.files[path] = text
        author = self.random.choice(self.team.people)
        self.commits.append(Commit(at, author, message, dict(changes)))

    def _first(self) -> dict[str, str | None]:
        name = self.home.name
        files: dict[str, str | None] = {
            "README.md": f"# {name}\n\nOwned by {self.home.team}.\n",
            ".github/CODEOWNERS": f"*  @acme/{self.home.team}\n",
        }
        if not self.home.modules:
            return files
        if self.home.born < TRAVIS_BEGINS:
            badge = f"https://travis-ci.org/acme/{name}"
            files["README.md"] = (
                f"# {name}\n\n[![Build]({badge}.svg)]({badge})\n\nOwned by {self.home.team}.\n"
            )
            files[".travis.yml"] = "language: python\nscript: pytest\n"
        else:
            files[".github/workflows/test.yml"] = _workflow()
        files["requirements.txt"] = (
            "requests>=2.31\nsix>=1.16\n" if self.home.born < SIX_BEGINS else "requests>=2.31\n"
        )
        for _ in range(self.home.modules):
            files |= self._module(self.home.born)
        return files

    def _page(self) -> dict[str, str | None]:
        self.serial += 1
        topic = self.random.choice(_TOPICS)
        return {f"pages/{topic}-{self.serial}.md": f"# {topic.title()}\n\nHow we do it.\n"}

    def _module(self, week: int) -> dict[str, str | None]:
        """Old habits: until a campaign is known, and a little after, new files have old lines."""
        self.serial += 1
        topic = self.random.choice(_TOPICS)
        lines = ['"""' + topic.title() + '."""', "", "import datetime"]
        if self.random.random() < (0.55 if week < SIX_BEGINS else 0.07):
            lines += self.random.sample(_SIX, self.random.choice((1, 1, 1, 2)))
        lines += ["", "", f"def {topic}(orders):"]
        if self.random.random() < (0.35 if week < UTC_BEGINS else 0.08):
            lines.append(_STALE)
        else:
            lines.append(_FRESH)
        lines += ["    return [order for order in orders if order.due <= now]", ""]
        return {f"src/{self.package}/{topic}_{self.serial}.py": "\n".join(lines)}

    def _modules(self) -> list[str]:
        return sorted(path for path in self.files if path.endswith(".py"))

    def _grow(self) -> dict[str, str | None]:
        """Lines come above and below what a campaign looks at; its items must not notice."""
        path = self.random.choice(self._modules())
        text = self.files[path]
        self.serial += 1
        if self.random.random() < 0.5:
            return {
                path: text.replace(
                    "import datetime\n", f"import datetime\nimport logging  # {self.serial}\n", 1
                )
            }
        function = f"def check_{self.serial}(order):\n    return order.total > {self.serial}\n"
        return {path: f"{text}\n\n{function}"}

    def _move(self) -> dict[str, str | None]:
        changes: dict[str, str | None] = {}
        for path in self._modules():
            if path.count("/") == 2 and self.random.random() < 0.25:
                folder, _, name = path.rpartition("/")
                changes[path] = None
                changes[f"{folder}/core/{name}"] = self.files[path]
        return changes

    def _with(self, paths: list[str], change: Callable[[str], str]) -> dict[str, str | None]:
        return {
            path: new for path in paths if (new := change(self.files[path])) != self.files[path]
        }

    def _remove_six(self) -> dict[str, str | None]:
        affected = [path for path in self._modules() if "six" in self.files[path]]
        # somebody takes an afternoon: a few files, now and then all that is left
        share = self.random.choice((0.2, 0.3, 0.5, 1.0))
        count = max(1, round(len(affected) * share)) if affected else 0
        chosen = self.random.sample(affected, count)
        if self.undo is not None:
            chosen, self.undo = sorted({*chosen, *self.undo} & set(affected)), None
        changes = self._with(chosen, _without_six)
        if len(chosen) == len(affected) and "six" in self.files.get("requirements.txt", ""):
            changes["requirements.txt"] = "requests>=2.31\n"
        return changes

    def _revert(self) -> dict[str, str | None]:
        """The latest removal comes back as it was."""
        last = next((c for c in reversed(self.commits) if c.message == "Remove six"), None)
        if last is None or last is not self.commits[-1]:
            return {}
        before: dict[str, str | None] = {}
        for commit in self.commits[:-1]:
            before |= commit.changes
        texts = {path: before.get(path) for path in last.changes}
        self.undo = {path: text for path, text in texts.items() if text is not None}
        return dict(self.undo)

    def _fix_times(self) -> dict[str, str | None]:
        stale = [path for path in self._modules() if "utcnow" in self.files[path]]
        chosen = self.random.sample(stale, min(len(stale), self.random.choice((1, 2, 4))))
        return self._with(chosen, lambda text: text.replace(_STALE, _FRESH))

    def _leave_travis(self) -> dict[str, str | None]:
        changes: dict[str, str | None] = {".travis.yml": None}
        if self.random.random() < 0.8:
            changes[".github/workflows/test.yml"] = _workflow()
        if self.random.random() < 0.6:
            changes["README.md"] = f"# {self.home.name}\n\nOwned by {self.home.team}.\n"
        return changes


def _without_six(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if "six" not in line)


def _workflow() -> str:
    return (
        "on: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: pytest\n"
    )
