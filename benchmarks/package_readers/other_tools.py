"""Read declarations from a file with tools of its ecosystem or plain parsers.

The declarations have no line numbers. The tools are `go`, Ruby with Bundler, PHP and pip. Gemfiles
and gemspecs are programs, so they are parsed with Ruby's own parser and never run.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.package_readers.other_readers import Declaration

_HERE = Path(__file__).parent
_CARGO_TABLES = ("dependencies", "dev-dependencies", "build-dependencies")


def _output(command: list[str], content: bytes = b"") -> Any:
    """Return the JSON data that a command prints."""
    run = subprocess.run(command, input=content, capture_output=True, check=True, timeout=60)
    return json.loads(run.stdout)


def go_module(_path: str, content: bytes) -> Iterator[Declaration]:
    """Read go.mod with `go mod edit`, and apply its `replace` directives as Go does."""
    with tempfile.NamedTemporaryFile(suffix=".mod") as file:
        # Remove the version of Go. An older Go rejects files that require a newer version.
        file.write(re.sub(rb"(?m)^(?:go|toolchain) .*$", b"", content))
        file.flush()
        module = _output(["env", "GOTOOLCHAIN=local", "go", "mod", "edit", "-json", file.name])
    replaced = {
        (one["Old"]["Path"], one["Old"].get("Version")): one["New"]
        for one in module.get("Replace") or ()
    }
    for one in module.get("Require") or ():
        path, version = one["Path"], one.get("Version", "")
        new = replaced.get((path, version)) or replaced.get((path, None))
        if new is None:
            yield 0, path, version
        elif not new["Path"].startswith((".", "/")):
            yield 0, new["Path"], new.get("Version", "")


def cargo(path: str, content: bytes) -> Iterator[Declaration]:
    """Read Cargo.toml or Cargo.lock with tomllib."""
    document = tomllib.loads(content.decode())
    if path.endswith(".lock"):
        for package in document.get("package", ()):
            if "source" in package:
                yield 0, package["name"].lower().replace("_", "-"), package["version"]
        return
    tables = [document, document.get("workspace", {}), *document.get("target", {}).values()]
    for table in tables:
        for section in _CARGO_TABLES:
            for name, entry in table.get(section, {}).items():
                yield from _crate(name, {"version": entry} if isinstance(entry, str) else entry)


def _crate(name: str, entry: Mapping[str, Any]) -> Iterator[Declaration]:
    package = str(entry.get("package", name)).lower().replace("_", "-")
    if entry.get("workspace"):
        yield 0, package, "workspace = true"
    elif "version" in entry or not {"path", "git"} & set(entry):
        yield 0, package, str(entry.get("version", "")).strip().removeprefix("*")


def gems(path: str, content: bytes) -> Iterator[Declaration]:
    """Read a lock file with Bundler, or a Gemfile or gemspec with Ruby's parser."""
    kind = "lock" if path.endswith((".lock", ".locked")) else path.rpartition(".")[2]
    for name, version in _output(["ruby", str(_HERE / "gems.rb"), kind], content):
        yield 0, name, version


def composer(path: str, content: bytes) -> Iterator[Declaration]:
    """Read composer.json or composer.lock with the JSON parser of PHP."""
    script = "echo json_encode(json_decode(stream_get_contents(STDIN), false, 512, 4194304));"
    document = _output(["php", "-r", script], content)
    if path.endswith(".lock"):
        for section in ("packages", "packages-dev"):
            for package in document.get(section) or ():
                yield 0, package["name"].lower(), package["version"]
        return
    for section in ("require", "require-dev"):
        for name, wanted in dict(document.get(section) or {}).items():
            if "/" in name:
                yield 0, name.lower(), "" if wanted.strip() == "*" else wanted.strip()


def requirements(_path: str, content: bytes) -> Iterator[Declaration]:
    """Read the requirements of one file with the parser of pip, without included files."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    pip = import_module("pip._internal.req.req_file")
    parse = pip.get_line_parser(None)
    for _, line in pip.preprocess(content.decode("utf-8-sig")):
        arguments, options = parse(line)
        text = arguments or (options.editables or [""])[0]
        try:
            found = Requirement(text)
        except InvalidRequirement:
            name = re.search(r"[#&]egg=([\w.\-]+)", text)
            if name is not None:
                yield 0, canonicalize_name(name[1]), "@"
            continue
        yield 0, canonicalize_name(found.name), "@" if found.url else str(found.specifier)


def npm_manifest(_path: str, content: bytes) -> Iterator[Declaration]:
    """Read package.json with the JSON parser of Python. Reject files that override versions."""
    document = json.loads(content)
    if {"overrides", "resolutions", "pnpm"} & set(document):
        raise ValueError("this reader does not replace versions")
    for section in (
        "dependencies",
        "devDependencies",
        "peerDependencies",
        "optionalDependencies",
    ):
        for name, wanted in dict(document.get(section) or {}).items():
            alias = re.fullmatch(r"npm:(@?[^@]+)(?:@(.*))?", wanted)
            package, constraint = (alias[1], alias[2] or "") if alias else (name, wanted.strip())
            if not constraint.startswith(("workspace:", "file:", "link:", "portal:", "catalog:")):
                says_nothing = constraint in ("*", "x", "X", "latest", "next")
                yield 0, package, "" if says_nothing else constraint


def npm_lock(_path: str, content: bytes) -> Iterator[Declaration]:
    """Read package-lock.json of any version with the JSON parser of Python."""
    document = json.loads(content)
    for place, entry in (document.get("packages") or {}).items():
        if "node_modules/" in place and "version" in entry:
            yield 0, entry.get("name") or place.rpartition("node_modules/")[2], entry["version"]
    if not document.get("packages"):
        yield from _nested(document.get("dependencies") or {})


def _nested(packages: Mapping[str, Any]) -> Iterator[Declaration]:
    for name, entry in packages.items():
        if "version" in entry:
            alias = re.fullmatch(r"npm:(.+)@(.+)", entry["version"])
            yield (0, alias[1], alias[2]) if alias else (0, name, entry["version"])
        yield from _nested(entry.get("dependencies") or {})


def gradle_lock(_path: str, content: bytes) -> Iterator[Declaration]:
    """Read gradle.lockfile, which has one module per line."""
    for line in content.decode().splitlines():
        module, equals, _ = line.partition("=")
        if equals and not line.startswith("#") and module.count(":") == 2:
            group, name, version = module.split(":")
            yield 0, f"{group}:{name}", version


def version_catalogue(_path: str, content: bytes) -> Iterator[Declaration]:
    """Read the libraries of a version catalogue with tomllib."""
    document = tomllib.loads(content.decode())
    versions = document.get("versions", {})
    for entry in document.get("libraries", {}).values():
        if isinstance(entry, str):
            group, name, version = (*entry.split(":"), "")[:3]
            yield 0, f"{group}:{name}", version
            continue
        module = entry.get("module") or f"{entry['group']}:{entry['name']}"
        version = entry.get("version", "")
        if isinstance(version, dict) and "ref" in version:
            version = versions[version["ref"]]
        if isinstance(version, str):
            yield 0, module, version
