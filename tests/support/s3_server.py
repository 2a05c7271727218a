"""Run moto, a server with the interface of S3, until standard input is closed.

The server handles one request at a time. With several threads, it would check a condition and write
in two separate steps, so two concurrent writers could both succeed.
"""

from __future__ import annotations

import logging
import sys
import threading


def main() -> None:
    """Print the port and serve requests."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app))
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
