"""The `headway serve` command."""

from __future__ import annotations

import os
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click

from headway.cli import session
from headway.cli.options import out_option, shared_options
from headway.errors import HeadwayError

_LOOPBACK = "127.0.0.1"
_OWN_NAMES = ("127.0.0.1", "localhost")
_INDEX_PAGES = ("index.html", "index.htm")
"""The index pages that the base class serves for a folder."""


class NoSiteError(HeadwayError):
    """The folder to serve contains no site."""

    def __init__(self, out: Path) -> None:
        super().__init__(f"there is no site in {out}; run `headway report` to build it.")


class PortInUseError(HeadwayError):
    """The server cannot listen on the port, for example because the port is in use."""

    def __init__(self, port: int, reason: object) -> None:
        super().__init__(f"cannot use port {port}: {reason}; choose another with --port.")


class Handler(SimpleHTTPRequestHandler):
    """Serves the site to this machine only, without caching."""

    def send_head(self) -> Any:
        # Prevent DNS rebinding: a page from another host could point its host name to this server
        # and then read the site.
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        if host not in _OWN_NAMES:
            self.send_error(HTTPStatus.FORBIDDEN, "this site is served to this machine only")
            return None
        if not _is_inside(self.translate_path(self.path), self.directory):
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name in base class
        """Disable request logging."""


def _is_inside(path: str, folder: str) -> bool:
    """Return whether a path exists inside a folder after all links are followed.

    If the path is a folder, its index pages must be inside too, because the server sends them.
    """
    pages = (f"{path}/{name}" for name in _INDEX_PAGES)
    try:
        root = Path(os.path.realpath(folder, strict=True))
        return all(
            Path(os.path.realpath(target, strict=True)).is_relative_to(root)
            for target in (path, *filter(os.path.lexists, pages))
        )
    except (OSError, ValueError):
        # The file is missing, its name is invalid, or the links form a loop.
        return False


def server(out: Path, port: int) -> ThreadingHTTPServer:
    """Return a server for the site that listens on the loopback interface.

    Args:
        out: The folder of the site.
        port: The port to listen on. 0 means any free port.

    Raises:
        NoSiteError: The folder contains no site.
        PortInUseError: The port is in use, or access to it is denied.
    """
    if not (out / "index.html").is_file():
        raise NoSiteError(out)
    try:
        return ThreadingHTTPServer((_LOOPBACK, port), partial(Handler, directory=str(out)))
    except OSError as error:
        raise PortInUseError(port, error.strerror or error) from error


@click.command(name="serve")
@out_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="Port to listen on; 0 means any free port.",
)
@shared_options
def command(out: Path | None, port: int) -> None:
    """Preview the site on this machine until you press Ctrl-C.

    If `headway report --watch` runs in another terminal, reload the page to see changes.
    """
    workspace = session.find_workspace()
    with server((out or workspace.settings.out).absolute(), port) as listening:
        click.echo(f"http://{_LOOPBACK}:{listening.server_port}/")
        click.echo("press Ctrl-C to stop", err=True)
        try:
            listening.serve_forever()
        except KeyboardInterrupt:
            return
