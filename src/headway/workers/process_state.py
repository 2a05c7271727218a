"""The state that code in a process can change for all other code in the process.

The state includes limits, files and the standard library. A worker compares the state before and
after it runs scanners. If a scanner has changed the state, the matches of other rules in this
process cannot be trusted.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

_LIMITS = tuple(sorted(name for name in dir(resource) if name.startswith("RLIMIT_")))
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGCHLD, signal.SIGPIPE)
_OWN_LIBRARIES = frozenset(("headway", "re2", "pathspec", "pydantic_core"))
_CODE = (FunctionType, BuiltinFunctionType, MethodType, staticmethod, classmethod, property, type)


@dataclass(frozen=True, slots=True)
class ProcessState:
    """The state of this process at a point in time."""

    settings: Mapping[str, object]
    """The limits, the folder, the environment and other settings, by name."""
    code: Mapping[str, Mapping[str, object]]
    """The functions and classes of each module, and the methods of each class."""

    @classmethod
    def now(cls) -> ProcessState:
        """Return the current state."""
        return cls(dict(_settings()), dict(_code()))

    def first_change(self) -> str | None:
        """Return the name of the first part of the state that has changed, or None without one."""
        now = dict(_settings())
        for name, value in self.settings.items():
            if now.get(name) != value:
                return name
        modules = sys.modules
        for owner, before in self.code.items():
            module = modules.get(owner.partition(":")[0])
            current = vars(_find(module, owner)) if module is not None else {}
            for name, value in before.items():
                if current.get(name) is not value:
                    return f"{owner.replace(':', '.')}.{name}"
        return None


def _settings() -> Iterator[tuple[str, object]]:
    for name in _LIMITS:
        with contextlib.suppress(OSError, ValueError):
            yield name, resource.getrlimit(getattr(resource, name))
    with contextlib.suppress(OSError):
        yield "the working folder", Path.cwd()
    mask = os.umask(0o077)
    os.umask(mask)
    yield "the file mode mask", mask
    yield "the environment", dict(os.environ)
    yield "the recursion limit", sys.getrecursionlimit()
    for number in _SIGNALS:
        yield f"the handler of {number.name}", signal.getsignal(number)
    for descriptor in range(3):
        with contextlib.suppress(OSError):
            status = os.fstat(descriptor)
            yield f"file {descriptor}", (status.st_dev, status.st_ino)


def _code() -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield the code of each module and class in the standard library and `_OWN_LIBRARIES`."""
    for name, module in list(sys.modules.items()):
        top = name.partition(".")[0]
        if module is None or not (top in sys.stdlib_module_names or top in _OWN_LIBRARIES):
            continue
        if not hasattr(module, "__dict__"):
            continue
        values = _code_in(vars(module))
        yield name, values
        for attribute, value in values.items():
            if isinstance(value, type) and getattr(value, "__module__", None) == name:
                yield f"{name}:{attribute}", _code_in(vars(value))


def _code_in(names: Mapping[str, Any]) -> dict[str, object]:
    return {name: value for name, value in list(names.items()) if isinstance(value, _CODE)}


def _find(module: Any, owner: str) -> Any:
    """Return the module, or the class in it, for a name from `_code`."""
    _, _, attribute = owner.partition(":")
    return getattr(module, attribute, _Nothing) if attribute else module


class _Nothing:
    """Stands for a class that has been removed from its module."""
