"""Object storage for tests: an S3-compatible server behind a proxy that injects faults.

Headway sends its requests to the proxy, and tests send theirs to the server.
"""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BUCKET = "history"
KEY = "team/headway.duckdb"
URL = f"s3://{BUCKET}/{KEY}"
SECRET = "canary-4f2d9c-secret"
SESSION = "canary-81aa07-session"
VARIABLES = {
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_SESSION_TOKEN": SESSION,
    "AWS_REGION": "us-east-1",
}

_AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20200101/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=00"
)
"""The server checks no signatures, but rejects requests without an access key."""
_NOT_FORWARDED = ("connection", "transfer-encoding", "content-length", "date", "server")


@dataclass
class Call:
    """One request that arrives at the proxy."""

    method: str
    path: str
    """The path with the query."""
    headers: Message
    body: bytes


@dataclass
class Answer:
    """A response to Headway."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    sent: int | None = None
    """The number of bytes of the body to send before cutting the connection; None means all bytes.
    """


Fault = Callable[[Call, Callable[[], Answer]], Answer | None]
"""Handles a request in place of the server, and may call the server. Returns the response, or None
to cut the connection.
"""


@dataclass
class Storage:
    """The server and the proxy, with the operations that tests need."""

    port: int
    proxy_port: int = 0
    calls: list[Call] = field(default_factory=list)
    faults: list[tuple[str, str, Fault]] = field(default_factory=list)

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables with which Headway uses the storage."""
        port = self.proxy_port or self.port
        return {**VARIABLES, "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}"}

    def inject(self, method: str, pattern: str, fault: Fault) -> None:
        """Let a fault handle all requests with this method and a path that matches the pattern."""
        self.faults.append((method, pattern, fault))

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Send a request to the server and return its response."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        headers.setdefault("authorization", _AUTHORIZATION)
        try:
            connection.request(method, path, body, headers)
            reply = connection.getresponse()
            return Answer(reply.status, reply.getheaders(), reply.read())
        finally:
            connection.close()

    def get(self, key: str = KEY) -> bytes | None:
        """Return the content of an object, or None if the object does not exist."""
        found = self.request("GET", f"/{BUCKET}/{key}")
        return found.body if found.status == 200 else None

    def put(self, content: bytes, key: str = KEY, **headers: str) -> None:
        """Write an object as another program would, without Headway's hash."""
        assert self.request("PUT", f"/{BUCKET}/{key}", content, **headers).status == 200

    def snapshot(self, keys: Iterable[str] | None = None) -> dict[str, Answer]:
        """Return the objects with these keys, or all objects, by key and with their headers."""
        chosen = self.keys() if keys is None else keys
        return {key: self.request("GET", f"/{BUCKET}/{key}") for key in chosen}

    def restore(self, snapshot: dict[str, Answer]) -> None:
        """Write all objects of a snapshot with the metadata that they had."""
        for key, found in snapshot.items():
            kept = {name: value for name, value in found.headers if name.startswith("x-amz-meta-")}
            self.put(found.body, key, **kept)

    def keys(self) -> list[str]:
        """Return the keys of all objects."""
        listed = self.request("GET", f"/{BUCKET}?list-type=2").body.decode()
        return sorted(re.findall(r"<Key>([^<]*)</Key>", listed))

    def sent(self, method: str, pattern: str) -> int:
        """Count Headway's requests with this method and a path that matches the pattern."""
        return sum(
            call.method == method and bool(re.search(pattern, call.path)) for call in self.calls
        )

    def clear(self) -> None:
        """Delete the objects of the last test, and forget its calls and faults."""
        self.calls.clear()
        self.faults.clear()
        for key in self.keys():
            self.request("DELETE", f"/{BUCKET}/{key}")

    def answer(self, call: Call) -> Answer | None:
        """Answer a request from Headway."""
        self.calls.append(call)

        def ask_server() -> Answer:
            kept = {
                k: v for k, v in call.headers.items() if k.lower() not in ("host", "connection")
            }
            reply = self.request(call.method, call.path, call.body, **kept)
            size = dict(reply.headers).get("Content-Length", str(len(reply.body)))
            reply.headers = [h for h in reply.headers if h[0].lower() not in _NOT_FORWARDED]
            reply.headers.append(("Content-Length", size))
            return reply

        for method, pattern, fault in self.faults:
            if method == call.method and re.search(pattern, call.path):
                return fault(call, ask_server)
        return ask_server()


def another_machine(folder: Path, name: str = "other") -> Path:
    """Copy a workspace without its cache."""
    copy = folder.with_name(name)
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".headway"))
    return copy


@contextmanager
def serve_without_proxy() -> Iterator[tuple[Storage, int]]:
    """Start the server with an empty bucket, and yield the storage and the server's process ID."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.s3_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            storage = Storage(int(server.stdout.readline()))
            assert storage.request("PUT", f"/{BUCKET}").status == 200
            yield storage, server.pid
        finally:
            server.stdin.close()


@contextmanager
def serve_storage() -> Iterator[Storage]:
    """Start the server with an empty bucket, and the proxy."""
    with serve_without_proxy() as (storage, _):
        proxy = ThreadingHTTPServer(("127.0.0.1", 0), _handler(storage))
        proxy.daemon_threads = True
        storage.proxy_port = proxy.server_port
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield storage
        finally:
            proxy.shutdown()
            proxy.server_close()
            thread.join()


def _handler(storage: Storage) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(size)
            answer = storage.answer(Call(self.command, self.path, self.headers, body))
            self.close_connection = True
            if answer is None:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response_only(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(answer.body[: answer.sent])

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = handle_any  # noqa: N815 - the names of the base class

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    return Handler


def cut(_: Call, __: Callable[[], Answer]) -> None:
    """Cut the connection before the request reaches the server."""


def cut_upload(storage: Storage) -> Fault:
    """Return a fault that passes half of the content to the server and then disconnects."""

    def half(call: Call, _: Callable[[], Answer]) -> None:
        lines = [f"{call.method} {call.path} HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in call.headers.items() if name != "host"]
        with socket.create_connection(("127.0.0.1", storage.port)) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode())
            connection.sendall(call.body[: len(call.body) // 2])

    return half


def cut_download(_: Call, server: Callable[[], Answer]) -> Answer:
    """Cut the connection in the middle of the content."""
    answer = server()
    answer.sent = len(answer.body) // 2
    return answer


def lose_answer(_: Call, server: Callable[[], Answer]) -> None:
    """Cut the connection after the server has carried out the request."""
    server()


def status(number: int, code: str = "") -> Fault:
    """Return a fault that responds with a status, and with an error code of S3 if given."""
    body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode() if code else b""
    headers = [("Content-Length", str(len(body)))]
    return lambda _, __: Answer(number, headers, body)


def times(count: int, fault: Fault) -> Fault:
    """Return a fault that occurs `count` times. Later requests reach the server."""
    left = [count]

    def limited(call: Call, server: Callable[[], Answer]) -> Answer | None:
        left[0] -= 1
        return fault(call, server) if left[0] >= 0 else server()

    return limited
