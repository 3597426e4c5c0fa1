"""Offers of devices: what they carry, and why they are refused."""

from __future__ import annotations

import pytest

from rooms.devices.offer import MalformedOffer, NotAcceptable, read_offer, sources_of
from tests.rooms.media.samples import CHROMIUM_OFFER


def test_each_line_s_source_follows_from_its_kind() -> None:
    assert sources_of(read_offer(CHROMIUM_OFFER)) == {"0": "microphone", "1": "camera"}


@pytest.mark.parametrize("text", ["", "v=0", "hello", "v=0\r\nm=audio\r\n"])
def test_what_is_no_description_is_malformed(text: str) -> None:
    with pytest.raises(MalformedOffer) as refusal:
        read_offer(text)
    assert refusal.value.http_status == 400


@pytest.mark.parametrize(
    "text",
    [
        CHROMIUM_OFFER.replace("a=sendonly", "a=recvonly"),
        CHROMIUM_OFFER.replace("m=audio", "m=video"),
    ],
)
def test_an_offer_of_nothing_or_of_too_much_is_not_acceptable(text: str) -> None:
    with pytest.raises(NotAcceptable) as refusal:
        sources_of(read_offer(text))
    assert refusal.value.http_status == 406
