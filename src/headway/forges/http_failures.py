"""Short descriptions of failed HTTP requests."""

from __future__ import annotations

import requests

from headway.forges import response_size
from headway.forges.response_size import ResponseTooLargeError


def describe_failure(error: requests.RequestException, timeout: float) -> str:
    """Describe a failed request without its URL. The error's own message contains the URL."""
    if isinstance(error, ResponseTooLargeError):
        return f"the forge's response is larger than {response_size.MOST_BYTES >> 20} MiB"
    if isinstance(error, requests.exceptions.SSLError):
        return "the forge's certificate is not trusted"
    if isinstance(error, requests.Timeout):
        return f"the forge did not respond within {timeout:g} s"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the forge's response was incomplete"
    return "the forge cannot be reached"
