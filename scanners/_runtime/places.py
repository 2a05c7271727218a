"""Find the places in a file that state the version of a runtime."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from .._ecosystems.docker.dockerfile import read_dockerfile
from .._ecosystems.text_position import Lines
from .tox_toml import tox_versions
from .yaml_places import IMAGES, YAML_FILES, yaml_places


class Place(NamedTuple):
    """One place that states a version."""

    name: str
    """The name of the place, such as `requires-python`. It does not depend on the version."""
    value: str
    """The version as written."""
    line: int
    column: int
    is_one_of_many: bool = False
    """Whether the version is one of several in a list."""


class Pattern(NamedTuple):
    """A pattern for a line, or part of a line, with a version in its group `value`."""

    name: str
    expression: re.Pattern[str]
    is_one_of_many: bool = False


def _pattern(name: str, expression: str, *, many: bool = False) -> Pattern:
    return Pattern(name, re.compile(expression, re.MULTILINE), many)


_QUOTED = r"""["'](?P<value>[^"'\n]{1,80})["']"""
_WHOLE_LINE = _pattern("version", r"^[ \t]*(?P<value>[\w./*-]{1,80})[ \t]*(?:#.*)?$")
_CLASSIFIER = _pattern(
    "classifier", r"Programming Language :: Python :: (?P<value>\d\.\d+)\b", many=True
)
_PYPROJECT = (
    _pattern("requires-python", rf"^requires-python\s*=\s*{_QUOTED}"),
    _pattern("poetry", rf"^python\s*=\s*{_QUOTED}"),
    _CLASSIFIER,
)
_SETUP = (_pattern("python_requires", rf"\bpython_requires\s*=\s*{_QUOTED}"), _CLASSIFIER)
_SETUP_CFG = (
    _pattern("python_requires", r"^python_requires\s*=\s*(?P<value>[^\n#]{1,80})"),
    _CLASSIFIER,
)
_TOX = (
    _pattern("envlist", r"(?<![\w.])py(?P<value>(?:2[67]|3\d{1,2}))(?![\w.])", many=True),
    _pattern("envlist", r"[{,]py(?P<value>(?:2[67]|3\d{1,2}))(?=[,}])", many=True),
    _pattern("basepython", r"^\s*basepython\s*=\s*python(?P<value>\d\.\d+)"),
)
_NOX = (_pattern("nox", r"""["'](?P<value>(?:2|3)\.\d{1,2})["']""", many=True),)
_PACKAGE_JSON = (
    _pattern("engines", rf'"engines"\s*:\s*\{{[^{{}}]*?"node"\s*:\s*{_QUOTED}'),
    _pattern("volta", rf'"volta"\s*:\s*\{{[^{{}}]*?"node"\s*:\s*{_QUOTED}'),
)
_POM = (
    _pattern(
        "maven.compiler",
        r"<maven\.compiler\.(?:release|source|target)>\s*(?P<value>[\d.]+)\s*</",
    ),
    _pattern(
        "java.version", r"<(?:java\.version|jdk\.version|javaVersion)>\s*(?P<value>[\d.]+)\s*</"
    ),
    _pattern(
        "maven-compiler-plugin",
        r"<artifactId>maven-compiler-plugin</artifactId>(?:(?!</plugin>)[\s\S]){0,2000}?"
        r"<(?:release|source|target)>\s*(?P<value>[\d.]+)\s*</",
    ),
)
_GRADLE = (
    _pattern(
        "compatibility",
        r"\b(?:source|target)Compatibility\s*=?\s*\(?\s*(?:JavaVersion\.VERSION_)?"
        r"""["']?(?P<value>1[._][5-8]|\d{1,2})(?![\w.])""",
    ),
    _pattern("toolchain", r"JavaLanguageVersion\.of\(\s*[\"']?(?P<value>\d{1,2})"),
    _pattern("jvmToolchain", r"\bjvmToolchain\(\s*(?P<value>\d{1,2})"),
    _pattern(
        "jvmTarget", r"\bjvmTarget\s*(?:=|\.set\()\s*(?:[\w.]*JVM_)?[\"']?(?P<value>1[._]8|\d{1,2})"
    ),
)
_GO_MOD = (_pattern("go", r"^go[ \t]+(?P<value>\d+(?:\.\d+)+)"),)
_GEMFILE = (_pattern("ruby", r"^[ \t]*ruby[ \t(]+[\"'](?P<value>[^\"'\n]{1,80})[\"']"),)
_GEMSPEC = (
    _pattern(
        "required_ruby_version",
        r"required_ruby_version\s*=\s*[^\n\"']{0,60}[\"'](?P<value>[^\"'\n]{1,80})",
    ),
)
_COMPOSER = (
    _pattern("require", rf'"require"\s*:\s*\{{[^{{}}]*?"php"\s*:\s*{_QUOTED}'),
    _pattern("platform", rf'"platform"\s*:\s*\{{[^{{}}]*?"php"\s*:\s*{_QUOTED}'),
)
_PROJECT_FILE = (
    _pattern(
        "TargetFramework",
        r"<TargetFrameworks?>[^<]*?\bnet(?:coreapp)?(?P<value>\d{1,2}\.\d)",
        many=True,
    ),
    _pattern(
        "TargetFramework",
        r"(?<=;)net(?:coreapp)?(?P<value>\d{1,2}\.\d)(?=[^<>\n]{0,200}</TargetFrameworks>)",
        many=True,
    ),
)
_GLOBAL_JSON = (_pattern("sdk", rf'"sdk"\s*:\s*\{{[^{{}}]*?"version"\s*:\s*{_QUOTED}'),)
_SDKMAN = (_pattern("sdkman", r"^java\s*=\s*(?P<value>\d+(?:\.\d+)*)"),)
_SYSTEM_PROPERTIES = (
    _pattern("java.runtime.version", r"^java\.runtime\.version\s*=\s*(?P<value>[\d.]+)"),
)
_CONDA = (_pattern("conda", r"^\s*-\s*[\"']?python\s*(?P<value>[=<>!~][^\n\"'#]{1,60})"),)
_PIPFILE = (_pattern("python_version", rf"^python_(?:full_)?version\s*=\s*{_QUOTED}"),)
_HEROKU = (_pattern("runtime.txt", r"^\s*python-(?P<value>[\d.]+)"),)
_TERRAFORM = {
    "python": r'^\s*runtime\s*=\s*"python(?P<value>\d\.\d+)"',
    "node": r'^\s*runtime\s*=\s*"nodejs(?P<value>\d+)',
    "java": r'^\s*runtime\s*=\s*"java(?P<value>\d+)',
    "ruby": r'^\s*runtime\s*=\s*"ruby(?P<value>\d\.\d+)',
    "go": r'^\s*runtime\s*=\s*"go(?P<value>1\.\d+)"',
    "dotnet": r'^\s*runtime\s*=\s*"dotnet(?:core)?(?P<value>\d+(?:\.\d+)?)',
}
_TOOL_NAMES = {"node": "(?:nodejs|node)", "go": "(?:golang|go)", "dotnet": "(?:dotnet-core|dotnet)"}

_FILES: dict[str, tuple[tuple[str, tuple[Pattern, ...]], ...]] = {
    "python": (
        (".python-version", (_WHOLE_LINE,)),
        ("runtime.txt", _HEROKU),
        ("pyproject.toml", _PYPROJECT),
        ("setup.py", _SETUP),
        ("setup.cfg", _SETUP_CFG),
        ("tox.ini", _TOX),
        ("tox.toml", ()),
        ("noxfile.py", _NOX),
        ("Pipfile", _PIPFILE),
        ("environment.y*ml", _CONDA),
    ),
    "node": (
        (".nvmrc", (_WHOLE_LINE,)),
        (".node-version", (_WHOLE_LINE,)),
        ("package.json", _PACKAGE_JSON),
    ),
    "java": (
        ("pom.xml", _POM),
        ("*.gradle", _GRADLE),
        ("*.gradle.kts", _GRADLE),
        (".java-version", (_WHOLE_LINE,)),
        (".sdkmanrc", _SDKMAN),
        ("system.properties", _SYSTEM_PROPERTIES),
    ),
    "go": (("go.mod", _GO_MOD), (".go-version", (_WHOLE_LINE,))),
    "ruby": (
        (".ruby-version", (_WHOLE_LINE,)),
        ("Gemfile", _GEMFILE),
        ("*.gemspec", _GEMSPEC),
    ),
    "php": (("composer.json", _COMPOSER), (".php-version", (_WHOLE_LINE,))),
    "dotnet": (
        ("global.json", _GLOBAL_JSON),
        ("*.csproj", _PROJECT_FILE),
        ("*.fsproj", _PROJECT_FILE),
        ("*.vbproj", _PROJECT_FILE),
        ("Directory.Build.props", _PROJECT_FILE),
    ),
}
_DOCKERFILES = ("Dockerfile", "Dockerfile.*", "*.Dockerfile", "*.dockerfile", "Containerfile")


def files(runtime: str) -> tuple[str, ...]:
    """Return the patterns of the files that can state a version of a runtime."""
    own = tuple(pattern for pattern, _ in _FILES[runtime])
    terraform = ("*.tf",) if runtime in _TERRAFORM else ()
    return (*own, ".tool-versions", "*mise.toml", *terraform, *_DOCKERFILES, *YAML_FILES)


def places(runtime: str, path: str, content: bytes) -> Iterator[Place]:
    """Yield the places in a file that state a version of a runtime, in order of position.

    Raises:
        ValueError: The file cannot be parsed.
    """
    name = posixpath.basename(path)
    found = dict.fromkeys(_places(runtime, path, name, content))
    yield from sorted(found, key=lambda place: (place.line, place.column))


def _places(runtime: str, path: str, name: str, content: bytes) -> Iterator[Place]:
    for pattern, expressions in _FILES[runtime]:
        if fnmatchcase(name, pattern):
            yield from _in_text(expressions, content)
    if name == "tox.toml" and runtime == "python":
        for version, line, column in tox_versions(content):
            yield Place("envlist", version, line, column, is_one_of_many=True)
    elif name == ".tool-versions":
        tool = _TOOL_NAMES.get(runtime, runtime)
        yield from _in_lists("asdf", rf"^{tool}[ \t]+(?P<value>[^\n#]{{1,200}})", content)
    elif fnmatchcase(name, "*mise.toml"):
        tool = _TOOL_NAMES.get(runtime, runtime)
        value = r"(?P<value>\[[^\]#]{1,500}\]|[\"'][^\"'\n]{1,80}[\"'])"
        yield from _in_lists("mise", rf"^[\"']?{tool}[\"']?\s*=\s*{value}", content)
    elif name.endswith(".tf") and runtime in _TERRAFORM:
        yield from _in_text((_pattern("runtime", _TERRAFORM[runtime]),), content)
    elif any(fnmatchcase(name, pattern) for pattern in _DOCKERFILES):
        yield from _in_dockerfile(runtime, content)
    elif name.endswith((".yml", ".yaml")):
        for key, value, line, column, many in yaml_places(runtime, path, content):
            yield Place(key, value, line, column, many)


def _in_text(patterns: tuple[Pattern, ...], content: bytes) -> Iterator[Place]:
    text = content.decode("utf-8", "replace")
    lines = Lines(text)
    for pattern in patterns:
        for match in pattern.expression.finditer(text):
            value = match["value"]
            if pattern.name == "envlist":
                value = f"{value[0]}.{value[1:]}"
            line, column = lines.place(match.start("value"))
            yield Place(pattern.name, value.replace("_", "."), line, column, pattern.is_one_of_many)


def _in_lists(name: str, expression: str, content: bytes) -> Iterator[Place]:
    """Yield the versions in lines that state one or more versions."""
    text = content.decode("utf-8", "replace")
    lines = Lines(text)
    for match in re.finditer(expression, text, re.MULTILINE):
        words = list(re.finditer(r"""[^\s,\[\]"']+""", match["value"]))
        for word in words:
            line, column = lines.place(match.start("value") + word.start())
            yield Place(name, word[0], line, column, len(words) > 1)


def _in_dockerfile(runtime: str, content: bytes) -> Iterator[Place]:
    for image in read_dockerfile(content.decode("utf-8", "replace")):
        if IMAGES[runtime].fullmatch(image.package):
            yield Place(f"image {image.package}", image.constraint, image.line, image.column)
