"""Loading campaign files reports every error of every file with its line and column."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from headway.config.workspace import shipped_folder
from headway.plugins import load_scanners
from tests.support.definitions import load, loaded, printed, problems_in

GOOD = """
    title: Remove six
    deprecated:
      - {id: import-six, scanner: regex, pattern: '^import six'}
"""


def test_every_key_of_a_campaign_is_read(tmp_path: Path) -> None:
    campaign = loaded(
        tmp_path,
        """
        title: Remove six
        summary: Python 2 is gone; its compatibility layer can go too.
        owner: developer-productivity
        guide: https://wiki.example.com/remove-six
        starts: 2026-01-05
        due: 2026-06-30
        scope:
          repositories: ["acme/*", "!acme/*-archive"]
          topics: python
          visibility: [internal, private]
        deprecated:
          - id: import-six
            scanner: regex
            pattern: '^\\s*(?:import six\\b|from six\\b)'
            paths: ["**/*.py"]
            weight: 2.5
            sample: import six
        replacement:
          - {id: pyupgrade, scanner: file, paths: [".pre-commit-config.yaml"]}
        milestones:
          - {name: Tier 1, due: 2026-03-31, repositories: ["acme/payments-*"]}
        exemptions:
          - repositories: acme/legacy-billing
            rules: [import-six]
            reason: Decommissioned in Q3
            until: 2026-09-30
            approved_by: platform
        """,
    )
    assert (campaign.id, campaign.title) == ("six", "Remove six")
    assert (campaign.starts, campaign.due) == (date(2026, 1, 5), date(2026, 6, 30))
    assert campaign.scope.topics == ("python",)
    assert [(rule.id, rule.role) for rule in campaign.rules] == [
        ("import-six", "deprecated"),
        ("pyupgrade", "required"),
    ]
    assert campaign.rule("import-six").weight == 2.5
    assert campaign.rule("import-six").samples == ("import six",)
    assert campaign.milestones[0].due == date(2026, 3, 31)
    assert campaign.exemptions[0].until == date(2026, 9, 30)
    assert campaign.exemptions[0].repositories == ("acme/legacy-billing",)


@pytest.mark.fault(33)
def test_all_errors_of_a_file_are_reported_together(tmp_path: Path) -> None:
    text = """
        titel: Remove six
        guide: ftp://wiki.example.com
        starts: 2026-13-01
        due: 2026-02-30
        scope: {visibility: publik}
        deprecated:
          - {id: Import Six, scanner: regexx, pattern: x}
          - {id: twice, scanner: regex, pattern: (?=six)}
          - {id: twice, scanner: regex, pahts: x}
    """
    assert problems_in(tmp_path, text) == printed("""
        error: unknown key `titel`
          --> six.yaml:1:1
           |
         1 | titel: Remove six
           | ^
          help: did you mean `title`?
        error: `guide` must be a link that begins with http:// or https://, not `ftp://wiki.example.com`
          --> six.yaml:2:8
           |
         2 | guide: ftp://wiki.example.com
           |        ^
        error: `starts` is `2026-13-01`: there is no such date
          --> six.yaml:3:9
           |
         3 | starts: 2026-13-01
           |         ^
        error: `due` is `2026-02-30`: there is no such date
          --> six.yaml:4:6
           |
         4 | due: 2026-02-30
           |      ^
        error: `publik` is not a valid visibility
          --> six.yaml:5:21
           |
         5 | scope: {visibility: publik}
           |                     ^
          help: did you mean `public`?
        error: `deprecated[0].id` must be lower-case letters, digits, dots, dashes and underscores, not `Import Six`
          --> six.yaml:7:10
           |
         7 |   - {id: Import Six, scanner: regexx, pattern: x}
           |          ^
        error: there is no scanner `regexx`
          --> six.yaml:7:31
           |
         7 |   - {id: Import Six, scanner: regexx, pattern: x}
           |                               ^
          help: did you mean `regex`?
        error: `deprecated[1].pattern` is `(?=six)`: RE2 has no look-ahead (`(?=`); include the following text in the pattern
          --> six.yaml:8:42
           |
         8 |   - {id: twice, scanner: regex, pattern: (?=six)}
           |                                          ^
        error: `deprecated[2].pattern` is missing
          --> six.yaml:9:5
           |
         9 |   - {id: twice, scanner: regex, pahts: x}
           |     ^
          help: add `pattern:`
        error: the rule id `twice` is used twice
          --> six.yaml:9:10
           |
         9 |   - {id: twice, scanner: regex, pahts: x}
           |          ^
          help: line 8 already uses it; give each rule its own id
        error: unknown key `deprecated[2].pahts`
          --> six.yaml:9:33
           |
         9 |   - {id: twice, scanner: regex, pahts: x}
           |                                 ^
          help: did you mean `paths`?
    """)  # noqa: E501 - the printed text


def test_a_misspelled_required_key_is_one_error_at_its_place(tmp_path: Path) -> None:
    text = """
        title: Remove six
        deprecated:
          - id: lock
            scaner: file
            paths: [Pipfile.lock]
    """
    assert problems_in(tmp_path, text) == printed("""
        error: unknown key `deprecated[0].scaner`
          --> six.yaml:4:5
           |
         4 |     scaner: file
           |     ^
          help: did you mean `scanner`?
    """)


@pytest.mark.parametrize(
    ("text", "key", "meant"),
    [
        ("titel: a\ndeprecated: [{id: a, scanner: regex, pattern: six}]", "titel", "title"),
        ("title: a\ndeprecatd: [{id: a, scanner: regex, pattern: x}]", "deprecatd", "deprecated"),
        ("deprecated: [{idd: a, scanner: regex, pattern: six}]", "deprecated[0].idd", "id"),
        ("deprecated: [{id: a, scanner: regex, patern: x}]", "deprecated[0].patern", "pattern"),
        ("milestones: [{nam: a, due: 2026-01-01}]", "milestones[0].nam", "name"),
        ("exemptions: [{reasn: a, until: 2026-01-01}]", "exemptions[0].reasn", "reason"),
    ],
)
def test_every_misspelled_required_key_is_recognised(
    tmp_path: Path, text: str, key: str, meant: str
) -> None:
    rest = ["title: a", "deprecated: [{id: import-six, scanner: regex, pattern: six}]"]
    if "titel" not in text and "deprecatd" not in text:
        text = "\n".join([text, *(line for line in rest if line.partition(":")[0] not in text)])
    found = problems_in(tmp_path, text)
    assert found.count("error:") == 1
    assert found.startswith(f"error: unknown key `{key}`")
    assert found.endswith(f"help: did you mean `{meant}`?")


def test_a_key_closer_to_another_one_is_not_a_misspelling_of_the_missing_one(
    tmp_path: Path,
) -> None:
    text = "title: a\ndeprecated: [{id: a, scanner: regex, pahts: x}]\n"
    found = problems_in(tmp_path, text)
    assert "`deprecated[0].pattern` is missing" in found
    assert "unknown key `deprecated[0].pahts`" in found
    assert "did you mean `paths`?" in found


def test_the_rest_of_a_rule_with_a_misspelled_key_is_checked(tmp_path: Path) -> None:
    text = """
        title: Remove six
        deprecated:
          - {idd: six, scaner: regex, pattern: a, weight: much}
        exemptions:
          - {reason: a, until: 2026-09-30, rules: [six, sxi]}
    """
    assert [line for line in problems_in(tmp_path, text).splitlines() if "error:" in line] == [
        "error: unknown key `deprecated[0].idd`",
        "error: unknown key `deprecated[0].scaner`",
        "error: `deprecated[0].weight` must be a number, not `much`",
        "error: the exemption names the rule `sxi`, which this campaign does not have",
    ]


def test_an_option_of_some_scanner_is_not_a_misspelling(tmp_path: Path) -> None:
    plugin = """
from headway import Options, TreeScanner

class CountingOptions(Options):
    scanners: int = 0

class Counting(TreeScanner[CountingOptions]):
    name, version, Options = "counting", "1", CountingOptions

    def find(self, options, paths):
        return []
"""
    folder = tmp_path / "scanners"
    folder.mkdir()
    (folder / "counting.py").write_text(plugin)
    scanners = load_scanners([folder, shipped_folder() / "scanners"])
    assert not scanners.problems
    text = "title: a\ndeprecated: [{id: a, scanners: 3}]\n"
    assert "`deprecated[0].scanner` is missing" in problems_in(tmp_path, text, scanners)


@pytest.mark.fault(33)
def test_errors_are_sorted_by_file_and_line(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        {
            "b.yaml": "title: 5\ndeprecated: []\n",
            "a.yaml": "\ttitle: a\n",
            "c.yml": GOOD,
            "notes.txt": "not a campaign",
            ".hidden.yaml": "nor is this",
        },
    )
    assert [(problem.file.name, problem.line) for problem in found.problems] == [
        ("a.yaml", 1),
        ("b.yaml", 1),
        ("b.yaml", 2),
    ]
    assert [campaign.id for campaign in found.campaigns] == ["c"]


@pytest.mark.fault(33)
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("title: 5", "`title` must be text, not `5`"),
        ('title: ""', "`title` is empty"),
        ("summary: [a]", "`summary` must be text, not a list"),
        ("owner: {team: x}", "`owner` must be text, not a mapping"),
        ("guide: wiki", "`guide` must be a link that begins with http:// or https://"),
        ("starts: 5", "`starts` is `5`: write a date as YYYY-MM-DD"),
        ("scope: {forks: 'true'}", "`scope.forks` must be true or false, not `true`"),
        ("due: yes", "`due` is `yes`: write a date as YYYY-MM-DD"),
        ("due: 2026-6-1", "`due` is `2026-6-1`: write a date as YYYY-MM-DD"),
        ("due: 2026-02-29", "`due` is `2026-02-29`: there is no such date"),
        ("scope: [a]", "`scope` must be a mapping, not a list"),
        ("scope: {archived: yes}", "`scope.archived` must be true or false, not `yes`"),
        ("scope: {topics: [1]}", "`scope.topics[0]` must be text, not `1`"),
        ("scope: {topics: {a: b}}", "`scope.topics` must be a list, not a mapping"),
        ("scope: {topcs: a}", "unknown key `scope.topcs`"),
        ("replacement: {}", "`replacement` must be a list, not a mapping"),
        ("milestones: [{name: a}]", "`milestones[0].due` is missing"),
        ("exemptions: [1]", "`exemptions[0]` must be a mapping, not `1`"),
        ("exemptions: [{reason: }]", "`exemptions[0].reason` must be text, not empty"),
        ("exemptions: [{rules: x}]", "`exemptions[0].reason` is missing"),
        ("exemptions: [{reason: a}]", "`exemptions[0].until` is missing"),
        (
            "exemptions: [{reason: a, until: 2026-09-30, rules: import-sx}]",
            "names the rule `import-sx`, which",
        ),
    ],
)
def test_a_wrong_value_of_a_campaign_is_reported(tmp_path: Path, line: str, message: str) -> None:
    defaults = ["title: a", "deprecated: [{id: import-six, scanner: regex, pattern: six}]"]
    key = line.partition(":")[0]
    others = [default for default in defaults if not default.startswith(f"{key}:")]
    text = "\n".join([*others, line])
    assert message in problems_in(tmp_path, text)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("weight: -1, pattern: a", "`deprecated[0].weight` must be at least 0, not `-1`"),
        ("weight: '2', pattern: a", "`deprecated[0].weight` must be a number, not `2`"),
        ("weight: true, pattern: a", "`deprecated[0].weight` must be a number, not `true`"),
        ("weight: heavy, pattern: a", "`deprecated[0].weight` must be a number, not `heavy`"),
        ("weight: .nan, pattern: a", "`deprecated[0].weight` must be a number, not `.nan`"),
        ("weight: 1e999, pattern: a", "`deprecated[0].weight` must be a finite number"),
        ("pattern: 5", "`deprecated[0].pattern` must be text, not `5`"),
        ('pattern: ""', "`deprecated[0].pattern` is empty"),
        ("pattern: a, flags: ignorecase", "`deprecated[0].flags` must be a list"),
        ("pattern: a, flags: [ignorecase]", "did you mean `ignore-case`?"),
        ("pattern: a, flags: [dot-all]", "dot-all has no effect without span-lines"),
        ("pattern: a, sample: [b]", "the rule `one` does not match its sample `b`"),
        ("pattern: a, sample: 5", "`deprecated[0].sample` must be a list, not `5`"),
    ],
)
def test_a_wrong_option_of_a_rule_is_reported(tmp_path: Path, rule: str, message: str) -> None:
    text = f"title: a\ndeprecated: [{{id: one, scanner: regex, {rule}}}]\n"
    assert message in problems_in(tmp_path, text)


def test_a_wrong_rule_does_not_make_the_list_of_rules_empty(tmp_path: Path) -> None:
    text = "title: a\ndeprecated: [{id: one, scanner: regex, pattern: a, weight: -1}]\n"
    assert "is empty" not in problems_in(tmp_path, text)
    assert "`deprecated` is empty" in problems_in(tmp_path, "title: a\ndeprecated: []\n")


REPEATS = "repeat counts above 1,000, including the product of nested counts"
REFUSED = [
    (r"six(?=\.moves)", "look-ahead", "include the following text in the pattern"),
    (
        r"six(?!\.moves)",
        "negative look-ahead",
        "match the text that may follow, as in `(?:[^x]|$)`",
    ),
    (r"(?<=import )six", "look-behind", "include the preceding text in the pattern"),
    (
        r"(?<!import )six",
        "negative look-behind",
        "match the text that may come before, as in `(?:^|[^x])`",
    ),
    (r"(six).*\1", "back-references", "write out the repeated part"),
    (r"(?P<a>six).*(?P=a)", "back-references", "write out the repeated part"),
    (r"six++", "possessive quantifiers", "remove the last `+`: RE2 never backtracks"),
    (r"(?>six)", "atomic groups", "write `(?:` instead of `(?>`: RE2 never backtracks"),
    (r"six{1,2000}", REPEATS, "use `*` or `+`"),
    (r"(six{500}){500}", REPEATS, "use `*` or `+`"),
    (r"six\Z", r"anchors \G and \Z", "write ^ or $, which match the start and end of a line"),
    (r"(?x) six # it", "comments in patterns", "write the pattern without them"),
    (r"\u0041", r"escapes with \u", r"write `\x{...}`"),
    (r"six\h", r"escape \h for blanks", r"write `[ \t]`"),
    (r"six\R", r"escape \R for line endings", r"write `\r?\n`, which needs the flag span-lines"),
]


@pytest.mark.parametrize(
    ("pattern", "feature", "instead"), REFUSED, ids=[row[0] for row in REFUSED]
)
def test_unsupported_syntax_is_named_with_its_replacement(
    tmp_path: Path, pattern: str, feature: str, instead: str
) -> None:
    text = f"title: a\ndeprecated:\n  - id: one\n    scanner: regex\n    pattern: '{pattern}'\n"
    printed_error = problems_in(tmp_path, text)
    assert f"RE2 has no {feature} (" in printed_error
    assert f"; {instead}\n  --> six.yaml:5:14\n" in printed_error


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (r"'(six'", "RE2 rejects the pattern: missing ) in `(six`; correct it"),
        (r"'six)'", "RE2 rejects the pattern: unexpected ) in `six)`; correct it"),
        (r"'six)(x'", "RE2 rejects the pattern: unexpected ) in `six)(x`; correct it"),
        (r"'[z-a]'", "RE2 rejects the pattern: invalid character class range in `z-a`; correct it"),
        (r"'\Asix'", r"\A is only supported with the flag span-lines; write ^ or $"),
        (r"'(?-m)^six'", "-m is only supported with the flag span-lines; remove it"),
        (
            "|\n      import six",
            "contains a line ending, but a match never continues on the next line",
        ),
    ],
)
def test_invalid_patterns_are_reported(tmp_path: Path, pattern: str, message: str) -> None:
    text = f"title: a\ndeprecated:\n  - id: one\n    scanner: regex\n    pattern: {pattern}\n"
    assert message in problems_in(tmp_path, text)


def test_dates_in_the_wrong_order_are_reported_with_other_errors(tmp_path: Path) -> None:
    text = """
        title: a
        owner: 5
        starts: 2026-06-01
        due: 2026-05-01
        deprecated: [{id: one, scanner: file, paths: setup.py}]
        milestones: [{name: Tier 1, due: 2026-01-01, repositories: "acme/*"}]
    """
    found = problems_in(tmp_path, text)
    assert "`owner` must be text" in found
    assert "`due` (2026-05-01) is before `starts` (2026-06-01)\n  --> six.yaml:4:6" in found
    assert (
        "the due date of the milestone `Tier 1` (2026-01-01) is before `starts` (2026-06-01)"
        in found
    )


def test_the_end_of_support_may_be_before_the_first_day(tmp_path: Path) -> None:
    text = """
        title: a
        starts: 2026-06-01
        deprecated: [{id: one, scanner: file, paths: setup.py}]
        milestones: [{name: End of Python 2.7, due: 2020-01-01}]
    """
    assert problems_in(tmp_path, text) == ""


def test_due_on_the_first_day_is_allowed(tmp_path: Path) -> None:
    text = """
        title: a
        starts: 2026-06-01
        due: 2026-06-01
        deprecated: [{id: one, scanner: file, paths: setup.py}]
    """
    assert problems_in(tmp_path, text) == ""


def test_a_rule_id_must_be_unique_across_roles(tmp_path: Path) -> None:
    text = """
        title: a
        deprecated: [{id: one, scanner: file, paths: setup.py}]
        replacement: [{id: one, scanner: file, paths: pyproject.toml}]
    """
    assert "the rule id `one` is used twice\n  --> six.yaml:3:20" in problems_in(tmp_path, text)


def test_a_campaign_id_must_be_unique(tmp_path: Path) -> None:
    found = load(tmp_path, {"six.yaml": GOOD, "six.yml": GOOD})
    (problem,) = found.problems
    assert problem.message == "the campaign id `six` is used twice"
    assert problem.help == "six.yaml already uses it; rename one of the files"


def test_the_name_of_a_file_must_be_a_valid_id(tmp_path: Path) -> None:
    found = load(tmp_path, {"Remove Six.yaml": GOOD})
    (problem,) = found.problems
    assert "gives the campaign id `Remove Six`, which must consist of lower-case" in problem.message
    assert not found.campaigns


def test_a_file_rule_needs_paths(tmp_path: Path) -> None:
    text = "title: a\ndeprecated: [{id: one, scanner: file}]\n"
    assert "a `file` rule needs `paths` to select its files" in problems_in(tmp_path, text)


def test_a_file_rule_cannot_have_a_sample(tmp_path: Path) -> None:
    text = "title: a\ndeprecated: [{id: one, scanner: file, paths: a, sample: b}]\n"
    assert "a `file` rule does not read text, so it cannot have a `sample`" in problems_in(
        tmp_path, text
    )


def test_an_alias_is_not_also_reported_as_an_empty_value(tmp_path: Path) -> None:
    text = """
        title: &name a
        summary: *name
        deprecated: [{id: one, scanner: file, paths: setup.py}]
    """
    assert problems_in(tmp_path, text).count("error:") == 1


def test_a_broken_scanner_plugin_is_not_a_problem_of_the_campaign(tmp_path: Path) -> None:
    plugins = tmp_path / "scanners"
    plugins.mkdir()
    (plugins / "licence.py").write_text("raise RuntimeError('no licence server')\n")
    scanners = load_scanners([plugins, shipped_folder() / "scanners"])
    campaigns = tmp_path / "campaigns"
    campaigns.mkdir()
    text = "title: a\ndeprecated: [{id: one, scanner: licence, server: x}]\n"
    found = load(campaigns, {"six.yaml": text}, scanners)
    assert not found.problems
    assert [campaign.id for campaign in found.campaigns] == ["six"]
    reason = found.broken["six", "one"]
    assert reason.endswith(
        "licence.py: the plugin cannot be imported (RuntimeError: no licence server)"
    )


def test_a_missing_folder_has_no_campaigns(tmp_path: Path) -> None:
    assert load(tmp_path, {}).campaigns == ()


@pytest.mark.parametrize("key", ["required", "replacement"])
def test_the_old_name_of_required_is_accepted(tmp_path: Path, key: str) -> None:
    text = f"""
        title: a
        deprecated: [{{id: one, scanner: file, paths: setup.py}}]
        {key}: [{{id: two, scanner: file, paths: pyproject.toml}}]
    """
    assert [rule.id for rule in loaded(tmp_path, text).replacement] == ["two"]
    wrong = text.replace("pyproject.toml", "./pyproject.toml")
    assert "--> six.yaml:3:" in problems_in(tmp_path, wrong)


def test_a_file_cannot_use_the_old_and_the_new_name_of_required(tmp_path: Path) -> None:
    text = """
        title: a
        deprecated: [{id: one, scanner: file, paths: setup.py}]
        required: [{id: two, scanner: file, paths: a}]
        replacement: [{id: two, scanner: file, paths: b}]
    """
    found = problems_in(tmp_path, text)
    assert "`replacement` is the former name of `required`, and this file has both" in found
    assert "the rule id `two` is used twice" in found
