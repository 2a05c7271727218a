"""Scans fetch only the file contents that they need, and report missing contents."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.git.mirrors import is_partial
from headway.git.missing_blobs import absent
from headway.scan import mirror_provider
from tests.support.forge.organisation import Organisation, push
from tests.support.forge.prepared import Prepared
from tests.support.forge.server import Server
from tests.support.forge.world import Answer, Request, World
from tests.support.git import git
from tests.support.workspaces import rows

RULE = "\n  - {id: todo, scanner: regex, pattern: TODO, paths: ['*.md']}\n"


@pytest.fixture
def forge() -> str:
    return "github"


@pytest.fixture
def acme(prepared: Prepared, server: Server, tmp_path: Path, tokens: None) -> Organisation:
    """Return a repository with an item in a Python file, other files, and a Python-only rule."""

    def build(acme: Organisation) -> None:
        repo = acme.add("one")
        repo.commit("2026-01-12", {"README.md": "TODO\n", "CODEOWNERS": "* @acme/payments\n"})
        push(repo)
        # Small repositories are fetched completely.
        acme.get("one").kilobytes = 10_000
        campaign = acme.workspace / "campaigns" / "remove-six.yaml"
        campaign.write_text(campaign.read_text() + "    paths: ['*.py']\n")
        acme.scan("2026-03-01")

    return prepared.organisation("contents", "github", tmp_path, build)


def blob(acme: Organisation, path: str, at: str = "HEAD") -> str:
    return acme.repos["one"].git("rev-parse", f"{at}:{path}").strip()


def fills(world: World) -> list[int]:
    """Return the number of requested blobs for each fetch of individual blobs."""
    bodies = [
        request.body for request in world.requests if request.path.endswith("/git-upload-pack")
    ]
    return [body.count(b"want ") for body in bodies if b"have " not in body and b"want " in body][
        1:
    ]


def test_only_files_of_rules_and_owner_files_are_fetched(
    acme: Organisation, server: Server
) -> None:
    mirror = acme.mirror(server, "one")
    contents = [blob(acme, "a.py"), blob(acme, "CODEOWNERS"), blob(acme, "README.md")]
    # A scan also needs the version of `a.py` on the first day of the campaign.
    contents.append(blob(acme, "a.py", "HEAD~2"))
    assert absent(mirror, contents) == [blob(acme, "README.md")]
    assert fills(server.world) == [3]
    (item,) = rows(acme.workspace, "items")
    assert item["team"] == "acme/payments"


def test_a_push_and_a_new_rule_fetch_what_is_missing(acme: Organisation, server: Server) -> None:
    acme.fix("one", "2026-03-01")
    acme.scan("2026-03-02")
    assert fills(server.world) == [3, 1]
    campaign = acme.workspace / "campaigns" / "remove-six.yaml"
    campaign.write_text(campaign.read_text().rstrip() + RULE)
    acme.scan("2026-03-03")
    assert fills(server.world) == [3, 1, 1]
    (item,) = rows(acme.workspace, "items")
    assert (item["rule"], item["path"]) == ("todo", "README.md")


def test_no_fetch_makes_a_repository_with_missing_contents_unknown(acme: Organisation) -> None:
    campaign = acme.workspace / "campaigns" / "remove-six.yaml"
    campaign.write_text(campaign.read_text().rstrip() + RULE)
    result = acme.scan("2026-03-02", "--no-fetch", code=3)
    assert "lacks file contents that a rule must read" in result.output
    assert acme.states("2026-03-02") == {"acme/one": "unknown"}
    acme.scan("2026-03-03")
    assert acme.states("2026-03-03") == {"acme/one": "open"}


def test_lost_contents_are_fetched_again(acme: Organisation, server: Server) -> None:
    mirror = acme.mirror(server, "one")
    wanted = blob(acme, "a.py")
    for pack in (mirror / "objects" / "pack").glob("*.idx"):
        if wanted in git(mirror, "show-index", stdin=pack.read_bytes()):
            pack.unlink()
            pack.with_suffix(".pack").unlink()
    campaign = acme.workspace / "campaigns" / "remove-six.yaml"
    campaign.write_text(campaign.read_text().replace("import six", "import  *six"))
    acme.scan("2026-03-02")
    assert acme.states("2026-03-02") == {"acme/one": "open"}


def test_everything_is_fetched_if_the_forge_refuses_single_contents(
    acme: Organisation, server: Server
) -> None:
    def refuse(request: Request) -> Answer | None:
        alone = b"want " in request.body and b"filter " in request.body
        line = b"ERR upload-pack: not our ref"
        body = f"{len(line) + 4:04x}".encode() + line
        kind = {"Content-Type": "application/x-git-upload-pack-result"}
        named = blob(acme, "README.md").encode() in request.body
        return Answer(200, kind, body) if alone and named else None

    server.world.before.append(refuse)
    campaign = acme.workspace / "campaigns" / "remove-six.yaml"
    campaign.write_text(campaign.read_text().rstrip() + RULE)
    acme.scan("2026-03-02")
    assert {item["rule"] for item in rows(acme.workspace, "items")} == {"import-six", "todo"}


def test_the_whole_repository_is_fetched_for_very_many_contents(
    acme: Organisation, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    monkeypatch.setattr(mirror_provider, "_MAX_SINGLE_BLOBS", 0)
    acme.fix("one", "2026-03-02")
    acme.scan("2026-03-02")
    assert acme.states("2026-03-02") == {"acme/one": "done"}
    assert not is_partial(acme.mirror(server, "one"))


def test_a_repository_scanner_gets_every_file(acme: Organisation, server: Server) -> None:
    scanners = acme.workspace / "scanners"
    scanners.mkdir()
    (scanners / "listing.py").write_text(
        "from headway import Match, Options, RepositoryScanner\n\n\n"
        "class Listing(RepositoryScanner[Options]):\n"
        '    name = "listing"\n    version = "1"\n    Options = Options\n\n'
        "    def find(self, options, folder):\n"
        "        for path in sorted(folder.rglob('*')):\n"
        "            if path.is_file():\n"
        "                yield Match(path=str(path.relative_to(folder)), text=path.read_text())\n"
    )
    (acme.workspace / "campaigns" / "all.yaml").write_text(
        "title: All\ndeprecated:\n  - {id: all, scanner: listing}\n"
    )
    acme.scan("2026-03-02")
    items = rows(acme.workspace, "items", "all")
    assert {item["path"]: item["excerpt"] for item in items} == {
        "a.py": "import six",
        "README.md": "TODO",
        "CODEOWNERS": "* @acme/payments",
    }


def test_contents_that_attributes_include_are_fetched(acme: Organisation, server: Server) -> None:
    repo = acme.repos["one"]
    attributes = "vendor/** -linguist-vendored\n"
    repo.commit("2026-03-01", {"vendor/b.py": "import six  # b\n", ".gitattributes": attributes})
    push(repo)
    acme.scan("2026-03-02")
    assert {item["path"] for item in rows(acme.workspace, "items")} == {"a.py", "vendor/b.py"}
    # The first fetch after the push gets the attributes, which show that another file is needed.
    assert fills(server.world) == [3, 1, 1]
