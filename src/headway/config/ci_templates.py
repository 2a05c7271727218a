"""The CI files that run a nightly scan.

The templates are in the `ci_files` folder. GitHub Actions are pinned by commit, with the release in
a comment. Headway is installed from a commit of a git repository, and its dependencies are pinned
by hash.

The store must survive from one night to the next. A cache alone is not enough, because GitHub and
GitLab can evict caches at any time without notice.

- On GitHub, every run saves the store as an artifact, and starts from the newest artifact.
- On GitLab, a job token cannot find the newest failed job, whose artifact may be the newest one.
  The store is therefore kept in the cache, with an artifact as backup. If the cache has been
  evicted, the job fails, and a comment in the file explains how to restore the backup.

- A store in object storage needs neither a cache nor an artifact. See `ci_storage`.

The mirrors are also kept in a cache. They are fetched again if the cache is evicted.
"""

from __future__ import annotations

from importlib.resources import files

from headway.config.ci_storage import github_with_storage, gitlab_with_storage
from headway.model.object_address import ObjectAddress

_ACTIONS = {
    "CHECKOUT": "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1  # v7.0.1",
    "SETUP_PYTHON": "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97  # v7.0.0",
    "RESTORE": "actions/cache/restore@27d5ce7f107fe9357f9df03efb73ab90386fccae  # v5.0.5",
    "SAVE": "actions/cache/save@27d5ce7f107fe9357f9df03efb73ab90386fccae  # v5.0.5",
    "UPLOAD": "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f  # v7.0.0",
    "UPLOAD_PAGES": (
        "actions/upload-pages-artifact@fc324d3547104276b827a68afc52ff2a11cc49c9  # v5.0.0"
    ),
    "DEPLOY_PAGES": "actions/deploy-pages@cd2ce8fcbc39b97be8ca5fce6e763baed58fa128  # v5.0.0",
}

_ENTERPRISE_SERVER_ACTIONS = _ACTIONS | {
    "UPLOAD": "actions/upload-artifact@c24449f33cd45d4826c6702db7e49f7cdb9b551d  # v3.2.1-node20",
    "UPLOAD_PAGES": (
        "actions/upload-pages-artifact@a753861a5debcf57bf8b404356158c8e1e33150c  # v2.0.0"
    ),
    "DEPLOY_PAGES": "actions/deploy-pages@13b55b33dd8996121833dbc1db458c793a334630  # v3.0.1",
}
"""GitHub Enterprise Server does not support version 4 or later of the artifact actions."""

GITHUB_PATH = ".github/workflows/headway.yml"
GITHUB_REQUIREMENTS = ".github/headway-requirements.txt"
GITLAB_PATH = ".gitlab/headway.yml"
GITLAB_REQUIREMENTS = ".gitlab/headway-requirements.txt"


def github_files(
    source: str, *, enterprise_server: bool, storage: ObjectAddress | None = None
) -> dict[str, str]:
    """Return the nightly workflow and its requirements, by path in the workspace.

    The workflow needs the secret HEADWAY_TOKEN.

    Args:
        source: The requirement for pip, such as `git+https://HOST/headway@COMMIT`. If it is empty,
            the user must fill it in.
        enterprise_server: Whether the workflow runs on GitHub Enterprise Server.
        storage: The store in object storage, or None to keep the history on the forge.
    """
    actions = _ENTERPRISE_SERVER_ACTIONS if enterprise_server else _ACTIONS
    values = {"SOURCE": source, "REQUIREMENTS": GITHUB_REQUIREMENTS, **actions}
    workflow = _fill(_text("github.yml"), values)
    return {
        GITHUB_PATH: github_with_storage(workflow, storage) if storage else workflow,
        GITHUB_REQUIREMENTS: _text("requirements.txt"),
    }


def gitlab_files(source: str, storage: ObjectAddress | None = None) -> dict[str, str]:
    """Return the jobs of the scheduled pipeline and the other files for GitLab, by path.

    Args:
        source: See `github_files`.
        storage: See `github_files`.
    """
    values = {"SOURCE": source, "REQUIREMENTS": GITLAB_REQUIREMENTS, "PATH": GITLAB_PATH}
    pipeline = _fill(_text("gitlab.yml"), values)
    return {
        GITLAB_PATH: gitlab_with_storage(pipeline, storage) if storage else pipeline,
        GITLAB_REQUIREMENTS: _text("requirements.txt"),
        ".gitlab-ci.yml": f"include:\n  - local: {GITLAB_PATH}\n",
    }


def _text(name: str) -> str:
    return (files("headway.config") / "ci_files" / name).read_text("utf-8")


def _fill(text: str, values: dict[str, str]) -> str:
    """Replace each `@NAME@`. Braces cannot mark placeholders, because CI files contain them."""
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text
