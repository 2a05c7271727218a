"""What moved, in a few words."""

from __future__ import annotations

from headway.metrics.attention.attention_records import Moves
from headway.wording.rich_text import Phrase, joined, say
from headway.wording.sentences import signed


def movements(moves: Moves) -> Phrase:
    """`+3 new`, and fixes with a minus; what is not there is not named."""
    said = [
        f"{signed(sign * count)} {name}"
        for name, sign, count in (
            ("new", 1, moves.new),
            ("back", 1, moves.regressed),
            ("into scope", 1, moves.scope_added),
            ("exempt no longer", 1, moves.lapsed),
            ("fixed", -1, moves.fixed),
            ("out of scope", -1, moves.scope_removed),
            ("exempt", -1, moves.exempted),
        )
        if count
    ]
    if moves.received or moves.handed_over:
        hands = [
            f"{count:,} {words}"
            for count, words in (
                (moves.received, "taken over"),
                (moves.handed_over, "handed over"),
            )
            if count
        ]
        said.append(" and ".join(hands))
    return joined(said, last=", ") if said else say("nothing")
