"""Why a link is as it is, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from confhub.errors import N_
from confhub.quality import LinkState

ReasonCode = Literal[
    "socket_lost",
    "media_failed",
    "media_blocked",
    "media_interrupted",
    "connecting",
    "silent",
    "loss_up",
    "loss_down",
    "delay",
    "concealment",
    "voice",
    "jitter",
    "narrow_up",
    "narrow_down",
    "freezes",
    "cpu",
    "bandwidth",
    "no_microphone",
    "no_camera",
]

MESSAGES: Mapping[ReasonCode, str] = {
    "socket_lost": N_("Mất kết nối từ %(seconds)d giây trước"),
    "media_failed": N_("Kết nối hình và tiếng bị đứt"),
    "media_blocked": N_("Chưa nối được hình và tiếng sau %(seconds)d giây (tường lửa chặn UDP?)"),
    "media_interrupted": N_("Hình và tiếng đang gián đoạn"),
    "connecting": N_("Đang nối hình và tiếng"),
    "silent": N_("Không có số liệu từ %(seconds)d giây trước"),
    "loss_up": N_("Mất gói lên %(percent)d %%"),
    "loss_down": N_("Mất gói xuống %(percent)d %%"),
    "delay": N_("Độ trễ tiếng nói %(ms)d ms"),
    "concealment": N_("Âm thanh bị chắp vá %(percent)d %%"),
    "voice": N_("Tiếng nói kém (MOS %(mos)s)"),
    "jitter": N_("Trễ dao động %(ms)d ms"),
    "narrow_up": N_("Băng thông lên khả dụng chỉ còn %(kbps)d kbps"),
    "narrow_down": N_("Băng thông xuống khả dụng chỉ còn %(kbps)d kbps"),
    "freezes": N_("Hình bị đứng %(count)d lần mỗi phút"),
    "cpu": N_("Máy quá tải (CPU)"),
    "bandwidth": N_("Hình bị giảm nét vì băng thông"),
    "no_microphone": N_("Không có micrô"),
    "no_camera": N_("Không có camera"),
}

# What whoever calls the site can ask for, first what helps most often. None where there is
# nothing to do, or only to wait.
ADVICE: Mapping[ReasonCode, str] = {
    "socket_lost": N_(
        "Gọi điểm cầu: máy còn điện, còn mạng không? Không thì chuyển sang đường dự phòng."
    ),
    "media_failed": N_("Bảo điểm cầu tải lại trang; chưa được thì chuyển sang đường dự phòng."),
    "media_blocked": N_(
        "Tường lửa cần mở cổng media (UDP và TCP); thử tải lại trang hoặc dùng đường dự phòng."
    ),
    "media_interrupted": N_("Chờ nửa phút; không tự nối lại thì tải lại trang."),
    "silent": N_("Gọi điểm cầu: trang họp có đang mở trước màn hình, máy có ngủ không?"),
    "loss_up": N_(
        "Rút máy khác khỏi đường truyền, bỏ Wi-Fi dùng dây; còn mất gói thì chuyển đường dự phòng."
    ),
    "loss_down": N_(
        "Rút máy khác khỏi đường truyền, bỏ Wi-Fi dùng dây; còn mất gói thì chuyển đường dự phòng."
    ),
    "delay": N_("Xem có qua vệ tinh, 3G hay VPN không; dừng tải tệp trên cùng đường truyền."),
    "concealment": N_("Bỏ Wi-Fi dùng dây; bảo điểm cầu chọn “Chỉ âm thanh”."),
    "voice": N_("Bảo điểm cầu chọn “Chỉ âm thanh”; chưa đỡ thì chuyển đường dự phòng."),
    "jitter": N_("Dừng tải tệp, xem phim trên cùng đường truyền; bỏ Wi-Fi dùng dây."),
    "narrow_up": N_("Tắt camera hoặc chọn “Chỉ âm thanh”; kiểm tra gói cước với nhà mạng."),
    "narrow_down": N_("Chọn “Chỉ âm thanh”; dừng tải tệp trên cùng đường truyền."),
    "freezes": N_("Đóng chương trình khác; chưa đỡ thì chọn “Chỉ âm thanh”."),
    "cpu": N_("Đóng chương trình khác trên máy họp, cắm sạc; chưa đỡ thì tắt camera."),
    "no_microphone": N_("Bảo điểm cầu cắm micrô và cho phép trình duyệt dùng micrô."),
    "no_camera": N_("Bảo điểm cầu cắm camera và cho phép trình duyệt dùng camera."),
}

# From best to worst. `absent` is outside of it: nothing is known to be wrong.
RANK: Mapping[LinkState, int] = {"absent": 0, "good": 1, "fair": 2, "poor": 3, "lost": 4}


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that was found. `state` is what it alone makes of the link; good: only a note.

    `message % values` after translation of `message` (a Vietnamese msgid); a number that is no
    whole one is written first as the language writes it (Formats.decimal).
    """

    code: ReasonCode
    state: LinkState
    values: Mapping[str, float] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return MESSAGES[self.code]

    @property
    def advice(self) -> str:
        """What to ask the site for, a msgid; empty where there is nothing to do."""
        return ADVICE.get(self.code, "")


def worst(reasons: tuple[Reason, ...]) -> LinkState:
    """The state of a link that is there: that of its worst reason, or good."""
    return max((reason.state for reason in reasons), key=RANK.__getitem__, default="good")
