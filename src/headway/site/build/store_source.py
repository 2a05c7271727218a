"""The data of the store that all steps of a build share. Each part is read on first use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property, partial

from headway.metrics.open_items import OpenItemReader
from headway.model.audience import may_see
from headway.model.store_records import RepositoryRecord
from headway.site.build.build_plan import BuildPlan
from headway.store.store_reader import Store


class StoreSource:
    """The repositories and the open items of the store."""

    def __init__(self, plan: BuildPlan, store: Store) -> None:
        self._plan = plan
        self.store = store

    @cached_property
    def repositories(self) -> Mapping[str, RepositoryRecord]:
        """All repositories in the store, by repository key."""
        return self.store.repositories.records()

    @cached_property
    def keys(self) -> Mapping[str, Sequence[str]]:
        """Maps each repository name to the sorted keys of the repositories with that name."""
        keys: dict[str, list[str]] = defaultdict(list)
        for key, record in sorted(self.repositories.items()):
            keys[record.listed.name].append(key)
        return keys

    @cached_property
    def open_items(self) -> OpenItemReader:
        return OpenItemReader(
            self.store,
            self._plan.campaigns,
            self.repositories,
            today=self._plan.today,
            may_see=partial(may_see, audience=self._plan.audience),
        )
