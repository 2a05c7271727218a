"""`headway serve`."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click

from headway.cli import session
from headway.cli.application import shared_options
from headway.cli.report_command import out_option
from headway.errors import HeadwayError

_LOOPBACK = "127.0.0.1"
_OWN_NAMES = ("127.0.0.1", "localhost")


class NoSiteError(HeadwayError):
    """There are no pages to serve."""

    def __init__(self, out: Path) -> None:
        super().__init__(f"there is no site in {out}; let `headway report` write it.")


class PortInUseError(HeadwayError):
    """Something else listens on the port."""

    def __init__(self, port: int, reason: object) -> None:
        super().__init__(f"port {port} cannot be used: {reason}; choose another with --port.")


class Handler(SimpleHTTPRequestHandler):
    """Gives files of the site, and to nobody who came here by a name that is not this machine's."""

    def send_head(self) -> Any:
        # a page from elsewhere could have its own name lead here, and read what is internal
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        if host not in _OWN_NAMES:
            self.send_error(HTTPStatus.FORBIDDEN, "this site is for this machine alone")
            return None
        return super().send_head()

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Nothing: whoever looks at pages sees them."""


def server(out: Path, port: int) -> ThreadingHTTPServer:
    """Listens on loopback; port 0 takes any. Raises `NoSiteError`, `PortInUseError`."""
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
    help="Where to listen; 0 takes any that is free.",
)
@shared_options
def command(out: Path | None, port: int) -> None:
    """Show the pages on this machine alone, until Ctrl-C.

    With `headway report --watch` in another terminal, a reload shows what was edited.
    """
    workspace = session.find()
    with server((out or workspace.settings.out).absolute(), port) as listening:
        click.echo(f"http://{_LOOPBACK}:{listening.server_port}/")
        click.echo("Ctrl-C ends it", err=True)
        try:
            listening.serve_forever()
        except KeyboardInterrupt:
            return
