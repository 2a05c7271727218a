"""A mail server on the loopback interface that stores received messages."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Inbox:
    """The address of the mail server, and the messages that it has received."""

    url: str
    """The URL of the mail server."""
    messages: list[tuple[str, tuple[str, ...], bytes]] = field(default_factory=list)
    """The sender, recipients and content of each message."""


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        """Accept every command of SMTP (RFC 5321) and store the messages."""
        inbox: Inbox = self.server.inbox  # type: ignore[attr-defined] # set by `inbox`
        sender, recipients = "", []
        self.wfile.write(b"220 loopback\r\n")
        for line in self.rfile:
            word, _, rest = line.decode("ascii").strip().partition(" ")
            if word == "MAIL":
                sender = rest.partition("<")[2].partition(">")[0]
            elif word == "RCPT":
                recipients.append(rest.partition("<")[2].partition(">")[0])
            elif word == "DATA":
                self.wfile.write(b"354 continue\r\n")
                inbox.messages.append((sender, tuple(recipients), self._message()))
            elif word == "QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 ok\r\n")

    def _message(self) -> bytes:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)


@contextmanager
def inbox() -> Iterator[Inbox]:
    """Run a mail server during a block, and yield its inbox."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Handler) as server:
        received = Inbox(f"smtp://127.0.0.1:{server.server_address[1]}")
        server.inbox = received  # type: ignore[attr-defined] # for the handler
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield received
        finally:
            server.shutdown()
            thread.join()
