"""The CI files that scan every night: values in, text out.

The actions are pinned by commit; the comment behind each says which release that is.
"""

from __future__ import annotations

CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1  # v7.0.1"
SETUP_PYTHON = "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97  # v7.0.0"
RESTORE = "actions/cache/restore@27d5ce7f107fe9357f9df03efb73ab90386fccae  # v5.0.5"
SAVE = "actions/cache/save@27d5ce7f107fe9357f9df03efb73ab90386fccae  # v5.0.5"
UPLOAD = "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f  # v7.0.0"

GITHUB_PATH = ".github/workflows/headway.yml"
GITLAB_PATH = ".gitlab/headway.yml"


def github_workflow(version: str) -> str:
    """A workflow that needs the secret HEADWAY_TOKEN; version: of Headway, to be installed."""
    return f"""\
# Scans every night, keeps the history, and keeps the pages as an artifact of the run.
# It needs a secret HEADWAY_TOKEN that may read all repositories: a workflow's own token sees only
# this one.
name: Headway
on:
  schedule:
    - cron: "17 3 * * *"
  workflow_dispatch:
permissions:
  contents: read
concurrency:
  group: headway
  cancel-in-progress: false
jobs:
  scan:
    runs-on: ubuntu-latest
    timeout-minutes: 350
    steps:
      - uses: {CHECKOUT}
        with:
          persist-credentials: false
      - uses: {SETUP_PYTHON}
        with:
          python-version: "3.13"
      - run: python -m pip install "headway=={version}"
      - name: Take the history and the mirrors from the last night
        uses: {RESTORE}
        with:
          path: |
            headway.duckdb
            .headway
          key: headway-${{{{ github.run_id }}}}
          restore-keys: headway-
      - name: Scan
        # Ends with 3, and so fails the night, when something could not be seen; the pages are
        # written all the same. To be content with that, add: continue-on-error: true
        run: headway scan
        env:
          GITHUB_TOKEN: ${{{{ secrets.HEADWAY_TOKEN }}}}
      - name: Pages
        if: ${{{{ !cancelled() }}}}
        run: headway report
      - name: Keep the history and the mirrors for the next night
        if: ${{{{ !cancelled() }}}}
        uses: {SAVE}
        with:
          path: |
            headway.duckdb
            .headway
          key: headway-${{{{ github.run_id }}}}
      - name: Keep the pages, and a second copy of the history
        # Caches can be evicted; a lost history is taken back from the newest of these.
        if: ${{{{ !cancelled() }}}}
        uses: {UPLOAD}
        with:
          name: headway
          path: |
            site
            headway.duckdb
          retention-days: 90
"""


def gitlab_pipeline(version: str) -> str:
    """A job for a scheduled pipeline, to be included from .gitlab-ci.yml; version: of Headway."""
    return f"""\
# Scans in every scheduled pipeline (Build > Pipeline schedules), keeps the history, and keeps the
# pages as artifacts. It needs a variable GITLAB_TOKEN, masked, with the scope read_api and
# read_repository: a job's own token cannot list projects.
headway:
  image: python:3.13
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule"
    - if: $CI_PIPELINE_SOURCE == "web"
  resource_group: headway
  timeout: 6h
  cache:
    key: headway
    when: always
    paths:
      - headway.duckdb
      - .headway/
  script:
    - python -m pip install "headway=={version}"
    - code=0; headway scan || code=$?
    - headway report
    # 3: something could not be seen. To be content with that, add: allow_failure: {{exit_codes: 3}}
    - exit $code
  artifacts:
    when: always
    expire_in: 90 days
    paths:
      - site/
      - headway.duckdb
"""


def gitlab_include() -> str:
    """.gitlab-ci.yml for a project that has none."""
    return f"include:\n  - local: {GITLAB_PATH}\n"
