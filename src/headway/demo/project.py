"""The state of a fictional repository at a point in time, and its files in that state."""

from __future__ import annotations

from dataclasses import dataclass, field

from headway.demo import files
from headway.demo.module import Module
from headway.demo.teams import Plan, Team


@dataclass(slots=True)
class Project:
    """The state that determines a repository's files. Events change this state."""

    plan: Plan
    team: Team
    modules: list[Module] = field(default_factory=list)
    cleaned_up: list[Module] = field(default_factory=list)
    """The modules that the last clean-up changed. A revert restores them."""
    pins: dict[str, str] = field(default_factory=dict)
    """Maps each required package to its pinned version."""
    root: str = ""
    """The folder that contains the package: `src/`, or an empty string for the root folder."""
    on_travis: bool = True
    has_workflow: bool = False
    has_setup_py: bool = True
    release: int = 0
    image: int = 0
    """The current base image, as an index into `files.IMAGES`."""
    owner: str = ""
    """The team that has taken over the repository, or an empty string."""

    @property
    def package(self) -> str:
        """The name of the Python package."""
        return self.plan.name.replace("-", "_")

    @property
    def old_modules(self) -> list[Module]:
        """The modules that use six."""
        return [module for module in self.modules if module.is_old]

    def files(self) -> dict[str, str]:
        """Return the content of every file in the repository, by path."""
        kind = self.plan.kind
        found = {
            "README.md": files.readme(self.plan.name, self.team.slug, on_travis=self.on_travis),
            "Makefile": files.makefile(kind, with_setup_py=self.has_setup_py),
            "Dockerfile": files.dockerfile(kind, self.image),
            "CHANGELOG.md": f"# Changes\n\nThe current release is 1.{self.release}.0.\n",
        }
        if self.plan.owned_by == "CODEOWNERS":
            owner = self.owner or self.team.slug
            found[".github/CODEOWNERS"] = files.codeowners(owner, self.plan.owners)
        if self.on_travis:
            found[".travis.yml"] = files.TRAVIS[kind]
        if self.has_workflow:
            found[".github/workflows/checks.yml"] = files.workflow(kind)
        return found | (self._python() if kind == "python" else self._other())

    def _python(self) -> dict[str, str]:
        name, package = self.plan.name, self.package
        folder = f"{self.root}{package}"
        found = {
            "requirements.txt": files.requirements(self.pins),
            f"{folder}/__init__.py": f'"""{name}."""\n',
        }
        if self.has_setup_py:
            found["setup.py"] = files.setup_py(name, package, self.release)
        else:
            found["pyproject.toml"] = files.pyproject(name, folder, self.release)
        for module in self.modules:
            found[f"{folder}/{module.name}.py"] = module.text()
        return found

    def _other(self) -> dict[str, str]:
        found = {}
        for module in self.modules:
            ending, text = files.other_code(self.plan.kind, module.noun, module.functions)
            found[f"src/{module.name}.{ending}"] = text
        return found
