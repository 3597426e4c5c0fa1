"""`confhub load`: its options. What it does is in rooms/load, which __main__ calls."""

from __future__ import annotations

import argparse
from pathlib import Path

from confhub.demo.logins import PASSWORD

# Bounds of what one machine is asked for.
MAX_COUNT = 2000
MAX_SECONDS = 600.0


def add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("links", nargs="*", metavar="LIÊN_KẾT", help="liên kết vào họp, mỗi điểm cầu một cái")
    add("--links-file", type=Path, metavar="TỆP", help="tệp có mỗi dòng một liên kết")
    add("--origin", help="máy chủ trên máy này, khi lấy liên kết bằng cách đăng nhập")
    add("--login", default="thuky.nampo", help="tài khoản thư ký; mặc định: của dữ liệu mẫu")
    add("--password", default=PASSWORD, help="mật khẩu; mặc định: của dữ liệu mẫu")
    add("--meeting", default="", metavar="MÃ", help="mã cuộc họp; mặc định: cuộc đầu tiên thấy")
    add("--sites", type=count, default=500, metavar="SỐ", help="nhiều nhất bấy nhiêu điểm cầu")
    add("--cameras", type=count, default=5, metavar="SỐ", help="bao nhiêu nơi bật camera")
    add("--voices", type=count, default=3, metavar="SỐ", help="bao nhiêu nơi trong đó nói")
    add("--seconds", type=seconds, default=20.0, metavar="GIÂY", help="đo trong bấy lâu")
    add("--together", type=count, default=10, metavar="SỐ", help="bao nhiêu nơi vào cùng lúc")
    add("--json", action="store_true", help="in kết quả dạng JSON")


def count(text: str) -> int:
    value = int(text)
    if not 0 <= value <= MAX_COUNT:
        raise ValueError(text)
    return value


def seconds(text: str) -> float:
    value = float(text)
    if not 1 <= value <= MAX_SECONDS:
        raise ValueError(text)
    return value
