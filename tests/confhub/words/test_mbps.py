"""Rates of lines, as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confhub.errors import BadInput
from confhub.words.mbps import MOST_MBPS, read_mbps, show_mbps


@pytest.mark.parametrize(
    ("text", "bps"),
    [
        ("", None),
        (" ", None),
        ("50", 50_000_000),
        ("7,5", 7_500_000),
        ("7.5", 7_500_000),
        ("0,125", 125_000),
        ("1000", 1_000_000_000),
        ("10000", 10_000_000_000),
        ("1,2340", 1_234_000),
    ],
)
def test_numbers_with_a_comma_or_a_point(text: str, bps: int | None) -> None:
    assert read_mbps(text) == bps


@pytest.mark.parametrize("text", ["1.000", "1,000", "10.000", "999,125"])
def test_what_may_be_a_thousand_is_asked_about(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_mbps(text)
    assert caught.value.code == "ambiguous_number"
    assert text in str(caught.value)


OTHER = "1_000|1e3|0|-5|+5|10001|nan|inf|1.000,5|1 000|٣٠|５０|0x10|5 Mbps|1.|.5|0,0000001"


@pytest.mark.parametrize("text", [*OTHER.split("|"), "1" * 400])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="Mbps"):
        read_mbps(text)


@given(st.integers(1, MOST_MBPS * 10**6))
def test_our_own_spelling_reads_back(bps: int) -> None:
    assert read_mbps(show_mbps(bps)) == bps
