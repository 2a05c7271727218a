"""Run the nightly jobs step by step, with stand-ins for the services of a forge.

`Forge` keeps what GitHub and GitLab keep between runs: artifacts, caches, earlier runs, settings.
The stand-in for `headway` appends one line per scan to `headway.duckdb`, so a test can see whether
the history of every night has survived.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

HEADWAY = """#!/bin/sh
case "$1" in
scan)
  [ ! -e "$FORGE/killed-by-timeout" ] || exit 143
  echo "night $NIGHT" >> headway.duckdb.new
  cat headway.duckdb headway.duckdb.new > next 2> /dev/null; rm headway.duckdb.new
  mv next headway.duckdb
  mkdir -p .headway; echo "$NIGHT" > .headway/mirror
  exit "$(cat "$FORGE/scan-exit" 2> /dev/null || echo 0)" ;;
query) echo "count_star()"; cat "$FORGE/hidden" 2> /dev/null || echo 0 ;;
report) mkdir -p site; { echo "audience=$3"; cat headway.duckdb; } > site/index.html ;;
digest) echo "digest $*" ;;
esac
"""

GH = """#!/bin/sh
case "$1 $2" in
"run list") cat "$FORGE/run-list" ;;
"run download")
  [ -e "$FORGE/artifacts/$3" ] || { echo "no valid artifacts found" >&2; exit 1; }
  mkdir -p restored; cp "$FORGE/artifacts/$3" restored/headway.duckdb ;;
"api repos/acme/headway") cat "$FORGE/visibility" ;;
"api repos/acme/headway/pages")
  cat "$FORGE/site-is-public" 2> /dev/null || { echo "HTTP 404" >&2; exit 1; } ;;
*)
  run=$(echo "$2" | sed 's|.*/runs/\\([0-9]*\\)/.*|\\1|')
  grep -c "^$run$" "$FORGE/uploaded" 2> /dev/null || true ;;
esac
"""


@dataclass
class Forge:
    """The state of a forge between runs, kept in a folder."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    runs: list[dict[str, Any]] = field(default_factory=list)
    """The runs, newest first, as `gh run list --json` prints them."""
    branch: str = "main"
    published: str | None = None
    """The page that was published last."""

    def __post_init__(self) -> None:
        (self.folder / "artifacts").mkdir(parents=True)
        (self.folder / "cache").mkdir()
        self.set("visibility", "private")

    def set(self, name: str, value: object) -> None:
        """Set a setting of the forge or a result of the stand-in for `headway`."""
        (self.folder / name).write_text(f"{value}\n")

    @property
    def history(self) -> list[str]:
        """The lines of the newest history that was uploaded."""
        uploaded = sorted((self.folder / "artifacts").iterdir(), key=lambda file: int(file.name))
        return uploaded[-1].read_text().splitlines() if uploaded else []

    def expire_artifacts(self) -> None:
        """Delete the contents of all artifacts; GitHub still counts them."""
        for file in (self.folder / "artifacts").iterdir():
            file.unlink()

    def forget_artifacts(self) -> None:
        """Delete all artifacts, as a person can; GitHub does not count them any more."""
        self.expire_artifacts()
        (self.folder / "uploaded").unlink()


@dataclass
class Run:
    """The outcome of one run of the workflow."""

    outcomes: dict[str, str]
    """The outcome of each step, by its name or action."""
    log: str
    conclusion: str
    summary: str


def run_workflow(
    forge: Forge,
    text: str,
    night: int,
    *,
    cancel_at: str | None = None,
    event: str = "schedule",
    new_history: bool = False,
    meanwhile: Mapping[str, Callable[[], None]] | None = None,
) -> Run:
    """Run the workflow, or the composite action, once.

    Args:
        forge: The state of the forge, which the run changes.
        text: The text of the workflow or of the action.
        night: The number of the run.
        cancel_at: The name or action of a step; the run is cancelled after the step has done half
            of its work, that is, before an upload and after a script.
        event: What started the run.
        new_history: The input `new_history`.
        meanwhile: What happens before a step, by the name or action of the step.
    """
    workflow = yaml.safe_load(text)
    _write_run_list(forge)
    with tempfile.TemporaryDirectory() as name:
        job = _Job(forge, Path(name), night, workflow.get("env", {}), new_history=new_history)
        action = workflow.get("runs")
        for step in action["steps"] if action else workflow["jobs"]["scan"]["steps"]:
            (meanwhile or {}).get(_name(step), lambda: None)()
            job.step(step, cancel_at)
        outcome = job.finish()
    state = {"status": "completed", "event": event, "headBranch": forge.branch}
    forge.runs.append({"databaseId": night, "conclusion": outcome.conclusion, **state})
    forge.runs.sort(key=lambda run: -int(run["databaseId"]))
    if outcome.conclusion != "cancelled" and forge.variables.get("HEADWAY_PAGES") == "true":
        page = forge.folder / "pages-artifact"
        forge.published = page.read_text() if page.exists() else forge.published
    return outcome


def _write_run_list(forge: Forge) -> None:
    """Write what `gh run list` prints for a run of the forge's branch."""
    kept = [
        run for run in forge.runs if run["event"] == "schedule" or run["headBranch"] == forge.branch
    ]
    lines = [f"{run['databaseId']} {run['conclusion']}\n" for run in kept]
    (forge.folder / "run-list").write_text("".join(lines))


def _name(step: Mapping[str, Any]) -> str:
    return str(step.get("name") or step["uses"].split("@")[0])


class _Job:
    def __init__(
        self,
        forge: Forge,
        folder: Path,
        night: int,
        environment: Mapping[str, str],
        *,
        new_history: bool,
    ) -> None:
        self._forge, self._folder, self._night = forge, folder / "work", night
        self._folder.mkdir()
        self._bin = folder / "bin"
        self._bin.mkdir()
        for name, script in {"headway": HEADWAY, "gh": GH, "python": "#!/bin/sh\n"}.items():
            (self._bin / name).write_text(script)
            (self._bin / name).chmod(0o755)
        self._output, self._summary = folder / "output", folder / "summary"
        self._environment = environment
        self._state = "success"
        self._log: list[str] = []
        self._outcomes: dict[str, str] = {}
        self._values: dict[str, str] = {
            "inputs.new_history": "true" if new_history else "",
            "inputs.new-history": "true" if new_history else "",
            "inputs.pages": forge.variables.get("HEADWAY_PAGES", ""),
            "inputs.tolerate-unknown": forge.variables.get("HEADWAY_TOLERATE_UNKNOWN", ""),
            "inputs.token": "secret-token",
            "github.repository": "acme/headway",
            "github.run_id": str(night),
            "github.token": "token-of-the-job",
            "secrets.HEADWAY_TOKEN": "secret-token",
            **{f"vars.{name}": value for name, value in forge.variables.items()},
        }

    def step(self, step: dict[str, Any], cancel_at: str | None) -> None:
        """Run one step if its condition holds."""
        name = _name(step)
        if not self._holds(str(step.get("if", "success()"))):
            outcome = "skipped"
        else:
            cancelled = name == cancel_at
            outcome = "success" if self._execute(step, cancelled=cancelled) else "failure"
            if cancelled:
                outcome = self._state = "cancelled"
            elif outcome == "failure" and self._state == "success":
                self._state = "failure"
        self._outcomes[name] = outcome
        if "id" in step:
            self._values[f"steps.{step['id']}.outcome"] = outcome

    def finish(self) -> Run:
        """Return the outcome of the run."""
        summary = self._summary.read_text() if self._summary.exists() else ""
        return Run(self._outcomes, "".join(self._log), self._state, summary)

    def _execute(self, step: dict[str, Any], *, cancelled: bool) -> bool:
        if "run" in step:
            return self._script(step)
        if cancelled:
            return False
        action = step["uses"].split("@")[0]
        options = step.get("with", {})
        if action == "actions/upload-artifact":
            return self._upload(options)
        if action == "actions/upload-pages-artifact":
            shutil.copy(self._folder / "site" / "index.html", self._forge.folder / "pages-artifact")
        elif action == "actions/cache/save":
            shutil.copytree(
                self._folder / ".headway", self._forge.folder / "cache", dirs_exist_ok=True
            )
        elif action == "actions/cache/restore":
            shutil.copytree(self._forge.folder / "cache", self._folder / ".headway")
        return True

    def _upload(self, options: Mapping[str, Any]) -> bool:
        if options["name"] == "headway-history":
            target = self._forge.folder / "artifacts" / str(self._night)
            shutil.copy(self._folder / options["path"], target)
            with (self._forge.folder / "uploaded").open("a") as file:
                file.write(f"{self._night}\n")
        return True

    def _script(self, step: dict[str, Any]) -> bool:
        variables = {
            name: re.sub(r"\$\{\{\s*(.*?)\s*\}\}", lambda match: self._value(match[1]), str(value))
            for name, value in step.get("env", {}).items()
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self._folder,
            env={
                "PATH": f"{self._bin}{os.pathsep}{os.environ['PATH']}",
                "FORGE": str(self._forge.folder),
                "NIGHT": str(self._night),
                "GITHUB_OUTPUT": str(self._output),
                "GITHUB_STEP_SUMMARY": str(self._summary),
                "GITHUB_SERVER_URL": "https://github.com",
                "GITHUB_REF_NAME": self._forge.branch,
                "GITHUB_WORKFLOW_REF": "acme/headway/.github/workflows/nightly.yml@refs/heads/main",
                "GITHUB_ACTION_PATH": str(self._bin),
                **self._environment,
                **variables,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        self._log.append(done.stdout + done.stderr)
        if "id" in step and self._output.exists():
            for line in self._output.read_text().splitlines():
                name, _, value = line.partition("=")
                self._values[f"steps.{step['id']}.outputs.{name}"] = value
            self._output.unlink()
        return done.returncode == 0

    def _value(self, expression: str) -> str:
        return self._values.get(expression, "")

    def _holds(self, condition: str) -> bool:
        """Evaluate a condition; one without a status function holds only if no step has failed."""
        text = re.sub(r"^\$\{\{|\}\}$", "", condition.strip()).strip()
        if not re.search(r"\b(always|cancelled|success|failure)\(\)", text):
            text = f"success() && ({text})"
        text = re.sub(
            r"\b(?:steps|vars|inputs)(?:\.[\w-]+)+", lambda match: f"value({match[0]!r})", text
        )
        text = text.replace("&&", " and ").replace("||", " or ")
        text = re.sub(r"!(?!=)", " not ", text)
        functions: dict[str, Any] = {
            "always": lambda: True,
            "cancelled": lambda: self._state == "cancelled",
            "success": lambda: self._state == "success",
            "hashFiles": lambda name: "hash" if (self._folder / name).exists() else "",
            "value": self._value,
        }
        return bool(eval(text, {"__builtins__": {}}, functions))


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
            saves neither the cache nor artifacts.
        meanwhile: What happens after the cache was restored.
        variables: Variables of the pipeline.
    """
    *_, jobs = yaml.safe_load_all(text)  # A component begins with a document that has its inputs.
    job = jobs["headway"]
    script: list[str] = job["script"][:killed_at]
    with tempfile.TemporaryDirectory() as name:
        work, programs = Path(name) / "work", Path(name) / "bin"
        programs.mkdir()
        shutil.copytree(forge.folder / "cache", work)
        meanwhile()
        for program, body in PROGRAMS.items():
            (programs / program).write_text(body)
            (programs / program).chmod(0o755)
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", "\n".join(script)],
            cwd=work,
            env={
                "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
                "FORGE": str(forge.folder),
                "NIGHT": str(night),
                "CI_API_V4_URL": "https://gitlab.example.com/api/v4",
                "CI_PROJECT_ID": "7",
                "CI_PROJECT_VISIBILITY": (forge.folder / "visibility").read_text().strip(),
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
                _save(work / path, forge.folder / "cache" / path)
            for path in job["artifacts"]["paths"]:
                for file in [work / path, *(work / path).rglob("*")]:
                    if file.is_file():
                        artifacts[str(file.relative_to(work))] = file.read_text()
            if "headway.duckdb" in artifacts:
                (forge.folder / "artifacts" / str(night)).write_text(artifacts["headway.duckdb"])
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
        shutil.copy(source, target)


def project_settings(**settings: str) -> str:
    """Return GitLab's answer for a project."""
    return json.dumps({"id": 7, **settings})
