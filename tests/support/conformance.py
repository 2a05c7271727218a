"""What is wrong with a page's HTML: errors of the parser, and of the rules that it leaves alone.

The parser is that of the HTML standard with all of its parse errors. What elements may be in which,
and which attributes they may have, is written here for those elements that the pages use; anything
else is an error too, so that a new element brings its rules along.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from justhtml import JustHTML

# element | what may be directly in it | its attributes, beside those of every element
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


def faults(html: str) -> list[str]:
    """Every fault, in words; none for a conforming page."""
    document = JustHTML(html, collect_errors=True, sanitize=False)
    elements = list(_elements(document.root, ()))
    identifiers = Counter(each.attrs["id"] for _, each in elements if "id" in each.attrs)
    return [
        *(f"{error.code} at line {error.line}" for error in document.errors),
        *(fault for parents, element in elements for fault in _of_place(parents, element)),
        *(fault for parents, element in elements for fault in _of_attributes(parents, element)),
        *(
            f"the id {name} is there {count} times"
            for name, count in identifiers.items()
            if count > 1
        ),
        *(
            f"{name} leads to {target}, which is not there"
            for _, element in elements
            for name in _REFERENCES
            for target in (element.attrs.get(name) or "").split()
            if target not in identifiers
        ),
        *_outline([element for _, element in elements]),
    ]


def _elements(node: Any, parents: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(names of the elements around it, outermost first; element)."""
    for child in node.children or ():
        if not child.name.startswith(("#", "!")):
            yield parents, child
            yield from _elements(child, (*parents, child.name.lower()))


def _of_place(parents: tuple[str, ...], element: Any) -> Iterator[str]:
    name = element.name.lower()
    allowed = _CHILDREN.get(parents[-1], set()) if parents else {"html"}
    if parents[-2:] == ("dl", "div"):
        allowed = {"dt", "dd"}
    if name not in allowed:
        yield f"<{name}> in <{parents[-1] if parents else 'nothing'}>"
    for around in _INTERACTIVE & set(parents):
        if name in _INTERACTIVE:
            yield f"<{name}> somewhere in <{around}>"


def _of_attributes(parents: tuple[str, ...], element: Any) -> Iterator[str]:
    name, attributes = element.name.lower(), element.attrs
    allowed = _ATTRIBUTES.get(name, set())
    for attribute in attributes:
        key = attribute.lower()
        if key not in allowed and not re.fullmatch(r"(?:data|aria)-[a-z-]+", key):
            yield f"{attribute} on <{name}>"
    silent = attributes.get("aria-hidden") != "true" and not attributes.get("aria-label")
    if name == "svg" and "svg" not in parents and silent:
        yield "an <svg> that is neither hidden nor has words"
    if name == "th" and "scope" not in attributes:
        yield "<th> without scope"
    if name == "button" and attributes.get("type") != "button":
        yield "<button> that would send a form"


def _outline(elements: list[Any]) -> Iterator[str]:
    """Headings go down one level at a time."""
    level = 0
    for element in elements:
        if re.fullmatch(r"h[1-6]", element.name):
            here = int(element.name[1])
            if here > level + 1:
                yield f"<h{here}> below a heading of level {level}"
            level = here
