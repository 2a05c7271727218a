"""Measure the listing of a large organisation: `python -m tests.forges.listing 10000`.

A fake GitHub runs in a separate process. The script prints the number of requests, the elapsed
time, and the increase in its own memory during the listing.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from multiprocessing.connection import Connection

from headway.forges.address import github_address
from headway.forges.sources.github import Account, GithubSource
from tests.support.forge.clock import Clock
from tests.support.forge.github import github
from tests.support.forge.server import serve
from tests.support.forge.world import FakeRepository, World


def serve_github(pipe: Connection, count: int) -> None:
    """Serve requests until a message arrives through the pipe, then send the number of requests."""
    names = (f"acme/repository-{number}" for number in range(1, count + 1))
    repositories = [
        FakeRepository(number, name, tip="1" * 40, topics=("python", "web"), languages=("Python",))
        for number, name in enumerate(names, 1)
    ]
    with serve(World(repositories, tokens=set()), github) as server:
        pipe.send(server.url)
        pipe.recv()
        pipe.send(len(server.world.requests))


def main(count: int) -> None:
    our_end, their_end = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=serve_github, args=(their_end, count)
    )
    process.start()
    address = github_address(f"{our_end.recv()}/api/v3", source="t", allow_loopback_http=True)
    source = GithubSource(address, Account("organization", "acme"), None, Clock().wait_policy)
    before, start = _megabytes(), time.monotonic()
    listing = source.list_repositories()
    seconds, after = time.monotonic() - start, _megabytes()
    our_end.send("done")
    requests = our_end.recv()
    process.join()
    print(  # noqa: T201 - this is a program
        f"{len(listing.repositories):,} repositories, complete: {listing.complete}; "
        f"{requests} requests, {seconds:.1f} s; {before:.0f} MB before, {after:.0f} MB at the peak"
    )


def _megabytes() -> float:
    """Return the peak memory of this process in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].isdecimal():
        sys.exit(__doc__)
    main(int(sys.argv[1]))
