from __future__ import annotations

import pytest
from aiortc.sdp import SessionDescription

from rooms.media.errors import BadDescription
from rooms.media.sdp.capabilities import TRANSPORT_CC
from rooms.media.sdp.description import Description, parse_description
from rooms.media.sdp.offer import AcceptedSlot, OfferedSlot, build_offer, read_answer
from rooms.media.sdp.playback import KINDS
from tests.rooms.media.samples import CHROMIUM_ANSWER, FIREFOX_ANSWER, LOCAL

SLOTS = [OfferedSlot("a0", "audio", 1001, 0), OfferedSlot("v0", "video", 2001, 2002)]


def chromium(*changes: tuple[str, str]) -> Description:
    text = CHROMIUM_ANSWER
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse_description(text)


def test_the_offer_has_an_m_line_for_each_slot() -> None:
    text = build_offer(SLOTS, LOCAL, "name")
    assert "a=group:BUNDLE a0 v0\r\n" in text
    found = parse_description(text)
    assert [(item.mid, item.kind, item.direction) for item in found.sections] == [
        ("a0", "audio", "sendonly"),
        ("v0", "video", "sendonly"),
    ]
    assert (found.setup, found.ufrag) == ("actpass", LOCAL.credentials.ufrag)
    voice, picture = found.sections
    assert (voice.ssrcs, picture.ssrcs) == ([1001], [2001, 2002])
    assert picture.fid == {2001: 2002}
    assert picture.codecs[97].parameters == {"apt": "96"}
    assert picture.codecs[96].feedback == {
        "nack",
        "nack pli",
        "ccm fir",
        "goog-remb",
        "transport-cc",
    }


def test_another_reader_understands_the_offer() -> None:
    other = SessionDescription.parse(build_offer(SLOTS, LOCAL, "name"))
    assert [media.rtp.muxId for media in other.media] == ["a0", "v0"]
    assert [media.direction for media in other.media] == ["sendonly", "sendonly"]
    ice = other.media[0].ice
    assert ice is not None
    assert ice.iceLite


def test_chromiums_answer_accepts_both_slots() -> None:
    assert read_answer(chromium(), SLOTS) == [
        AcceptedSlot("a0", 1, 2, 3, False),
        AcceptedSlot("v0", 1, 2, 0, True),
    ]


@pytest.mark.parametrize(
    ("changes", "accepted"),
    [
        ([("m=audio 9", "m=audio 0")], ["v0"]),
        ([("a=recvonly", "a=inactive")], []),
        ([("a=recvonly", "a=sendrecv")], ["a0", "v0"]),
        ([("a=recvonly", "a=sendonly")], []),
    ],
)
def test_slots_that_are_not_taken_are_left_out(
    changes: list[tuple[str, str]], accepted: list[str]
) -> None:
    assert [slot.mid for slot in read_answer(chromium(*changes), SLOTS)] == accepted


def test_extensions_that_are_renumbered_or_left_out_are_not_used() -> None:
    answer = chromium(("a=extmap:2", "a=extmap:7"), ("a=extmap:3", "a=extmap:8"))
    assert read_answer(answer, SLOTS)[0] == AcceptedSlot("a0", 1, 0, 0, False)


def test_feedback_on_each_packet_is_taken_where_number_and_feedback_are_accepted() -> None:
    numbered = ("a=extmap:1 ", f"a=extmap:4 {TRANSPORT_CC}\r\na=extmap:1 ")
    told = ("a=rtcp-fb:96 nack\r\n", "a=rtcp-fb:96 nack\r\na=rtcp-fb:96 transport-cc\r\n")
    for changes, ids in (([numbered], [0, 0]), ([told], [0, 0]), ([numbered, told], [0, 4])):
        assert [slot.wide_id for slot in read_answer(chromium(*changes), SLOTS)] == ids


def test_what_firefox_sorts_by_name_is_accepted_with_feedback_and_repair() -> None:
    answer = parse_description(FIREFOX_ANSWER)
    slots = [OfferedSlot(item.mid, KINDS[item.kind], 1, 2) for item in answer.sections]
    for slot, taken in zip(slots, read_answer(answer, slots), strict=True):
        assert taken.wide_id == 4
        assert taken.has_rtx == (slot.kind == "video")


def test_an_answer_of_a_lite_agent_is_refused() -> None:
    with pytest.raises(BadDescription, match="ICE-lite"):
        read_answer(chromium(("t=0 0", "t=0 0\r\na=ice-lite")), SLOTS)


def test_a_slot_without_retransmissions_is_accepted_so() -> None:
    assert not read_answer(chromium(("SAVPF 96 97", "SAVPF 96")), SLOTS)[1].has_rtx


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ([("setup:active", "setup:passive")], "always passive"),
        ([("a=mid:v0", "a=mid:v9")], "mid v9 is not the offered v0"),
        ([("m=video", "m=audio")], "mid v0 is not the offered v0"),
        ([("SAVPF 96 97", "SAVPF 97")], "does not accept VP8"),
    ],
)
def test_an_answer_to_something_else_is_refused(changes: list[tuple[str, str]], why: str) -> None:
    with pytest.raises(BadDescription) as caught:
        read_answer(chromium(*changes), SLOTS)
    assert why in str(caught.value.values["detail"])


def test_an_answer_of_another_length_is_refused() -> None:
    with pytest.raises(BadDescription, match="2 m-lines, the offer 1"):
        read_answer(chromium(), SLOTS[:1])
