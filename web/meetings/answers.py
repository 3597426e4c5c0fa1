"""What sites answered, in words."""

from __future__ import annotations

from collections.abc import Mapping

from confhub.answers.given import State
from confhub.errors import N_

ANSWERS: Mapping[State, str] = {
    "attending": N_("dự họp"),
    "declined": N_("không dự"),
    "unsure": N_("chưa chắc"),
}
