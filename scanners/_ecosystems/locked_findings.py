"""Find the versions that only lock files name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from .records import Facts, Finding


def locked_only(
    facts: Mapping[str, Facts], package: str, accounted: Mapping[str, Collection[str]]
) -> Iterator[Finding]:
    """Yield a finding for each version that only a lock file names.

    Args:
        facts: The facts in each file, by path.
        package: The normalised name.
        accounted: The versions in each lock file that belong to a manifest, by path.
    """
    for path, file in facts.items():
        entries = file.locked.get(package)
        if entries:
            done = set(accounted.get(path, ()))
            for entry in entries:
                if entry.version not in done:
                    done.add(entry.version)
                    yield Finding(path, entry.line, 1, entry.version, (entry.version,))
