"""Find the variables, inputs and matrix entries in a CI file that set a runtime version."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from .._ecosystems.yaml_scalars import Mapping, Path, Scalar

_ROUNDS = 3
"""The maximum length of a chain of references."""
_REFERENCE = re.compile(
    r"(?:\{\{|<<|&&|\|\||fromjson\()[\s(]*(?:github\.event\.)?"
    r"(?P<kind>env|matrix|inputs|parameters|variables)\.(?P<name>[\w-]+(?:\.[\w-]+)?)"
    r"(?=\s*(?:\}\}|>>|\|\||\)|\[))",
    re.IGNORECASE,
)
"""A reference that can be the result of an expression and is not an operand of a condition."""
_VARIABLE = re.compile(r"\$(?:\((?P<macro>[\w.-]+)\)|\{?(?P<shell>[A-Za-z_]\w*))")
"""A variable of Azure Pipelines, such as `$(py)`, or of GitLab, such as `$PY` and `${PY}`."""
_Definition = tuple[str, str]
"""The kind and name of a definition in a file, such as ("env", "DEFAULT_PYTHON")."""


class References:
    """The definitions in a file that selected scalars refer to, directly or indirectly."""

    def __init__(
        self, mappings: Sequence[Mapping], is_use: Callable[[Mapping, str | int], bool]
    ) -> None:
        self._jobs: dict[_Definition, set[str]] = defaultdict(set)
        """The jobs that refer to each definition. An empty name stands for the whole file."""
        uses = [
            (mapping, key, scalar)
            for mapping in mappings
            for key, scalar in mapping.scalars.items()
            if "$" in scalar.value or "<<" in scalar.value
        ]
        for _ in range(_ROUNDS):
            followed = [use for use in uses if is_use(*use[:2]) or self.include(*use[:2])]
            for mapping, _key, scalar in followed:
                for definition in _references(scalar):
                    self._jobs[definition].add(_job(mapping.path))
            if not followed or len(followed) == len(uses):
                break

    def include(self, mapping: Mapping, key: str | int) -> bool:
        """Return whether any selected scalar refers to the value of a key."""
        if not self._jobs:
            return False
        job = _job(mapping.path)
        for definition in _definitions(mapping, key):
            jobs = self._jobs.get(definition)
            if jobs and (not job or "" in jobs or job in jobs):
                return True
        return False


def _references(scalar: Scalar) -> Iterator[_Definition]:
    for found in _REFERENCE.finditer(scalar.value):
        yield found["kind"].lower(), found["name"]
    for found in _VARIABLE.finditer(scalar.value):
        yield "variables", found["macro"] or found["shell"]


def _definitions(mapping: Mapping, key: str | int) -> Iterator[_Definition]:
    """Yield the names by which expressions can refer to the value of a key."""
    path = mapping.path
    if "matrix" in path:
        yield from _in_matrix(path, key)
    elif mapping.name in ("env", "variables") and isinstance(key, str):
        yield mapping.name, key
    elif key in ("default", "value") and len(path) > 1:
        # Azure Pipelines lists variables and parameters as mappings with a name.
        group = path[-2]
        name = mapping.name or mapping.text("name")
        if group in ("inputs", "parameters", "variables"):
            yield str(group), name


def _in_matrix(path: Path, key: str | int) -> Iterator[_Definition]:
    inside = [name for name in path[path.index("matrix") + 1 :] if isinstance(name, str)]
    parents = [name for name in inside if name not in ("include", "parameters")]
    if isinstance(key, str):
        yield "matrix", key
        parents.append(key)
    if parents:
        # In the matrices of Azure Pipelines and GitLab, each job defines variables.
        yield "variables", parents[-1]
        yield "matrix", ".".join(parents[-2:])


def _job(path: Path) -> str:
    """Return the name of the job that contains a path, or an empty string outside jobs."""
    return path[2] if len(path) > 2 and path[1] == "jobs" and isinstance(path[2], str) else ""
