"""Explain changes in the open count, as a short list for tables or as sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from headway.metrics.attention.attention_records import Attention, Mover, Moves, ScopeChange
from headway.progress.path_owners import UNOWNED
from headway.wording.formats import signed
from headway.wording.rich_text import Phrase, joined, say
from headway.wording.sentences import capital, day, names, verb, when

_MINIMUM_ITEMS = 4
"""The minimum number of fixes, or of new and regressed items, for which contributors are named."""


def movements(moves: Moves) -> Phrase:
    """List changes by kind: `+3 new, +2 regressed`. Kinds without changes are omitted."""
    parts = [
        f"{signed(sign * count)} {name}"
        for name, sign, count in (
            ("new", 1, moves.new),
            ("regressed", 1, moves.regressed),
            ("moved in", 1, moves.moved_in),
            ("entered scope", 1, moves.scope_added),
            ("no longer exempt", 1, moves.lapsed),
            ("fixed", -1, moves.fixed),
            ("moved out", -1, moves.moved_out),
            ("left scope", -1, moves.scope_removed),
            ("newly exempt", -1, moves.exempted),
        )
        if count
    ]
    transfers = [
        f"{count:,} {name}"
        for name, count in (
            ("taken over", moves.received),
            ("handed over", moves.handed_over),
        )
        if count
    ]
    if transfers:
        parts.append(" and ".join(transfers))
    return joined(parts, last=", ") if parts else say("none")


def movement_sentence(facts: Attention) -> Phrase:
    """State how much the open count changed, why, and where."""
    text = count_change(facts.moves, period(facts), facts.scope_added, facts.scope_removed)
    contributors = main_contributors(facts)
    return text + (say("; ") + contributors if contributors else contributors) + say(".")


def period(facts: Attention) -> str:
    """Return a digest's period in words for use within a sentence, such as `this week`."""
    if facts.before is None:
        return f"since the campaign began on {day(facts.first, facts.last)}"
    return when(facts.first, facts.last)


def count_change(
    moves: Moves, when: str, added: Sequence[ScopeChange], removed: Sequence[ScopeChange]
) -> Phrase:
    """Explain the change in the open count, as a sentence without a full stop.

    For example, `This week the open count fell by 4, from 12 to 8: 5 were fixed and 1 is new`.

    Args:
        moves: The changes in the period.
        when: The period in words, for use within a sentence.
        added: The repositories that entered scope.
        removed: The repositories that left scope.
    """
    if not moves.activity:
        return say("No changes {when}", when=when)
    if moves.change:
        change = say(
            "{when} the open count {rose} by {change}, from {before} to {now}: ",
            when=capital(when),
            rose="rose" if moves.change > 0 else "fell",
            change=abs(moves.change),
            before=moves.open_before,
            now=moves.open,
        )
    else:
        change = say("{when} the open count stayed at {now}: ", when=capital(when), now=moves.open)
    return change + joined(list(_reasons(moves, added, removed)))


def _reasons(
    moves: Moves, added: Sequence[ScopeChange], removed: Sequence[ScopeChange]
) -> Iterator[Phrase]:
    for count, singular, plural, changes in (
        (moves.fixed, "was fixed", "were fixed", ()),
        (moves.new, "is new", "are new", ()),
        (moves.regressed, "regressed", "regressed", ()),
        (moves.moved_in, "came from another repository", "came from another repository", ()),
        (moves.moved_out, "moved to another repository", "moved to another repository", ()),
        (moves.scope_added, "entered scope", "entered scope", added),
        (moves.scope_removed, "left scope", "left scope", removed),
        (moves.exempted, "is newly exempt", "are newly exempt", ()),
        (moves.lapsed, "is no longer exempt", "are no longer exempt", ()),
    ):
        if count:
            repositories = [change.repository for change in changes if change.items]
            where = say(" with {names}", names=names(repositories, 2)) if repositories else Phrase()
            yield say("{count} {did}", count=count, did=verb(count, singular, plural)) + where


def main_contributors(facts: Attention) -> Phrase:
    """Name the teams or repositories with most of the fixes and most of the new items.

    The result is empty if only a few items changed, or if they are spread over many names.
    """
    fixed = _majority(facts, lambda moves: moves.fixed)
    added = _majority(facts, lambda moves: moves.new + moves.regressed)
    parts = []
    if fixed:
        parts.append(say("most fixes came from {names}", names=fixed))
    if added:
        parts.append(say("most new or regressed items came from {names}", names=added))
    return joined(parts)


def _majority(facts: Attention, count: Callable[[Moves], int]) -> Phrase | None:
    """Name up to three teams that together have more than half of the items.

    If no team has changes, name repositories. Return None if only a few items changed, or if they
    are spread over many names.
    """
    total = count(facts.moves)
    if total < _MINIMUM_ITEMS:
        return None
    movers = [mover for mover in facts.teams if mover.name != UNOWNED] or facts.repositories
    ordered = sorted(movers, key=lambda mover: (-count(mover.moves), mover.name))
    chosen: list[Mover] = []
    covered = 0
    for mover in ordered[:3]:
        # Stop when the chosen names cover three quarters of the items.
        if covered * 4 >= total * 3:
            break
        if count(mover.moves):
            chosen.append(mover)
            covered += count(mover.moves)
    if covered * 2 <= total:
        return None
    return joined(
        say("{name} ({count})", name=mover.name, count=count(mover.moves)) for mover in chosen
    )
