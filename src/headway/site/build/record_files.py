"""Record files are zip files with the slices of a campaign's report for other pages.

Computing a campaign's report takes a long time, and the page of a team or repository shows only a
slice of the report. The process that computes the report therefore writes all slices as JSON to a
zip file for the other processes of the build. The next build reuses the file if the sources of the
report are unchanged.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Any

from headway.errors import HeadwayError
from headway.site.build.publish import link_or_copy
from headway.site.build.record_json import from_json, to_json
from headway.site.campaign_slices import (
    CampaignSummary,
    RepositorySlice,
    TeamNeeds,
    TeamSlice,
)
from headway.urls import slug

_OPEN_FILES = 64


class RecordFileError(HeadwayError):
    """A record file of an earlier build is damaged."""

    def __init__(self) -> None:
        super().__init__(
            "the cache of an earlier `headway report` is damaged; delete the `site` folder in the "
            "cache (`.headway/site`, unless headway.toml names another cache) and try again."
        )


def write_records(
    path: Path,
    summary: CampaignSummary,
    teams: Mapping[str, TeamSlice],
    needs: Mapping[str, TeamNeeds],
    batches: Sequence[Sequence[RepositorySlice]],
) -> None:
    """Write a new record file. Each batch must be sorted by repository name."""
    with zipfile.ZipFile(path, "x") as file:
        _write(file, "summary", to_json(summary))
        for team, team_slice in teams.items():
            _write(file, _team(team), to_json(team_slice))
        for who, own in needs.items():
            _write(file, _needs(who), to_json(own))
        for number, batch in enumerate(batches):
            texts = {
                name: [to_json(part) for part in parts]
                for name, parts in groupby(batch, key=lambda part: part.row.repository)
            }
            _write(file, _batch(number), to_json(texts))


def _write(file: zipfile.ZipFile, name: str, text: str) -> None:
    # ZipInfo sets a fixed date. By default, the date would be the current time, which can be
    # outside the range of zip files.
    file.writestr(zipfile.ZipInfo(name), text.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class RecordFile:
    """Reads the record file of one campaign, either decoded or as JSON text for comparisons."""

    path: Path

    def summary_text(self) -> str:
        """Return the slice of the report that the index page shows, as JSON text."""
        return self._text("summary") or ""

    def summary(self) -> CampaignSummary:
        """Return the slice of the report that the index page shows."""
        summary: CampaignSummary = _decoded(CampaignSummary, self.summary_text())
        return summary

    def team_text(self, team: str) -> str | None:
        """Return a team's slice as JSON text, or None if the team never had an item."""
        return self._text(_team(team))

    def team(self, team: str) -> TeamSlice:
        """Return the slice of the report that a team's pages show."""
        team_slice: TeamSlice = _decoded(TeamSlice, self.team_text(team) or "")
        return team_slice

    def needs_text(self, team: str) -> str | None:
        """Return the JSON text of the actions that a team must take, or None if there are none."""
        return self._text(_needs(team))

    def needs(self, team: str) -> TeamNeeds:
        """Return the actions that a team must take."""
        needs: TeamNeeds = _decoded(TeamNeeds, self.needs_text(team) or "")
        return needs

    def batch_texts(self, number: int) -> Mapping[str, Sequence[str]]:
        """Return the slices of a batch of repositories as JSON, by repository name."""
        texts: Mapping[str, Sequence[str]] = _decoded(
            Mapping[str, tuple[str, ...]], self._text(_batch(number)) or ""
        )
        return texts

    def _text(self, name: str) -> str | None:
        try:
            return _opened(self.path).read(name).decode("utf-8", "surrogatepass")
        except KeyError:
            return None
        except (zipfile.BadZipFile, ValueError) as error:
            raise RecordFileError from error


def decode_repositories(
    texts: Mapping[str, Sequence[str]],
) -> dict[str, tuple[RepositorySlice, ...]]:
    """Decode slices of repositories, by name, from the results of `batch_texts`."""
    # Decoding many slices at once takes a fifth of the time of decoding them one by one.
    together = ",".join(chain.from_iterable(texts.values()))
    slices = iter(_decoded(tuple[RepositorySlice, ...], f"[{together}]"))
    return {name: tuple(islice(slices, len(own))) for name, own in texts.items()}


def _decoded(kind: Any, text: str) -> Any:
    try:
        return from_json(kind, text)
    except ValueError as error:
        raise RecordFileError from error


class RecordCache:
    """Caches a site's record files between builds, by the fingerprint of their sources.

    A build links the files that it needs into its scratch folder, so it can still read them if
    another build replaces the cache. An unusable cache only makes the build slower.
    """

    def __init__(self, folder: Path | None) -> None:
        """Open the cache in a folder. Without a folder, nothing is cached."""
        self._folder = folder

    def take(self, fingerprint: str, target: Path) -> bool:
        """Link the file with this fingerprint to `target`. Return False if it cannot be used."""
        if self._folder is None:
            return False
        cached = self._folder / f"{fingerprint}.zip"
        with suppress(OSError, zipfile.BadZipFile):
            link_or_copy(cached, target)
            with zipfile.ZipFile(target) as file:
                if file.testzip() is None:
                    return True
        with suppress(OSError):
            # Delete the damaged file, because `replace` does not overwrite existing files.
            cached.unlink(missing_ok=True)
        target.unlink(missing_ok=True)
        return False

    def replace(self, files: Mapping[str, Path]) -> None:
        """Replace the contents of the cache.

        Args:
            files: Maps the fingerprint of each file's sources to the path of the file.
        """
        if self._folder is None:
            return
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            for fingerprint, file in files.items():
                cached = self._folder / f"{fingerprint}.zip"
                if not cached.exists():
                    # Copy to a temporary name first, so that a killed build leaves no incomplete
                    # file.
                    temporary = cached.with_suffix(f".{os.getpid()}")
                    temporary.unlink(missing_ok=True)
                    link_or_copy(file, temporary)
                    temporary.replace(cached)
            _remove_others(self._folder, {f"{fingerprint}.zip" for fingerprint in files})


def _remove_others(folder: Path, names: Collection[str]) -> None:
    for file in folder.iterdir():
        if file.name not in names:
            file.unlink(missing_ok=True)


@lru_cache(maxsize=_OPEN_FILES)
def _opened(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)


def _team(team: str) -> str:
    return f"teams/{slug(team)}"


def _needs(who: str) -> str:
    return f"needs/{slug(who)}"


def _batch(number: int) -> str:
    return f"repositories/{number}"
