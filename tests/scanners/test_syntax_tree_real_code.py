"""The `ast` scanner reads code like that in public repositories.

We wrote the fragments. Each is modelled on code in the repository that is named beside it.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.scanning import places_in

UTCNOW = {"language": "python", "symbol": "datetime.datetime.utcnow"}
YAML = {"language": "python", "symbol": "yaml.load"}
SIX = {"language": "python", "symbol": ["six", "six.*"], "usage": ["import"]}
RENDER = {"language": "javascript", "symbol": ["react-dom:render", "react-dom:hydrate"]}
MOMENT = {"language": "javascript", "symbol": "moment", "usage": ["call"]}

FRAGMENTS: list[tuple[str, dict[str, Any], str, str, list[int]]] = [
    (
        "boto/boto, boto/auth.py: a call of a module's class, with a method after it",
        UTCNOW,
        "auth.py",
        "import datetime\n\ndef sign():\n    now = datetime.datetime.utcnow().strftime('%Y')\n",
        [4],
    ),
    (
        "boto/boto, boto/ec2/connection.py: the class is imported among others",
        UTCNOW,
        "connection.py",
        "from datetime import datetime, timedelta\n\nnow = datetime.utcnow()\n",
        [3],
    ),
    (
        "openstack/keystone, os_oauth1.py: a function of the same name in another package",
        UTCNOW,
        "os_oauth1.py",
        "from oslo_utils import timeutils\n\ndef created():\n    now = timeutils.utcnow()\n",
        [],
    ),
    (
        "celery/celery, test_schedules.py: a local function of this name",
        UTCNOW,
        "test_schedules.py",
        "from datetime import datetime\n\ndef utcnow():\n    return datetime.now()\n\nutcnow()\n",
        [],
    ),
    (
        "scrapy/scrapy, periodic_log.py: the name is a key of a dictionary",
        UTCNOW,
        "periodic_log.py",
        'from datetime import datetime\n\nstats = {"utcnow": datetime.now()}\n',
        [],
    ),
    (
        "mitmproxy/mitmproxy, optmanager.py: a method of an object that has the module's name",
        YAML,
        "optmanager.py",
        (
            "import ruamel.yaml\n\ndef parse(text):\n    yaml = ruamel.yaml.YAML()\n"
            "    return yaml.load(text)\n"
        ),
        [],
    ),
    (
        "openstack/heat, environment_format.py: a call over two lines",
        YAML,
        "environment_format.py",
        (
            "import yaml\n\ndef parse(text):\n    return yaml.load(text,\n"
            "                     Loader=yaml.SafeLoader)\n"
        ),
        [4],
    ),
    (
        "conda/conda, condarc.py: a module of the same name inside the package",
        YAML,
        "condarc.py",
        "def read(text):\n    from ..common.serialize import yaml\n    return yaml.load(text)\n",
        [],
    ),
    (
        "openstack/nova, hacking/checks.py: imports that are texts",
        SIX,
        "checks.py",
        'P = re.compile(r"^(import six|from six)")\ntext = """\nimport six\n"""\n',
        [],
    ),
    (
        "openstack/nova before its removal: an import among the others",
        SIX,
        "utils.py",
        "import os\n\nimport six\nfrom six.moves import range\n",
        [3, 4],
    ),
    (
        "reactstrap/reactstrap, Portal.js: the default export has the functions",
        RENDER,
        "Portal.js",
        (
            "import React from 'react';\nimport ReactDOM from 'react-dom';\n\n"
            "export const show = node => ReactDOM.render(<a />, node);\n"
            "ReactDOM.createPortal(<a />, document.body);\n"
        ),
        [4],
    ),
    (
        "palantir/blueprint, contextMenuSingleton.tsx: a namespace import in TypeScript",
        RENDER,
        "menu.tsx",
        (
            'import * as ReactDOM from "react-dom";\n\nfunction show(place: Element): void {\n'
            "    ReactDOM.render<Props>(<Menu />, place);\n}\n"
        ),
        [4],
    ),
    (
        "sequelize/sequelize, data-types.ts: the module is required if it is there",
        MOMENT,
        "data-types.ts",
        "let Moment: any;\ntry {\n  Moment = require('moment');\n} catch {\n  /* optional */\n}\n",
        [],
    ),
    (
        "sequelize/sequelize, data-types.test.ts: a default import",
        MOMENT,
        "data-types.test.ts",
        "import moment from 'moment';\nimport 'moment-timezone';\n\nconst day = moment('2000');\n",
        [4],
    ),
    (
        "chartjs/Chart.js, autoskip-major.js: a global that no import defines",
        MOMENT,
        "autoskip-major.js",
        "var date = moment('Jan 01 1990', 'MMM DD YYYY');\n",
        [],
    ),
    (
        "chef/chef, chocolatey_installer.rb: a condition",
        {"language": "ruby", "pattern": "File.exists?($PATH)"},
        "installer.rb",
        "def read(path)\n  return unless File.exists?(path)\n  File.exist?(path)\nend\n",
        [2],
    ),
    (
        "tikv/tikv, metrics.rs: a macro with definitions",
        {"language": "rust", "rule": {"kind": "macro_invocation", "regex": "^lazy_static!"}},
        "metrics.rs",
        "use lazy_static::*;\n\nlazy_static! {\n    static ref A: u8 = 1;\n}\n",
        [3],
    ),
    (
        "GoogleCloudPlatform/cloud-foundation-fabric, gke-cluster-standard.tf: a key",
        {"language": "hcl", "rule": {"kind": "template_interpolation", "regex": "var[.]project"}},
        "gke.tf",
        'module "a" {\n  iam = {\n    "${var.project_id}" = ["b"]\n  }\n}\n',
        [3],
    ),
    (
        "puppetlabs/puppet, certificate_extensions.rb: a call with a call inside",
        {"language": "ruby", "pattern": "YAML.load($DATA)"},
        "certificate.rb",
        "data = YAML.load(on(agent, \"cat #{file('a.yaml')}\").stdout)\nYAML.safe_load(data)\n",
        [1],
    ),
]


@pytest.mark.parametrize(
    ("options", "path", "text", "lines"),
    [fragment[1:] for fragment in FRAGMENTS],
    ids=[fragment[0].partition(":")[0] for fragment in FRAGMENTS],
)
def test_code_of_public_repositories(
    options: dict[str, Any], path: str, text: str, lines: list[int]
) -> None:
    assert [line for _, line, _ in places_in("ast", path, text, **options)] == lines
