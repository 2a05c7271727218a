"""Templates of the CI files that run a nightly scan.

GitHub Actions are pinned by commit, with the release in a comment.

The store must survive from one night to the next. A cache alone is not enough, because GitHub and
GitLab may evict caches at any time without notice.

- On GitHub, every run saves the store as an artifact and starts with the newest such artifact.
- On GitLab, a job token cannot find the newest failed job, whose artifact may be the newest one.
  The store is therefore kept in the cache, with an artifact as backup. If the cache has been
  evicted, the job fails, and a comment in the file explains how to restore the backup.

The mirrors are also kept in a cache; they are fetched again if the cache is evicted.
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
# Scans every night, saves the history, and writes the pages.
#
# Secret HEADWAY_TOKEN    A token that may read all repositories to scan. The workflow's own token
#                         can read only this repository.
# Variable HEADWAY_PAGES  `true` publishes the pages on GitHub Pages. On most plans, the published
#                         pages are public; otherwise, everyone who can read this repository can
#                         read them.
# Variable HEADWAY_TOLERATE_UNKNOWN
#                         `true` lets a run succeed even if the state of some repositories is
#                         unknown. By default, the run fails. In both cases, the pages list the
#                         unknown repositories.
name: Headway
on:
  schedule:
    - cron: "17 3 * * *"
  workflow_dispatch:
    inputs:
      new_history:
        description: Start a new history and ignore the history of earlier runs
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
      - name: Restore the history
        # The history is an artifact, because caches may be evicted. Runs for pull requests are
        # skipped, because anyone could have created their artifacts. The step fails if a history
        # exists but cannot be downloaded.
        if: ${{ !inputs.new_history }}
        env:
          GH_TOKEN: ${{ github.token }}
          GH_REPO: ${{ github.repository }}
        run: |
          runs=$(gh run list --workflow headway.yml --branch "$GITHUB_REF_NAME" --limit 100 \\
            --json databaseId,event,status --jq '.[] | select(.status == "completed")
              | select(.event == "schedule" or .event == "workflow_dispatch") | .databaseId')
          for run in $runs; do
            count=$(gh api "repos/$GH_REPO/actions/runs/$run/artifacts?name=headway-history" \\
              --jq .total_count)
            if [ "$count" -gt 0 ]; then
              gh run download "$run" --name headway-history
              echo "history of run $run"
              exit 0
            fi
          done
          echo "::notice::no earlier run has saved a history, so this run starts a new one"
      - name: Restore the mirrors
        # If the cache was evicted, the scan fetches the mirrors again. GitHub stores 10 GB of
        # caches per repository; to limit their size, set `gigabytes` in [cache] of headway.toml.
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
            echo "::warning::the state of some repositories is unknown; the pages list them"
            code=0
          fi
          exit "$code"
      - name: Write the pages
        if: ${{ !cancelled() && hashFiles('headway.duckdb') != '' }}
        run: headway report
      - name: Save the history
        if: ${{ !cancelled() && hashFiles('headway.duckdb') != '' }}
        uses: @UPLOAD@
        with:
          name: headway-history
          path: headway.duckdb
          retention-days: 90
      - name: Save the mirrors
        if: ${{ !cancelled() }}
        uses: @SAVE@
        with:
          path: .headway
          key: headway-mirrors-${{ github.run_id }}
      - name: Save the pages with this run
        if: >-
          ${{ !cancelled() && vars.HEADWAY_PAGES != 'true'
          && hashFiles('site/index.html') != '' }}
        uses: @UPLOAD@
        with:
          name: site
          path: site
          retention-days: 90
      - name: Upload the pages for publishing
        if: >-
          ${{ !cancelled() && vars.HEADWAY_PAGES == 'true'
          && hashFiles('site/index.html') != '' }}
        uses: @UPLOAD_PAGES@
        with:
          path: site
  publish:
    needs: scan
    # Publish even if some repositories could not be read; the pages say which.
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
# Scans in every scheduled pipeline (Build > Pipeline schedules), saves the history, and writes the
# pages.
#
# Variable GITLAB_TOKEN   A masked token with the scopes read_api and read_repository. A job token
#                         cannot list projects.
# Variable HEADWAY_PAGES  `true` publishes the pages on GitLab Pages. The setting that decides who
#                         can read them is Settings > General > Visibility > Pages.
#
# Run the first pipeline by hand, with the variable HEADWAY_FIRST_NIGHT = true.
#
# If the cache is evicted, the history is lost and the next job fails. To restore the history, run a
# pipeline by hand with the variable HEADWAY_HISTORY_JOB set to the ID of the last `headway` job
# that saved artifacts.
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
        # The token is sent on standard input, because other users can read command lines.
        printf 'header = "JOB-TOKEN: %s"\\n' "$CI_JOB_TOKEN" |
          curl --config - --fail --silent --show-error --location --output headway.duckdb \\
            "$CI_API_V4_URL/projects/$CI_PROJECT_ID/jobs/$HEADWAY_HISTORY_JOB/artifacts/headway.duckdb"
      fi
      if [ ! -f headway.duckdb ] && [ "$HEADWAY_FIRST_NIGHT" != true ]; then
        echo "the history was lost with the cache; see the comment at the top of @PATH@"
        exit 1
      fi
    - code=0; headway scan || code=$?
    - headway report
    # Exit code 3 means that the state of some repositories is unknown; the pages list them. To turn
    # this failure into a warning, add this line to the job: allow_failure: {exit_codes: 3}
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
    # Publish even if some repositories could not be read; the pages say which.
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
    """Return the nightly workflow, which installs this version of Headway.

    The workflow needs the secret HEADWAY_TOKEN.
    """
    return _fill(
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
    """Return the jobs of the scheduled pipeline, which install this version of Headway."""
    return _fill(_GITLAB, VERSION=version, PATH=GITLAB_PATH)


def gitlab_include() -> str:
    """Return a .gitlab-ci.yml, for a project without this file, that includes the jobs."""
    return f"include:\n  - local: {GITLAB_PATH}\n"


def _fill(text: str, **values: str) -> str:
    """Replace each `@NAME@`. The syntax of CI files uses braces, so placeholders must not."""
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text
