"""Rates of lines as people write them: Mbps with a comma or a point. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from confhub.errors import N_, BadInput

# Ten gigabit: above it somebody has written kbps or bps.
MOST_MBPS = 10_000
_BPS = 10**6
_NUMBER = re.compile(r"([0-9]{1,6})(?:[.,]([0-9]{1,6}))?")
_THOUSANDS = 3  # digits of a group: "1.000" may be one or a thousand


def read_mbps(text: str) -> int | None:
    """Bits a second from a number of Mbps; empty: None, unknown.

    BadInput for zero, for more than MOST_MBPS, for anything else, and for a number that may be
    read in two ways: "1.000" is 1 to some programs and 1000 to most people here.
    """
    if not text.strip():
        return None
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        raise _unreadable()
    whole, decimals = found[1], found[2] or ""
    if len(decimals) == _THOUSANDS and len(whole) <= _THOUSANDS and not whole.startswith("0"):
        raise BadInput(
            N_("“%(text)s” là %(small)s hay %(large)s? Xin viết không có dấu tách hàng nghìn."),
            code="ambiguous_number",
            values={
                "text": text.strip(),
                "small": f"{whole},{decimals}".rstrip("0").rstrip(","),
                "large": f"{int(whole + decimals)}",
            },
        )
    bps = int(Decimal(f"{whole}.{decimals or 0}") * _BPS)
    if not 0 < bps <= MOST_MBPS * _BPS:
        raise _unreadable()
    return bps


def show_mbps(bps: int | None) -> str:
    """The text that `read_mbps` reads back as the same rate: "7,5"."""
    if bps is None:
        return ""
    whole, rest = divmod(bps, _BPS)
    decimals = f"{rest:06d}".rstrip("0")
    if len(decimals) == _THOUSANDS:
        decimals += "0"  # three would look like thousands
    return f"{whole},{decimals}" if decimals else f"{whole}"


def _unreadable() -> BadInput:
    return BadInput(
        N_("Xin ghi số Mbps từ 0 đến %(most)s, ví dụ 50 hoặc 7,5."), values={"most": MOST_MBPS}
    )
