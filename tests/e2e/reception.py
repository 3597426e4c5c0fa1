"""Who receives whom: decoded frames and audio energy at every receiver for every sender."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.e2e.seat import Received, Seat
from tests.waiting import until

# Four pages encode and decode on one small machine: it takes its time, and must come true.
MEDIA_WITHIN_S = 60.0
Receptions = Mapping[str, Mapping[str, Received]]  # by receiver, then sender


async def receptions(seats: Sequence[Seat]) -> Receptions:
    return {seat.member_id: await seat.received() for seat in seats}


async def everybody_receives_everybody(seats: Sequence[Seat], before: Receptions) -> None:
    """Frames and energy of every pair come to be more than `before`."""
    for receiver in seats:
        for sender in seats:
            if sender is not receiver:
                known = before.get(receiver.member_id, {}).get(sender.member_id, Received())
                await _receives(receiver, sender, known)


async def _receives(receiver: Seat, sender: Seat, before: Received) -> None:
    now = Received()

    async def grew() -> bool:
        nonlocal now
        now = (await receiver.received()).get(sender.member_id, Received())
        return now.frames > before.frames and now.energy > before.energy

    try:
        await until(grew, MEDIA_WITHIN_S)
    except TimeoutError:
        who = f"{receiver.member_id} from {sender.member_id}"
        raise AssertionError(f"{who}: {now} is not more than {before}") from None
