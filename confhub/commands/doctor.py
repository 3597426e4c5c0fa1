"""`confhub doctor`: what is wrong with this hub's set-up, and what to mend."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import logging
import os
from collections.abc import Mapping

from confhub.commands import Command
from confhub.config import Settings
from confhub.errors import N_
from confhub.hub.doctor.finding import Finding, Verdict, worst
from confhub.hub.doctor.rounds import examine
from confhub.words.catalogue import Catalogue, catalogue

# Apart from what fails (1) and from wrong options (2), as of `audit verify`.
BROKEN = 3

_HEADS: Mapping[Verdict, str] = {
    "good": N_("tốt"),
    "warning": N_("CHÚ Ý"),
    "broken": N_("HỎNG"),
}
_SUMS: Mapping[Verdict, str] = {
    "good": N_("Mọi thứ đều tốt."),
    "warning": N_("Chạy được, nhưng có chỗ nên sửa."),
    "broken": N_("Có chỗ hỏng phải sửa."),
}
_PARTS: Mapping[str, str] = {
    "backup": N_("sao lưu"),
    "buffers": N_("bộ đệm"),
    "certificate": N_("chứng thư"),
    "clock": N_("đồng hồ"),
    "core": N_("lõi"),
    "database": N_("dữ liệu"),
    "disk": N_("đĩa"),
    "files": N_("số tệp"),
    "jobs": N_("việc nền"),
    "key": N_("khóa"),
    "mail": N_("gửi thư"),
    "mailbox": N_("hộp thư"),
    "name": N_("tên miền"),
    "ports": N_("cổng"),
    "redis": "Redis",
    "scanner": N_("diệt vi-rút"),
    "turn": "TURN",
}


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="in ra cho chương trình đọc")


def _examine(settings: Settings, options: argparse.Namespace) -> int:
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)  # what the checks meet is in what they find
    try:
        found = asyncio.run(examine(settings, dt.datetime.now(dt.UTC)))
    finally:
        logging.disable(before)
    words = catalogue("en" if os.environ.get("LANG", "").startswith("en") else "vi")
    print(as_json(found, words) if options.json else as_text(found, words))
    return BROKEN if worst(found) == "broken" else 0


def as_text(found: list[Finding], words: Catalogue) -> str:
    lines = []
    for one in found:
        head = f"{words.gettext(_HEADS[one.verdict]):<7} {words.gettext(_PARTS[one.part])}:"
        lines.append(f"{head} {_said(one, words)}")
        if one.remedy:
            lines.append(f"        → {words.gettext(one.remedy)}")
    return "\n".join([*lines, "", words.gettext(_SUMS[worst(found)])])


def as_json(found: list[Finding], words: Catalogue) -> str:
    rows = [
        {
            "part": one.part,
            "verdict": one.verdict,
            "message": _said(one, words),
            "remedy": words.gettext(one.remedy) if one.remedy else "",
        }
        for one in found
    ]
    return json.dumps({"verdict": worst(found), "findings": rows}, ensure_ascii=False, indent=1)


def _said(one: Finding, words: Catalogue) -> str:
    text = words.gettext(one.message)
    return text % one.values if one.values else text


COMMANDS = (
    Command(
        "doctor",
        "kiểm tra máy chủ: đĩa, cơ sở dữ liệu, cổng, chứng thư, thư, sao lưu…",
        _add_options,
        _examine,
    ),
)
