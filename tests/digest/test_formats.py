"""Each format of a digest of a week in which everything happened, with names that mean harm."""

from __future__ import annotations

import email
import email.policy
import json
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.digest.conftest import TODAY
from tests.support.workspaces import headway

SNAPSHOTS = Path(__file__).parent / "snapshots"
MAIL_TAGS = {
    *("html", "head", "meta", "title", "style", "body", "table", "tr", "th", "td"),
    *("h1", "h2", "h3", "p", "ul", "li", "a", "strong", "code", "span", "br"),
}
FORMATS = {"text": "txt", "markdown": "md", "html": "html", "slack": "json"}


def digest(folder: Path, *arguments: str) -> str:
    return headway(folder, "digest", "--today", TODAY.isoformat(), *arguments).stdout


@pytest.mark.parametrize("name", FORMATS)
def test_the_whole_of_it(organisation: Path, name: str) -> None:
    """Delete a snapshot to have it written anew; then look at what changed.

    The campaigns are too young for a forecast: that one has numbers of its own.
    """
    text = digest(organisation, "--format", name, "--site", "https://headway.example.com")
    snapshot = SNAPSHOTS / f"digest.{FORMATS[name]}"
    if not snapshot.exists():
        snapshot.parent.mkdir(exist_ok=True)
        snapshot.write_text(text, "utf-8")
        pytest.fail(f"{snapshot} was missing; it is written now: look at it")
    assert text == snapshot.read_text("utf-8")


@pytest.mark.parametrize("name", [*FORMATS, "mail", "json"])
def test_the_same_store_and_day_give_the_same_bytes(organisation: Path, name: str) -> None:
    assert digest(organisation, "--format", name) == digest(organisation, "--format", name)


class Page(HTMLParser):
    """Tags with attributes, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_html_for_mail_programs(organisation: Path) -> None:
    text = digest(organisation, "--format", "html", "--site", "https://headway.example.com")
    page = Page(text)
    # no script, no picture, nothing that is fetched
    assert {tag for tag, _ in page.tags} <= MAIL_TAGS
    for _, attributes in page.tags:
        assert not {"src", "background", "onerror", "onclick", "id"} & set(attributes)
        assert (attributes.get("href") or "https://").startswith("https://")
    assert "url(" not in text
    assert "@import" not in text
    # a style sheet only helps: what has text in it has its own style
    assert all("style" in attributes for tag, attributes in page.tags if tag in ("h1", "p", "li"))


def test_plain_text_has_lines_that_a_mail_can_have(organisation: Path) -> None:
    text = digest(organisation)
    assert all(len(line) <= 78 for line in text.splitlines() if "https://" not in line)
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_mail_has_the_text_and_the_same_as_html(organisation: Path) -> None:
    raw = digest(organisation, "--format", "mail")
    message = email.message_from_string(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    text, html = message.iter_parts()
    assert message["Subject"].startswith("2 campaigns: ")
    assert message.get_content_type() == "multipart/alternative"
    assert [text.get_content_type(), html.get_content_type()] == ["text/plain", "text/html"]
    assert text.get_content() == digest(organisation)
    assert html.get_content() == digest(organisation, "--format", "html")
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.splitlines())


def test_slack_takes_it(organisation: Path) -> None:
    message = json.loads(digest(organisation, "--format", "slack"))
    assert message["text"].startswith("2 campaigns: ")
    assert len(message["blocks"]) <= 50
    header, *rest = message["blocks"]
    assert header["type"] == "header"
    assert {block["type"] for block in rest} == {"section", "context"}
    for block in rest:
        for text in block.get("elements") or [block["text"]]:
            assert text["type"] == "mrkdwn"
            assert text["verbatim"] is True
            assert 0 < len(text["text"]) <= 3000


def test_json_has_the_records(organisation: Path) -> None:
    found = json.loads(digest(organisation, "--format", "json", "remove-six"))
    assert [each["campaign"] for each in found] == ["remove-six"]
    assert found[0]["moves"]["fixed"] == 2


def test_a_template_of_your_own_wins_and_is_as_harmless(organisation: Path) -> None:
    reports = organisation / "reports"
    reports.mkdir()
    try:
        (reports / "digest.md").write_text(
            '{% extends "builtin:digest.md" %}{% block head %}Our week: {{ page.subject }}\n'
            "{{ page.campaigns[0].name }}\n{% endblock %}"
        )
        text = digest(organisation, "--format", "markdown")
        assert text.startswith("Our week: 2 campaigns: ")
        assert "<b>" not in text
        assert "Remove \\<b\\>six\\</b\\> @\u200ball" in text
        (reports / "digest.md").write_text("{{ page.nothing }}")
        result = headway(organisation, "digest", "--format", "markdown", code=1)
        assert "docs/digest.md" in result.stderr
    finally:
        for file in reports.iterdir():
            file.unlink()
        reports.rmdir()
