"""One member's socket as its room sees it: put a message, or say goodbye. Never waits."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from confhub.errors import ConfhubError
from rooms.protocol import messages as p
from rooms.protocol.codec import encode_message
from rooms.protocol.farewell import FAREWELLS, Translate, say_closed, say_error, say_problem
from rooms.protocol.versions import Spoken
from rooms.sockets.counts import Tally
from rooms.sockets.outbox import Outbox
from rooms.state.seat import Seat


class Connection:
    takes_offers = True  # somebody is there to receive: the hub makes its offer

    def __init__(self, seat: Seat, translate: Translate, tally: Tally) -> None:
        self.seat = seat
        self.outbox = Outbox()
        self.spoken = Spoken()  # once hello was heard
        self.recheck: Callable[[], None] = lambda: None  # ask `check` again now
        self._translate = translate
        self._tally = tally

    def send(self, message: p.HubMessage) -> None:
        self.send_text(encode_message(message), message.key())

    def send_text(self, text: str, key: Hashable | None) -> None:
        """A message encoded once for many. A socket that does not keep up is closed."""
        if not self.outbox.put(text, key):
            self.close("lost", drop_waiting=True)

    def refuse(self, error: ConfhubError, about: str | None, request: str | None = None) -> None:
        """Tell the client, in its language, why its message was not carried out."""
        self._tally.rejected[error.code] += 1
        self.send(say_problem(error, about, request, self.seat.language, self._translate))

    def close(
        self,
        reason: p.CloseReason,
        error: ConfhubError | None = None,
        *,
        drop_waiting: bool = False,
    ) -> None:
        """Say goodbye and close; `error` says more than the usual words of `reason`."""
        language = self.seat.language
        words = say_error(error, language, self._translate) if error else None
        closed = say_closed(reason, language, self._translate, words)
        self.outbox.finish(
            FAREWELLS[reason].code, encode_message(closed), drop_waiting=drop_waiting
        )
