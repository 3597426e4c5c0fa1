"""What a mail server's answer means for a mail, and for those that wait behind it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from confhub.errors import N_

# sent: the server has it. refused: it never takes it. later: not now. unknown: it was handed over,
# and nobody knows whether the server has it. trouble: no mail goes out; this one was not sent.
Result = Literal["sent", "refused", "later", "unknown", "trouble"]
# from: the hub's own address; to: the site's; data: the mail itself.
Step = Literal["from", "to", "data"]

# What we say ourselves, each in its reader's language: these stand in the record as they are here.
NO_ADDRESS = N_("Điểm cầu không có địa chỉ thư.")
TOO_LATE = N_("Chưa gửi được thì cuộc họp đã kết thúc.")
NOT_WRITTEN = N_("Hệ thống chưa viết được thư này. Xin báo cán bộ kỹ thuật.")
NO_SERVER = N_("Chưa nối hoặc chưa đăng nhập được vào máy chủ thư.")
CUT_OFF = N_("Kết nối với máy chủ thư bị ngắt trước khi trao thư.")
NOT_HEARD = N_("Đã trao thư mà không biết máy chủ thư có nhận không.")
UNKNOWN = N_(
    "Đã trao thư hai lần mà không biết máy chủ thư có nhận không. Xin hỏi điểm cầu trước khi gửi"
    " lại."
)
_OURS = frozenset({NO_ADDRESS, TOO_LATE, NOT_WRITTEN, NO_SERVER, CUT_OFF, NOT_HEARD, UNKNOWN})

_CLOSING = 421  # RFC 5321, 4.2.3
_TOO_LARGE = 552


@dataclass(frozen=True, slots=True)
class Outcome:
    """`words` are the server's, or those of the program that asked it; `ours`, one of the messages
    above, says what happened to it where the server did not; `gone`: it has hung up."""

    result: Result
    words: str = ""
    gone: bool = False
    ours: str = ""

    @property
    def on_record(self) -> str:
        """What `parts_of` takes apart."""
        return "\n".join(one for one in (self.ours, " ".join(self.words.split())) if one)


def parts_of(error: str) -> tuple[str, str]:
    """Of what is on record of a mail that did not go: our message, still to be said in somebody's
    language, and a server's or a program's words; either may be empty."""
    ours, _, words = error.partition("\n")
    return (ours, words) if ours in _OURS else ("", error)


def refusal(step: Step, code: int, text: str) -> Outcome:
    """Of an answer that is no consent. Where a server does not take the hub's own address, no other
    site's mail would get around it. Where it hangs up later, other mails may."""
    words = f"{code} {' '.join(text.split())}"
    if step == "from" and code != _TOO_LARGE:
        return Outcome("trouble", words)
    if code == _CLOSING:
        return Outcome("later", words, gone=True)
    return Outcome("refused" if code >= 500 else "later", words)
