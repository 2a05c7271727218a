"""Serve repositories as an organisation of a fake GitHub, in a separate process.

    python -m benchmarks.forge_process FOLDER

FOLDER contains bare repositories. The first output line is the URL of the forge. After that, the
program answers each input line with a line of JSON: the numbers of responses and bytes that the
forge has sent since the previous input line.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from tests.support.forge.github import github
from tests.support.forge.server import serve
from tests.support.forge.world import Answer, FakeRepository, Request, World

_KINDS = ("api", "git")


def main(folder: Path) -> None:
    world = World(checked=False)
    for number, path in enumerate(sorted(folder.glob("*.git")), 1):
        size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        name = f"acme/{path.stem}"
        world.repositories.append(FakeRepository(number, name, path, kilobytes=size // 1024 + 1))
    counts = dict.fromkeys(
        (f"{kind}_{what}" for kind in _KINDS for what in ("requests", "bytes")), 0
    )

    def count(request: Request, answer: Answer) -> Answer:
        kind = "git" if ".git/" in request.path else "api"
        counts[f"{kind}_requests"] += 1
        counts[f"{kind}_bytes"] += len(answer.body)
        world.requests.clear()
        return answer

    world.after.append(count)
    with serve(world, github) as server:
        print(server.url, flush=True)
        for _ in sys.stdin:
            print(json.dumps(counts), flush=True)
            counts.update(dict.fromkeys(counts, 0))
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
