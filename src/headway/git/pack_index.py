"""Look up objects in the index of a pack (https://git-scm.com/docs/gitformat-pack)."""

from __future__ import annotations

from pathlib import Path

_MAGIC = b"\xfftOc\0\0\0\x02"
_FANOUT_BYTES = 256 * 4


def index_contains(index: Path, identity: str) -> bool:
    """Return whether a pack contains an object, or False if its index is not in version 2.

    Args:
        index: The pack's `.idx` file.
        identity: The object's ID. All IDs in the pack have the same length.
    """
    wanted = bytes.fromhex(identity)
    with index.open("rb") as file:
        head = file.read(len(_MAGIC) + _FANOUT_BYTES)
        if len(head) < len(_MAGIC) + _FANOUT_BYTES or not head.startswith(_MAGIC):
            return False

        def count_up_to(first_byte: int) -> int:
            place = len(_MAGIC) + 4 * first_byte
            return int.from_bytes(head[place : place + 4]) if first_byte >= 0 else 0

        low, high = count_up_to(wanted[0] - 1), count_up_to(wanted[0])
        file.seek(low * len(wanted), 1)
        block = file.read((high - low) * len(wanted))
    return any(
        block[start : start + len(wanted)] == wanted for start in range(0, len(block), len(wanted))
    )
