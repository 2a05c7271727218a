"""A fake forge: an HTTP server on the loopback interface that also serves git repositories."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.support.forge.world import Answer, Request, World
from tests.support.git import ENVIRONMENT

Api = Callable[[World, Request], Answer]


class Server:
    """A running fake forge. Its `url` has no slash at the end."""

    def __init__(self, world: World, port: int, scheme: str) -> None:
        self.world = world
        """The state of the forge; tests may replace it."""
        self.url = f"{scheme}://127.0.0.1:{port}"
        self.host = f"127.0.0.1:{port}"


@contextlib.contextmanager
def serve(world: World, api: Api, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run a fake forge during a block.

    Args:
        world: The state of the forge.
        api: Answers every request that does not come from git.
        tls: The TLS settings; None means plain HTTP.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # With Nagle's algorithm, each response would wait 40 ms for the acknowledgement of its
        # headers.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def handle(self) -> None:
            # A client may close the connection or reject the certificate.
            with contextlib.suppress(ConnectionResetError, ssl.SSLError):
                super().handle()

        def log_message(self, *_: Any) -> None:
            """Suppress the log, because tests read `world.requests` instead."""

        def _answer(self) -> None:
            request = self._read()
            world = running.world
            world.requests.append(request)
            answer = next((answer for fault in world.before if (answer := fault(request))), None)
            if answer is None:
                is_git = request.path.endswith(("/info/refs", "/git-upload-pack"))
                answer = _git(world, request) if is_git else api(world, request)
            for change in world.after:
                answer = change(request, answer)
            self._send(answer)

        def _read(self) -> Request:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = (
                self._read_chunks()
                if "chunked" in headers.get("transfer-encoding", "")
                else (self.rfile.read(int(headers.get("content-length", "0"))))
            )
            query = dict(parse_qsl(parts.query))
            return Request(self.command, unquote(parts.path), query, headers, body)

        def _read_chunks(self) -> bytes:
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def _send(self, answer: Answer) -> None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.send_response_only(answer.status)
                self.send_header("Date", format_datetime(running.world.now(), usegmt=True))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                body = answer.body[: answer.cut]
                if answer.stall is not None:
                    self.wfile.write(body[: answer.stall])
                    running.world.released.wait()
                    body = body[answer.stall :]
                self.wfile.write(body)
            if answer.cut is not None:
                self.close_connection = True
            if answer.reset:
                # With a linger time of zero, closing the socket sends RST instead of FIN.
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                os.close(self.connection.detach())
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        # The handshake happens on the first read, so that a failed handshake ends only the thread
        # of its connection.
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    running = Server(world, server.server_address[1], "https" if tls else "http")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield running
    finally:
        running.world.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def basic_password(request: Request) -> str | None:
    """Return the password of basic authentication, or None if the request has no password."""
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    return base64.b64decode(value).decode().partition(":")[2]


def _git(world: World, request: Request) -> Answer:
    if world.tokens and basic_password(request) not in world.tokens:
        return Answer(401, {"WWW-Authenticate": 'Basic realm="fake"'})
    name, _, rest = request.path.lstrip("/").partition(".git/")
    repository = world.named(name)
    if repository is None or repository.git_dir is None:
        return Answer(404)
    environment = ENVIRONMENT | {
        "GIT_PROJECT_ROOT": os.fspath(repository.git_dir),
        "PATH_INFO": f"/{rest}",
        "GIT_HTTP_EXPORT_ALL": "1",
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": "&".join(f"{key}={value}" for key, value in request.query.items()),
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        "REMOTE_ADDR": "127.0.0.1",
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "GIT_CONFIG_KEY_1": "uploadpack.allowFilter",
        "GIT_CONFIG_VALUE_1": "true" if world.filters else "false",
    }
    done = subprocess.run(
        ["git", "http-backend"],
        input=request.body,
        capture_output=True,
        env=environment,
        check=False,  # Git also exits with an error after a valid response that rejects a request.
    )
    if not done.stdout:
        return Answer(500, {}, done.stderr)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    headers = dict(
        line.split(": ", 1) for line in head.decode("ascii").split("\r\n") if ": " in line
    )
    status = int(headers.pop("Status", "200").split()[0])
    return Answer(status, headers, body)
