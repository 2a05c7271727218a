"""A workspace for tests of digests: an organisation with malicious names, scanned twice."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.support.git import Repo
from tests.support.workspaces import SIX, scan, workspace

TODAY = date(2020, 3, 8)

SIX_CAMPAIGN = rf"""title: "Remove <b>six</b> @all"
starts: 2020-01-20
due: 2020-04-30
owner: platform
guide: https://docs.example.com/six
milestones:
  - {{name: Money *first*, due: 2020-02-29, repositories: ["acme/shop"]}}
exemptions:
  - {{repositories: [acme/old], reason: "Ends | soon", until: 2020-03-15, approved_by: board}}
deprecated:
  - id: import-six
    scanner: regex
    pattern: '{SIX}'
"""
MOCK_CAMPAIGN = r"""title: unittest.mock
starts: 2020-01-06
deprecated:
  - id: import-mock
    scanner: regex
    pattern: '^import mock\b'
"""
TEAMS = """teams:
  - {name: payments, lead: Ada <ada@example.com>, channel: "#payments", repositories: [acme/shop]}
  - {name: "web|ops", channel: "#web", repositories: ["acme/a<script>", "acme/late"]}
"""
HOSTILE_PATH = "x'\"><img src=y onerror=z>`.py"


@pytest.fixture(scope="session")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace that was scanned on a Monday and on the following Sunday."""
    folder = workspace(
        tmp_path_factory.mktemp("organisation"),
        remove_six=SIX_CAMPAIGN,
        unittest_mock=MOCK_CAMPAIGN,
    )
    (folder / "teams.yaml").write_text(TEAMS)
    clones = folder / "clones" / "acme"
    shop, hostile, old = (Repo(clones / name) for name in ("shop", "a<script>", "old"))
    files = {f"m{number}.py": f"import six  # {number}\n" for number in range(12)}
    shop.commit("2019-12-02", {**files, "mock.py": "import mock\n"})
    hostile.commit(
        "2019-12-02", {HOSTILE_PATH: "import six # <script>\u202e\n", "b.py": "import six\n"}
    )
    old.commit("2018-05-01", {"o.py": "import six\n"})
    for week in range(8):
        day = date.fromordinal(date(2020, 1, 8).toordinal() + 7 * week)
        shop.commit(day.isoformat(), {f"m{week}.py": None})
    scan(folder, date(2020, 3, 2))
    late = Repo(clones / "late")
    late.commit("2019-06-01", {"l.py": "import six\nimport mock\n"})
    shop.commit("2020-03-03", {"m8.py": None})
    shop.commit("2020-03-05", {"m3.py": "import six  # 3\n"})
    hostile.commit("2020-03-04", {"b.py": None})
    (clones / "old" / ".git" / "HEAD").write_text("ref: refs/heads/nowhere\n")
    scan(folder, TODAY)
    return folder
