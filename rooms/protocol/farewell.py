"""How a socket is told goodbye: words, whether to come back, and the WebSocket close code.

Codes: RFC 6455 section 7.4.1; 4000-4999 are free for private use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from confhub.errors import N_, ConfhubError
from confhub.words.languages import Language
from rooms.protocol.messages import Closed, CloseReason, Problem, repeated

# From a Vietnamese msgid to the words in a language.
Translate = Callable[[str, Language], str]


@dataclass(frozen=True, slots=True)
class Farewell:
    code: int
    retry: bool
    message: str


FAREWELLS: dict[CloseReason, Farewell] = {
    "left": Farewell(1000, False, N_("Bạn đã rời cuộc họp.")),
    "ended": Farewell(1000, False, N_("Cuộc họp đã kết thúc.")),
    "replaced": Farewell(4001, False, N_("Điểm cầu này vừa vào họp từ một thiết bị khác.")),
    "revoked": Farewell(
        4003, False, N_("Liên kết hoặc phiên đăng nhập không còn hiệu lực. Xin liên hệ thư ký.")
    ),
    "removed": Farewell(4004, False, N_("Điểm cầu này không còn trong thành phần dự họp.")),
    "sent_out": Farewell(4005, False, N_("Thư ký đã mời điểm cầu này ra khỏi phòng họp.")),
    "stopping": Farewell(
        1012, True, N_("Máy chủ họp đang khởi động lại. Trang sẽ tự kết nối lại.")
    ),
    "lost": Farewell(4008, True, N_("Đường truyền quá chậm. Trang sẽ tự kết nối lại.")),
    "protocol": Farewell(
        1008, False, N_("Trang này gửi dữ liệu không đúng hoặc đã cũ. Xin tải lại trang.")
    ),
}


def no_translation(message: str, language: Language) -> str:
    return message


def say_closed(
    reason: CloseReason, language: Language, translate: Translate, message: str | None = None
) -> Closed:
    """The last message of a socket; `message` (translated) says more than the usual words."""
    farewell = FAREWELLS[reason]
    return Closed(reason, message or translate(farewell.message, language), farewell.retry)


def say_error(error: ConfhubError, language: Language, translate: Translate) -> str:
    """The error's words in a person's language."""
    message = translate(error.message, language)
    return message % error.values if error.values else message


def say_problem(
    error: ConfhubError,
    about: str | None,
    request: str | None,
    language: Language,
    translate: Translate,
) -> Problem:
    words = say_error(error, language, translate)
    return Problem(error.code, words, about, request=repeated(request))
