"""What it takes to list a large organisation: `python -m tests.forges.listing 10000`.

A fake GitHub in a process of its own answers; says how many requests were made, how long they took,
and how much memory the listing added to this process.
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


def answer(pipe: Connection, count: int) -> None:
    """Serves until it is told to end; then says how often it was asked."""
    names = (f"acme/repository-{number}" for number in range(1, count + 1))
    made = [
        FakeRepository(number, name, tip="1" * 40, topics=("python", "web"), languages=("Python",))
        for number, name in enumerate(names, 1)
    ]
    with serve(World(made, tokens=set()), github) as server:
        pipe.send(server.url)
        pipe.recv()
        pipe.send(len(server.world.requests))


def main(count: int) -> None:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=answer, args=(theirs, count))
    process.start()
    address = github_address(f"{ours.recv()}/api/v3", source="t", allow_loopback_http=True)
    source = GithubSource(address, Account("organization", "acme"), None, Clock().wait_policy)
    before, began = _megabytes(), time.monotonic()
    listing = source.list_repositories()
    seconds, after = time.monotonic() - began, _megabytes()
    ours.send("done")
    asked = ours.recv()
    process.join()
    print(  # noqa: T201 - it is a program
        f"{len(listing.repositories):,} repositories, complete: {listing.complete}; "
        f"{asked} requests, {seconds:.1f} s; {before:.0f} MB before, {after:.0f} MB at most"
    )


def _megabytes() -> float:
    """The most that this process has had in memory; Linux counts in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].isdecimal():
        sys.exit(__doc__)
    main(int(sys.argv[1]))
