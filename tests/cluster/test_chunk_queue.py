"""Large repositories come first, and each seat first gets those that it already has."""

from __future__ import annotations

from headway.cluster.chunk_queue import MOST_PER_CHUNK, ChunkQueue


def drained(queue: ChunkQueue, seat: str = "a", seats: int = 1) -> list[tuple[str, ...]]:
    chunks = []
    while chunk := queue.take(seat, seats):
        chunks.append(chunk)
    return chunks


def test_the_largest_repository_comes_first_and_alone() -> None:
    queue = ChunkQueue({"small": 1, "huge": 1_000, "tiny": 0}, largest_first=True)
    assert queue.take("a", 1) == ("huge",)


def test_all_repositories_are_in_exactly_one_chunk() -> None:
    sizes = {str(number): number % 7 for number in range(500)}
    chunks = drained(ChunkQueue(sizes, largest_first=True), seats=3)
    assert sorted(key for chunk in chunks for key in chunk) == sorted(sizes)
    assert max(map(len, chunks)) <= MOST_PER_CHUNK


def test_chunks_shrink_towards_the_end() -> None:
    queue = ChunkQueue({str(number): 1 for number in range(160)}, largest_first=True)
    lengths = [len(chunk) for chunk in drained(queue, seats=4)]
    assert lengths[0] == 10
    assert lengths[-1] == 1


def test_repositories_of_unknown_size_share_chunks() -> None:
    queue = ChunkQueue({str(number): 0 for number in range(400)}, largest_first=True)
    assert len(queue.take("a", 1)) == MOST_PER_CHUNK


def test_a_time_limit_keeps_the_order_of_the_scan() -> None:
    queue = ChunkQueue({"known": 1, "new": 1_000}, largest_first=False)
    assert queue.take("a", 1) == ("known",)


def test_a_seat_gets_the_repositories_that_it_has_first() -> None:
    queue = ChunkQueue({"x": 9, "y": 8, "z": 7}, largest_first=True)
    queue.add_seat("b", ["x", "not listed"])
    queue.add_seat("a", ["z", "x"])
    assert queue.take("a", 2) == ("z",)
    assert queue.take("a", 2) == ("y",)
    assert queue.take("a", 2) == ("x",)


def test_the_repositories_of_a_lost_seat_belong_to_nobody() -> None:
    queue = ChunkQueue({"x": 9, "y": 8}, largest_first=True)
    queue.add_seat("b", ["x"])
    queue.remove_seat("b")
    assert queue.take("a", 1) == ("x",)


def test_a_repository_that_was_put_back_is_alone_and_comes_first() -> None:
    queue = ChunkQueue({str(number): 1 for number in range(100)}, largest_first=True)
    chunk = queue.take("a", 1)
    for key in chunk:
        queue.put_back(key, "a")
    assert len(chunk) > 1
    assert queue.take("b", 2) == (chunk[0],)


def test_a_seat_gets_what_it_lost_only_if_it_is_the_only_one() -> None:
    queue = ChunkQueue({}, largest_first=True)
    queue.put_back("x", "a")
    assert queue.take("a", 2) == ()
    assert queue.take("a", 1) == ("x",)


def test_the_rest_empties_the_queue() -> None:
    queue = ChunkQueue({"x": 1, "y": 2}, largest_first=True)
    queue.put_back("z", "a")
    assert queue.rest() == ("z", "y", "x")
    assert len(queue) == 0
    assert queue.take("a", 1) == ()
