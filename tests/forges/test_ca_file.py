"""One setting, `ca_file`, makes the API and git trust a private certificate authority."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.forge.certificate import certificate
from tests.support.forge.github import github
from tests.support.forge.gitlab import gitlab
from tests.support.forge.organisation import Organisation, github_config, gitlab_config
from tests.support.forge.server import Server, serve
from tests.support.forge.world import TOKEN, World
from tests.support.workspaces import headway, rows


@pytest.fixture(params=["github", "gitlab", "list"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(kind: str, tmp_path: Path) -> Iterator[Server]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate(tmp_path))
    with serve(World(), gitlab if kind == "gitlab" else github, tls) as running:
        yield running


@pytest.fixture
def acme(
    kind: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Organisation:
    """Return an organisation whose forge has a certificate from a private authority."""
    for variable in ("GITHUB_TOKEN", "GITLAB_TOKEN"):
        monkeypatch.setenv(variable, TOKEN)
    acme = Organisation(tmp_path, server.world)
    acme.add("open")
    if kind == "list":
        config = '[[sources]]\ntype = "list"\nname = "x"\nfile = "list"\ntoken = "GITHUB_TOKEN"\n'
    else:
        config = (github_config if kind == "github" else gitlab_config)(server)
    acme.configure(config)
    line = {"id": "1", "name": "acme/open", "clone_url": f"{server.url}/acme/open.git"}
    (acme.workspace / "list").write_text(
        json.dumps(line | {"default_branch": "main"}) + '\n{"count": 1}\n'
    )
    return acme


def trust(acme: Organisation, name: str) -> None:
    config = acme.workspace / "headway.toml"
    config.write_text(config.read_text() + f'ca_file = "{name}"\n')


def test_the_api_and_git_trust_the_certificates_in_the_file(
    acme: Organisation,
) -> None:
    whole = (acme.root / "certificate.pem").read_text()
    public = whole[whole.index("-----BEGIN CERTIFICATE") :]
    (acme.workspace / "company.pem").write_text(public)
    result = headway(acme.workspace, "doctor", code=3)
    assert "certificate" in result.output
    trust(acme, "company.pem")
    acme.scan("2026-03-01")
    assert acme.states("2026-03-01") == {"acme/open": "open"}
    checks = {row["check"]: row["good"] for row in rows(acme.workspace, "doctor")}
    assert checks["git"] is True


@pytest.mark.parametrize("kind", ["github"], indirect=True)
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.pem", "No such file or directory; set `ca_file` of this source"),
        ("headway.toml", "it contains no valid certificate"),
        ("campaigns", "cannot be used"),
    ],
)
def test_a_file_without_certificates_is_an_error(
    acme: Organisation, name: str, message: str
) -> None:
    trust(acme, name)
    result = headway(acme.workspace, "scan", code=1)
    assert message in result.output
