"""Campaigns with external programs and SARIF files work, from definition to items."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from headway import network_can_be_blocked
from tests.support.git import Repo
from tests.support.processes import run
from tests.support.workspaces import headway, rows, workspace

TODAY = ("--today", "2026-03-01")
PYTHON = json.dumps(sys.executable)
TOOL = """\
import json, sys
for path in sys.argv[1:]:
    content = open(path).read()
    if "broken" in content:
        sys.exit("cannot parse " + path.rpartition("/")[2])
    for line, text in enumerate(content.splitlines(), start=1):
        if "old" in text:
            print(json.dumps({"path": path, "line": line}))
"""
COMMAND = f"""\
title: Replace old calls
starts: 2026-01-01
deprecated:
  - id: old
    scanner: command
    command: [{PYTHON}, -I, -S, "{{attachments}}/tool.py", "{{files}}"]
    attachments: tools/tool.py
    paths: ["*.py"]
    sample: old()
    not_sample: new()
"""
SEMGREP = """\
title: Semgrep
starts: 2026-01-01
deprecated:
  - id: old
    scanner: semgrep
    rules:
      - {id: no-old, languages: [python], severity: WARNING, message: No old calls, pattern: old()}
    version: "1.185"
    paths: ["*.py"]
"""
SARIF = """\
title: Lint
starts: 2026-01-01
deprecated:
  - {id: lint, scanner: sarif, files: /lint.sarif, sources: "*.py", rule_ids: "F*"}
"""
FOLDER = """\
title: Lint elsewhere
starts: 2026-01-01
deprecated:
  - {id: lint, scanner: sarif-folder, file: "results/{repository}.sarif"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = workspace(tmp_path)
    (folder / "tools").mkdir()
    (folder / "tools" / "tool.py").write_text(TOOL)
    return folder


def add(folder: Path, text: str) -> None:
    (folder / "campaigns" / "calls.yaml").write_text(text)


def items(folder: Path) -> list[tuple[Any, ...]]:
    found = rows(folder, "items", "calls", "--state", "all", *TODAY)
    return sorted((item["path"], item["excerpt"], item["state"]) for item in found)


def sarif(*results: tuple[str, str, int], **run: Any) -> str:
    entries = [
        {
            "ruleId": rule,
            "message": {"text": f"{rule} in line"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": path},
                        "region": {"startLine": line},
                    }
                }
            ],
        }
        for rule, path, line in results
    ]
    whole = {"tool": {"driver": {"name": "lint"}}, "results": entries, **run}
    return json.dumps({"version": "2.1.0", "runs": [whole]})


def test_the_history_of_a_program_and_of_its_failures(folder: Path) -> None:
    add(folder, COMMAND)
    assert headway(folder, "validate").stdout == "2 campaigns checked: no errors\n"
    repo = Repo(folder / "clones" / "shop")
    repo.commit("2026-01-05", {"a.py": "old(1)\n", "b.py": "old(2)\n"})
    repo.commit("2026-01-12", {"a.py": "broken\n"})
    repo.commit("2026-01-19", {"a.py": "new(1)\n", "b.py": "x\nold(2)\n"})
    headway(folder, "scan", *TODAY)
    assert items(folder) == [("a.py", "old(1)", "fixed"), ("b.py", "old(2)", "open")]
    repo.commit("2026-01-26", {"b.py": "broken\n"})
    done = headway(folder, "scan", *TODAY, code=3)
    assert "b.py" in done.output
    assert "exit code 1: cannot parse b.py" in done.output
    assert items(folder)[1] == ("b.py", "old(2)", "open")
    # If the text of the program changes, the rule changes too, and its history is recomputed.
    (folder / "tools" / "tool.py").write_text(TOOL.replace('"old"', '"new"'))
    add(folder, COMMAND.replace("sample: old()\n    not_sample: new()", "sample: new()"))
    headway(folder, "scan", *TODAY, code=3)
    assert ("a.py", "new(1)", "open") in items(folder)


def test_reading_commands_do_not_run_programs(folder: Path) -> None:
    marker = folder / "marker"
    tool = f"open({str(marker)!r}, 'a').write('run ')\n{TOOL}"
    (folder / "tools" / "tool.py").write_text(tool)
    add(folder, COMMAND)
    headway(folder, "schema")
    headway(folder, "repositories", code=None)
    assert not marker.exists()
    headway(folder, "validate")
    assert marker.exists()


def fake_semgrep(folder: Path, monkeypatch: pytest.MonkeyPatch, version: str = "1.185.0") -> None:
    """Put a program on PATH whose output for the rule in `SEMGREP` is that of Semgrep 1.185."""
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    program = programs / "semgrep"
    program.write_text(
        f"#!{sys.executable} -IS\n"
        "import json, sys\n"
        f"if '--version' in sys.argv: print({version!r}); sys.exit()\n"
        "config = next(word[9:] for word in sys.argv if word.startswith('--config='))\n"
        "assert json.load(open(config))['rules'][0]['pattern'] == 'old()'\n"
        "assert {'--metrics=off', '--disable-version-check', '--sarif'} < set(sys.argv)\n"
        "results = []\n"
        "for path in sys.argv[sys.argv.index('--jobs=1') + 1:]:\n"
        "    for line, text in enumerate(open(path).read().splitlines(), start=1):\n"
        "        if 'old()' in text:\n"
        "            region = {'startLine': line, 'startColumn': text.index('old') + 1}\n"
        "            artifact = {'uri': path, 'uriBaseId': '%SRCROOT%'}\n"
        "            place = {'artifactLocation': artifact, 'region': region}\n"
        "            rule = config.strip('/').rpartition('/')[0].replace('/', '.') + '.no-old'\n"
        "            message = {'text': 'No old calls'}\n"
        "            results.append({'ruleId': rule, 'message': message,\n"
        "                            'locations': [{'physicalLocation': place}]})\n"
        "run = {'tool': {'driver': {'name': 'Semgrep OSS'}}, 'results': results}\n"
        "print(json.dumps({'version': '2.1.0', 'runs': [run]}))\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")


def test_semgrep(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(folder, SEMGREP)
    repo = Repo(folder / "clones" / "shop")
    repo.commit("2026-01-05", {"a.py": "old()\n", "b.py": "old()\n"})
    repo.commit("2026-01-12", {"a.py": "new()\n", "b.py": "\nold()\n"})
    git = shutil.which("git")
    assert git is not None
    monkeypatch.setenv("PATH", str(Path(git).parent))
    doctor = {
        row["check"]: row
        for row in json.loads(headway(folder, "doctor", "--format", "json", code=3).stdout)
    }
    assert doctor["rule calls: old"]["good"] is False
    assert doctor["rule calls: old"]["said"].startswith("the program `semgrep` is not on PATH")
    blocked = network_can_be_blocked() or None
    assert doctor["programs"]["good"] is blocked
    # Scan in a new process. Workers of this process may have started with another PATH.
    missing = run(folder, "scan", *TODAY)
    assert missing.returncode == 3
    assert "`semgrep` is not on PATH; install it on this machine" in missing.stderr
    fake_semgrep(folder, monkeypatch, "1.90.0")
    wrong = run(folder, "scan", *TODAY)
    assert wrong.returncode == 3
    assert "the rule is for version 1.185 of `semgrep`" in wrong.stderr
    fake_semgrep(folder, monkeypatch)
    add(folder, SEMGREP.replace('    version: "1.185"\n', ""))
    assert '"rule calls: old"' in headway(folder, "doctor", "--format", "json").stdout
    assert run(folder, "scan", *TODAY).returncode == 0
    assert items(folder) == [
        ("a.py", "no-old: old()", "fixed"),
        ("b.py", "no-old: old()", "open"),
    ]


def test_committed_sarif_files_have_history(folder: Path) -> None:
    add(folder, SARIF)
    repo = Repo(folder / "clones" / "shop")
    first = sarif(("F1", "a.py", 1), ("F1", "gone.py", 1), ("E1", "a.py", 1))
    repo.commit("2026-01-05", {"a.py": "x\n", "b.py": "y\n", "lint.sarif": first})
    repo.commit("2026-01-12", {"lint.sarif": sarif(("F2", "b.py", 1))})
    repo.commit("2026-01-19", {"c.py": "z\n", "b.py": "more\n"})
    headway(folder, "scan", *TODAY)
    assert items(folder) == [
        ("a.py", "F1: F1 in line", "fixed"),
        ("b.py", "F2: F2 in line", "open"),
        ("lint.sarif", "gone.py: F1: F1 in line", "fixed"),
    ]
    repo.commit("2026-01-26", {"lint.sarif": sarif(("F2", "b.py", 1))[:-9]})
    done = headway(folder, "scan", *TODAY, code=3)
    assert "lint.sarif could not be read" in done.output
    assert items(folder)[1] == ("b.py", "F2: F2 in line", "open")
    repo.commit("2026-01-27", {"lint.sarif": "\ufeff" + sarif()})
    headway(folder, "scan", *TODAY)
    assert items(folder)[1] == ("b.py", "F2: F2 in line", "fixed")


def test_a_folder_of_sarif_files_counts_for_the_commit_that_was_analysed(folder: Path) -> None:
    add(folder, FOLDER)
    repo = Repo(folder / "clones" / "shop")
    tip = repo.commit("2026-01-05", {"a.py": "def f():\n  return 1\n"})
    missing = headway(folder, "scan", *TODAY, code=3)
    assert "there is no file results/shop.sarif; put the results there" in missing.output
    (folder / "results").mkdir()
    file = folder / "results" / "shop.sarif"
    file.write_text(sarif(("F1", "a.py", 2)))
    assert "has results without a commit" in headway(folder, "scan", *TODAY, code=3).output
    provenance = [{"repositoryUri": "https://example.com", "revisionId": tip}]
    content = sarif(("F1", "a.py", 2), versionControlProvenance=provenance)
    file.write_bytes(content.encode("utf-16"))
    headway(folder, "scan", *TODAY)
    assert items(folder) == [("a.py", "F1: return 1", "open")]
    repo.commit("2026-01-12", {"b.py": "\n"})
    stale = headway(folder, "scan", *TODAY, code=3)
    assert f"has results of commit {tip[:12]}, but the branch is at" in stale.output
    assert items(folder) == [("a.py", "F1: return 1", "open")]
    add(
        folder,
        FOLDER.replace("sarif}", "sarif, revision: any}").replace(
            '.sarif"', '.sarif", revision: any'
        ),
    )
    headway(folder, "scan", *TODAY)
    assert items(folder) == [("a.py", "F1: return 1", "open")]


def test_a_program_that_is_missing_for_a_night_leaves_no_gap(folder: Path) -> None:
    program = folder / "tool"
    add(folder, COMMAND.replace(PYTHON, json.dumps(str(program))).replace("-I, -S, ", ""))
    Repo(folder / "clones" / "shop").commit("2026-01-05", {"a.py": "old(1)\n"})
    missing = headway(folder, "scan", *TODAY, code=3)
    assert "tool` is not on PATH; install it on this machine" in missing.output
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -IS "$@"\n')
    program.chmod(0o755)
    headway(folder, "scan", *TODAY)
    assert items(folder) == [("a.py", "old(1)", "open")]


def test_scans_after_each_commit_find_the_same_as_one_scan_at_the_end(tmp_path: Path) -> None:
    folders = [workspace(tmp_path / name) for name in ("each", "once")]
    for folder in folders:
        (folder / "tools").mkdir()
        (folder / "tools" / "tool.py").write_text(TOOL)
        add(folder, COMMAND + SARIF.partition("deprecated:\n")[2])
    commits: tuple[dict[str, Any], ...] = (
        {"a.py": "old(1)\nold(2)\n", "b.py": "old(3)\n", "lint.sarif": sarif(("F1", "a.py", 1))},
        {"c.py": "old(1)\nold(2)\n", "a.py": None, "b.py": "broken\n"},
        {"lint.sarif": sarif(("F1", "c.py", 2), ("F2", "b.py", 1)), "b.py": "old(3)\nold(4)\n"},
        {"c.py": "old(2)\n", "lint.sarif": "broken"},
        {"lint.sarif": sarif(("F2", "b.py", 2)), "b.py": "new\nold(4)\n"},
    )
    for day, files in enumerate(commits, start=5):
        for folder in folders:
            Repo(folder / "clones" / "shop").commit(f"2026-01-{day:02}", files)
        headway(folders[0], "scan", *TODAY, code=None)
    headway(folders[1], "scan", "--jobs", "2", *TODAY)
    each, once = (rows(folder, "items", "calls", "--state", "all", *TODAY) for folder in folders)
    assert each == once
    # Four items are from the program, three from F1 (in a.py, lint.sarif and c.py), and one from
    # F2.
    assert len(once) == 8
