"""Which layers of a sender anybody watches: the others it need not encode or send. Pure."""

from __future__ import annotations

# People turn pages, speakers change: what is not looked at for this long is paused. An encoder
# that starts again costs a key frame, which is as much as a second of the stream.
PAUSE_AFTER_S = 5.0
# A page told to send again does so within a round trip and a frame or two. What has not come
# after this the sender cannot send (no rate, no processor): nobody should wait for it.
AWAIT_S = 3.0


class LayerWatch:
    """One layer. `is_paused`: its sender is to leave it out."""

    __slots__ = ("_resumed_at", "_wanted_at", "is_paused")

    def __init__(self) -> None:
        self.is_paused = False
        self._wanted_at: float | None = None
        self._resumed_at: float | None = None

    def judge(self, is_wanted: bool, is_arriving: bool, now: float) -> bool:
        """Look anew, a few times a second and when somebody begins to want it; True: changed.

        Only what arrives is paused: a sender that cannot send a layer need not be told.
        """
        if is_wanted or self._wanted_at is None:
            self._wanted_at = now
        if self.is_paused:
            if is_wanted:
                self.is_paused = False
                self._resumed_at = now
            return is_wanted
        if is_arriving and now - self._wanted_at >= PAUSE_AFTER_S:
            self.is_paused = True
        return self.is_paused

    def is_expected(self, now: float) -> bool:
        """Not arriving, but it would: it is paused, or has been asked for just now."""
        asked_at = self._resumed_at
        return self.is_paused or (asked_at is not None and now - asked_at < AWAIT_S)
