"""The command `confhub`. `serve` lives here because it alone wires every part together."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

import uvloop

from confhub.commands import Command, load, run
from confhub.config import Settings
from confhub.hub.logs import set_up_logging, tell_what_starts
from confhub.hub.one_hub import is_at_a_terminal


def _add_serve_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--host",
        dest="listen_host",
        metavar="ĐỊA_CHỈ",
        help="địa chỉ nhận kết nối; mặc định: chỉ máy này khi không có TLS, mọi địa chỉ khi có",
    )
    add("--port", dest="listen_port", type=int, metavar="CỔNG", help="cổng TCP của các trang")
    add(
        "--workers",
        dest="media_workers",
        type=int,
        metavar="SỐ",
        help="số tiến trình riêng cho hình và tiếng; 0: chung với các trang",
    )
    # How the process that keeps the others says to each of them which one it is.
    add("--part", help=argparse.SUPPRESS)
    add("--accept-on", help=argparse.SUPPRESS)
    add("--media-port", type=int, metavar="CỔNG", help="cổng UDP và TCP của hình và tiếng")
    parser.add_argument(
        "--tls",
        choices=("off", "lab", "files"),
        help="off: http, chỉ để thử trên máy này; lab: chứng thư tự tạo, để thử trong mạng nội bộ;"
        " files: chứng thư của đơn vị, trong hai tệp dưới đây",
    )
    parser.add_argument("--tls-certificate", metavar="TỆP", help="PEM, gồm cả chuỗi chứng thư")
    parser.add_argument("--tls-key", metavar="TỆP", help="PEM; mặc định: nằm trong tệp chứng thư")
    parser.add_argument(
        "--log-level", choices=("debug", "info", "warning", "error"), help="ghi nhật ký từ mức này"
    )
    parser.add_argument(
        "--access-log", action="store_true", default=None, help="ghi mỗi yêu cầu một dòng"
    )


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    # Imported here so that `confhub migrate` does not load the media engine.
    set_up_logging(settings.log_level, access=settings.access_log)
    # The keeper's word to start the hub anew. A hub without one, or a part whose number somebody
    # took for the keeper's, must not die of it, which is what the system does by itself.
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    # To take a renewed certificate: of a hub alone.
    if not is_at_a_terminal():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    kind, _, index = (options.part or "").partition(":")
    if settings.media_workers and not kind:
        from confhub.hub.keeper import keep

        return keep(settings)
    if kind == "media":
        from confhub.hub.media_worker import serve_media

        work = serve_media(settings, int(index))
    else:
        from confhub.hub.wiring import serve

        tell_what_starts(settings)
        accept_on = [int(number) for number in (options.accept_on or "").split(",") if number]
        work = serve(settings, accept_on, is_kept=kind == "hub")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)
    return 0


def _load(settings: Settings, options: argparse.Namespace) -> int:
    from rooms.load.command import run as run_load

    return run_load(settings, options)


SERVE = Command("serve", "chạy máy chủ họp", _add_serve_options, _serve)
LOAD = Command("load", "thử tải bằng các điểm cầu mô phỏng", load.add_options, _load)


def main() -> int:
    return run(sys.argv[1:], extra=[SERVE, LOAD])


if __name__ == "__main__":
    sys.exit(main())
