"""The CI files that scan every night: values in, text out.

The actions are pinned by commit; the comment behind each says which release that is.

What survives between nights: the store must, the mirrors need not. GitHub and GitLab both evict
caches without a word, so a store that lived in a cache alone would one day begin again with an
empty history, and nobody would be told. On GitHub the store is an artifact of each run, taken from
the newest run that has one. On GitLab a job's token cannot find the newest failed job, so there
the store is in the cache with an artifact behind it, and a job that finds neither fails. Mirrors
are in a cache: when they are lost, they are fetched again.
"""

from __future__ import annotations

CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1  # v7.0.1"
SETUP_PYTHON = "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97  # v7.0.0"
RESTORE = "actions/cache/restore@27d5ce7f107fe9357f9df03efb73ab90386fccae  # v5.0.5"
SAVE = "actions/cache/save@27d5ce7f107fe9357f9df03efb73ab90386fccae  # v5.0.5"
UPLOAD = "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f  # v7.0.0"
UPLOAD_PAGES = "actions/upload-pages-artifact@fc324d3547104276b827a68afc52ff2a11cc49c9  # v5.0.0"
DEPLOY_PAGES = "actions/deploy-pages@cd2ce8fcbc39b97be8ca5fce6e763baed58fa128  # v5.0.0"

GITHUB_PATH = ".github/workflows/headway.yml"
GITLAB_PATH = ".gitlab/headway.yml"

_GITHUB = """\
# Scans every night, keeps the history, and writes the pages.
#
# Secret HEADWAY_TOKEN    may read all repositories: a workflow's own token sees only this one.
# Variable HEADWAY_PAGES  `true` publishes the pages on GitHub Pages. Who can read this repository
#                         can then read them; on most plans everybody can.
# Variable HEADWAY_TOLERATE_UNKNOWN
#                         `true` lets a night pass in which something could not be seen; without
#                         it that night fails. What was not seen is marked in the pages either way.
name: Headway
on:
  schedule:
    - cron: "17 3 * * *"
  workflow_dispatch:
    inputs:
      new_history:
        description: Begin a new history, whatever earlier runs have kept
        type: boolean
        default: false
permissions: {}
concurrency:
  group: headway
  cancel-in-progress: false
jobs:
  scan:
    runs-on: ubuntu-latest
    timeout-minutes: 350
    permissions:
      contents: read
      actions: read
    steps:
      - uses: @CHECKOUT@
        with:
          persist-credentials: false
      - uses: @SETUP_PYTHON@
        with:
          python-version: "3.13"
      - run: python -m pip install "headway==@VERSION@"
      - name: Take the history from the last night
        # From an artifact, for caches are evicted. Runs of pull requests are passed over: what
        # they keep may be anybody's. Fails when there is a history that cannot be had.
        if: ${{ !inputs.new_history }}
        env:
          GH_TOKEN: ${{ github.token }}
          GH_REPO: ${{ github.repository }}
        run: |
          runs=$(gh run list --workflow headway.yml --branch "$GITHUB_REF_NAME" --limit 100 \\
            --json databaseId,event,status --jq '.[] | select(.status == "completed")
              | select(.event == "schedule" or .event == "workflow_dispatch") | .databaseId')
          for run in $runs; do
            kept=$(gh api "repos/$GH_REPO/actions/runs/$run/artifacts?name=headway-history" \\
              --jq .total_count)
            if [ "$kept" -gt 0 ]; then
              gh run download "$run" --name headway-history
              echo "history of run $run"
              exit 0
            fi
          done
          echo "::notice::no earlier run has kept a history: this is the first night"
      - name: Take the mirrors from the last night
        # A cache: when it was evicted, they are fetched again. GitHub keeps 10 GB of caches for a
        # repository; bound the mirrors by `gigabytes` of [cache] in headway.toml.
        uses: @RESTORE@
        with:
          path: .headway
          key: headway-mirrors-${{ github.run_id }}
          restore-keys: headway-mirrors-
      - name: Scan
        env:
          GITHUB_TOKEN: ${{ secrets.HEADWAY_TOKEN }}
          TOLERATE: ${{ vars.HEADWAY_TOLERATE_UNKNOWN }}
        run: |
          code=0
          headway scan || code=$?
          if [ "$code" -eq 3 ] && [ "$TOLERATE" = true ]; then
            echo "::warning::something could not be seen; the pages say what"
            code=0
          fi
          exit "$code"
      - name: Pages
        if: ${{ !cancelled() && hashFiles('headway.duckdb') != '' }}
        run: headway report
      - name: Keep the history for the next night
        if: ${{ !cancelled() && hashFiles('headway.duckdb') != '' }}
        uses: @UPLOAD@
        with:
          name: headway-history
          path: headway.duckdb
          retention-days: 90
      - name: Keep the mirrors for the next night
        if: ${{ !cancelled() }}
        uses: @SAVE@
        with:
          path: .headway
          key: headway-mirrors-${{ github.run_id }}
      - name: Keep the pages for whoever may see this run
        if: >-
          ${{ !cancelled() && vars.HEADWAY_PAGES != 'true'
          && hashFiles('site/index.html') != '' }}
        uses: @UPLOAD@
        with:
          name: site
          path: site
          retention-days: 90
      - name: Keep the pages to be published
        if: >-
          ${{ !cancelled() && vars.HEADWAY_PAGES == 'true'
          && hashFiles('site/index.html') != '' }}
        uses: @UPLOAD_PAGES@
        with:
          path: site
  publish:
    needs: scan
    # also after a night that failed because something is unknown: the pages say so
    if: ${{ !cancelled() && vars.HEADWAY_PAGES == 'true' }}
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      pages: write
      id-token: write
    environment:
      name: github-pages
      url: ${{ steps.pages.outputs.page_url }}
    steps:
      - id: pages
        uses: @DEPLOY_PAGES@
"""

_GITLAB = """\
# Scans in every scheduled pipeline (Build > Pipeline schedules), keeps the history, and writes the
# pages.
#
# Variable GITLAB_TOKEN   masked, with the scopes read_api and read_repository: a job's own token
#                         cannot list projects.
# Variable HEADWAY_PAGES  `true` publishes the pages on GitLab Pages. Who can read them is in
#                         Settings > General > Visibility > Pages.
# The first pipeline is run by hand, with the variable HEADWAY_FIRST_NIGHT = true. When the history
# was lost with the cache, the next job fails: run a pipeline by hand with HEADWAY_HISTORY_JOB, the
# number of the last job of this name, and the history is taken from that job's artifacts.
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
    - python -m pip install "headway==@VERSION@"
    - |
      if [ -n "$HEADWAY_HISTORY_JOB" ]; then
        # by standard input: what is on a command line can be read by others
        printf 'header = "JOB-TOKEN: %s"\\n' "$CI_JOB_TOKEN" |
          curl --config - --fail --silent --show-error --location --output headway.duckdb \\
            "$CI_API_V4_URL/projects/$CI_PROJECT_ID/jobs/$HEADWAY_HISTORY_JOB/artifacts/headway.duckdb"
      fi
      if [ ! -f headway.duckdb ] && [ "$HEADWAY_FIRST_NIGHT" != true ]; then
        echo "the history was lost with the cache; see the top of @PATH@"
        exit 1
      fi
    - code=0; headway scan || code=$?
    - headway report
    # 3: something could not be seen; the pages say what. To be content with that, add to this job:
    # allow_failure: {exit_codes: 3}
    - exit $code
  artifacts:
    when: always
    expire_in: 90 days
    paths:
      - site/
      - headway.duckdb
pages:
  image: python:3.13
  needs: [headway]
  rules:
    # also after a night that failed because something is unknown: the pages say so
    - if: $HEADWAY_PAGES == "true" && $CI_PIPELINE_SOURCE == "schedule"
      when: always
    - if: $HEADWAY_PAGES == "true" && $CI_PIPELINE_SOURCE == "web"
      when: always
  script:
    - mv site public
  artifacts:
    paths:
      - public
"""


def github_workflow(version: str) -> str:
    """A workflow that needs the secret HEADWAY_TOKEN; version: of Headway, to be installed."""
    return _filled(
        _GITHUB,
        VERSION=version,
        CHECKOUT=CHECKOUT,
        SETUP_PYTHON=SETUP_PYTHON,
        RESTORE=RESTORE,
        SAVE=SAVE,
        UPLOAD=UPLOAD,
        UPLOAD_PAGES=UPLOAD_PAGES,
        DEPLOY_PAGES=DEPLOY_PAGES,
    )


def gitlab_pipeline(version: str) -> str:
    """Jobs for a scheduled pipeline, to be included from .gitlab-ci.yml; version: of Headway."""
    return _filled(_GITLAB, VERSION=version, PATH=GITLAB_PATH)


def gitlab_include() -> str:
    """.gitlab-ci.yml for a project that has none."""
    return f"include:\n  - local: {GITLAB_PATH}\n"


def _filled(text: str, **values: str) -> str:
    """Both languages have braces of their own, so the places are `@NAME@`."""
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text
