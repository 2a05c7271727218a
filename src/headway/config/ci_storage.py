"""Nightly jobs that keep the history in object storage.

They are derived from the jobs that keep the history on the forge. The steps that restore and save
the history are removed, and the commands receive the storage credentials.
"""

from __future__ import annotations

import re

from headway.model.object_address import ObjectAddress, Scheme

_VARIABLES: dict[Scheme, tuple[tuple[str, str, str], ...]] = {
    "s3": (
        ("secrets", "AWS_ACCESS_KEY_ID", "The ID of a key that may read, write, list and delete"),
        ("secrets", "AWS_SECRET_ACCESS_KEY", "The secret part of this key"),
        ("vars", "AWS_REGION", "The region of the bucket"),
        ("vars", "AWS_ENDPOINT_URL_S3", "The URL of the service, unless it is Amazon S3"),
    ),
    "gs": (("secrets", "GOOGLE_SERVICE_ACCOUNT_KEY", "The JSON key of a service account"),),
    "az": (
        ("vars", "AZURE_STORAGE_ACCOUNT_NAME", "The name of the storage account"),
        ("secrets", "AZURE_STORAGE_ACCOUNT_KEY", "A key of the storage account"),
    ),
}
"""The variables of each service, with their location on GitHub and their meaning."""

_CACHED_FOLDERS = (".headway/mirrors", ".headway/matches")
"""The folders that the forge caches. The rest of `.headway` contains a copy of the store."""
_RUNS_HEADWAY = re.compile(r"\bheadway (?:scan|query|report|digest) ")
_GITHUB_STEP = re.compile(r"^      - .*\n(?:(?:       .*)?\n)*", re.MULTILINE)
_NOT_FOUND = '[ -f headway.duckdb ] || exit "$code"'


def github_with_storage(workflow: str, address: ObjectAddress) -> str:
    """Return the workflow that keeps the history in object storage.

    Args:
        workflow: The workflow that keeps the history on GitHub.
        address: The address of the store.
    """
    variables = _VARIABLES[address.scheme]
    environment = "".join(
        f"          {name}: ${{{{ {place}.{name} }}}}\n" for place, name, _ in variables
    )

    def changed(match: re.Match[str]) -> str:
        step = match[0]
        if step.startswith(("      - name: Restore the history", "      - name: Save the history")):
            return ""
        if _RUNS_HEADWAY.search(step):
            return _replaced(step, "        env:\n", f"        env:\n{environment}")
        paths = "".join(f"            {folder}\n" for folder in _CACHED_FOLDERS)
        return step.replace("path: .headway\n", f"path: |\n{paths}")

    workflow = _GITHUB_STEP.sub(changed, workflow)
    workflow = _replaced(workflow, " && hashFiles('headway.duckdb') != ''", "")
    workflow = _replaced(workflow, "nothing was saved or published", "nothing was published")
    start, end = workflow.index("    inputs:\n      new_history"), workflow.index("permissions: {}")
    workflow = workflow[:start] + workflow[end:]
    notes = "".join(
        f"# {'Secret' if place == 'secrets' else 'Variable'} {name}\n#{' ' * 25}{meaning}.\n"
        for place, name, meaning in variables
    )
    head = f"# The history is kept in {address}.\n#\n"
    workflow = _replaced(workflow, "# Secret HEADWAY_TOKEN", f"{head}# Secret HEADWAY_TOKEN")
    return _replaced(workflow, "name: Headway\n", f"{notes}name: Headway\n", count=1)


def gitlab_with_storage(pipeline: str, address: ObjectAddress) -> str:
    """Return the jobs that keep the history in object storage.

    Args:
        pipeline: The jobs that keep the history on GitLab.
        address: The address of the store.
    """
    notes = "".join(
        f"# Variable {name}\n#{' ' * 25}{meaning}.\n"
        for _, name, meaning in _VARIABLES[address.scheme]
    )
    start, end = (pipeline.index(text) for text in ("# Run the first pipeline", "headway:\n"))
    kept = pipeline[start:end].rpartition("#\n")[2]
    head = f"{notes}#\n# The history is kept in {address}.\n#\n{kept}"
    pipeline = pipeline[:start].removesuffix("#\n") + head + pipeline[end:]
    pipeline = _replaced(pipeline, "      - headway.duckdb\n", "")
    paths = "".join(f"      - {folder}/\n" for folder in _CACHED_FOLDERS)
    pipeline = _replaced(pipeline, "      - .headway/\n", paths)
    start = pipeline.index('    - |\n      if [ -n "$HEADWAY_HISTORY_JOB" ]')
    end = pipeline.index("    - |\n      # Find out who can read the pages")
    pipeline = pipeline[:start] + pipeline[end:]
    pipeline = _replaced(
        pipeline, _NOT_FOUND, 'if [ "$code" -ne 0 ] && [ "$code" -ne 3 ]; then exit "$code"; fi'
    )
    pipeline = _replaced(pipeline, "rm -rf headway.duckdb* .headway", "rm -rf .headway")
    return _replaced(pipeline, "nothing was saved or published", "nothing was published")


def _replaced(text: str, before: str, after: str, count: int = -1) -> str:
    assert before in text, before
    return text.replace(before, after, count)
