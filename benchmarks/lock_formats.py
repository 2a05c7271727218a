"""Manifests and lock files for the benchmark of lock files, modelled on real ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Texts = Callable[[Sequence[str], int], str]
"""Takes names of packages and a number N. Returns version N of a manifest that requires them."""


@dataclass(frozen=True)
class Entry:
    """One package in a lock file."""

    name: str
    version: str
    other: str
    """The name of another package that this package requires."""

    @property
    def digest(self) -> str:
        """The hash of an archive of the package, as 128 hexadecimal digits."""
        return hashlib.sha512(f"{self.name}{self.version}".encode()).hexdigest()


@dataclass(frozen=True)
class Format:
    """The manifest and the lock file of one package manager."""

    ecosystem: str
    manifest: str
    lock: str
    required: Texts
    entry: Callable[[Entry], str]
    head: str = ""
    tail: str = ""
    separator: str = ""

    def lock_text(self, locked: Mapping[int, int]) -> str:
        """Return a lock file from the version numbers of packages."""
        entries = (self.entry(entry_of(package, number)) for package, number in locked.items())
        return f"{self.head}{self.separator.join(entries)}{self.tail}"


def entry_of(package: int, number: int) -> Entry:
    """Return the entry of one version of a package."""
    return Entry(f"package-{package}", f"1.{number}.0", f"package-{(package * 7) % 1000}")


def _package_json(required: Sequence[str], number: int) -> str:
    names = dict.fromkeys(required, "^1.0")
    return json.dumps({"name": "shop", "version": f"1.{number}", "dependencies": names})


def _pyproject(required: Sequence[str], number: int) -> str:
    names = ", ".join(f'"{name}>=1,<2"' for name in required)
    return f'[project]\nname = "shop"\nversion = "1.{number}"\ndependencies = [{names}]\n'


def _poetry_project(required: Sequence[str], number: int) -> str:
    names = "".join(f'{name} = "^1.0"\n' for name in required)
    return f'[tool.poetry]\nversion = "1.{number}"\n[tool.poetry.dependencies]\n{names}'


def _pipfile(required: Sequence[str], number: int) -> str:
    names = "".join(f'{name} = "~=1.0"\n' for name in required)
    return f"# version 1.{number}\n[packages]\n{names}"


def _cargo_toml(required: Sequence[str], number: int) -> str:
    names = "".join(f'{name} = "1.0"\n' for name in required)
    return f'[package]\nname = "shop"\nversion = "1.{number}.0"\n[dependencies]\n{names}'


def _gemfile(required: Sequence[str], number: int) -> str:
    return f"# version 1.{number}\n" + "".join(f"gem '{name}', '~> 1.0'\n" for name in required)


def _composer_json(required: Sequence[str], number: int) -> str:
    names = {f"acme/{name}": "^1.0" for name in required}
    return json.dumps({"name": "acme/shop", "version": f"1.{number}", "require": names})


def _build_gradle(required: Sequence[str], number: int) -> str:
    names = "".join(f'    implementation "acme:{name}:1.+"\n' for name in required)
    return f"version = '1.{number}'\ndependencies {{\n{names}}}\n"


def _project(required: Sequence[str], number: int) -> str:
    names = "".join(
        f'    <PackageReference Include="{name}" Version="1.*" />\n' for name in required
    )
    return f"<Project>\n  <!-- 1.{number} -->\n  <ItemGroup>\n{names}  </ItemGroup>\n</Project>\n"


def _npm(entry: Entry) -> str:
    return (
        f'    "node_modules/{entry.name}": {{\n'
        f'      "version": "{entry.version}",\n'
        f'      "resolved": "https://registry.npmjs.org/{entry.name}/-/{entry.name}-'
        f'{entry.version}.tgz",\n'
        f'      "integrity": "sha512-{entry.digest[:86]}==",\n'
        f'      "dev": true,\n      "license": "MIT",\n'
        f'      "dependencies": {{\n        "{entry.other}": "^1.0.0"\n      }},\n'
        '      "engines": {\n        "node": ">=6.9.0"\n      }\n    }'
    )


def _yarn(entry: Entry) -> str:
    return (
        f"{entry.name}@^1.0, {entry.name}@^1.0.0:\n"
        f'  version "{entry.version}"\n'
        f'  resolved "https://registry.yarnpkg.com/{entry.name}/-/{entry.name}-{entry.version}.tgz'
        f'#{entry.digest[:40]}"\n'
        f"  integrity sha512-{entry.digest[:86]}==\n"
        f'  dependencies:\n    {entry.other} "^1.0.0"\n\n'
    )


def _berry(entry: Entry) -> str:
    return (
        f'"{entry.name}@npm:^1.0, {entry.name}@npm:^1.0.0":\n'
        f"  version: {entry.version}\n"
        f'  resolution: "{entry.name}@npm:{entry.version}"\n'
        f'  dependencies:\n    {entry.other}: "npm:^1.0.0"\n'
        f"  checksum: 10c0/{entry.digest}\n"
        "  languageName: node\n  linkType: hard\n\n"
    )


def _pnpm(entry: Entry) -> str:
    return (
        f"  {entry.name}@{entry.version}:\n"
        f"    resolution: {{integrity: sha512-{entry.digest[:86]}==}}\n"
        "    engines: {node: '>=6.9.0'}\n\n"
    )


def _bun(entry: Entry) -> str:
    return (
        f'    "{entry.name}": ["{entry.name}@{entry.version}", "", {{ "dependencies": '
        f'{{ "{entry.other}": "^1.0.0" }} }}, "sha512-{entry.digest[:86]}=="],\n\n'
    )


def _wheels(entry: Entry) -> list[tuple[str, str]]:
    return [
        (f"{entry.name}-{entry.version}-cp3{minor}.whl", f"sha256:{entry.digest[minor:][:64]}")
        for minor in range(8, 14)
    ]


def _poetry(entry: Entry) -> str:
    files = "".join(
        f'    {{file = "{name}", hash = "{digest}"}},\n' for name, digest in _wheels(entry)
    )
    return (
        f'[[package]]\nname = "{entry.name}"\nversion = "{entry.version}"\n'
        'description = "A package"\n'
        f'optional = false\npython-versions = ">=3.8"\nfiles = [\n{files}]\n\n'
        f'[package.dependencies]\n{entry.other} = ">=1.0"\n\n'
    )


def _uv(entry: Entry) -> str:
    files = "".join(
        f'    {{ url = "https://files.pythonhosted.org/packages/{name}", hash = "{digest}", '
        "size = 12345 },\n"
        for name, digest in _wheels(entry)
    )
    return (
        f'[[package]]\nname = "{entry.name}"\nversion = "{entry.version}"\n'
        'source = { registry = "https://pypi.org/simple" }\n'
        f'dependencies = [\n    {{ name = "{entry.other}" }},\n]\nwheels = [\n{files}]\n\n'
    )


def _pdm(entry: Entry) -> str:
    files = "".join(
        f'    {{file = "{name}", hash = "{digest}"}},\n' for name, digest in _wheels(entry)
    )
    return (
        f'[[package]]\nname = "{entry.name}"\nversion = "{entry.version}"\n'
        'requires_python = ">=3.8"\nsummary = "A package"\ngroups = ["default"]\n'
        f'dependencies = [\n    "{entry.other}>=1.0",\n]\nfiles = [\n{files}]\n\n'
    )


def _pylock(entry: Entry) -> str:
    files = "".join(
        f'    {{ url = "https://files.pythonhosted.org/packages/{name}", size = 12345, '
        f'hashes = {{ sha256 = "{digest[7:]}" }} }},\n'
        for name, digest in _wheels(entry)
    )
    return (
        f'[[packages]]\nname = "{entry.name}"\nversion = "{entry.version}"\n'
        f'index = "https://pypi.org/simple"\nwheels = [\n{files}]\n\n'
    )


def _pipenv(entry: Entry) -> str:
    hashes = ",\n".join(f'                "{digest}"' for _, digest in _wheels(entry))
    return (
        f'        "{entry.name}": {{\n            "hashes": [\n{hashes}\n            ],\n'
        '            "index": "pypi",\n            "markers": "python_version >= \'3.8\'",\n'
        f'            "version": "=={entry.version}"\n        }}'
    )


def _gem(entry: Entry) -> str:
    return f"    {entry.name} ({entry.version})\n      {entry.other} (>= 1.0)\n"


def _crate(entry: Entry) -> str:
    return (
        f'[[package]]\nname = "{entry.name}"\nversion = "{entry.version}"\n'
        'source = "registry+https://github.com/rust-lang/crates.io-index"\n'
        f'checksum = "{entry.digest[:64]}"\ndependencies = [\n "{entry.other}",\n]\n\n'
    )


def _composer(entry: Entry) -> str:
    url = f"https://api.github.com/repos/acme/{entry.name}/zipball/{entry.digest[:40]}"
    document = {
        "name": f"acme/{entry.name}",
        "version": entry.version,
        "source": {
            "type": "git",
            "url": f"https://github.com/acme/{entry.name}.git",
            "reference": entry.digest[:40],
        },
        "dist": {"type": "zip", "url": url, "reference": entry.digest[:40], "shasum": ""},
        "require": {"php": ">=8.1", f"acme/{entry.other}": "^1.0"},
        "type": "library",
        "autoload": {"psr-4": {"Acme\\": "src/"}},
        "license": ["MIT"],
        "authors": [{"name": "Ada", "email": "ada@example.com"}],
        "description": "A package",
        "time": "2026-01-05T10:00:00+00:00",
    }
    lines = json.dumps(document, indent=4).split("\n")
    return "\n".join(f"        {line}" for line in lines)


def _gradle(entry: Entry) -> str:
    classpaths = "compileClasspath,runtimeClasspath,testCompileClasspath,testRuntimeClasspath"
    return f"acme:{entry.name}:{entry.version}={classpaths}\n"


def _nuget(entry: Entry) -> str:
    return (
        f'      "{entry.name}": {{\n        "type": "Transitive",\n'
        f'        "resolved": "{entry.version}",\n'
        f'        "contentHash": "{entry.digest[:86]}==",\n'
        f'        "dependencies": {{\n          "{entry.other}": "1.0.0"\n        }}\n      }}'
    )


FORMATS = {
    "npm": Format(
        *("npm", "package.json", "package-lock.json", _package_json, _npm),
        '{\n  "name": "shop",\n  "lockfileVersion": 3,\n  "requires": true,\n  "packages": {\n'
        '    "": {"name": "shop", "dependencies": {"package-0": "^1.0"}},\n',
        "\n  }\n}\n",
        ",\n",
    ),
    "yarn-1": Format(
        *("npm", "package.json", "yarn.lock", _package_json, _yarn),
        "# yarn lockfile v1\n\n\n",
    ),
    "yarn-berry": Format(
        *("npm", "package.json", "yarn.lock", _package_json, _berry),
        "__metadata:\n  version: 8\n  cacheKey: 10c0\n\n",
    ),
    "pnpm": Format(
        *("npm", "package.json", "pnpm-lock.yaml", _package_json, _pnpm),
        "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n"
        "      package-0:\n        specifier: ^1.0\n        version: 1.0.0\n\npackages:\n\n",
    ),
    "bun": Format(
        *("npm", "package.json", "bun.lock", _package_json, _bun),
        '{\n  "lockfileVersion": 1,\n  "workspaces": {\n    "": {\n      "name": "shop",\n    },\n'
        '  },\n  "packages": {\n',
        "  }\n}\n",
    ),
    "poetry": Format(
        *("pypi", "pyproject.toml", "poetry.lock", _poetry_project, _poetry),
        tail='[metadata]\nlock-version = "2.0"\npython-versions = ">=3.11"\n',
    ),
    "uv": Format(
        *("pypi", "pyproject.toml", "uv.lock", _pyproject, _uv),
        'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n\n',
    ),
    "pdm": Format(
        *("pypi", "pyproject.toml", "pdm.lock", _pyproject, _pdm),
        '[metadata]\ngroups = ["default"]\nlock_version = "4.5.0"\n\n',
    ),
    "pylock": Format(
        *("pypi", "pyproject.toml", "pylock.toml", _pyproject, _pylock),
        'lock-version = "1.0"\ncreated-by = "uv"\n\n',
    ),
    "pipenv": Format(
        *("pypi", "Pipfile", "Pipfile.lock", _pipfile, _pipenv),
        '{\n    "_meta": {\n        "pipfile-spec": 6\n    },\n    "default": {\n',
        '\n    },\n    "develop": {}\n}\n',
        ",\n",
    ),
    "bundler": Format(
        *("rubygems", "Gemfile", "Gemfile.lock", _gemfile, _gem),
        "GEM\n  remote: https://rubygems.org/\n  specs:\n",
        "\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  package-0 (~> 1.0)\n\nBUNDLED WITH\n   2.5.3\n",
    ),
    "cargo": Format(*("cargo", "Cargo.toml", "Cargo.lock", _cargo_toml, _crate), "version = 4\n\n"),
    "composer": Format(
        *("packagist", "composer.json", "composer.lock", _composer_json, _composer),
        '{\n    "content-hash": "0",\n    "packages": [\n',
        '\n    ],\n    "packages-dev": [],\n    "platform": {}\n}\n',
        ",\n",
    ),
    "gradle": Format(
        *("maven", "build.gradle", "gradle.lockfile", _build_gradle, _gradle),
        "# This is a Gradle generated file for dependency locking.\n",
        "empty=annotationProcessor\n",
    ),
    "nuget": Format(
        *("nuget", "shop.csproj", "packages.lock.json", _project, _nuget),
        '{\n  "version": 1,\n  "dependencies": {\n    "net8.0": {\n',
        "\n    }\n  }\n}\n",
        ",\n",
    ),
}
PREFIXES = {"packagist": "acme/", "maven": "acme:"}
"""The prefix of package names, for ecosystems whose names need one."""
RANGES = {"maven": "(,1.2)", "nuget": "(,1.2)"}
"""The range of the deprecated versions, for ecosystems in which it is not `<1.2`."""
