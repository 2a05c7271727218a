"""`headway serve` serves the site on the loopback interface only."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from headway.cli.serve_command import NoSiteError, PortInUseError, server
from tests.support.workspaces import headway, workspace


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("hello")
    (tmp_path / "secret.txt").write_text("secret")
    with server(tmp_path / "site", 0) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield listening.server_port
        listening.shutdown()
        thread.join()


def get(port: int, path: str, host: str | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Host": host or f"127.0.0.1:{port}"})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def test_pages_are_served(port: int) -> None:
    assert get(port, "/") == (200, "hello")
    assert get(port, "/", host=f"localhost:{port}")[0] == 200


def test_files_outside_the_site_are_not_served(port: int) -> None:
    assert get(port, "/../secret.txt")[0] == 404
    assert get(port, "/%2e%2e/secret.txt")[0] == 404


def test_a_foreign_host_name_is_rejected(port: int) -> None:
    assert get(port, "/", host="evil.example.com")[0] == 403


def test_a_port_in_use_is_an_error(port: int, tmp_path: Path) -> None:
    with pytest.raises(PortInUseError, match="--port"):
        server(tmp_path / "site", port)


def test_without_a_site_the_error_names_the_next_step(tmp_path: Path) -> None:
    result = headway(workspace(tmp_path), "serve", code=1)
    assert "headway report" in result.stderr
    with pytest.raises(NoSiteError):
        server(tmp_path / "elsewhere", 0)
