"""Lock files are read in pieces. This saves time, and does not change the results."""

from __future__ import annotations

import random

import pytest

from benchmarks.lock_formats import FORMATS, Format
from scanners._ecosystems import ecosystem_of, lock_pieces
from scanners._ecosystems.records import Facts

PACKAGES = 150


def read(chosen: Format, text: str) -> Facts:
    return ecosystem_of(chosen.ecosystem).read(chosen.lock, text.encode())


def forget() -> None:
    lock_pieces._kept_piece.cache_clear()
    lock_pieces._kept_numbered.cache_clear()


@pytest.mark.parametrize("name", FORMATS)
def test_pieces_of_any_size_give_the_same_facts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages are added, removed and updated, so pieces move to other lines."""
    chosen, chance = FORMATS[name], random.Random(1)
    locked = dict.fromkeys(range(PACKAGES), 0)
    texts = []
    for version in range(6):
        texts.append(chosen.lock_text(locked))
        locked[chance.randrange(PACKAGES)] = version
        locked.pop(chance.choice(list(locked)))
        locked = dict(sorted({**locked, PACKAGES + version: 0}.items()))
    monkeypatch.setattr(lock_pieces, "_MOST_PARTS", 0)
    whole = [read(chosen, text) for text in texts]
    assert all(len(facts.locked) >= PACKAGES for facts in whole)
    monkeypatch.setattr(lock_pieces, "_MOST_PARTS", 10_000)
    for size in (1, 500, 4_000):
        monkeypatch.setattr(lock_pieces, "_USUAL_SIZE", size)
        forget()
        for text, facts in zip(texts, whole, strict=True):
            found = read(chosen, text)
            assert found == facts
            assert list(found.locked) == list(facts.locked)


def test_a_package_can_be_locked_in_several_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_pieces, "_USUAL_SIZE", 1)
    text = '# yarn lockfile v1\n\na@^1:\n  version "1.0"\n\nb@^1:\n  version "1.1"\n\n'
    text += 'a@^2:\n  version "2.0"\n'
    entries = ecosystem_of("npm").read("yarn.lock", text.encode()).locked["a"]
    assert [(entry.version, entry.line, entry.group) for entry in entries] == [
        ("1.0", 3, "^1"),
        ("2.0", 9, "^2"),
    ]


def test_a_new_version_costs_only_the_pieces_that_changed() -> None:
    forget()
    chosen = FORMATS["yarn-1"]
    locked = dict.fromkeys(range(1_000), 0)
    read(chosen, chosen.lock_text(locked))
    first = lock_pieces._kept_piece.cache_info().misses
    assert first > 20
    locked[500] = 12
    read(chosen, chosen.lock_text(locked))
    assert lock_pieces._kept_piece.cache_info().misses - first <= 2


@pytest.mark.parametrize("text", ["\n" * 600_000, "a:\n" * 200_000, "\n" * 400_000])
@pytest.mark.parametrize("path", ["pnpm-lock.yaml", "yarn.lock", "bun.lock"])
def test_text_without_entries_is_read_quickly(path: str, text: str) -> None:
    assert not ecosystem_of("npm").read(path, text.encode()).locked
