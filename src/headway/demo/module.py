"""A Python module in a fictional repository. It may use the `six` library."""

from __future__ import annotations

from dataclasses import dataclass

VERBS = (
    "load",
    "store",
    "check",
    "list",
    "cancel",
    "merge",
    "export",
    "count",
    "sort",
    "notify",
)


@dataclass(frozen=True, slots=True)
class SixForm:
    """A use of the `six` library in a module, and its replacement.

    In the code, `{noun}` stands for the module's noun.
    """

    old: str
    """The line that imports `six`."""
    new: str | None
    """The import that replaces the line, or None if no import is needed."""
    old_use: str
    new_use: str


SIX_FORMS = (
    SixForm("import six", None, "isinstance({noun}, six.string_types)", "isinstance({noun}, str)"),
    SixForm("from six import text_type", None, "text_type({noun}.id)", "str({noun}.id)"),
    SixForm("from six import iteritems", None, "dict(iteritems({noun}))", "dict({noun}.items())"),
    SixForm(
        "from six.moves.urllib.parse import urlencode",
        "from urllib.parse import urlencode",
        "urlencode({noun}.fields)",
        "urlencode({noun}.fields)",
    ),
    SixForm(
        "from six.moves import range",
        None,
        "[{noun}.part(n) for n in range({noun}.size)]",
        "[{noun}.part(n) for n in range({noun}.size)]",
    ),
    SixForm(
        "from six.moves import configparser",
        "import configparser",
        "configparser.ConfigParser({noun}.defaults)",
        "configparser.ConfigParser({noun}.defaults)",
    ),
)


@dataclass(slots=True)
class Module:
    """A Python module, described by the values that determine its contents."""

    name: str
    noun: str
    """The concept that the module is about, such as `invoice`."""
    forms: tuple[int, ...] = ()
    """The module's uses of six, as indices into `SIX_FORMS`."""
    due: float = 0
    """The day on which the team removes six from the module, as a number of days before today."""
    functions: int = 2
    modern: bool = False
    """Whether the team has removed six from the module."""
    licensed: bool = False
    """Whether the module begins with a licence notice. The notice moves all other lines down."""

    @property
    def is_old(self) -> bool:
        """Return whether the module uses six."""
        return bool(self.forms) and not self.modern

    def text(self) -> str:
        """Return the current contents of the module."""
        lines = []
        if self.licensed:
            lines += ["# Copyright Acme Corporation.", "# Licensed under Apache-2.0.", ""]
        lines += [f'"""{self.noun.replace("_", " ").capitalize()}s: {self.name}."""', ""]
        forms = [SIX_FORMS[number] for number in self.forms]
        imports = [form.new if self.modern else form.old for form in forms]
        lines += [
            "import logging",
            "",
            *sorted(line for line in imports if line),
            "",
            "logger = logging.getLogger(__name__)",
        ]
        for number in range(self.functions):
            lines += self._function(number, forms)
        return "\n".join(lines) + "\n"

    def _function(self, number: int, forms: list[SixForm]) -> list[str]:
        verb = VERBS[number % len(VERBS)]
        suffix = f"_{number // len(VERBS) + 1}" if number >= len(VERBS) else ""
        body = f"{self.noun}.{verb}()"
        if number < len(forms):
            use = forms[number].new_use if self.modern else forms[number].old_use
            body = use.replace("{noun}", self.noun)
        return [
            "",
            "",
            f"def {verb}_{self.noun}{suffix}({self.noun}):",
            f'    logger.info("{verb} {self.noun} %s", {self.noun})',
            f"    return {body}",
        ]
