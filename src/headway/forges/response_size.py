"""A limit on the size of a forge's responses, which are read into memory completely."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests

MOST_BYTES = 64 << 20
"""The maximum size of a response after decompression.

A page of 100 repositories takes less than 1 MB.
"""


class ResponseTooLargeError(requests.RequestException):
    """A response is larger than `MOST_BYTES`."""


def limit_responses(session: requests.Session) -> None:
    """Make a session raise `ResponseTooLargeError` for every response that is too large."""
    session.hooks["response"].append(_limit)


def _limit(response: requests.Response, **_: object) -> None:
    response.raw = _LimitedBody(response.raw)


class _LimitedBody:
    def __init__(self, body: Any) -> None:
        self._body = body

    def stream(self, chunk_size: int, decode_content: bool | None = None) -> Iterator[bytes]:
        """Yield the decompressed body in chunks. The requests library calls this method."""
        size = 0
        for chunk in self._body.stream(chunk_size, decode_content=decode_content):
            size += len(chunk)
            if size > MOST_BYTES:
                self._body.close()
                raise ResponseTooLargeError
            yield chunk

    def __getattr__(self, name: str) -> Any:
        return getattr(self._body, name)
