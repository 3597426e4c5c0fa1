"""A way to PostgreSQL on which the answer to a COMMIT can be lost."""

from __future__ import annotations

from tests.line import Line, Passage

COMMIT = b"COMMIT;"  # as the driver spells it
DONE = b"COMMIT\0"  # the server's tag of a commit that is through


class CommitLine(Line):
    """Breaks a connection at its next COMMIT when told to.

    `lose_answer`: the server has committed by then. `lose_commit`: it never hears of it. With
    `stays_down` nobody comes through any more until `mend`.
    """

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self._mode = ""
        self._stays_down = False
        self.broken = 0

    def lose_answer(self, *, stays_down: bool = False) -> None:
        self._mode, self._stays_down = "answer", stays_down

    def lose_commit(self) -> None:
        self._mode, self._stays_down = "commit", False

    def passages(self) -> tuple[Passage, Passage]:
        losing = False

        def ask(data: bytes) -> bytes | None:
            nonlocal losing
            if COMMIT not in data or not self._mode:
                return data
            mode, self._mode = self._mode, ""
            self.broken += 1
            self.is_down = self._stays_down
            losing = True
            return None if mode == "commit" else data

        def answer(data: bytes) -> bytes | None:
            if losing:
                return None if DONE in data else b""
            return data

        return ask, answer
