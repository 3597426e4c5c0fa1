from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rooms.media.engine.once import Once

NUMBERS = st.lists(st.integers(-50, 200), max_size=200)


@given(NUMBERS, st.integers(1, 64))
def test_each_number_passes_once_and_none_that_is_too_old(numbers: list[int], size: int) -> None:
    once = Once(size)
    used: set[int] = set()
    for number in numbers:
        is_old = bool(used) and number <= max(used) - size
        assert (number in once) == (number in used or is_old)
        assert once.use(number) == (number not in used and not is_old)
        if not is_old:
            used.add(number)
        assert once.highest == max(used)
        assert once._used.bit_length() <= size


def test_a_window_may_begin_at_a_number() -> None:
    once = Once(8, highest=100)
    assert once.use(100)
    assert not once.use(100)
    assert not once.use(92)
    assert once.use(93)
    assert once.highest == 100
