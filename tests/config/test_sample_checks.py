"""The loader checks each rule against its example texts and paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.config.workspace import shipped_folder
from headway.plugins import load_scanners
from tests.support.definitions import printed, problems_in
from tests.support.pins import plugin
from tests.support.workspaces import headway, workspace

REGEX = "scanner: regex, pattern: '^import six'"
PY = "paths: ['*.py', '!/tests/']"


def campaign(rule: str) -> str:
    return f"title: a\ndeprecated: [{{id: one, {rule}}}]\n"


@pytest.mark.parametrize(
    "rule",
    [
        f"{REGEX}, sample: import six, not_sample: from six import moves",
        f"{REGEX}, not_sample: ['import os', '# import six']",
        f"{REGEX}, {PY}, sample_paths: a.py, not_sample_paths: [tests/a.py, a.txt, vendor/a.py]",
        f"{REGEX}, {PY}, include_vendored: true, sample_paths: vendor/a.py",
        f"{REGEX}, not_sample_paths: web/node_modules/x/index.js",
        "scanner: file, paths: setup.py, sample_paths: lib/setup.py, not_sample_paths: setup.cfg",
    ],
)
def test_right_samples_are_no_problem(tmp_path: Path, rule: str) -> None:
    assert problems_in(tmp_path, campaign(rule)) == ""


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (
            f"{REGEX}, not_sample: [import os, import six]",
            "the rule `one` matches its `not_sample` `import six`",
        ),
        (
            f"{REGEX}, {PY}, sample_paths: [a.py, tests/a.py]",
            "the rule `one` does not search `tests/a.py`, which is in its `sample_paths`",
        ),
        (
            f"{REGEX}, {PY}, sample_paths: lib/vendor/a.py",
            "help: vendored and generated code is excluded; add `include_vendored: true`",
        ),
        (
            f"{REGEX}, {PY}, not_sample_paths: lib/tests/a.py",
            "the rule `one` searches `lib/tests/a.py`, which is in its `not_sample_paths`",
        ),
        (
            "scanner: file, paths: setup.py, sample_paths: setup.cfg",
            "the rule `one` does not search `setup.cfg`, which is in its `sample_paths`",
        ),
        (
            "scanner: file, paths: setup.py, not_sample_paths: lib/setup.py",
            "the rule `one` searches `lib/setup.py`, which is in its `not_sample_paths`",
        ),
        (
            "scanner: file, paths: setup.py, not_sample: setup",
            "a `file` rule does not read text, so it cannot have a `not_sample`",
        ),
        (
            f"{REGEX}, sample_paths: /a.py",
            "help: write `a.py`: paths begin at the root of the repository",
        ),
    ],
)
def test_wrong_samples_are_reported(tmp_path: Path, rule: str, message: str) -> None:
    assert message in problems_in(tmp_path, campaign(rule))


def test_the_problem_is_at_the_sample(tmp_path: Path) -> None:
    text = """
        title: a
        include_vendored: true
        deprecated:
          - id: one
            scanner: regex
            pattern: six
            paths: ["*.py"]
            sample:
              - import six
              - import seven
            sample_paths: [vendor/a.py, a.txt]
    """
    assert problems_in(tmp_path, text) == printed("""
        error: the rule `one` does not match its sample `import seven`
          --> six.yaml:10:9
            |
         10 |       - import seven
            |         ^
          help: correct the pattern or the sample
        error: the rule `one` does not search `a.txt`, which is in its `sample_paths`
          --> six.yaml:11:33
            |
         11 |     sample_paths: [vendor/a.py, a.txt]
            |                                 ^
          help: correct `paths` or `sample_paths`
    """)


def test_validate_reports_wrong_samples(tmp_path: Path) -> None:
    folder = workspace(tmp_path, six=campaign(f"{REGEX}, not_sample: import six"))
    result = headway(folder, "validate", code=1)
    assert "the rule `one` matches its `not_sample` `import six`" in result.stderr


def test_a_scanner_that_uses_the_path_gets_the_first_sample_path(tmp_path: Path) -> None:
    (tmp_path / "scanners").mkdir()
    (tmp_path / "scanners" / "own.py").write_text(
        "from headway import ContentScanner, Match, Options\n\n\n"
        "class Own(ContentScanner):\n"
        '    name = "own"\n'
        "    Options = Options\n\n"
        "    def find(self, options, path, content):\n"
        '        if path == "broken.py":\n'
        '            raise ValueError("no")\n'
        '        if path.endswith(".py"):\n'
        '            yield Match(text="x", line=1)\n'
    )
    scanners = load_scanners([tmp_path / "scanners", shipped_folder() / "scanners"])
    rule = "scanner: own, sample: x"
    assert "does not match its sample" in problems_in(tmp_path, campaign(rule), scanners)
    assert problems_in(tmp_path, campaign(f"{rule}, sample_paths: lib/a.py"), scanners) == ""
    failed = problems_in(tmp_path, campaign(f"{rule}, sample_paths: broken.py"), scanners)
    assert "the `own` scanner failed on the sample: ValueError: no" in failed


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("sample: {a.want: six 1, a.lock: os 1}, not_sample: {a.want: six 1, a.lock: six 2}", ""),
        ("sample: [{a.want: six 1}, {a.lock: six 1}], sample_paths: [x/a.want]", ""),
        (
            "sample: [{a.want: six 1}, {a.want: six 2, b.lock: six 3}]",
            "the rule `one` does not match its sample `a.want, b.lock`",
        ),
        ("not_sample: {a.lock: six 1}", "the rule `one` matches its `not_sample` `a.lock`"),
        ("sample: six 1", "a sample of a `pins` rule maps the paths of files to their contents"),
        ("sample: {a.txt: six 1}", "the `pins` scanner does not read `a.txt`"),
        ("sample: {a.txt: six 1}", "help: it reads *.want, *.lock"),
        ("sample: {a.want: broken}", "failed on the sample: ValueError: line 1 is broken"),
        ("sample: {a.want: {b: c}}", "map the path of each file to its content"),
        ("sample: {}", "map the path of each file to its content"),
        ("sample: {a.want: six 1}, paths: ['b/**']", "does not match its sample `a.want`"),
        ("sample_paths: a.txt", "does not search `a.txt`"),
    ],
)
def test_samples_of_a_project_rule_are_files(tmp_path: Path, rule: str, message: str) -> None:
    (tmp_path / "scanners").mkdir()
    (tmp_path / "scanners" / "pins.py").write_text(plugin())
    scanners = load_scanners([tmp_path / "scanners", shipped_folder() / "scanners"])
    found = problems_in(tmp_path, campaign(f"scanner: pins, package: six, {rule}"), scanners)
    assert message in found
    assert bool(message) == bool(found)


def test_a_sample_of_a_regex_rule_is_a_text(tmp_path: Path) -> None:
    found = problems_in(tmp_path, campaign(f"{REGEX}, sample: {{import: six}}"))
    assert "a sample of a `regex` rule must be a string, but this is a mapping" in found
    assert "help: put it in single quotes" in found
