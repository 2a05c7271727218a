"""Compare our readers with other parsers: `python -m benchmarks.package_readers MIRRORS`.

MIRRORS is a folder of bare repositories. The other parsers are not dependencies of Headway: `uv run
--with dockerfile-parse --with python-hcl2 --with ruamel.yaml --with lxml` installs them, and
`apt-get install maven openjdk-17-jdk-headless` installs Maven's own model builder. Go, Ruby with
Bundler, and PHP must be installed for the files of their ecosystems. `--with pip` installs the
parser of pip.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pathspec import GitIgnoreSpec

from benchmarks.package_readers import other_python_readers as python
from benchmarks.package_readers import other_readers as others
from benchmarks.package_readers import other_tools as tools
from scanners._ecosystems import ecosystem_of
from scanners._ecosystems.docker.manifests import IMAGE
from scanners._ecosystems.maven.effective import PomReader
from scanners._ecosystems.records import Facts, Requirement


@dataclass(frozen=True, slots=True)
class Comparison:
    """One ecosystem with the files to compare and the other parser."""

    ecosystem: str
    files: tuple[str, ...]
    parser: str
    reader: others.Reader


LOCK_FILES = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "pylock.*.toml")
COMPARISONS = (
    Comparison("docker", ("Dockerfile",), "dockerfile-parse", others.dockerfile),
    Comparison("docker", ("*.yaml", "*.yml"), "ruamel.yaml", others.images),
    Comparison(
        "github-actions", (".github/workflows/*.yml", "action.yml"), "ruamel.yaml", others.actions
    ),
    Comparison("pre-commit", (".pre-commit-config.yaml",), "ruamel.yaml", others.hooks),
    Comparison("helm", ("Chart.yaml", "requirements.yaml"), "ruamel.yaml", others.charts),
    Comparison("terraform", ("*.tf",), "python-hcl2", others.terraform),
    Comparison(
        "nuget", ("*.csproj", "*.fsproj", "*.vbproj", "Directory.*.props"), "lxml", others.projects
    ),
    Comparison("pypi", ("pyproject.toml",), "packaging", python.pyproject),
    Comparison("pypi", LOCK_FILES, "tomllib", python.lock),
    Comparison("pypi", ("*requirements*.txt", "requirements/*.txt"), "pip", tools.requirements),
    Comparison("go", ("go.mod",), "go mod edit", tools.go_module),
    Comparison("cargo", ("Cargo.toml", "Cargo.lock"), "tomllib", tools.cargo),
    Comparison("rubygems", ("Gemfile", "*.gemspec", "*.gemfile"), "Ripper", tools.gems),
    Comparison("rubygems", ("Gemfile.lock", "*.gemfile.lock"), "Bundler", tools.gems),
    Comparison("packagist", ("composer.json", "composer.lock"), "PHP", tools.composer),
    Comparison("npm", ("package.json",), "json", tools.npm_manifest),
    Comparison("npm", ("package-lock.json", "npm-shrinkwrap.json"), "json", tools.npm_lock),
    Comparison("maven", ("gradle.lockfile",), "lines", tools.gradle_lock),
    Comparison("maven", ("*.versions.toml",), "tomllib", tools.version_catalogue),
    Comparison("gitlab", ("*.gitlab-ci.yml", ".gitlab/**/*.yml"), "ruamel.yaml", others.includes),
)
_READ_BY_TOOLS = tuple(one for one in COMPARISONS if one.reader.__module__ == tools.__name__)


@dataclass(slots=True)
class Result:
    """The counts of one comparison."""

    repositories: set[str] = field(default_factory=set)
    files: int = 0
    unreadable: Counter[str] = field(default_factory=Counter)
    declarations: Counter[str] = field(default_factory=Counter)
    shown: list[str] = field(default_factory=list)

    def add(
        self, name: str, ours: Counter[others.Declaration], theirs: Counter[others.Declaration]
    ) -> None:
        """Count the declarations of one file."""
        self.declarations["same"] += (ours & theirs).total()
        for side, only in (("only Headway", ours - theirs), ("only the other", theirs - ours)):
            self.declarations[side] += only.total()
            self.shown += [f"{side}: {name}: {one}" for one in only.elements()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mirrors", type=Path)
    parser.add_argument("--commits", type=int, default=5, help="per repository, evenly spread")
    parser.add_argument("--ecosystem", action="append", help="only this one; may be repeated")
    parser.add_argument("--parser", action="append", help="only this other parser; may be repeated")
    parser.add_argument("--shown", type=int, default=5, help="differences per comparison")
    arguments = parser.parse_args()
    chosen = arguments.ecosystem or [*(one.ecosystem for one in COMPARISONS), "maven"]
    repositories = sorted(
        found.parent for found in arguments.mirrors.glob("*/*/HEAD") if found.is_file()
    )
    print(
        "| ecosystem | other parser | repositories | files | same | only Headway "
        "| only the other | unreadable |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    shown = []
    for comparison in COMPARISONS:
        if comparison.ecosystem in chosen and (
            not arguments.parser or comparison.parser in arguments.parser
        ):
            result = compare(comparison, repositories, arguments.commits)
            report(comparison.ecosystem, comparison.parser, result)
            shown += result.shown[: arguments.shown]
    if "maven" in chosen and not arguments.parser:
        result = compare_maven(repositories, arguments.commits)
        report("maven", "maven-model-builder", result)
        shown += result.shown[: arguments.shown]
    print("\n".join(["", *shown]))


def report(ecosystem: str, parser: str, result: Result) -> None:
    """Print one row of the table."""
    counts = [result.declarations[key] for key in ("same", "only Headway", "only the other")]
    unreadable = ", ".join(f"{key} {count}" for key, count in sorted(result.unreadable.items()))
    cells = [ecosystem, parser, len(result.repositories), result.files, *counts, unreadable or 0]
    print("|", " | ".join(map(str, cells)), "|", flush=True)


def git(repository: Path, *arguments: str) -> bytes:
    """Return the output of a git command, or nothing if it fails."""
    command = ["git", f"--git-dir={repository}", *arguments]
    return subprocess.run(command, capture_output=True, check=False).stdout


def commits_of(repository: Path, count: int) -> list[str]:
    """Return first-parent commits, evenly spread over the history; the first is the tip."""
    chain = git(repository, "rev-list", "--first-parent", "HEAD").decode().split()
    return [chain[index * len(chain) // count] for index in range(min(count, len(chain)))]


def files_of(repository: Path, commit: str, patterns: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the path and blob of each file that the patterns select."""
    spec = GitIgnoreSpec.from_lines(patterns)
    for entry in (
        git(repository, "ls-tree", "-r", "-z", commit).decode("utf-8", "replace").split("\0")
    ):
        attributes, _, path = entry.partition("\t")
        if attributes.startswith("100") and spec.match_file(path):
            yield path, attributes.split()[2]


def compare(comparison: Comparison, repositories: list[Path], commits: int) -> Result:
    """Compare the parsers file by file. Each version of a file is read once."""
    result = Result()
    ecosystem = ecosystem_of(comparison.ecosystem)
    seen: set[str] = set()
    for repository in repositories:
        for commit in commits_of(repository, commits):
            for path, blob in files_of(repository, commit, comparison.files):
                content = b"" if blob in seen else git(repository, "cat-file", "blob", blob)
                seen.add(blob)
                if not content:
                    continue
                ours, theirs = None, None
                try:
                    ours = declarations(comparison, ecosystem.read(path, content))
                except ValueError:
                    result.unreadable["Headway"] += 1
                try:
                    theirs = Counter(comparison.reader(path, content))
                    if comparison in _READ_BY_TOOLS or comparison.parser == "ruamel.yaml":
                        theirs = Counter(set(theirs))  # An alias has its anchor's line.
                except Exception:  # noqa: BLE001 - other parsers raise anything
                    result.unreadable["other"] += 1
                if ours is None or theirs is None or not (ours or theirs):
                    continue
                result.files += 1
                result.repositories.add(repository.parent.name)
                lines = content.decode("utf-8", "replace").split("\n")
                name = f"{repository.parent.name} {blob[:8]} {path}"
                result.add(
                    name, ours, Counter(_as_ours(one, lines, ours) for one in theirs.elements())
                )
    return result


def _as_ours(
    one: others.Declaration, lines: list[str], ours: Mapping[others.Declaration, int]
) -> others.Declaration:
    """Replace a pinned commit with the version in its comment if our reader found it."""
    line, name, version = one
    if others.COMMIT.fullmatch(version):
        text = lines[line - 1] if line else next((text for text in lines if version in text), "")
        same = (known for known in ours if known[:2] == (line, name) and known[2] in text)
        return next(same, one)
    return one


def declarations(comparison: Comparison, facts: Facts) -> Counter[others.Declaration]:
    """Return the declarations that our reader found: one name for each position."""
    if comparison in _READ_BY_TOOLS:
        return _named(comparison, facts)
    if comparison.files is LOCK_FILES:
        return Counter(
            (0, name, entry.version) for name, listed in facts.locked.items() for entry in listed
        )
    if comparison.parser == "packaging":
        return Counter(
            (0, name, python.range_of(entry.constraint))
            for name, listed in facts.requirements.items()
            for entry in listed
        )
    places: dict[tuple[int, int], Requirement] = {}
    for found in facts.requirements.values():
        for one in found:
            known = places.get((one.line, one.column))
            if known is None or len(one.package) > len(known.package):
                places[one.line, one.column] = one
    chosen = [one for one in places.values() if _is_compared(comparison, one)]
    has_lines = comparison.parser not in ("python-hcl2", "lxml")
    compared = Counter(
        (one.line if has_lines else 0, _short(comparison, one), one.constraint) for one in chosen
    )
    return Counter(set(compared)) if comparison.parser == "ruamel.yaml" else compared


def _named(comparison: Comparison, facts: Facts) -> Counter[others.Declaration]:
    """Return each name and version once, without lines, as the tools print them."""
    spelling = python.range_of if comparison.parser == "pip" else str
    found = {
        (0, name, spelling(entry.constraint))
        for name, listed in facts.requirements.items()
        for entry in listed
        if ":plugins." not in entry.group and ".plugins." not in entry.group
    }
    found |= {(0, name, entry.version) for name, listed in facts.locked.items() for entry in listed}
    return Counter(found)


def _short(comparison: Comparison, one: Requirement) -> str:
    is_chart = comparison.ecosystem == "helm"
    return one.package.rpartition("/")[2] if is_chart else one.package


def _is_compared(comparison: Comparison, one: Requirement) -> bool:
    """Return whether the other parser also looks for such declarations."""
    if comparison.parser == "dockerfile-parse":
        return one.group == "from"
    if comparison.reader is others.images:
        return one.group == IMAGE and bool(one.constraint)
    return one.group != "git"


def compare_maven(repositories: list[Path], commits: int) -> Result:
    """Compare the versions of dependencies with those in Maven's effective models."""
    result = Result()
    ecosystem = ecosystem_of("maven")
    for repository in repositories:
        for commit in commits_of(repository, commits):
            with tempfile.TemporaryDirectory() as folder:
                facts: dict[str, Facts] = {}
                for path, blob in files_of(repository, commit, ("pom.xml",)):
                    content = git(repository, "cat-file", "blob", blob)
                    file = Path(folder, path)
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(content)
                    try:
                        facts[path] = ecosystem.read(path, content)
                    except ValueError:
                        result.unreadable["Headway"] += 1
                if facts:
                    result.files += len(facts)
                    result.repositories.add(repository.parent.name)
                    _compare_models(result, folder, facts, f"{repository.parent.name} {commit[:8]}")
    return result


def _compare_models(result: Result, folder: str, facts: Mapping[str, Facts], name: str) -> None:
    source = Path(__file__).with_name("EffectiveModels.java")
    command = ["java", "-cp", "/usr/share/maven/lib/*", str(source), folder, *facts]
    output = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    models: dict[tuple[str, str], set[str]] = {}
    for kind, *cells in (line.split("\t") for line in output.splitlines()):
        if kind == "unreadable":
            result.unreadable["other"] += 1
        else:
            path, package, version = cells
            known = "" if version == "null" or "${" in version else version
            models.setdefault((path, package), set()).add(known)
    reader = PomReader(facts)
    for (path, package), versions in models.items():
        found = [one for one in reader.findings(package) if one.path == path]
        declared = {
            one.line
            for requirements in facts[path].requirements.values()
            for one in requirements
            if one.group == "dependency"
        }
        ours = {"" if one.unresolved else one.constraint for one in found if one.line in declared}
        if ours:
            result.add(
                f"{name} {path}",
                Counter((0, package, version) for version in ours),
                Counter((0, package, version) for version in versions),
            )


if __name__ == "__main__":
    main()
