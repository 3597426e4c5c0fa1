"""What a mail server's answer means for a mail, and for those that wait behind it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# sent: the server has it. refused: it never takes it. later: not now. unknown: it was handed over,
# and nobody knows whether the server has it. trouble: no mail goes out; this one was not sent.
Result = Literal["sent", "refused", "later", "unknown", "trouble"]
# from: the hub's own address; to: the site's; data: the mail itself.
Step = Literal["from", "to", "data"]

_CLOSING = 421  # RFC 5321, 4.2.3
_TOO_LARGE = 552


@dataclass(frozen=True, slots=True)
class Outcome:
    """`words` are the server's, else what happened on the way to it."""

    result: Result
    words: str = ""


def refusal(step: Step, code: int, text: str) -> Outcome:
    """Of an answer that is no consent. A server that does not take the hub's own address, and one
    that goes away, are nothing that another site's mail would get around."""
    words = f"{code} {' '.join(text.split())}"
    if code == _CLOSING or (step == "from" and code != _TOO_LARGE):
        return Outcome("trouble", words)
    return Outcome("refused" if code >= 500 else "later", words)
