"""A device's receive connection (WHEP): one offer of its own, and the loudest voices on what
m-lines it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rooms.media.errors import BadDescription
from rooms.media.port.transport import MakeTransport, Transport
from rooms.media.sdp.answer import LocalDescription
from rooms.media.sdp.description import parse_description
from rooms.media.sdp.playback import PlayedLine, agree_playback, build_playback
from rooms.media.sending.slot import AudioSlot, VideoSlot
from rooms.media.sending.subscriber import AUDIO_SLOTS, Subscriber, SubscriberOwner
from rooms.media.source import Kind, SourceKey

# A device that checks its path no more and only receives is heard of by its answers, every 4 s, and
# its reports, every 2.5 to 7.5 s (RFC 3550 section 6.2): one of each may be lost.
PATIENCE_S = 15.0
# A projector or recorder shows one picture.
PLACES: Mapping[Kind, int] = {"audio": AUDIO_SLOTS, "video": 1}


class Player(Subscriber):
    """Made by Conference.player. `set_view` says what its picture shows."""

    def __init__(
        self,
        member_id: str,
        owner: SubscriberOwner,
        make_transport: MakeTransport,
        describe: Callable[[Transport, int], LocalDescription],
        cname: str,
        besides: str,
    ) -> None:
        """`besides`: the member of the same hall, whose voice would echo; "" for none."""
        super().__init__(member_id, owner, make_transport, describe, cname)
        self._transport.agent.patience_s = PATIENCE_S
        self._besides = besides

    def offer(self) -> str:
        raise BadDescription("a player makes the offer itself")

    def answer(self, offer_sdp: str) -> str:
        """Answer the device's offer. Raises BadDescription and then changes nothing."""
        offer = parse_description(offer_sdp)
        lines = agree_playback(offer, PLACES)
        self._transport.set_remote(offer.ufrag, offer.password, offer.fingerprints)
        slots = [self._open(line) for line in lines]
        self._audio = [slot for slot in slots if isinstance(slot, AudioSlot)]
        self._video = [slot for slot in slots if isinstance(slot, VideoSlot)]
        self._by_ssrc = {slot.ssrc: slot for slot in slots}
        self._line.agree(any(line.accepted.wide_id for line in lines))
        self._version += 1
        self._owner.needs_refresh()
        local = self._describe(self._transport, self._version)
        return build_playback(offer, lines, [slot.offered for slot in slots], local, self._cname)

    def refresh(self, ranking: Sequence[SourceKey], now: float) -> None:
        """With fewer lines than voices, the member whose word it is comes first."""
        heard = [key for key in ranking if key.member_id != self._besides]
        dominant = self._owner.dominant
        heard.sort(key=lambda key: key.member_id != dominant)
        super().refresh(heard, now)

    def _open(self, line: PlayedLine) -> AudioSlot | VideoSlot:
        make = AudioSlot if line.kind == "audio" else VideoSlot
        slot = make(line.mid, self._make_stream)
        slot.accept(line.accepted)
        return slot
