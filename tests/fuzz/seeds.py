"""The initial inputs for fuzzing: for each format, one that uses most of its syntax."""

from __future__ import annotations

CAMPAIGN = r"""title: Remove six
summary: Gone.
starts: 2026-01-05
due: 2026-06-30
scope: {repositories: ["acme/*", "!acme/*-archive"], topics: [python], archived: false}
applies_to: [{id: py, scanner: file, paths: ["**/*.py"]}]
deprecated:
  - id: import-six
    scanner: regex
    pattern: '^\s*(?P<name>import six\b)'
    paths: ["**/*.py", "!tests/**"]
    weight: 2
    sample: {matches: "import six", misses: "import sixth"}
  - {id: dep, scanner: dependency, ecosystem: pypi, package: six, versions: "<2"}
required: [{id: upgrade, scanner: config, key: "a.b[*].c", paths: ["*.yaml"]}]
milestones: [{name: Tier 1, due: 2026-03-31, repositories: ["acme/p-*"]}]
exemptions:
  - {repositories: [acme/x], paths: ["**"], rules: [import-six], reason: r, until: 2026-09-30}
"""
TEAMS = """teams:
  - {name: payments, lead: Ada, channel: "#pay", repositories: ["acme/p-*"], aliases: ["@acme/p"]}
  - name: platform
    paths: ["src/**", "!src/x"]
"""
SETTINGS = """max_missing_share = 0.2
[[sources]]
type = "github"
organization = "acme"
token = "GITHUB_TOKEN"
url = "https://github.example.com/api/v3"
[[sources]]
type = "gitlab"
group = "acme/platform"
[[sources]]
type = "local"
path = "clones"
[[sources]]
type = "list"
command = ["x", "y"]
[store]
path = "headway.duckdb"
[limits]
memory_gigabytes = 2
[report]
out = "site"
"""
CODE_OWNERS = (
    "* @acme/all\n/docs/ @ada ada@example.com\nsrc/**/*.py @acme/py # x\n*.md\n\\#x @b\na\\ b @c\n",
    "* @all\n^[Docs][2] @docs\n*.md\n[Data Base] @db\n/src/ @@maintainers\n!src/x.py\n",
)
CATALOG_INFO = """apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: x}
spec: &a
  owner: group:default/payments
---
spec: *a
"""
GIT_ATTRIBUTES = """[attr]gen linguist-generated
*.js linguist-vendored -diff
"a b.py" gen
/src/[a-z]*.py !linguist-vendored linguist-generated=true
"""
EXPORT_MANIFEST = (
    '{"version": 18, "tables": {"opening": {"rows": 2, "sha256": "'
    + "0a" * 32
    + '", "content": "2 1 3"}}}'
)
GLOBS = ("**/*.py", "[!a-z]?\\*", "[[:alpha:]_]*", "a/**/b", "[]-a]")
ANSWERS = (
    (
        '{"databaseId": 7, "nameWithOwner": "a/b", "isEmpty": false,'
        ' "defaultBranchRef": {"name": "m", "target": {"oid": "'
        + "a"
        * 40
        + '"}}, "repositoryTopics": {"nodes": [{"topic": {"name":'
        ' "x"}}]}, "languages": {"nodes": [{"name": "C"}]}, "diskUsage": 5, "visibility": "PUBLIC",'
        ' "isArchived": false, "isFork": false, "isTemplate": false, "isDisabled": false}'
    ),
    (
        '{"id": 7, "full_name": "a/b", "path_with_namespace": "a/b", "private": true,'
        ' "topics": ["x"], "default_branch": "m", "language": "C", "archived": false,'
        ' "fork": false,'
        ' "size": 3,'
        ' "languages": {"C": 1}, "is_template": false, "disabled": false, "visibility": "internal",'
        ' "empty_repo": false, "forked_from_project": {}}'
    ),
    (
        '{"id": "gid://gitlab/Project/7", "fullPath": "a/b", "repository": {"rootRef": "m",'
        ' "empty": false, "exists": true, "tree": {"lastCommit": {"sha": "'
        + "b"
        * 40
        + '"}}}, "topics": ["x"],'
        ' "languages": [{"name": "C"}], "archived": false, "isForked": false,'
        ' "visibility": "private"}'
    ),
)
REPOSITORY_LINES = (
    '{"id": 7, "name": "a/b", "clone_url": "https://example.com/a/b.git", "topics": ["x"],'
    ' "default_branch": "m", "archived": false}\n{"count": 1}\n'
)
RANGES = (
    "^1.2\n>=1.0,<2.0",
    "~> 1.0\n>= 1.2, != 1.5",
    "[1.0,2.0)\n(,1.0]",
    "1.x || >=2.5.0-rc.1 <3\n*",
    "==1.*\n~=1.4.2",
    "v4\n3.11-slim",
)
_POM = """<project><parent><artifactId>p</artifactId></parent><properties><v>1</v></properties>
<dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>${v}</version>
</dependency></dependencies></project>"""
_TERRAFORM = """terraform {
  required_version = ">= 1"
  required_providers { a = { source = "h/a", version = "~> 3" } }
}
module "m" {
  source = "a/b/c"
  version = "1.0"
}
"""
_PNPM = """lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a:
        specifier: ^1
        version: 1.0.0
packages:
  a@1.0.0:
    resolution: {}
"""
_NUGET_LOCK = """{
  "version": 1,
  "dependencies": {
    "net8.0": {
      "A": {
        "type": "Direct",
        "resolved": "1.0"
      }
    }
  }
}
"""
_COMPOSER_LOCK = """{
    "packages": [
        {
            "name": "a/b",
            "version": "1.0"
        }
    ]
}
"""
MANIFESTS: dict[str, tuple[tuple[str, str], ...]] = {
    "cargo": (
        ("Cargo.toml", '[dependencies]\na = "1"\nb = { version = "2", package = "c" }\n'),
        ("Cargo.lock", '[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "registry"\n'),
    ),
    "docker": (
        ("Dockerfile", "ARG V=3.9\nFROM --platform=x python:${V}-slim AS b\nCOPY --from=b a b\n"),
        ("compose.yaml", "services: {a: {image: 'redis:6@sha256:00', build: .}}\n"),
    ),
    "github-actions": (
        (".github/workflows/a.yml", "jobs: {a: {steps: [{uses: actions/checkout@v4}]}}\n"),
        ("action.yml", "runs: {using: composite, steps: [{uses: a/b/c@main}]}\n"),
    ),
    "gitlab": ((".gitlab-ci.yml", "include: [{project: a/b, ref: v1}, {component: h/a/b@1}]\n"),),
    "go": (("go.mod", "module a\nrequire (\n\tb.c/d v1.0.0 // x\n)\nreplace e.f/g => ../d\n"),),
    "helm": (
        ("Chart.yaml", "dependencies:\n- {name: a, version: ^1, repository: 'https://x'}\n"),
        ("Chart.lock", "dependencies:\n- {name: a, version: 1.0.0, repository: 'oci://x'}\n"),
    ),
    "maven": (
        ("pom.xml", _POM),
        ("build.gradle", 'dependencies { implementation "g:a:$v"; api libs.x }\next.v = "1"\n'),
        (
            "a.versions.toml",
            '[versions]\nv = "1"\n[libraries]\nx = {module = "g:a", version = "1"}',
        ),
        ("gradle.lockfile", "g:a:1.0=compileClasspath\nempty=\n"),
    ),
    "npm": (
        ("package.json", '{"dependencies": {"a": "^1", "b": "npm:c@2"}, "overrides": {"d": {}}}'),
        ("package-lock.json", '{"packages": {\n"node_modules/a": {\n"version": "1.0.0"}}}'),
        ("yarn.lock", 'a@^1.0, "b@npm:^2":\n  version "1.0.0"\n'),
        ("pnpm-lock.yaml", _PNPM),
        ("bun.lock", '{"packages": {\n"a": ["a@1.0.0", "", {}, "sha"],\n}}\n'),
    ),
    "nuget": (
        ("a.csproj", '<Project><I><PackageReference Include="A" Version="1"/></I></Project>'),
        ("packages.config", '<packages><package id="A" version="1.0"/></packages>'),
        ("packages.lock.json", _NUGET_LOCK),
        ("dotnet-tools.json", '{"tools": {"a": {"version": "1"}}}'),
    ),
    "packagist": (
        ("composer.json", '{"require": {"php": ">=8", "a/b": "^1.0 || ^2.0"}}'),
        ("composer.lock", _COMPOSER_LOCK),
    ),
    "pre-commit": ((".pre-commit-config.yaml", "repos:\n- {repo: https://x/a, rev: v1.0}\n"),),
    "pypi": (
        ("requirements.txt", "-r a.txt\nsix>=1.0,<2 ; python_version < '3' \\\n  # c\n-e .\n"),
        ("pyproject.toml", '[project]\ndependencies = ["six>=1", """a""", [{b = 1}]]\n'),
        ("Pipfile", '[packages]\nsix = {version = "*"}\n'),
        ("Pipfile.lock", '{"default": {"six": {"version": "==1.0"}}}'),
        ("uv.lock", '[[package]]\nname = "six"\nversion = "1.0"\n'),
        ("setup.cfg", "[options]\ninstall_requires =\n  six>=1; x == '1'\n"),
        ("setup.py", "setup(install_requires=['six>=1', \"b\"] + [f'{a}'])\nprint 1\n"),
    ),
    "rubygems": (
        ("Gemfile", "gem 'a', '~> 1.0', '>= 1.2'\ngem \"b\", git: 'x'\n"),
        ("a.gemspec", "s.add_dependency 'a', '>= 1'\n"),
        ("Gemfile.lock", "GEM\n  specs:\n    a (1.0.0)\n      b (>= 1)\n"),
    ),
    "terraform": (
        ("a.tf", _TERRAFORM),
        (".terraform.lock.hcl", 'provider "registry.x.io/h/a" {\n  version = "3.1"\n}\n'),
        (".terraform-version", "1.5.0\n"),
    ),
}
CONFIG = (
    ("a.yaml", "a: &x {b: [{c: 1}, {c: '2'}]}\n---\nd: *x\n"),
    ("a.json", '{"a": {"b": [{"c": 1}, {"c": "\\u0061"}]}}'),
    ("a.toml", '[[a.b]]\nc = "1"\n[x]\ny = """z"""\n'),
    ("a.xml", '<?xml version="1.0"?><a><b c="1">x</b><!-- y --></a>'),
    ("a.ini", "[a]\nb.c = 1\n; x\n"),
    ("a.properties", "a.b = 1\\\n  2\n! x\n"),
)
RUNTIME = (
    ("pyproject.toml", '[project]\nrequires-python = ">=3.8,<4"\n'),
    ("setup.py", "setup(python_requires='>=3.8')\n"),
    (".python-version", "3.8.1\n"),
    ("package.json", '{"engines": {"node": ">=18 <21"}}'),
    (".tool-versions", "python 3.8.1\nnodejs 18\n"),
    ("Dockerfile", "FROM node:18-slim\n"),
    (".github/workflows/a.yml", "jobs: {a: {steps: [{with: {python-version: ['3.8', 3.9]}}]}}\n"),
    ("go.mod", "go 1.20\ntoolchain go1.21\n"),
    ("pom.xml", "<project><properties><java.version>11</java.version></properties></project>"),
    ("composer.json", '{"require": {"php": ">=8"}}'),
    ("a.csproj", "<Project><TargetFramework>net6.0</TargetFramework></Project>"),
)
