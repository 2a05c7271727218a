"""`headway serve` serves the site on the loopback interface only."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from headway.cli.serve_command import NoSiteError, PortInUseError, server
from tests.support.processes import PATIENCE
from tests.support.workspaces import headway, workspace


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("hello")
    (tmp_path / "secret.txt").write_text("secret")
    with server(tmp_path / "site", 0) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
        thread.start()
        yield listening.server_port
        listening.shutdown()
        thread.join()


def get(port: int, path: str, host: str | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
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


@pytest.mark.parametrize("path", ["/%00", "/index.html%00", "/a%00b/", "/%ed%a0%80", "/%ff%fe"])
def test_a_path_that_no_file_can_have_is_not_found(
    port: int, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert get(port, path)[0] == 404
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("path", "status"),
    [("/" + "a" * 300, 404), ("/" + "a/" * 3000, 404), ("/" + "a" * 70_000, 414)],
    ids=["long-name", "long-path", "long-request"],
)
def test_a_path_that_is_too_long_is_an_error(
    port: int, path: str, status: int, capfd: pytest.CaptureFixture[str]
) -> None:
    assert get(port, path)[0] == status
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "path", ["/file", "/folder", "/folder/", "/folder/secret.txt", "/section/", "/loop"]
)
def test_links_that_lead_outside_the_site_are_not_followed(
    port: int, tmp_path: Path, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    site, outside = tmp_path / "site", tmp_path / "outside"
    (site / "section").mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (site / "file").symlink_to(outside / "secret.txt")
    (site / "folder").symlink_to(outside)
    (site / "section" / "index.html").symlink_to(outside / "secret.txt")
    (site / "loop").symlink_to("loop")
    status, body = get(port, path)
    assert status == 404
    assert "secret" not in body
    assert capfd.readouterr().err == ""


def test_links_inside_the_site_are_followed(port: int, tmp_path: Path) -> None:
    (tmp_path / "site" / "same.html").symlink_to("index.html")
    assert get(port, "/same.html") == (200, "hello")


def test_a_site_behind_a_link_is_served(tmp_path: Path) -> None:
    (tmp_path / "built").mkdir()
    (tmp_path / "built" / "index.html").write_text("hello")
    (tmp_path / "site").symlink_to("built")
    with server(tmp_path / "site", 0) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
        thread.start()
        try:
            assert get(listening.server_port, "/") == (200, "hello")
        finally:
            listening.shutdown()
            thread.join()


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
