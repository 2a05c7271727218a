"""The rules that every tool searches for, taken from real clean-ups of Python code.

The patterns have the same meaning in RE2, PCRE and ripgrep. They match within one line, are ASCII
text and use no look-around.
"""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    name: str
    """The rule's ID in the campaign."""
    pattern: str


def _words(text: str) -> list[str]:
    return text.split()


_FIRST = (
    Rule("import-six", r"^\s*(?:import six\b|from six\b)"),
    Rule("utcnow", r"\bdatetime\.utcnow\("),
    Rule("future-imports", r"^from __future__ import (?:print_function|unicode_literals)"),
    Rule("assert-equals", r"\bself\.assert(?:Not)?Equals\("),
    Rule("old-super", r"\bsuper\([A-Z]\w*, self\)"),
    Rule("object-base", r"^\s*class \w+\(object\):"),
    Rule("pkg-resources", r"^\s*(?:import pkg_resources\b|from pkg_resources\b)"),
    Rule("nose", r"^\s*(?:import nose\b|from nose\b)"),
    Rule("percent-format-log", r"\blog(?:ger)?\.(?:debug|info|warn)\(.*[\x22'] % "),
    Rule("plain-http", r"[\x22']http://[a-z0-9.-]+\.(?:org|com)/"),
)
_MODULES = _words(
    "aifc asynchat asyncore audioop binhex cgi cgitb chunk crypt distutils formatter imghdr imp "
    "lib2to3 mailcap msilib nis nntplib optparse ossaudiodev parser pipes smtpd sndhdr spwd "
    "sunau symbol telnetlib uu xdrlib"
)
_ALIASES = _words(
    "Dict List Set FrozenSet Tuple Type Deque DefaultDict OrderedDict Counter ChainMap Awaitable "
    "Coroutine AsyncIterable AsyncIterator AsyncGenerator Iterable Iterator Generator Reversible "
    "Container Collection Callable Mapping MutableMapping Sequence Optional Union Text Pattern"
)
_ASSERTIONS = _words(
    "failUnless failIf failUnlessEqual failIfEqual failUnlessRaises assert_ assertAlmostEquals "
    "assertNotAlmostEquals assertRegexpMatches assertNotRegexpMatches assertRaisesRegexp "
    "assertItemsEqual assertDictContainsSubset"
)
_SIX = _words(
    "moves text_type string_types integer_types binary_type iteritems itervalues iterkeys u b "
    "PY2 PY3 with_metaclass add_metaclass python_2_unicode_compatible reraise raise_from"
)

RULES = (
    *_FIRST,
    *(Rule(f"module-{name}", rf"^\s*(?:import|from) {name}\b") for name in _MODULES),
    *(Rule(f"typing-{name.lower()}", rf"^from typing import .*\b{name}\b") for name in _ALIASES),
    *(Rule(f"unittest-{name.lower()}", rf"\bself\.{name}\(") for name in _ASSERTIONS),
    *(Rule(f"six-{name.lower()}", rf"\bsix\.{name}\b") for name in _SIX),
)[:100]


def campaign(count: int, starts: str | None = None) -> str:
    """Return the text of a campaign file with the first `count` rules.

    Args:
        count: The number of rules.
        starts: The start date of the campaign, as YYYY-MM-DD; None means the day of the first scan.
    """
    lines = ["title: Benchmark", "owner: nobody", "include_vendored: true"]
    if starts is not None:
        lines.append(f"starts: {starts}")
    lines.append("deprecated:")
    for name, pattern in RULES[:count]:
        lines.append(f"  - id: {name.replace('_', '-')}")
        lines.append("    scanner: regex")
        lines.append("    pattern: '" + pattern.replace("'", "''") + "'")
    return "\n".join(lines) + "\n"
