"""What a device's offer asks for, and how it is refused (RFC 9725). Pure."""

from __future__ import annotations

from confhub.errors import N_
from rooms.media.errors import BadDescription, LitePeer
from rooms.media.sdp.description import Description, parse_description
from rooms.media.source import Source

SOURCES: dict[str, Source] = {"audio": "microphone", "video": "camera"}


class MalformedOffer(BadDescription):
    """The device wrote what is no session description."""

    http_status = 400


class NotAcceptable(BadDescription):
    """Well-formed, but not what the hub takes or gives. Nothing is accepted by halves."""

    code = "not_acceptable"
    http_status = 406
    message = N_(
        "Hệ thống không nhận được luồng mà thiết bị đề nghị (%(detail)s). "
        "Xin đặt thiết bị dùng hình VP8 và tiếng Opus, mỗi loại một luồng, gộp chung (BUNDLE)."
    )

    @classmethod
    def of(cls, error: BadDescription) -> NotAcceptable:
        made = cls(str(error.values["detail"]))
        if isinstance(error, LitePeer):
            made.message = error.message  # it says itself what to set
        return made


def read_offer(text: str) -> Description:
    """Raises MalformedOffer."""
    try:
        return parse_description(text)
    except BadDescription as error:
        raise MalformedOffer(str(error.values["detail"])) from None


def sources_of(offer: Description) -> dict[str, Source]:
    """What each sending m-line carries, by mid: one voice and one picture; NotAcceptable."""
    sending = [section for section in offer.sections if section.kind in SOURCES and section.sends]
    kinds = [section.kind for section in sending]
    if not sending:
        raise NotAcceptable("no m-line sends audio or video")
    if len(set(kinds)) != len(kinds):
        raise NotAcceptable("more than one m-line of a kind")
    return {section.mid: SOURCES[section.kind] for section in sending}
