"""Ways to a peer, and what the peer has shown of each (RFC 7675, RFC 9000 section 8). Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rooms.media.port import stun

# An answer to a check of ours is worth this long: who left the address was there until then.
# RFC 7675 section 5.1 lets consent live 30 s.
PROOF_S = 30.0
# RFC 9000 section 8.1: less is no use to who attacks, more is not needed by who begins.
AMPLIFICATION = 3
# Checks of ours that wait for an answer on one path: the round trip of the slowest line, 2 s by
# satellite and a queue, at four a second.
MAX_QUESTIONS = 8
# RFC 7675 section 5.1: consent is asked for every 4 to 6 s. The answers also show that a peer is
# there which has nothing else to say, before people are told that its line is in trouble.
CONSENT_S = 4.0
# What was not answered by then may be lost; 25 tries fit before consent runs out.
REPEAT_S = 1.0
# At the beginning somebody waits; then twice as long each time, for a handshake needs its share of
# what may be sent.
FIRST_REPEAT_S = 0.2
# Who came and was not heard again is not asked any more.
ASKED_FOR_S = 5.0
# A peer-reflexive candidate's (RFC 8445 section 5.1.2.1); a check of ours chooses nothing.
PRIORITY = (110 << 24 | 0xFFFF << 8 | 0xFF).to_bytes(4, "big")


class Path(NamedTuple):
    """A way to a peer: the index of the local UDP socket, and the peer's socket address.

    A negative `socket` is the number of a TCP connection.
    """

    socket: int
    address: tuple[Any, ...]

    @property
    def is_stream(self) -> bool:
        return self.socket < 0


@dataclass(slots=True)
class Way:
    """What a peer has shown of one path.

    An authentic check says who sent it, not from where: the source address of a datagram is
    whatever its sender wrote. A path is *proved* when an answer has come from it that only
    somebody can give who receives there; a TCP connection is by itself. Until then at most
    three times what came from it may be sent there.
    """

    is_stream: bool
    seen_at: float
    proved_at: float | None = None
    answered_at: float | None = None
    asked_at: float = float("-inf")
    local_ufrag: str = ""  # of the last check under a description that is known
    remote_ufrag: str = ""
    received: int = 0  # bytes, and
    sent: int = 0  # those since it was last proved
    questions: dict[bytes, str] = field(default_factory=dict)  # by transaction: the password

    def is_proved(self, now: float) -> bool:
        if self.proved_at is None:
            return False
        return self.is_stream or now - self.proved_at < PROOF_S

    def prove(self, now: float) -> None:
        self.proved_at = now
        self.received = self.sent = 0

    def spend(self, size: int, now: float) -> bool:
        """Whether `size` bytes may be sent there; then they count as sent."""
        if self.is_proved(now):
            return True
        if self.sent + size > AMPLIFICATION * self.received:
            return False
        self.sent += size
        return True

    def is_due(self, now: float) -> bool:
        """Whether to ask now whether the peer is there and takes what is sent."""
        if not self.is_proved(now):
            is_here = now - self.seen_at < ASKED_FOR_S
            wait_s = min(FIRST_REPEAT_S * 2 ** max(0, len(self.questions) - 1), REPEAT_S)
            return is_here and now - self.asked_at >= wait_s
        if self.answered_at is not None and self.answered_at >= self.asked_at:
            return now - self.answered_at >= CONSENT_S
        return now - self.asked_at >= REPEAT_S

    def ask(self, transaction_id: bytes, password: str, now: float) -> bytes | None:
        """The check to send; None when so much may not be sent. The peer's ufrag is known."""
        username = f"{self.remote_ufrag}:{self.local_ufrag}".encode()
        data = stun.build_message(
            stun.BINDING_REQUEST,
            transaction_id,
            [
                (stun.USERNAME, username),
                (stun.PRIORITY, PRIORITY),
                (stun.ICE_CONTROLLED, bytes(8)),
            ],
            password,
        )
        if not self.spend(len(data), now):
            return None
        self.asked_at = now
        if len(self.questions) == MAX_QUESTIONS:
            del self.questions[next(iter(self.questions))]
        self.questions[transaction_id] = password
        return data

    def take_answer(self, answer: stun.StunMessage, now: float) -> bool:
        """Whether this is the answer to a check of ours: then the path is proved."""
        password = self.questions.get(answer.transaction_id)
        if password is None or not answer.is_authentic(password):
            return False
        del self.questions[answer.transaction_id]
        self.prove(now)
        self.answered_at = now
        return True
