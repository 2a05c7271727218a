"""Run the nightly job of GitLab with stand-ins for the services of GitLab."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.support.ci_forge import HEADWAY, Forge, write_programs


@dataclass
class Pipeline:
    """The outcome of one run of the GitLab job."""

    code: int
    log: str
    artifacts: dict[str, str]


def run_pipeline(
    forge: Forge,
    text: str,
    night: int,
    *,
    killed_at: int | None = None,
    meanwhile: Callable[[], None] = lambda: None,
    **variables: str,
) -> Pipeline:
    """Run the GitLab job `headway` once.

    Args:
        forge: The state of the forge, which the run changes.
        text: The text of .gitlab/headway.yml.
        night: The number of the run.
        killed_at: The index of the line of `script` before which the job is cancelled. GitLab then
            saves neither the cache nor artifacts. None means that the job is not cancelled.
        meanwhile: An action to run after the cache is restored.
        variables: Variables of the pipeline.
    """
    # The first YAML document of a component declares its inputs.
    *_, jobs = yaml.safe_load_all(text)
    job = jobs["headway"]
    script: list[str] = job["script"][:killed_at]
    visibility = (forge.folder / "visibility").read_text().strip()
    cache = (
        forge.folder / "cache" / job["cache"]["key"].replace("$CI_PROJECT_VISIBILITY", visibility)
    )
    with tempfile.TemporaryDirectory() as name:
        work, programs = Path(name) / "work", Path(name) / "bin"
        work.mkdir()
        forge.check_out(work)
        if cache.exists():
            shutil.copytree(cache, work, dirs_exist_ok=True)
        meanwhile()
        write_programs(programs, PROGRAMS | forge.programs)
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", "\n".join(script)],
            cwd=work,
            env={
                "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
                "FORGE": str(forge.folder),
                "NIGHT": str(night),
                "CI_API_V4_URL": "https://gitlab.example.com/api/v4",
                "CI_PROJECT_ID": "7",
                "CI_PROJECT_VISIBILITY": visibility,
                "GITLAB_TOKEN": "secret-token",
                "CI_JOB_TOKEN": "token-of-the-job",
                **job["variables"],
                **forge.variables,
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        artifacts = {}
        if killed_at is None:
            for path in job["cache"]["paths"]:
                _save(work / path, cache / path)
            for path in job["artifacts"]["paths"]:
                for file in [work / path, *(work / path).rglob("*")]:
                    if file.is_file():
                        artifacts[str(file.relative_to(work))] = file.read_text(errors="replace")
            if "headway.duckdb" in artifacts:
                _save(work / "headway.duckdb", forge.folder / "artifacts" / str(night))
    return Pipeline(done.returncode, done.stdout + done.stderr, artifacts)


CURL = """#!/bin/sh
cat > "$FORGE/curl-config"
echo "$*" >> "$FORGE/curl-arguments"
case "$*" in
*/jobs/*)
  run=$(echo "$*" | sed 's|.*/jobs/\\([0-9]*\\)/.*|\\1|')
  cp "$FORGE/artifacts/$run" restored.duckdb ;;
*) cat "$FORGE/project" ;;
esac
"""

PYTHON = """#!/bin/sh
[ "$1" != -c ] || exec python3 "$@"
"""

PROGRAMS = {"headway": HEADWAY, "curl": CURL, "python": PYTHON, "git": "#!/bin/sh\n"}


def _save(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.is_file():
        target.parent.mkdir(exist_ok=True)
        shutil.copy(source, target)


def project_settings(**settings: str) -> str:
    """Return GitLab's API response for a project."""
    return json.dumps({"id": 7, **settings})
