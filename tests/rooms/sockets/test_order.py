"""Whatever waits in an outbox and is replaced there, a page reads the room's acts in order."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from rooms.protocol import messages as p
from rooms.protocol.codec import encode_message
from rooms.sockets.outbox import Outbox, Text
from rooms.state.features.floor import HandLowered, Invited
from rooms.state.features.muting import Muted
from tests.rooms.state.test_room import room_with

_room = room_with()
TOLD: list[p.RoomNews] = [
    p.RoomChanged(_room.view()),
    *(_room.changed(member) for member in _room.members.values()),
    p.MemberGone("s-xa"),
    Muted("microphone"),
    HandLowered(),
    Invited(),
]


@given(
    steps=st.lists(
        st.one_of(st.sampled_from(TOLD), st.just("act"), st.just("read")), min_size=1, max_size=60
    )
)
async def test_coalescing_neither_reorders_nor_loses_acts(steps: list[p.RoomNews | str]) -> None:
    outbox, seq = Outbox(), 0
    put: list[p.RoomNews] = []
    read: list[dict[str, object]] = []

    async def take() -> None:
        frame = await outbox.take()
        assert isinstance(frame, Text)
        read.append(msgspec.json.decode(frame.data))

    for step in steps:
        if step == "act":
            seq += 1
        elif step == "read":
            if len(outbox):
                await take()
        elif isinstance(step, p.RoomNews):
            message = msgspec.structs.replace(step, seq=seq)
            assert outbox.put(encode_message(message), message.key())
            put.append(message)
    while len(outbox):
        await take()

    numbers = [message["seq"] for message in read]
    assert numbers == sorted(numbers)  # type: ignore[type-var]
    single = [message for message in put if message.key() is None]
    heard = [message for message in read if message["type"] in ("muted", "hand_lowered", "invited")]
    assert heard == [msgspec.to_builtins(message) for message in single]
    newest = {message.key(): msgspec.to_builtins(message) for message in put if message.key()}
    for state in newest.values():
        assert state in read
