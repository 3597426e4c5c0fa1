"""How often media from an address nobody holds is tried under a peer's keys."""

from __future__ import annotations

from rooms.media.port.moves import (
    MOST_PER_PEER,
    MOST_PER_PEER_AND_HOST,
    MOST_PER_S,
    STILL_HEARD_S,
    Moves,
)

SILENT = 0.0
NOW = 10.0


def tries(moves: Moves, count: int, peer: str, host: str, now: float = NOW) -> int:
    return sum(moves.take(peer, host, SILENT, now) for _ in range(count))


def test_junk_from_one_machine_leaves_a_peer_the_tries_of_its_own() -> None:
    moves = Moves()
    assert tries(moves, 2_000, "member", "attacker") == MOST_PER_PEER_AND_HOST
    assert tries(moves, 1, "member", "its router") == 1


def test_junk_that_names_one_peer_leaves_those_of_the_others() -> None:
    moves = Moves()
    hosts = [f"attacker {number}" for number in range(100)]
    assert sum(tries(moves, 100, "member", host) for host in hosts) == MOST_PER_PEER
    assert tries(moves, 1, "other", "its router") == 1


def test_all_together_cost_no_more_than_so_much() -> None:
    moves = Moves()
    peers = [f"peer {number}" for number in range(MOST_PER_S)]
    assert sum(tries(moves, 4, peer, "attacker") for peer in peers) == MOST_PER_S
    assert tries(moves, 1, "member", "its router") == 0
    assert tries(moves, 1, "member", "its router", NOW + 1) == 1


def test_a_peer_that_is_heard_where_it_was_is_tried_once() -> None:
    moves = Moves()
    heard_at = NOW - STILL_HEARD_S / 2
    assert [moves.take("member", "attacker", heard_at, NOW) for _ in range(3)] == [
        True,
        False,
        False,
    ]
