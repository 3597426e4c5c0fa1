from __future__ import annotations

from rooms.media.port.claims import MAX_CLAIMS, Claims
from rooms.media.port.path import Path

HOME = Path(0, ("192.0.2.10", 4000))
OTHER = Path(0, ("192.0.2.10", 4001))


def test_the_first_holds_a_path_and_later_ones_stand_beside() -> None:
    claims: Claims[str] = Claims()
    claims.claim(HOME, "a")
    claims.claim(HOME, "b")
    claims.claim(HOME, "b")
    assert claims.holder(HOME) == "a"
    assert list(claims.others(HOME)) == ["b"]
    assert claims.holder(OTHER) is None
    assert len(claims) == 1


def test_who_is_given_a_path_holds_it_and_the_one_before_stands_beside() -> None:
    claims: Claims[str] = Claims()
    claims.claim(HOME, "a")
    claims.claim(HOME, "b")
    claims.give(HOME, "b")
    claims.give(HOME, "b")
    assert claims.holder(HOME) == "b"
    assert list(claims.others(HOME)) == ["a"]
    claims.give(OTHER, "c")
    assert claims.holder(OTHER) == "c"


def test_who_leaves_makes_way_and_nothing_stays_of_the_last() -> None:
    claims: Claims[str] = Claims()
    for claimant in "abc":
        claims.claim(HOME, claimant)
    assert not claims.leave(HOME, "b")
    assert not claims.leave(HOME, "a")
    assert claims.holder(HOME) == "c"
    assert not claims.leave(HOME, "a")
    assert claims.leave(HOME, "c")
    assert (len(claims), claims._others) == (0, {})


def test_claims_are_bounded_and_the_holder_stays() -> None:
    claims: Claims[int] = Claims()
    for claimant in range(100):
        claims.claim(HOME, claimant)
    assert claims.holder(HOME) == 0
    assert len(claims.others(HOME)) < MAX_CLAIMS
    assert 99 in claims.others(HOME)
