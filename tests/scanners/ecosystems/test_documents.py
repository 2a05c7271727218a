"""JSON and TOML are read as the standard library reads them, and every part is located."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners._ecosystems.json_document import read_json
from scanners._ecosystems.source_text import SourceText
from scanners._ecosystems.toml_document import read_toml

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(max_size=4), values),
    max_leaves=12,
)


def parts(value: Any, path: tuple[str | int, ...] = ()) -> dict[tuple[str | int, ...], Any]:
    found: dict[tuple[str | int, ...], Any] = {}
    entries = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, entry in entries:
        found[*path, key] = entry
        found.update(parts(entry, (*path, key)))
    return found


@given(JSON_VALUES, st.sampled_from([None, 0, 2]), st.booleans())
def test_every_part_of_a_json_file_is_located(value: Any, indent: int | None, plain: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=plain)
    document = read_json(SourceText(text.encode()))
    assert document.value == value
    assert set(document.offsets) == set(parts(value))
    for path, entry in parts(value).items():
        expected = path[-1] if isinstance(path[-1], str) else entry
        decoded, _ = json.JSONDecoder().raw_decode(text, document.offsets[path])
        assert decoded == expected


def test_trailing_commas_are_accepted_where_the_format_allows_them() -> None:
    source = SourceText(b'{"a": [1, 2,], "b": "x,]",}')
    assert read_json(source, trailing_commas=True).value == {"a": [1, 2], "b": "x,]"}
    with pytest.raises(ValueError, match="not valid JSON"):
        read_json(source)


TOML = """
title = "a # b" # comment
"quoted.key" = 1
a.b . 'c' = [1, 2.5, "]", [true], { x = '''
=]''' }]
[servers]
  [servers.alpha]
  when = 1979-05-27 07:32:00
  text = '''quote '' and \\ ''''
  lines = [
    'x', # ]
    '''y''',
  ]
[[fruit]]
name = "apple"
[fruit.physical]
color = {h = 0x1, s = 'it'}
[[fruit]]
[[fruit.variety]]
name = "plantain"
"""


def test_every_part_of_a_toml_file_is_located() -> None:
    source = SourceText(TOML.encode())
    document = read_toml(source)
    assert document.value == tomllib.loads(TOML)
    missing = set(parts(document.value)) - set(document.offsets)
    # Arrays of tables, and tables that only the header of another table implies, have no offset.
    assert missing <= {("fruit",), ("fruit", 1, "variety"), ("servers",)}
    for path, offset in document.offsets.items():
        if isinstance(path[-1], str) and not TOML.startswith("[", offset):
            assert path[-1] in TOML[offset:].split("\n")[0]
    assert source.position(document.offset("fruit", 1, "variety", 0, "name")) == (20, 1)
    assert source.position(document.offset("servers", "alpha", "lines", 1)) == (12, 5)


@pytest.mark.parametrize("text", ['{"a":' * 200, "[" * 100_000, "a = " + "[" * 100_000, '"'])
def test_deep_nesting_is_an_error(text: str) -> None:
    # The standard library does not report the line at which the nesting becomes too deep.
    with pytest.raises(ValueError, match=r"line \d+$|^the TOML is nested too deeply or"):
        read_toml(SourceText(text.encode()))
    with pytest.raises(ValueError, match=r"line \d+$|^the JSON is nested too deeply$"):
        read_json(SourceText(text.encode()))


@given(st.text(alphabet="ab.=[]{}\"'#\n ,1", max_size=40))
def test_toml_that_the_standard_library_rejects_is_an_error(text: str) -> None:
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(ValueError, match=r"line \d+$"):
            read_toml(SourceText(text.encode()))
    else:
        assert read_toml(SourceText(text.encode())).value == expected


def test_columns_are_counted_in_characters() -> None:
    source = SourceText("\ufeffé日six\nx".encode())
    assert source.position(source.text.index("six")) == (1, 3)
    assert source.position(len(source.text)) == (2, 2)
