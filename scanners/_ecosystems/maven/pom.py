"""Read the dependencies, plugins, properties and parent of a Maven POM."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping

from ..records import Facts, Requirement
from ..xml_elements import Element, read_xml

DEPENDENCY, MANAGED, BOM = "dependency", "managed", "bom"
PLUGIN, MANAGED_PLUGIN, PARENT = "plugin", "managed-plugin", "parent"
"""The kinds of requirements. In a profile, the group of a requirement is `KIND PROFILE`."""

NAMED_BY_VARIABLE = "${"
"""The key for requirements whose names contain variables that the file does not define."""
PROFILE_PREFIX = "profile:"
"""The prefix of the keys of properties in profiles. A key has the form `profile:ID:NAME`."""
PARENT_FILE, MODULE = "parent", "module"
"""The kinds of links to other POMs."""
_INDIRECT = "indirect"
"""The kind of link to a package that a POM can affect without naming it."""

_VARIABLE = re.compile(r"\$\{([^${}]+)\}")
_LONGEST_VALUE = 2_000
_PLUGIN_GROUP = "org.apache.maven.plugins"


def read_pom(path: str, content: bytes) -> Facts:
    """Read a POM or Maven's extensions file.

    Raises:
        ValueError: The file is not XML, or its root element is not that of either kind of file.
    """
    root = read_xml(content)
    if root.name == "extensions":
        return _facts(_extensions(root), {})
    if root.name != "project":
        raise ValueError(
            f"the file is not a POM: its root element is `{root.name}`, line {root.line}"
        )
    variables = _variables(root)
    return _facts(_requirements(root), variables, tuple(_links(root, path)))


def replace_variables(text: str, value_of: Callable[[str], str | None]) -> tuple[str, str]:
    """Replace `${name}` in a string. Also return the first name without a value."""
    for _ in range(20):
        missing = ""

        def replaced(variable: re.Match[str]) -> str:
            nonlocal missing
            value = value_of(variable[1])
            if value is None or variable[0] in value:
                missing = missing or variable[1]
                return variable[0]
            return value

        new = _VARIABLE.sub(replaced, text)
        if new == text or len(new) > _LONGEST_VALUE:
            break
        text = new
    remaining = _VARIABLE.search(text)
    return text, missing or (remaining[1] if remaining else "")


def _facts(
    requirements: Iterator[Requirement],
    variables: Mapping[str, str],
    links: tuple[tuple[str, str], ...] = (),
) -> Facts:
    by_name = defaultdict[str, list[Requirement]](list)
    for requirement in requirements:
        name, missing = replace_variables(requirement.package, variables.get)
        key = NAMED_BY_VARIABLE if missing else name
        if not missing and name != requirement.package:
            requirement = Requirement(  # noqa: PLW2901 - the same place under its full name
                name,
                requirement.constraint,
                requirement.line,
                requirement.column,
                requirement.group,
            )
        by_name[key].append(requirement)
    indirect = [
        (_INDIRECT, f"{one.package}:{one.constraint}:{one.line}:{one.column}")
        for name, found in by_name.items()
        for one in found
        if name == NAMED_BY_VARIABLE or one.group == BOM
    ]
    return Facts(
        requirements={name: tuple(found) for name, found in by_name.items()},
        variables=variables,
        links=(*links, *indirect),
    )


def _variables(root: Element) -> dict[str, str]:
    """Return the properties that the file defines, and its `project.` variables."""
    variables = {
        entry.name: entry.text
        for properties in root.at("properties")
        for entry in properties.children
    }
    for profile in root.at("profiles", "profile"):
        identifier = profile.text_of("id")
        for entry in profile.at("properties"):
            for one in entry.children:
                variables[f"{PROFILE_PREFIX}{identifier}:{one.name}"] = one.text
                if _is_active_by_default(profile):
                    variables[one.name] = one.text
    parent = root.child("parent")
    for name in ("groupId", "artifactId", "version"):
        inherited = parent.text_of(name) if parent is not None else ""
        own = root.text_of(name) or (inherited if name != "artifactId" else "")
        for prefix, value in (("project.", own), ("pom.", own), ("project.parent.", inherited)):
            if value:
                variables[prefix + name] = value
        if name == "version" and own:
            variables.setdefault("version", own)
    return variables


def _is_active_by_default(profile: Element) -> bool:
    """Return whether a profile is active when Maven runs without options."""
    activation = profile.child("activation")
    if activation is None:
        return False
    absent = [name.text for name in activation.at("property", "name") if name.text[:1] == "!"]
    return activation.text_of("activeByDefault") == "true" or bool(absent)


def _links(root: Element, path: str) -> Iterator[tuple[str, str]]:
    folder = posixpath.dirname(path)
    parent = root.child("parent")
    if parent is not None:
        relative = parent.child("relativePath")
        where = "../pom.xml" if relative is None else relative.text
        if where:
            yield PARENT_FILE, _file(folder, where)
    for module in root.at("modules", "module"):
        if module.text:
            yield MODULE, _file(folder, module.text)


def _file(folder: str, where: str) -> str:
    """Return the path of the POM at a path relative to `folder`."""
    path = posixpath.normpath(posixpath.join(folder, where))
    return path if path.endswith((".xml", ".pom")) else posixpath.join(path, "pom.xml")


def _extensions(root: Element) -> Iterator[Requirement]:
    """Yield the entries of `.mvn/extensions.xml`."""
    for extension in root.at("extension"):
        yield from _requirement(extension, PLUGIN)


def _requirements(root: Element) -> Iterator[Requirement]:
    parent = root.child("parent")
    if parent is not None:
        yield from _requirement(parent, PARENT)
    yield from _sections(root, "")
    for profile in root.at("profiles", "profile"):
        yield from _sections(profile, profile.text_of("id"))


def _sections(part: Element, profile: str) -> Iterator[Requirement]:
    """Yield the requirements of the project or of one profile."""
    for dependency in part.at("dependencies", "dependency"):
        yield from _requirement(dependency, DEPENDENCY, profile)
    for dependency in part.at("dependencyManagement", "dependencies", "dependency"):
        kind = BOM if dependency.text_of("scope") == "import" else MANAGED
        yield from _requirement(dependency, kind, profile)
    for section in ("build", "reporting"):
        for build in part.at(section):
            yield from _plugins(build, PLUGIN, profile)
            for management in build.at("pluginManagement"):
                yield from _plugins(management, MANAGED_PLUGIN, profile)
            for extension in build.at("extensions", "extension"):
                yield from _requirement(extension, PLUGIN, profile)


def _plugins(part: Element, kind: str, profile: str) -> Iterator[Requirement]:
    for plugin in part.at("plugins", "plugin"):
        yield from _requirement(plugin, kind, profile, _PLUGIN_GROUP)
        for dependency in plugin.at("dependencies", "dependency"):
            yield from _requirement(dependency, PLUGIN, profile)
        configurations = [
            *plugin.at("configuration"),
            *plugin.at("executions", "execution", "configuration"),
        ]
        for configuration in configurations:
            for processor in configuration.at("annotationProcessorPaths"):
                for one in processor.children:
                    yield from _requirement(one, DEPENDENCY, profile)


def _requirement(
    element: Element, kind: str, profile: str = "", default_group: str = ""
) -> Iterator[Requirement]:
    """Yield the requirement in an element, unless it has no artifact name."""
    group = element.text_of("groupId") or default_group
    artifact = element.child("artifactId")
    if not group or artifact is None or not artifact.text:
        return
    version = element.child("version")
    place = version if version is not None and version.text else artifact
    yield Requirement(
        package=f"{group}:{artifact.text}",
        constraint=version.text if version is not None else "",
        line=place.line,
        column=place.column,
        group=f"{kind} {profile}" if profile else kind,
    )
