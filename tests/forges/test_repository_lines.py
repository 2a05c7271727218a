"""Valid JSON lines of repositories are read, and each mistake is reported."""

from __future__ import annotations

import json
from typing import Any

import pytest

from headway.forges.repository_lines import LineRules, RepositoryLines, read_repository_lines

URL = "https://git.example.com/acme/shop.git"
SHOP = {"id": 7, "name": "acme/shop", "clone_url": URL}


def read(*lines: object, hosts: tuple[str, ...] = ()) -> RepositoryLines:
    """Read lines, each given as text, bytes or JSON data."""
    texts = [line if isinstance(line, str | bytes) else json.dumps(line) for line in lines]
    content = b"\n".join(text.encode() if isinstance(text, str) else text for text in texts)
    return read_repository_lines("r.jsonl", content, LineRules("list:x", "x", hosts))


def test_a_line_with_every_key() -> None:
    line = SHOP | {
        "web_url": "https://git.example.com/acme/shop/",
        "default_branch": "trunk",
        "archived": True,
        "fork": True,
        "topics": ["Web", "payments"],
        "languages": ["Python"],
        "visibility": "internal",
    }
    found = read(line, {"count": 1})
    assert found.problems == ()
    (shop,) = found.repositories
    assert (shop.key, shop.name, shop.source, shop.clone_url) == ("x/7", "acme/shop", "list:x", URL)
    assert (shop.web_url, shop.default_branch) == ("https://git.example.com/acme/shop", "trunk")
    assert (shop.archived, shop.fork, shop.visibility) == (True, True, "internal")
    assert (shop.topics, shop.languages) == (("payments", "web"), ("python",))


def test_the_key_depends_on_the_id_alone() -> None:
    before = read(SHOP, {"count": 1}).repositories
    after = read(SHOP | {"name": "acme/store"}, {"count": 1}).repositories
    assert [repository.key for repository in before] == [repository.key for repository in after]


@pytest.mark.parametrize("end", [[], ["", "  "]])
def test_blank_lines_and_windows_line_endings_are_allowed(end: list[str]) -> None:
    found = read(json.dumps(SHOP) + "\r", "", '{"count": 1}\r', *end)
    assert (len(found.repositories), found.problems) == (1, ())


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([SHOP], 'does not end with a count line such as {"count": 1}'),
        ([], 'does not end with a count line such as {"count": 0}'),
        ([SHOP, {"count": 2}], "r.jsonl has 1 repositories, but the count line says 2"),
        ([{"count": 0}, SHOP], "r.jsonl:2: there is a line after the count line"),
        ([SHOP, SHOP | {"name": "b"}, {"count": 2}], "r.jsonl:2: the id `7` is already on line 1"),
        ([SHOP, SHOP | {"id": "7"}, {"count": 1}], "r.jsonl:2: the id `7` is already on line 1"),
    ],
)
def test_an_incomplete_input_has_a_problem(lines: list[Any], problem: str) -> None:
    (found,) = read(*lines).problems
    assert problem in found


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"clone_url": "http://git.example.com/x"}, "`clone_url` does not begin with https://"),
        ({"clone_url": "http://127.0.0.1/x"}, "`clone_url` does not begin with https://"),
        ({"clone_url": "git@git.example.com:x"}, "`clone_url` must be a link that begins with"),
        (
            {"clone_url": "https://u:hunter2@git.example.com/x"},
            "contains a user name or a password",
        ),
        ({"clone_url": "https://git.example.com/x?a=b"}, "`clone_url` has a query or a fragment"),
        ({"clone_url": "https:///x"}, "`clone_url` has no host"),
        ({"web_url": "javascript:alert(1)"}, "`web_url` must be a link that begins with"),
        ({"web_url": "https://u:hunter2@git.example.com/x"}, "contains a user name or a password"),
        ({"id": ""}, "`id` is empty"),
        ({"id": "a b"}, "an id must not contain spaces"),
        ({"id": 1.5}, "`id` must be text, not `1.5`"),
        ({"name": "a\x1b[31m"}, "remove invisible characters"),
        ({"archived": "yes"}, "`archived` must be true or false, not `yes`"),
        ({"topics": "web"}, "`topics` must be a list, not `web`"),
        ({"topics": [1]}, "`topics[0]` must be text, not `1`"),
        ({"visibility": "secret"}, "`visibility` must be one of 'public', 'internal', 'private'"),
        ({"brunch": "main"}, "unknown key `brunch`"),
        ({"b" * 9999: "main"}, f"unknown key `{'b' * 79}…`; "),
    ],
)
def test_a_wrong_value_is_reported_with_its_line(change: dict[str, Any], problem: str) -> None:
    found = read(SHOP | {"id": 1}, SHOP | change, {"count": 1})
    (text,) = found.problems
    assert text.startswith("r.jsonl:2: ")
    assert problem in text
    assert "hunter2" not in text
    assert "\x1b" not in text
    assert [repository.key for repository in found.repositories] == ["x/1"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "the line is not JSON"),
        (b"\xff", "the line is not JSON"),
        ("[1]", "the line is not a JSON object"),
        ("[" * 50_000, "the line is not JSON"),
        ('{"id": 1, "id": 2}', "a key occurs twice"),
        ('{"name": "a", "clone_url": "https://a.example/b"}', "`id` is missing; add `id`"),
        ('{"id": 1, "name": "a", "clone_ulr": "https://a.example/b"}', "did you mean `clone_url`?"),
        ('{"count": "1"}', "`count` must be a whole number"),
        ('{"count": -1}', "`count` must be at least 0"),
        ("x" * 100_000, "the line is longer than 65,536 bytes"),
    ],
)
def test_a_line_that_describes_no_repository(line: str | bytes, problem: str) -> None:
    found = read(SHOP, line, {"count": 1})
    assert any(text.startswith("r.jsonl:2: ") and problem in text for text in found.problems)


def test_many_problems_are_cut_short() -> None:
    found = read(*["x"] * 1000)
    assert len(found.problems) == 21
    assert found.problems[-1] == "r.jsonl has 980 more problems"


def test_only_the_given_hosts_are_allowed() -> None:
    other = SHOP | {"id": 8, "clone_url": "https://evil.example/x"}
    found = read(SHOP, other, {"count": 2}, hosts=("git.example.com",))
    assert found.problems == (
        "r.jsonl:2: `clone_url` has the host evil.example, but `hosts` allows only git.example.com",
    )
