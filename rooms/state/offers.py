"""Which offer of a member's receiving connection is out: one at a time. Pure."""

from __future__ import annotations

from confhub.errors import N_, Conflict

# A phone waking up takes some seconds; a page that has not answered by then lost the message
# or its connection, and a new offer does no harm.
ANSWER_TIMEOUT_S = 15.0


class StaleAnswer(Conflict):
    """An answer to an offer that is no longer out; the client just drops it."""

    code = "stale_answer"
    message = N_("Trả lời này dành cho một lời mời kết nối đã cũ.")


class Offers:
    """Ids count up from 1 for as long as the member's media lives, over all its sockets."""

    def __init__(self) -> None:
        self._last_id = 0
        self._sent_at: float | None = None  # None: no offer is out
        self._wanted = False

    def want(self) -> None:
        """An offer should go out as soon as none is out."""
        self._wanted = True

    def is_due(self, now: float) -> bool:
        if self._sent_at is None:
            return self._wanted
        return now >= self._sent_at + ANSWER_TIMEOUT_S

    def deadline(self) -> float | None:
        """When `is_due` will turn true by itself."""
        return None if self._sent_at is None else self._sent_at + ANSWER_TIMEOUT_S

    def send(self, now: float) -> int:
        """The id of the offer that goes out now."""
        self._wanted = False
        self._sent_at = now
        self._last_id += 1
        return self._last_id

    def check(self, offer_id: int) -> None:
        """Raise StaleAnswer unless this is the offer that is out."""
        if self._sent_at is None or offer_id != self._last_id:
            raise StaleAnswer

    def settle(self) -> None:
        """The answer was accepted."""
        self._sent_at = None

    def withdraw(self) -> None:
        """The offer that is out cannot be answered any more: another must follow."""
        if self._sent_at is not None:
            self._sent_at = None
            self._wanted = True
