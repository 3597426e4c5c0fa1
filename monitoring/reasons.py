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
    "delay": N_("Tiếng trễ %(ms)d ms"),
    "concealment": N_("Âm thanh bị chắp vá %(percent)d %%"),
    "voice": N_("Tiếng nói kém (MOS %(mos)s)"),
    "jitter": N_("Trễ dao động %(ms)d ms"),
    "narrow_up": N_("Băng thông lên chỉ còn %(kbps)d kbps"),
    "narrow_down": N_("Băng thông xuống chỉ còn %(kbps)d kbps"),
    "freezes": N_("Hình bị đứng %(count)d lần mỗi phút"),
    "cpu": N_("Máy quá tải (CPU)"),
    "bandwidth": N_("Hình bị giảm nét vì băng thông"),
    "no_microphone": N_("Không có micrô"),
    "no_camera": N_("Không có camera"),
}

# From best to worst. `absent` is outside of it: nothing is known to be wrong.
RANK: Mapping[LinkState, int] = {"absent": 0, "good": 1, "fair": 2, "poor": 3, "lost": 4}


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that was found. `state` is what it alone makes of the link; good: only a note.

    `message % values` after translation of `message` (a Vietnamese msgid).
    """

    code: ReasonCode
    state: LinkState
    values: Mapping[str, int | str] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return MESSAGES[self.code]


def worst(reasons: tuple[Reason, ...]) -> LinkState:
    """The state of a link that is there: that of its worst reason, or good."""
    return max((reason.state for reason in reasons), key=RANK.__getitem__, default="good")
