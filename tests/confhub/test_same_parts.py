"""Which parts are the ones that were there before."""

from __future__ import annotations

import pytest

from confhub.same_parts import same_parts


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("", "", []),
        ("", "a", [None]),
        ("ab", "ba", ["b", "a"]),
        ("ab", "b", ["b"]),
        ("a", "A", ["a"]),  # by its second likeness
        ("aA", "A", ["A"]),  # the first likeness goes before
        ("aA", "AA", ["A", "a"]),
        ("a", "aa", ["a", None]),  # each at most once
        ("?", "?", [None]),  # like no other
    ],
)
def test_parts_are_found_by_the_best_likeness_and_once(
    old: str, new: str, found: list[str | None]
) -> None:
    alike = (lambda part: part, lambda part: part.lower())
    known = [lambda part, by=by: by(part) if part.isalpha() else None for by in alike]
    assert same_parts(old, new, known) == found
