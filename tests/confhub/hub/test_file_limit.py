"""One division of the files that the process may open."""

from __future__ import annotations

import pytest

from confhub.hub.file_limit import Shares, divide


@pytest.mark.parametrize(
    ("files", "media", "shares"),
    [
        (65_536, 2000, Shares(256, 2000, 63_280)),
        (65_536, 0, Shares(256, 0, 65_280)),
        (4096, 2000, Shares(256, 1920, 1920)),
        (1024, 2000, Shares(256, 384, 384)),
        (256, 2000, Shares(64, 96, 96)),
        (2, 2000, Shares(0, 1, 1)),
    ],
)
def test_the_shares_are_all_there_is(files: int, media: int, shares: Shares) -> None:
    assert divide(files, media=media) == shares
    assert shares.own + shares.media + shares.pages == files
