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
    """`words` are the server's, else what happened on the way to it; `gone`: it has hung up."""

    result: Result
    words: str = ""
    gone: bool = False


def refusal(step: Step, code: int, text: str) -> Outcome:
    """Of an answer that is no consent. Where a server does not take the hub's own address, no other
    site's mail would get around it. Where it hangs up later, other mails may."""
    words = f"{code} {' '.join(text.split())}"
    if step == "from" and code != _TOO_LARGE:
        return Outcome("trouble", words)
    if code == _CLOSING:
        return Outcome("later", words, gone=True)
    return Outcome("refused" if code >= 500 else "later", words)
