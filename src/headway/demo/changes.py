"""Single changes to a made-up repository, each with the subject of its commit."""

from __future__ import annotations

from headway.demo import files
from headway.demo.project import Project


def leave_travis(project: Project) -> str:
    """Nothing takes the place of the Travis file."""
    project.on_travis = False
    return "Remove the Travis build, which nobody looks at"


def try_workflow(project: Project) -> str:
    """For a while there are both."""
    project.has_workflow = True
    return "Try GitHub Actions beside Travis"


def migrate_builds(project: Project) -> str:
    """The one for the other, in one commit."""
    project.on_travis, project.has_workflow = False, True
    return "Build on GitHub Actions instead of Travis"


def hand_over(project: Project, *, owner: str) -> str:
    """From here on CODEOWNERS names another team."""
    project.owner = owner
    return f"Hand over to {owner}"


def renew_image(project: Project, *, to_current: bool = False) -> str:
    """To the next image, or straight to the current one."""
    last = len(files.IMAGES[project.plan.kind]) - 1
    project.image = last if to_current else min(project.image + 1, last)
    return f"Build on {files.IMAGES[project.plan.kind][project.image]}"


def modernise_packaging(project: Project) -> str:
    """The one for the other, in one commit."""
    project.has_setup_py = False
    return "Replace setup.py by pyproject.toml"


def move_to_src(project: Project) -> str:
    """Every path of the package changes, and nothing else."""
    project.root = "src/"
    return "Move the package below src"


def add_notices(project: Project) -> str:
    """Every line of every module moves down."""
    for module in project.modules:
        module.licensed = True
    return "Add a notice to every file"
