"""The history of a fictional repository: dated events, most of which become one commit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import count
from random import Random
from typing import TypeVar

from headway.demo import changes
from headway.demo.module import SIX_FORMS, Module
from headway.demo.project import Project
from headway.demo.stream import Commit
from headway.demo.teams import Plan, Team

# Ages are numbers of days before today.
SIX_STARTS = 420
TRAVIS_STARTS = 700
PYPROJECT_STARTS = 190
IMAGES_START = 300
IMAGES_DONE = 52
HACK_WEEKS = (385, 294, 203, 97, 34)

WITHOUT_BUILDS = {"cms-bridge", "release-train"}
"""Repositories that removed .travis.yml without a replacement."""

CUSTOMER_FACING = (
    "auth-gateway",
    "card-vault",
    "catalog-api",
    "checkout-web",
    "fraud-rules",
    "image-resizer",
    "mobile-gateway",
    "payments-api",
    "push-notifier",
    "search-api",
    "storefront",
)
"""Repositories whose base images were updated on time."""

RECENTLY_REVERTED = "payments-ledger"
"""A repository whose last clean-up was reverted and not repeated."""

_LIBRARIES = ("requests", "sqlalchemy", "click", "attrs", "jinja2", "redis", "boto3", "lxml")

T = TypeVar("T")

Step = Callable[[Project], str | None]
"""Changes a project and returns the subject of the commit, or None for no commit."""


@dataclass(slots=True)
class _Calendar:
    """Events from oldest to newest. Events of the same age keep their order."""

    events: list[tuple[float, int, Step]] = field(default_factory=list)
    _number: Iterator[int] = field(default_factory=count)

    def add(self, age: float, step: Step) -> None:
        self.events.append((-age, next(self._number), step))

    def in_order(self) -> list[tuple[float, Step]]:
        return [(-moment, step) for moment, _, step in sorted(self.events, key=lambda e: e[:2])]


class Story:
    """The events in a repository. Random choices depend only on the repository's name."""

    def __init__(self, team: Team, plan: Plan, *, reverts: bool) -> None:
        self.team, self.plan = team, plan
        self.reverts = reverts
        self.random = Random(f"headway demo: {plan.name}")  # noqa: S311 - it must be deterministic
        self.calendar = _Calendar()

    def commits(self, today: date) -> Iterator[Commit]:
        """Yield the commits from oldest to newest. All dates are weekdays before today."""
        project = Project(self.plan, self.team)
        self._plan()
        before: dict[str, str] = {}
        last = datetime.min.replace(tzinfo=UTC)
        for age, step in self.calendar.in_order():
            subject = step(project)
            after = project.files()
            changed: dict[str, str | None] = {
                path: text for path, text in after.items() if before.get(path) != text
            }
            changed |= dict.fromkeys(before.keys() - after.keys())
            if subject is None or not changed:
                continue
            before = after
            last = max(self._moment(today, age), last + timedelta(minutes=7))
            yield Commit(last, self._pick(self.team.people), subject, changed)

    def _moment(self, today: date, age: float) -> datetime:
        day = today - timedelta(days=max(1, round(age)))
        day -= timedelta(days=max(0, day.weekday() - 4))
        minutes = 8 * 60 + int(self.random.random() * 540)
        return datetime.combine(day, time(), UTC) + timedelta(minutes=minutes)

    def _pick(self, options: Sequence[T]) -> T:
        return options[int(self.random.random() * len(options))]

    def _age_of_move(self, starts: int, *, ease: float = 1) -> float:
        """Return the age at which the team fixes an item. A negative age is in the future.

        The delays have a Weibull distribution. Few items are fixed immediately. In a team with a
        large `tail`, some items take a very long time to fix.

        Args:
            starts: The age at which the campaign starts.
            ease: The ease of fixing the campaign's items. 1 is normal, and higher values are
                easier.
        """
        deviation = -math.log2(1 - self.random.random())
        first = min(starts, self.plan.born, self.plan.joins or starts)
        return first - self.team.delay / ease * math.pow(deviation, self.team.tail)

    # The following methods schedule events.

    def _plan(self) -> None:
        self.calendar.add(self.plan.born, self._begin)
        self._plan_everyday_work()
        self._plan_builds()
        self._plan_images()
        if self.plan.handed_over is not None:
            age, owner = self.plan.handed_over
            self.calendar.add(age, partial(changes.hand_over, owner=owner))
        if self.plan.kind == "python":
            self._plan_moves()
            self._plan_packaging()
            self._plan_clean_ups()

    def _plan_everyday_work(self) -> None:
        age = self.plan.born - 2 - self.random.random() * 9
        while age > self.plan.retired:
            draw = self.random.random()
            if draw < 0.45:
                self.calendar.add(age, self._extend)
            elif draw < 0.62 and self.plan.kind == "python":
                self.calendar.add(age, self._bump)
            elif draw < 0.74:
                self.calendar.add(age, partial(self._add, late=age < SIX_STARTS))
            else:
                self.calendar.add(age, self._release)
            age -= 4 + self.random.random() * 21

    def _plan_builds(self) -> None:
        age = self._age_of_move(TRAVIS_STARTS)
        if self.plan.born < TRAVIS_STARTS - 300:
            age = self.plan.born  # A young repository has used GitHub Actions from the start.
        if age <= max(self.team.quiet, self.plan.retired, 1):
            return
        if self.plan.name in WITHOUT_BUILDS:
            self.calendar.add(max(age, 40), changes.leave_travis)
            return
        if self.random.random() < 0.3 and age < self.plan.born:
            self.calendar.add(age + 15 + self.random.random() * 30, changes.try_workflow)
        self.calendar.add(age, changes.migrate_builds)

    def _plan_images(self) -> None:
        age = self._age_of_move(IMAGES_START, ease=1.4)
        if self.plan.name in CUSTOMER_FACING:
            age = max(age, IMAGES_DONE + self.random.random() * 20)
        if self.plan.born < IMAGES_START:
            age = self.plan.born
        elif self.random.random() < 0.5:
            # Half of the repositories first update to the next image, and later to the current
            # image.
            self.calendar.add(age + 10 + self.random.random() * 90, changes.renew_image)
        if age > max(self.team.quiet, self.plan.retired, 1):
            self.calendar.add(age, partial(changes.renew_image, to_current=True))

    def _plan_packaging(self) -> None:
        age = self._age_of_move(PYPROJECT_STARTS, ease=1.8)
        if self.plan.born < PYPROJECT_STARTS:
            age = self.plan.born
        if age > max(self.team.quiet, 1):
            self.calendar.add(age, changes.modernise_packaging)

    def _plan_moves(self) -> None:
        if self.random.random() < 0.4:
            self.calendar.add(70 + self.random.random() * 320, changes.move_to_src)
        if self.random.random() < 0.35:
            self.calendar.add(60 + self.random.random() * 340, changes.add_notices)
        for _ in range(2):
            if self.random.random() < 0.5:
                self.calendar.add(40 + self.random.random() * 500, self._rename)

    def _plan_clean_ups(self) -> None:
        ages = [week - self.random.random() * 4 for week in HACK_WEEKS]
        age = min(SIX_STARTS, self.plan.born) - 6.0
        while age > 1:
            ages.append(age)
            age -= 14 + self.random.random() * 50
        ages = sorted((age for age in ages if age > self.team.quiet), reverse=True)
        for age in ages:
            self.calendar.add(age, partial(self._clean_up, age=age))
        if self.reverts:
            for age in ages[2:4]:
                self.calendar.add(age - 2 - self.random.random() * 5, self._revert_clean_up)
        if self.plan.name == RECENTLY_REVERTED:
            self.calendar.add(19, partial(self._clean_up, age=19, at_least=2))
            self.calendar.add(12, self._revert_clean_up)

    # The following methods are events. Each of them changes a project.

    def _begin(self, project: Project) -> str:
        for _ in range(3 + int(self.random.random() * 3)):
            project.pins[self._pick(_LIBRARIES)] = self._version()
        for _ in range(self.plan.modules):
            self._new_module(project, chance_of_six=0.75 if self.plan.born > SIX_STARTS else 0.6)
        if project.old_modules:
            project.pins["six"] = "1.15.0"
        return "Add the first files" if self.plan.born < 1000 else "Import the old repository"

    def _new_module(self, project: Project, *, chance_of_six: float) -> Module:
        noun = self._pick(self.team.nouns)
        taken = {module.name for module in project.modules}
        endings = ("", "_store", "_api", "_rules", "_report", "_client", "_job", "_view")
        names = [f"{noun}{ending}" for ending in endings] + [f"{noun}_{n}" for n in range(2, 40)]
        name = next(name for name in names if name not in taken)
        forms: tuple[int, ...] = ()
        if self.plan.kind == "python" and self.random.random() < chance_of_six:
            first = int(self.random.random() * len(SIX_FORMS))
            second = int(self.random.random() * len(SIX_FORMS))
            # Most modules use one form of six. Some use two forms.
            forms = tuple(sorted({first, second if self.random.random() < 0.4 else first}))
        functions = 2 + int(self.random.random() * 4)
        module = Module(name, noun, forms, self._age_of_move(SIX_STARTS), functions)
        project.modules.append(module)
        return module

    def _version(self) -> str:
        return f"{1 + int(self.random.random() * 4)}.{int(self.random.random() * 20)}.0"

    def _extend(self, project: Project) -> str:
        module = self._pick(project.modules)
        module.functions += 1
        return f"Handle one more case of {module.noun.replace('_', ' ')}s"

    def _bump(self, project: Project) -> str | None:
        names = [name for name in sorted(project.pins) if name != "six"]
        name = self._pick(names)
        project.pins[name] = self._version()
        return f"Update {name} to {project.pins[name]}"

    def _add(self, project: Project, *, late: bool) -> str:
        module = self._new_module(project, chance_of_six=self.team.slips if late else 0.5)
        if module.is_old:
            project.pins.setdefault("six", "1.16.0")
        return f"Add {module.name.replace('_', ' ')}"

    def _release(self, project: Project) -> str:
        project.release += 1
        return f"Release 1.{project.release}.0"

    def _rename(self, project: Project) -> str | None:
        old = project.old_modules
        if not old:
            return None
        module = self._pick(old)
        before, module.name = module.name, f"{module.name}_core"
        return f"Rename {before} to {module.name}"

    def _clean_up(self, project: Project, *, age: float, at_least: int = 0) -> str | None:
        due = [module for module in project.old_modules if module.due >= age]
        due += [module for module in project.old_modules if module not in due][
            : max(0, at_least - len(due))
        ]
        if not due:
            if "six" in project.pins and not project.old_modules:
                del project.pins["six"]
                return "Drop six from the requirements"
            return None
        for module in due:
            module.modern = True
        project.cleaned_up = due
        return f"Remove six from {due[0].name}" + (f" and {len(due) - 1} more" if due[1:] else "")

    def _revert_clean_up(self, project: Project) -> str | None:
        if not project.cleaned_up:
            return None
        names = project.cleaned_up[0].name
        more = f" and {len(project.cleaned_up) - 1} more" if project.cleaned_up[1:] else ""
        for module in project.cleaned_up:
            module.modern = False
        project.pins.setdefault("six", "1.16.0")
        project.cleaned_up = []
        return f'Revert "Remove six from {names}{more}"'
