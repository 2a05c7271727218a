"""Build files of a site in the host of a seat."""

from __future__ import annotations

import tempfile
import traceback
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Self

from headway.cluster.cluster_errors import NotSharedError
from headway.cluster.host_machine import Machine
from headway.cluster.host_messages import BuildAnswer, BuildCall, HostSettings, decode
from headway.errors import CannotWriteError
from headway.hashing import file_fingerprint
from headway.site.build.build_pool import rare_collection
from headway.site.build.page_builder import PageBuilder
from headway.workers.worker_errors import WorkerFaultError
from headway.workers.worker_main import picklable


class SiteHost:
    """A host that writes files of a new site, for use as a context manager.

    The site, the store and the campaigns are on a file system that all machines share.
    """

    def __init__(self, machine: Machine, settings: HostSettings) -> None:
        """Check that this machine has the same files as the coordinator.

        Raises:
            CannotWriteError: This machine cannot write to the folder of the new site.
            NotSharedError: This machine does not have the same files.
        """
        self._reports = machine.workspace.reports
        self._plan = Path(settings.plan)
        self._stack = ExitStack()
        self._builder: PageBuilder | None = None
        for path, fingerprint in settings.shared.items():
            if file_fingerprint(path) != fingerprint:
                raise NotSharedError(path)
        try:
            with tempfile.TemporaryFile(dir=self._plan.parent):
                pass
        except OSError as error:
            raise CannotWriteError(self._plan.parent, error.strerror or error) from error

    def __enter__(self) -> Self:
        self._stack.enter_context(rare_collection())
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def mirrors(self) -> frozenset[str]:
        """Return an empty set, because a build needs no mirrors."""
        return frozenset()

    def run(self, call: BuildCall) -> BuildAnswer:
        """Call a method of the page builder, and return its result or its error."""
        try:
            return BuildAnswer(call.work(self._opened(), call.task))
        except Exception as error:  # noqa: BLE001 - the coordinator raises it
            return BuildAnswer(error=picklable(error) or WorkerFaultError(traceback.format_exc()))

    def _opened(self) -> PageBuilder:
        # The plan is not decoded earlier, because another version of Headway may have written it.
        if self._builder is None:
            plan = replace(decode(self._plan.read_bytes()), reports=self._reports)
            self._builder = self._stack.enter_context(PageBuilder(plan))
        return self._builder
