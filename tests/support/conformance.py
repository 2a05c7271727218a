"""Find errors in the HTML of a page: parse errors and violations of the content model.

The parser follows the HTML standard and reports all parse errors. The rules below define which
children and attributes each element may have. An element without a rule is an error, so an element
that is new to the pages needs a new rule.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from justhtml import JustHTML

# Each line is a rule: elements | allowed children | allowed attributes besides the common ones.
_RULES = """
html | head body |
head | meta title link script |
meta | | charset name content http-equiv
link | | rel href type title
script | | src defer
body header main footer nav section div | flow |
h1 h2 h3 h4 p dt caption legend | phrasing |
dd li figcaption | flow |
ul ol | li |
dl | dt dd div |
table | caption thead tbody tfoot |
thead tbody tfoot | tr |
tr | th td |
th | flow | scope colspan
td | flow | colspan
figure | flow figcaption |
details | flow summary | open
fieldset | flow legend |
summary | phrasing h2 h3 h4 |
a | phrasing | href rel
b code small span strong abbr output | phrasing |
label | phrasing | for
time | phrasing | datetime
button | phrasing | type
input | | type name value checked min max step
textarea | | readonly rows
br | |
svg | drawn | viewbox width height preserveaspectratio x y
g clippath defs | drawn |
path | title | d
rect | title | x y width height rx
circle | title | cx cy r
text | title | x y text-anchor
title | |
"""
_GROUPS = {
    "phrasing": "a abbr b br button code input label output small span strong svg textarea time",
    "flow": "phrasing details div dl fieldset figure footer h1 h2 h3 h4 header main nav ol p "
    "section table ul",
    "drawn": "circle clippath defs g path rect svg text title",
}
_PAINT = "fill stroke stroke-width stroke-linecap stroke-linejoin clip-path"
_EVERYWHERE = "id class title lang hidden tabindex role"
_INTERACTIVE = {"a", "button", "input", "summary", "textarea"}
_REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls")


def _names(text: str) -> set[str]:
    return {
        name
        for word in text.split()
        for name in (_names(_GROUPS[word]) if word in _GROUPS else {word})
    }


_CHILDREN: dict[str, set[str]] = {}
_ATTRIBUTES: dict[str, set[str]] = {}
for _rule in _RULES.strip().splitlines():
    _elements_of_rule, _inside, _own = _rule.split("|")
    for _name in _elements_of_rule.split():
        _painted = _PAINT if _name in _names("drawn") else ""
        _CHILDREN[_name] = _names(_inside)
        _ATTRIBUTES[_name] = _names(f"{_own} {_EVERYWHERE} {_painted}")


def errors(html: str) -> list[str]:
    """Return a description of each error in a page, or an empty list for a valid page."""
    document = JustHTML(html, collect_errors=True, sanitize=False)
    elements = list(_elements(document.root, ()))
    identifiers = Counter(element.attrs["id"] for _, element in elements if "id" in element.attrs)
    return [
        *(f"{error.code} at line {error.line}" for error in document.errors),
        *(error for parents, element in elements for error in _placement_errors(parents, element)),
        *(error for parents, element in elements for error in _attribute_errors(parents, element)),
        *(
            f"the id {name} occurs {count} times"
            for name, count in identifiers.items()
            if count > 1
        ),
        *(
            f"{name} refers to {target}, which does not exist"
            for _, element in elements
            for name in _REFERENCES
            for target in (element.attrs.get(name) or "").split()
            if target not in identifiers
        ),
        *_heading_errors([element for _, element in elements]),
    ]


def _elements(node: Any, parents: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each element with the names of its ancestors, outermost first."""
    for child in node.children or ():
        if not child.name.startswith(("#", "!")):
            yield parents, child
            yield from _elements(child, (*parents, child.name.lower()))


def _placement_errors(parents: tuple[str, ...], element: Any) -> Iterator[str]:
    name = element.name.lower()
    allowed = _CHILDREN.get(parents[-1], set()) if parents else {"html"}
    if parents[-2:] == ("dl", "div"):
        allowed = {"dt", "dd"}
    if name not in allowed:
        yield f"<{name}> in <{parents[-1] if parents else 'nothing'}>"
    for ancestor in _INTERACTIVE & set(parents):
        if name in _INTERACTIVE:
            yield f"<{name}> somewhere in <{ancestor}>"


def _attribute_errors(parents: tuple[str, ...], element: Any) -> Iterator[str]:
    name, attributes = element.name.lower(), element.attrs
    allowed = _ATTRIBUTES.get(name, set())
    for attribute in attributes:
        key = attribute.lower()
        if key not in allowed and not re.fullmatch(r"(?:data|aria)-[a-z-]+", key):
            yield f"{attribute} on <{name}>"
    unlabelled = attributes.get("aria-hidden") != "true" and not attributes.get("aria-label")
    if name == "svg" and "svg" not in parents and unlabelled:
        yield "an <svg> that is neither hidden nor labelled"
    if name == "th" and "scope" not in attributes:
        yield "<th> without scope"
    if name == "button" and attributes.get("type") != "button":
        yield "<button> that would submit a form"


def _heading_errors(elements: list[Any]) -> Iterator[str]:
    """Yield an error for each heading that skips a level."""
    level = 0
    for element in elements:
        if re.fullmatch(r"h[1-6]", element.name):
            own_level = int(element.name[1])
            if own_level > level + 1:
                yield f"<h{own_level}> below a heading of level {level}"
            level = own_level
