"""One made-up repository as it stands on a day, and the files that follow from it."""

from __future__ import annotations

from dataclasses import dataclass, field

from headway.demo import files
from headway.demo.module import Module
from headway.demo.teams import Plan, Team


@dataclass(slots=True)
class Project:
    """What the files are made from; every event of a history changes something here.

    root: the folder above the package, empty or `src/`. swept: the modules that the last clean-up
    changed, which is what a revert takes back. image: which of `files.IMAGES` it is built on.
    owner: the team that it was handed to, if any.
    """

    plan: Plan
    team: Team
    modules: list[Module] = field(default_factory=list)
    swept: list[Module] = field(default_factory=list)
    pins: dict[str, str] = field(default_factory=dict)
    root: str = ""
    on_travis: bool = True
    has_workflow: bool = False
    has_setup_py: bool = True
    release: int = 0
    image: int = 0
    owner: str = ""

    @property
    def package(self) -> str:
        """The name that Python code is imported by."""
        return self.plan.name.replace("-", "_")

    @property
    def old_modules(self) -> list[Module]:
        """Those with six in them."""
        return [module for module in self.modules if module.is_old]

    def files(self) -> dict[str, str]:
        """Path to content, of everything."""
        kind = self.plan.kind
        found = {
            "README.md": files.readme(self.plan.name, self.team.slug, on_travis=self.on_travis),
            "Makefile": files.makefile(kind, with_setup_py=self.has_setup_py),
            "Dockerfile": files.dockerfile(kind, self.image),
            "CHANGELOG.md": f"# Changes\n\n1.{self.release}.0 is the current release.\n",
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
