"""The `runtime` scanner reads the versions in CI files, whatever their notation."""

from __future__ import annotations

import pytest

from headway import Match
from scanners.runtime import Runtime, RuntimeOptions

SCANNER = Runtime()
WORKFLOW = ".github/workflows/ci.yml"


def find(runtime: str, text: str, path: str = WORKFLOW) -> list[Match]:
    options = RuntimeOptions.model_validate({"runtime": runtime, "versions": "<99"})
    facts = {path: SCANNER.read(options, path, text.encode())}
    return [match for match in SCANNER.find(options, facts) if isinstance(match, Match)]


def versions(runtime: str, text: str, path: str = WORKFLOW) -> list[str]:
    return [match.captures["version"] for match in find(runtime, text, path)]


# From yiisoft/yii2: the inputs of a reusable workflow.
_INPUT = """jobs:
  tests:
    uses: yiisoft/yii2-actions/.github/workflows/database.yml@master
    with:
      database-versions: '["2019-latest","2022-latest"]'
      os: '["ubuntu-24.04"]'
      php-version: '["7.4","8.5"]'
"""
# From celery/celery: the default of an input, and a matrix that uses the input.
_DEFAULT = """on:
  workflow_call:
    inputs:
      python_versions:
        description: 'JSON array of Python versions to test, such as ["2.7"]'
        type: string
        default: '["3.10", "3.14t"]'
jobs:
  a:
    strategy:
      matrix:
        python-version: ${{ fromJson(inputs.python_versions) }}
"""
# From jazzband/pip-tools: a multi-line string that a caller passes, and a literal in an expression.
_BLOCK = """jobs:
  a:
    with:
      cpython-versions: >-
        ["3.10", "3.14t"]
      cpython-pip-version: >-
        ["main", "latest"]
"""
_EXPRESSION = """jobs:
  a:
    strategy:
      matrix:
        python-version: >-
          ${{
            fromJSON(
              inputs.cpython-versions
              && inputs.cpython-versions
              ||
              '["3.9", "3.10", "3.14t"]'
            )
          }}
"""
# From benjaminp/six: a list in a condition is not a list of versions in use.
_CONDITION = """jobs:
  a:
    steps:
      - with:
          python-version: ${{ contains(fromJson('["3.5"]'), matrix.python) && 'x' || '3.9' }}
"""


@pytest.mark.parametrize(
    ("runtime", "text", "expected"),
    [
        ("php", _INPUT, ["7.4", "8.5"]),
        ("python", _DEFAULT, ["3.10", "3.14"]),
        ("python", _BLOCK, ["3.10", "3.14"]),
        ("python", _EXPRESSION, ["3.9", "3.10", "3.14"]),
        ("python", _CONDITION, ["3.9"]),
    ],
)
def test_json_lists_of_real_workflows(runtime: str, text: str, expected: list[str]) -> None:
    assert versions(runtime, text) == expected


@pytest.mark.parametrize(
    ("runtime", "line", "expected"),
    [
        ("python", "python-versions: '[3.9, 3.10]'", ["3.9", "3.10"]),
        ("python", "python-versions: \"['3.9', '3.10']\"", ["3.9", "3.10"]),
        ("python", 'python-version: "[\\"3.9\\", \\"3.10\\"]"', ["3.9", "3.10"]),
        ("python", "default-python-version: '3.9'", ["3.9"]),
        ("python", "python-versions: 3.9, 3.10", ["3.9", "3.10"]),
        ("python", "python-version: '>=3.9, 3.12'", ["3.12"]),
        ("python", "python.version: '3.9'", ["3.9"]),
        ("python", 'jobs: \'{"include": [{"python-version": "3.9", "os": "a-3"}]}\'', ["3.9"]),
        ("python", 'python-versions: \'[{"version": 3.10, "os": 24.04}]\'', ["3.10"]),
        ("python", "python-version: ${{ inputs.python || '3.9' }}", ["3.9"]),
        ("python", "python-version: ${{ matrix.os == '3.1' && '3.8' || '3.9' }}", ["3.8", "3.9"]),
        ("python", "python-version: ${{ a && '3.8' == matrix.python }}", []),
        ("python", "python-version: ${{ needs.setup.outputs.python }}", []),
        ("python", 'run: \'{"python-version": "3.9"}\'', []),
        ("python", "python-versions: '[\"3.9\"'", ["3.9"]),
        ("node", 'node-versions: \'["18.x", "lts/iron", "latest"]\'', ["18", "20"]),
        ("java", "java-versions-json: '[8, \"1.8\", 11]'", ["8", "8", "11"]),
        ("go", 'go-version: \'["1.21.x", "stable"]\'', ["1.21"]),
        ("ruby", 'ruby-versions: \'["2.7", "head"]\'', ["2.7"]),
        ("dotnet", 'dotnet-version: \'["6.0.x", "8.0.x"]\'', ["6.0", "8.0"]),
    ],
)
def test_values_of_inputs(runtime: str, line: str, expected: list[str]) -> None:
    assert versions(runtime, f"jobs:\n  a:\n    with:\n      {line}\n") == expected


def test_each_version_of_a_list_has_its_line_and_column() -> None:
    escaped = 'a:\n  python-version: "[\\"3.9\\", \\"3.10\\"]"\n'
    for text in (_INPUT, _BLOCK, _EXPRESSION, escaped):
        found = find("php" if text is _INPUT else "python", text)
        assert found
        for match in found:
            assert match.line is not None
            assert match.column is not None
            rest = text.split("\n")[match.line - 1][match.column - 1 :]
            assert rest.startswith(match.captures["stated"])


def test_a_version_after_an_escaped_character_has_the_place_of_the_value() -> None:
    found = find("python", 'a:\n  python-version: "[\\"3.9\\",\\n\\"3.10\\"]"\n')
    assert [(match.line, match.column) for match in found] == [(2, 19), (2, 23)]
    assert [match.captures["version"] for match in found] == ["3.10", "3.9"]


def test_a_list_that_is_only_written_in_another_way_has_the_same_texts() -> None:
    forms = [
        "strategy:\n      matrix:\n        php: [7.4, 8.0]",
        "strategy:\n      matrix:\n        php-version:\n          - '7.4'\n          - '8.0'",
        "strategy:\n      matrix:\n        include:\n          - php: 7.4\n          - php: 8.0",
        'with:\n      php-version: \'["7.4","8.0"]\'',
        "with:\n      php-versions: 7.4, 8.0",
        'strategy:\n      matrix: >-\n        ${{ fromJSON(\'{"php": [7.4, "8.0"]}\') }}',
    ]
    for form in forms:
        found = find("php", f"jobs:\n  a:\n    {form}\n")
        assert [match.text for match in found] == ["php-version: 7.4", "php-version: 8.0"]


# In these files, settings and images of the runtime refer to variables by name.
_VARIABLE = """env:
  DEFAULT_PYTHON: "3.9"
  POSTGRES: "3.1"
jobs:
  a:
    steps:
      - with: {python-version: "${{ env.DEFAULT_PYTHON }}"}
"""
_MATRIX = """jobs:
  a:
    strategy:
      matrix:
        version: [3.8, 3.9]
        os: [ubuntu-22.04]
        include:
          - version: 3.7
    steps:
      - with: {python-version: "${{ matrix.os == 'x' && '3.6' || matrix.version }}"}
  database:
    strategy:
      matrix:
        version: [15, 16]
"""
_OBJECTS = """jobs:
  a:
    strategy:
      matrix:
        cfg:
          - {py: {version: 3.8}, version: 24.04}
          - {py: {version: 3.9}, version: 22.04}
    steps:
      - with: {python-version: "${{ matrix.cfg.py }}"}
      - with: {python-version: "${{ matrix.py.version }}"}
"""
_TWO_STEPS = """on:
  workflow_call:
    inputs:
      versions:
        default: '["3.8", "3.9"]'
jobs:
  a:
    strategy:
      matrix:
        v: ${{ fromJSON(inputs.versions) }}
    steps:
      - with: {python-version: "${{ matrix.v }}"}
"""
_AZURE = """parameters:
  - name: interpreter
    default: '3.8'
variables:
  - name: py
    value: '3.9'
steps:
  - inputs: {python.version: $(py)}
  - inputs: {python.version: "${{ parameters.interpreter }}"}
"""
_CIRCLE = """jobs:
  a:
    parameters:
      v: {type: string, default: "3.8"}
    steps:
      - setup: {python-version: "<< parameters.v >>"}
"""
_IMAGE = """jobs:
  a:
    strategy:
      matrix:
        v: [3.8, 3.9]
    container: python:${{ matrix.v }}-slim
  b:
    strategy:
      matrix:
        v: [14, 15]
    container: postgres:${{ matrix.v }}
"""
_GITLAB = """variables: {PY: "3.7", PG: "14"}
test:
  parallel:
    matrix:
      - INTERPRETER: ["3.8", "3.9"]
        ROLE: ["1"]
  image: registry.example.com/library/python:${INTERPRETER}-slim
old:
  image:
    name: python:$PY
  services: ["postgres:$PG"]
"""
_CIRCLE_IMAGE = """jobs:
  a:
    parameters:
      v: {type: string, default: "3.8"}
    docker:
      - image: cimg/python:<< parameters.v >>
"""


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (WORKFLOW, _VARIABLE, ["3.9"]),
        (WORKFLOW, _MATRIX, ["3.8", "3.9", "3.7", "3.6"]),
        (WORKFLOW, _OBJECTS, ["3.8", "3.9"]),
        (WORKFLOW, _TWO_STEPS, ["3.8", "3.9"]),
        ("azure-pipelines.yml", _AZURE, ["3.8", "3.9"]),
        (".circleci/config.yml", _CIRCLE, ["3.8"]),
        (WORKFLOW, _IMAGE, ["3.8", "3.9"]),
        (".gitlab-ci.yml", _GITLAB, ["3.7", "3.8", "3.9"]),
        (".circleci/config.yml", _CIRCLE_IMAGE, ["3.8"]),
    ],
)
def test_a_version_is_read_where_it_is_defined(path: str, text: str, expected: list[str]) -> None:
    assert versions("python", text, path) == expected


def test_a_version_that_becomes_a_variable_has_the_same_text() -> None:
    (before,) = find("python", 'jobs:\n  a:\n    with: {python-version: "3.9"}\n')
    (after,) = find("python", _VARIABLE)
    assert before.text == after.text
