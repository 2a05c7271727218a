"""XML elements and errors have the lines and columns of the file."""

from __future__ import annotations

import pytest

from scanners._ecosystems.xml_elements import read_xml

SPACE = ["", "\n", "\n\n  ", "  ", "\r\n \t\r\n"]


@pytest.mark.parametrize("space", SPACE)
def test_white_space_at_the_beginning_counts(space: str) -> None:
    text = f"{space}<project><a/>\n  <b/></project>"
    root = read_xml(text.encode())
    lines = text.splitlines()
    for element in (root, *root.children):
        assert lines[element.line - 1][element.column - 1 :].startswith(f"<{element.name}")


@pytest.mark.parametrize("space", SPACE)
def test_errors_name_the_line_of_the_file(space: str) -> None:
    line = space.count("\n") + 2
    with pytest.raises(ValueError, match=rf"not valid XML \(.*\), line {line}$"):
        read_xml(f"{space}<project>\n</other>".encode())
