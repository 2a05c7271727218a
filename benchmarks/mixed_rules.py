"""Compare 100 mixed rules with 100 regex rules: `python -m benchmarks.mixed_rules FOLDER`.

FOLDER contains the repositories. Only their tips are searched.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import Cost, in_turn, measured, median, run
from benchmarks.rules import RULES
from benchmarks.workspaces import Workspace

PYTHON = ["*.py"]
JAVASCRIPT = ["*.js", "*.jsx", "*.ts", "*.tsx"]
PYTHON_SYMBOLS = [
    "datetime.datetime.utcnow",
    "datetime.datetime.utcfromtimestamp",
    "yaml.load",
    "imp.*",
    "pkg_resources.*",
    "collections.Mapping",
    "collections.Iterable",
    "six.*",
    "distutils.*",
    "asyncio.coroutine",
    "nose.*",
    "mock.*",
    "inspect.getargspec",
    "logging.warn",
    "time.clock",
]
JAVASCRIPT_SYMBOLS = [
    "react-dom:render",
    "react-dom:findDOMNode",
    "url:parse",
    "util:inherits",
    "moment",
    "lodash:*",
    "request",
    "querystring",
    "enzyme:*",
]
PATTERNS = (
    ("go", "ioutil.ReadAll($A)", ["*.go"]),
    ("go", "errors.Wrap($A, $B)", ["*.go"]),
    ("java", "new Integer($A)", ["*.java"]),
    ("java", "Thread.currentThread().stop()", ["*.java"]),
    ("rust", "std::mem::uninitialized()", ["*.rs"]),
    ("python", "super($A, self).$B($$$)", PYTHON),
)
KEYS = ("on.push", "jobs.*.runs-on", "spec.replicas", "apiVersion", "image", "services.*.image")
PACKAGES = (
    *(("pypi", name) for name in ("urllib3", "django", "requests", "six", "pyyaml")),
    *(("npm", name) for name in ("lodash", "moment", "request", "webpack", "eslint")),
    *(("go", name) for name in ("github.com/pkg/errors", "github.com/golang/protobuf")),
    ("maven", "org.apache.logging.log4j:log4j-core"),
    ("cargo", "time"),
)
RUNTIMES = ("python", "node", "java", "go", "ruby")


def mixed_rules() -> Iterator[dict[str, Any]]:
    """Yield 100 rules: 30 of the `ast` scanner, 31 of other scanners, and 39 regex rules."""
    for symbol in PYTHON_SYMBOLS:
        yield {"scanner": "ast", "language": "python", "symbol": symbol, "paths": PYTHON}
    for symbol in JAVASCRIPT_SYMBOLS:
        yield {"scanner": "ast", "language": "javascript", "symbol": symbol, "paths": JAVASCRIPT}
    for language, pattern, paths in PATTERNS:
        yield {"scanner": "ast", "language": language, "pattern": pattern, "paths": paths}
    for key in KEYS:
        yield {"scanner": "config", "key": key, "paths": ["*.yaml", "*.yml"]}
    for ecosystem, package in PACKAGES:
        rule = {"scanner": "dependency", "ecosystem": ecosystem, "package": package}
        yield rule | {"versions": "(,1)" if ecosystem == "maven" else "<1"}
    for runtime in RUNTIMES:
        yield {"scanner": "runtime", "runtime": runtime, "versions": "<3"}
    for path in ("setup.py", "setup.cfg", ".travis.yml", "bower.json", "tslint.json", "Pipfile"):
        yield {"scanner": "file", "paths": [path]}
    for plain in RULES[:39]:
        yield {"scanner": "regex", "pattern": plain.pattern}


def first_scan(workspace: Workspace) -> Cost:
    """Measure a scan without a store. The mirrors may lack some large files (exit code 3)."""
    workspace.forget()
    with measured() as meter:
        run([sys.executable, "-m", "headway", "-C", workspace.folder, "scan"], fine=(0, 3))
    return meter.cost


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    rules = [{"id": f"rule-{number}", **rule} for number, rule in enumerate(mixed_rules())]
    with tempfile.TemporaryDirectory() as folder:
        plain = Workspace(Path(folder) / "plain", arguments.folder.resolve(), 100)
        mixed = Workspace(Path(folder) / "mixed", arguments.folder.resolve(), 100)
        campaign = {"title": "Mixed", "include_vendored": True, "deprecated": rules}
        (mixed.folder / "campaigns" / "benchmark.yaml").write_text(json.dumps(campaign))
        runs = {
            "100 regex rules": lambda: first_scan(plain),
            f"{len(rules)} mixed rules": lambda: first_scan(mixed),
        }
        costs = in_turn(runs, arguments.rounds)
        for name, spent in costs.items():
            cost = median(spent)
            print(
                f"{name}: {cost}; {len(plain.items() if 'regex' in name else mixed.items())} items"
            )


if __name__ == "__main__":
    main()
