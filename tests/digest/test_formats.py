"""The digest of an eventful week is complete and safe in each output format."""

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
def test_the_digest_matches_its_snapshot(organisation: Path, name: str) -> None:
    """The digest equals the snapshot in tests/digest/snapshots.

    To update a snapshot, delete the file, run the test, and review the new file. The campaigns are
    too young for a forecast. Other tests check forecasts.
    """
    text = digest(organisation, "--format", name, "--site", "https://headway.example.com")
    snapshot = SNAPSHOTS / f"digest.{FORMATS[name]}"
    if not snapshot.exists():
        snapshot.parent.mkdir(exist_ok=True)
        snapshot.write_text(text, "utf-8")
        pytest.fail(f"{snapshot} was missing and has been written: review it")
    assert text == snapshot.read_text("utf-8")


@pytest.mark.parametrize("name", [*FORMATS, "mail", "json"])
def test_the_same_store_and_day_give_the_same_bytes(organisation: Path, name: str) -> None:
    assert digest(organisation, "--format", name) == digest(organisation, "--format", name)


class Page(HTMLParser):
    """Collects the tags of an HTML page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_html_is_safe_for_mail_clients(organisation: Path) -> None:
    text = digest(organisation, "--format", "html", "--site", "https://headway.example.com")
    page = Page(text)
    # Mail must not contain scripts, pictures, or anything else that a client would download.
    assert {tag for tag, _ in page.tags} <= MAIL_TAGS
    for _, attributes in page.tags:
        assert not {"src", "background", "onerror", "onclick", "id"} & set(attributes)
        assert (attributes.get("href") or "https://").startswith("https://")
    assert "url(" not in text
    assert "@import" not in text
    # Mail clients may ignore style sheets, so every element with text has an inline style.
    assert all("style" in attributes for tag, attributes in page.tags if tag in ("h1", "p", "li"))


def test_lines_of_plain_text_are_short_enough_for_mail(organisation: Path) -> None:
    text = digest(organisation)
    assert all(len(line) <= 78 for line in text.splitlines() if "https://" not in line)
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_mail_has_a_text_and_an_html_part(organisation: Path) -> None:
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


def test_slack_accepts_the_blocks(organisation: Path) -> None:
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


def test_json_has_the_attention_records(organisation: Path) -> None:
    found = json.loads(digest(organisation, "--format", "json", "remove-six"))
    assert [row["campaign"] for row in found] == ["remove-six"]
    assert found[0]["moves"]["fixed"] == 2


def test_a_user_s_template_takes_precedence_and_is_escaped(organisation: Path) -> None:
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
