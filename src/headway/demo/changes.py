"""Changes to a fictional repository. Every function returns the subject of a commit."""

from __future__ import annotations

from headway.demo import files
from headway.demo.project import Project


def leave_travis(project: Project) -> str:
    """Remove .travis.yml without a replacement."""
    project.on_travis = False
    return "Remove the Travis build, which nobody checks"


def try_workflow(project: Project) -> str:
    """Add a GitHub Actions workflow and keep .travis.yml."""
    project.has_workflow = True
    return "Try GitHub Actions alongside Travis"


def migrate_builds(project: Project) -> str:
    """Replace .travis.yml with a GitHub Actions workflow."""
    project.on_travis, project.has_workflow = False, True
    return "Build on GitHub Actions instead of Travis"


def hand_over(project: Project, *, owner: str) -> str:
    """Make another team the owner of the repository in CODEOWNERS."""
    project.owner = owner
    return f"Hand over to {owner}"


def renew_image(project: Project, *, to_current: bool = False) -> str:
    """Update to the next base image, or to the latest one if `to_current` is true."""
    last = len(files.IMAGES[project.plan.kind]) - 1
    project.image = last if to_current else min(project.image + 1, last)
    return f"Build on {files.IMAGES[project.plan.kind][project.image]}"


def modernise_packaging(project: Project) -> str:
    """Replace setup.py with pyproject.toml."""
    project.has_setup_py = False
    return "Replace setup.py with pyproject.toml"


def move_to_src(project: Project) -> str:
    """Move the package to the `src` folder without changing the contents of any file."""
    project.root = "src/"
    return "Move the package below src"


def add_notices(project: Project) -> str:
    """Add a licence notice at the top of every module. All other lines move down."""
    for module in project.modules:
        module.licensed = True
    return "Add a notice to every file"
