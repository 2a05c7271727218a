"""SARIF files are read as the standard requires, and invalid files are errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanners._sarif.json_values import ReportError
from scanners._sarif.log_file import Filter, Result, read_log


def log(*results: Any, **run: Any) -> bytes:
    run = {"tool": {"driver": {"name": "lint"}}, "results": list(results), **run}
    return json.dumps({"version": "2.1.0", "runs": [run]}).encode()


def at(uri: str, line: Any = 1, **location: Any) -> dict[str, Any]:
    artifact = {"uri": uri, **location}
    physical = {"artifactLocation": artifact, "region": {"startLine": line}}
    return {
        "ruleId": "R1",
        "message": {"text": "no"},
        "locations": [{"physicalLocation": physical}],
    }


def only(content: bytes) -> Result:
    ((result,),) = [run.results for run in read_log(content)]
    return result


def path(content: bytes, root: str = "") -> str:
    address = only(content).address
    assert address is not None
    return address.in_repository(root)


def count(*results: Any) -> int:
    return len(read_log(log(*results))[0].results)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("src/a.py", "src/a.py"),
        ("./src/../a.py", "a.py"),
        ("src//a%20b.py", "src/a b.py"),
        # bandit 1.9 encodes the plus sign.
        ("psf%2Brequests/src/requests/__init__.py", "psf+requests/src/requests/__init__.py"),
        ("src\\win\\a.cs", "src/win/a.cs"),
        ("na%C3%AFve.py", "naïve.py"),
    ],
)
def test_relative_addresses(uri: str, expected: str) -> None:
    assert path(log(at(uri))) == expected


@pytest.mark.parametrize("uri", ["../a.py", "a/../../b", "..", ".", "https://example.com/a", "/"])
def test_addresses_outside_the_repository_are_errors(uri: str) -> None:
    with pytest.raises(ReportError):
        path(log(at(uri)), "/home/ci/shop")


@pytest.mark.parametrize(
    ("uri", "root"),
    [
        # ruff 0.17 and ESLint's formatter write absolute URIs.
        ("file:///home/ci/shop/src/a.py", "/home/ci/shop"),
        ("file:///home/ci/shop/src/a.py", "/home/*/*/"),
        ("file://localhost/home/ci/shop/src/a.py", "file:///home/ci/shop"),
        ("/home/ci/shop/src/a.py", "/home/ci/shop"),
        ("file:///C:/code/shop/src/a.py", "C:/code/shop"),
        ("file:///C:/code/shop/src/a.py", "C:\\code\\shop"),
    ],
)
def test_the_root_of_absolute_addresses(uri: str, root: str) -> None:
    assert path(log(at(uri)), root) == "src/a.py"


def test_absolute_addresses_need_a_root() -> None:
    with pytest.raises(ReportError, match=r"absolute path: /home/ci/shop/a\.py; set `root`"):
        path(log(at("file:///home/ci/shop/a.py")))
    with pytest.raises(ReportError, match="a result is not in the folder /srv"):
        path(log(at("file:///home/ci/shop/a.py")), "/srv")
    with pytest.raises(ReportError, match="outside the repository"):
        path(log(at("file:///../a.py")), "/home")


def test_the_working_folder_of_the_tool_is_the_root() -> None:
    folder = {"executionSuccessful": True, "workingDirectory": {"uri": "file:///home/ci/shop/"}}
    assert path(log(at("file:///home/ci/shop/a.py"), invocations=[folder])) == "a.py"


def test_base_addresses() -> None:
    bases = {
        "%SRCROOT%": {"uri": "file:///home/ci/shop/"},
        "APP": {"uri": "app/", "uriBaseId": "%SRCROOT%"},
        "NOTHING": {},
    }
    # Semgrep refers to this base without defining it.
    assert path(log(at("a.py", uriBaseId="%SRCROOT%"))) == "a.py"
    for base, expected in {"%SRCROOT%": "a.py", "APP": "app/a.py", "NOTHING": "a.py"}.items():
        content = log(at("a.py", uriBaseId=base), originalUriBaseIds=bases)
        assert path(content) == expected
    assert path(log(at("a.py", uriBaseId="APP"), originalUriBaseIds=bases), "/home/ci") == (
        "shop/app/a.py"
    )
    loop = {"A": {"uri": "a/", "uriBaseId": "B"}, "B": {"uri": "b/", "uriBaseId": "A"}}
    with pytest.raises(ReportError, match="refers to itself"):
        read_log(log(at("a.py", uriBaseId="A"), originalUriBaseIds=loop))


def test_artifacts_by_index() -> None:
    result = at("")
    result["locations"][0]["physicalLocation"]["artifactLocation"] = {"index": 1}
    artifacts = [{"location": {"uri": "a.py"}}, {"location": {"uri": "b.py"}}]
    assert path(log(result, artifacts=artifacts)) == "b.py"
    with pytest.raises(ReportError, match="not the index of an artifact"):
        path(log(result, artifacts=artifacts[:1]))


@pytest.mark.parametrize(
    ("changes", "is_open"),
    [
        ({}, True),
        ({"suppressions": []}, True),
        ({"suppressions": [{"kind": "inSource"}]}, False),
        ({"suppressions": [{"kind": "external", "status": "accepted"}]}, False),
        ({"suppressions": [{"kind": "external", "status": "rejected"}]}, True),
        ({"suppressions": [{"kind": "inSource"}, {"status": "underReview"}]}, True),
        ({"baselineState": "absent"}, False),
        ({"baselineState": "new"}, True),
        ({"baselineState": "unchanged"}, True),
        ({"kind": "pass"}, False),
        ({"kind": "informational"}, False),
        # zizmor 1.32 writes this kind for informational findings.
        ({"kind": "review"}, True),
        ({"kind": "open"}, True),
        ({"kind": "notApplicable"}, False),
        ({"kind": "fail"}, True),
    ],
)
def test_which_results_are_open(changes: dict[str, Any], is_open: bool) -> None:
    assert count({**at("a.py"), **changes}) == is_open


def test_levels_and_rules() -> None:
    rules = [
        {"id": "R0", "defaultConfiguration": {"level": "note"}},
        {"id": "R1", "defaultConfiguration": {"level": "error"}},
    ]
    tool = {"driver": {"name": "lint", "rules": rules}, "extensions": [{"rules": rules[:1]}]}
    by_index = {**at("a.py"), "ruleIndex": 0}
    del by_index["ruleId"]
    by_extension = {**by_index, "rule": {"index": 0, "toolComponent": {"index": 0}}}
    del by_extension["ruleIndex"]
    stated = {**at("a.py"), "level": "none"}
    (run,) = read_log(log(at("a.py"), by_index, by_extension, stated, tool=tool))
    assert [(result.rule, result.level) for result in run.results] == [
        ("R1", "error"),
        ("R0", "note"),
        ("R0", "note"),
        ("R1", "none"),
    ]
    assert only(log(at("a.py"))).level == "warning"


def test_filters() -> None:
    results = [{**at("a.py"), "ruleId": rule} for rule in ("F401", "F811", "E501")]
    runs = read_log(log(*results))
    for wanted, expected in (
        (Filter(), ["F401", "F811", "E501"]),
        (Filter(["F*"]), ["F401", "F811"]),
        (Filter(["F*", "!F4*"]), ["F811"]),
        (Filter(["!E*"]), ["F401", "F811"]),
        (Filter(levels=["error"]), []),
        (Filter(tools=["lin?"]), ["F401", "F811", "E501"]),
        (Filter(tools=["other"]), []),
    ):
        assert [result.rule for result in wanted.results(runs)] == expected


def test_the_revision_and_the_snippet() -> None:
    result = at("a.py")
    region = result["locations"][0]["physicalLocation"]["region"]
    region["snippet"] = {"text": "\n  assert x\r\n"}
    result["partialFingerprints"] = {"b/v1": "two", "a/v1": "one"}
    provenance = [{"repositoryUri": "https://example.com"}, {"revisionId": "abc"}]
    (run,) = read_log(log(result, versionControlProvenance=provenance))
    assert run.revision == "abc"
    assert (run.results[0].snippet, run.results[0].fingerprint) == ("  assert x", "one")


def test_what_a_tool_could_not_read() -> None:
    # Semgrep 1.185 writes such a notification for an invalid argument.
    notice = {"descriptor": {"id": "SemgrepError"}, "level": "error", "message": {"text": "bad"}}
    run = {"executionSuccessful": True, "toolExecutionNotifications": [notice]}
    with pytest.raises(ReportError, match="the tool reports that it failed: bad"):
        read_log(log(invocations=[run]))
    with pytest.raises(ReportError, match="the tool reports that it failed"):
        read_log(log(invocations=[{"executionSuccessful": False}]))
    placed = {**notice, "locations": at("a.py")["locations"]}
    (run_read,) = read_log(
        log(invocations=[{"executionSuccessful": True, "toolExecutionNotifications": [placed]}])
    )
    assert [(address.path, reason) for address, reason in run_read.unread] == [("a.py", "bad")]
    warning = {**notice, "level": "warning"}
    read_log(
        log(invocations=[{"executionSuccessful": True, "toolExecutionNotifications": [warning]}])
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "line 1 is not valid JSON"),
        (log(at("a.py"))[:-20], "not valid JSON"),
        (b"[]", "no `runs` list"),
        (b'{"version": "2.1.0"}', "no `runs` list"),
        (b'{"version": "2.0.0", "runs": []}', "version '2.0.0', not 2.1.0"),
        (b'{"version": "2.1.0", "runs": [1]}', r"`runs\[0\]` is not an object"),
        (b'{"version": "2.1.0", "runs": [{}]}', "has no `results`"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"version": NaN}', "`NaN` is not valid JSON"),
        (b'{"version": ' + b"9" * 5000 + b"}", "the JSON is not valid"),
        (b'{"version": "\xff"}', "the JSON is not valid"),
        (log(at("a.py", 0)), r"`runs\[0\].results\[0\].locations\[0\].+startLine` is not a whole"),
        (log(at("a.py", -1)), "is not a whole number from 1"),
        (log(at("a.py", 10**12)), "is not a whole number from 1 to 2,147,483,647"),
        (log(at("a.py", True)), "is not a whole number"),
        (log(at("a.py", 1.0)), "is not a whole number"),
        (log(at("a.py", "1")), "is not a whole number"),
        (log({**at("a.py"), "level": "fatal"}), "is not one of error, warning, note, none"),
        (log({**at("a.py"), "ruleIndex": 5}), "is not the index of a rule"),
        (log(externalPropertyFileReferences={"results": [{}]}), "are in other files"),
    ],
)
def test_invalid_files_are_errors(content: bytes, reason: str) -> None:
    with pytest.raises(ReportError, match=reason):
        read_log(content)


KEYS = st.sampled_from(
    [
        *("runs", "results", "locations", "physicalLocation", "artifactLocation", "uri", "region"),
        *("startLine", "level", "ruleId", "ruleIndex", "rule", "message", "text", "suppressions"),
        *("invocations", "originalUriBaseIds", "uriBaseId", "tool", "driver", "rules", "index"),
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.just("file:///a"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


@settings(max_examples=100)
@given(st.dictionaries(KEYS, VALUES, max_size=6), st.dictionaries(KEYS, VALUES, max_size=6))
def test_any_json_is_read_or_refused(run: dict[str, Any], result: dict[str, Any]) -> None:
    for content in (log(result, **run), log({**at("a.py"), **result}, invocations=[run])):
        try:
            runs = read_log(content)
        except ReportError:
            continue
        for entry in Filter().results(runs):
            assert entry.line is None or entry.line > 0
            if entry.address is not None and entry.address.path:
                assert ".." not in entry.address.path.split("/")


@settings(max_examples=100)
@given(st.binary(max_size=60))
def test_any_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(ReportError):
        read_log(content)
