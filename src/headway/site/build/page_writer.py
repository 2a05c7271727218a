"""Render pages and badges, and write them to the new site."""

from __future__ import annotations

from headway.site.build.build_plan import BuildPlan
from headway.site.build.incremental_output import IncrementalOutput, Unit
from headway.site.template_context.feed_and_badge_context import Badge
from headway.templating import Templates
from headway.wording.formats import FILTERS


class PageWriter:
    """Renders pages and badges. `output` writes the files."""

    def __init__(self, plan: BuildPlan) -> None:
        self.output = IncrementalOutput(plan.place, plan.templates, plan.constants)
        self._templates = Templates(plan.reports, filters=FILTERS)
        self._badges: dict[Badge, str] = {}

    def render_if_changed(self, template: str, page: object, path: str) -> None:
        unit = Unit(path, page, (template,))
        if not self.output.reuse(unit):
            with self.output.building(unit):
                self.render(template, page, path)

    def render(self, template: str, page: object, path: str) -> None:
        self.output.write(path, self._templates.render(template, page))

    def write_badge(self, badge: Badge, path: str) -> None:
        # Cached, because many repositories have the same badge.
        if badge not in self._badges:
            self._badges[badge] = self._templates.render("badge.svg", badge)
        self.output.write(path, self._badges[badge])
