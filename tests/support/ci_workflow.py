"""Run the nightly job of GitHub step by step, with stand-ins for the services of GitHub."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.ci_forge import HEADWAY, Forge, write_programs

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
        cancel_at: The name or action of a step; the run is cancelled after the script of the step,
            or before the action of the step has done anything. None means that the run is not
            cancelled.
        event: What started the run.
        new_history: The input `new_history`.
        meanwhile: Functions to call before steps, by the name or action of the step.
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
        forge.check_out(self._folder)
        self._bin = folder / "bin"
        stand_ins = {"headway": HEADWAY, "gh": GH, "python": "#!/bin/sh\n"}
        write_programs(self._bin, stand_ins | forge.programs)
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
            target = self._forge.folder / "cache" / self._filled(options["key"])
            # The real action only prints a warning if the path is missing.
            if (self._folder / options["path"]).exists():
                shutil.copytree(self._folder / options["path"], target)
        elif action == "actions/cache/restore":
            prefix = self._filled(options["restore-keys"])
            saved = (self._forge.folder / "cache").glob(f"{prefix}*")
            newest = max(saved, key=lambda path: path.stat().st_mtime_ns, default=None)
            if newest is not None:
                shutil.copytree(newest, self._folder / options["path"])
        return True

    def _upload(self, options: Mapping[str, Any]) -> bool:
        if options["name"] == "headway-history":
            target = self._forge.folder / "artifacts" / str(self._night)
            shutil.copy(self._folder / options["path"], target)
            with (self._forge.folder / "uploaded").open("a") as file:
                file.write(f"{self._night}\n")
        return True

    def _script(self, step: dict[str, Any]) -> bool:
        variables = {name: self._filled(str(value)) for name, value in step.get("env", {}).items()}
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

    def _filled(self, text: str) -> str:
        return re.sub(r"\$\{\{\s*(.*?)\s*\}\}", lambda match: self._value(match[1]), text)

    def _value(self, expression: str) -> str:
        return self._values.get(expression, "")

    def _holds(self, condition: str) -> bool:
        """Evaluate a condition. If it calls no status function, also require `success()`."""
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
