"""What the house could not get done: jobs and news that were given up, and another try of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from aiohttp import web

from confhub.desks import jobs as desk
from confhub.errors import N_, Forbidden, NotFound
from web.rendering.pages import redirect, render, words
from web.requests.auth import actor_of, require_viewer
from web.services import SERVICES

# More in one page say no more than that something is broken; the metrics have the number.
MOST_ROWS = 100

# What a job or a topic is for, in people's words; one of another version goes by its own name.
NAMES: Mapping[str, str] = {
    "overrun meetings": N_("Tìm cuộc họp quá giờ"),
    "overrun meeting": N_("Kết thúc cuộc họp quá giờ"),
    "audit chain": N_("Niêm phong nhật ký thao tác"),
    "reminders": N_("Tìm cuộc họp cần nhắc trả lời"),
    "reminders of a meeting": N_("Nhắc các điểm cầu chưa trả lời"),
    "notices of a time": N_("Lập thư báo về giờ họp chờ xác nhận"),
    "series ahead": N_("Tìm chuỗi họp cần lập tiếp"),
    "one series": N_("Lập các buổi của chuỗi họp"),
    "mail of a meeting": N_("Lập thư mời của cuộc họp"),
    "old audit lines": N_("Xóa nhật ký thao tác cũ"),
    "old attendance": N_("Xóa danh sách dự họp cũ"),
    "old answers": N_("Xóa tên người trong trả lời cũ của điểm cầu"),
    "old replies": N_("Xóa thư trả lời cũ"),
    "old links": N_("Cho hết hạn liên kết vào họp cũ"),
    "old jobs": N_("Dọn việc đã xong"),
    "old news": N_("Dọn tin đã gửi"),
    "dropped mails": N_("Dọn thư đã bỏ, không gửi"),
    "kept answers": N_("Xóa câu trả lời đã giữ cho hệ thống khác"),
    "old notices": N_("Xóa thư báo cũ về giờ họp"),
    "letters of no mail": N_("Dọn lời mời không còn thư nào dùng"),
    "meetings": N_("Báo phòng họp biết thay đổi"),
    "accounts": N_("Báo các máy chủ biết tài khoản thay đổi"),
}


async def list_page(request: web.Request) -> web.Response:
    """Jobs are the whole house's: who administers a part of it has no say."""
    if not require_viewer(request).runs_the_house:
        raise Forbidden
    services = request.app[SERVICES]
    jobs = await services.store.jobs.dead(MOST_ROWS)
    news = await services.store.outbox.dead(MOST_ROWS)
    letters = [("job", one) for one in jobs] + [("news", one) for one in news]
    letters.sort(key=lambda one: one[1].dead_at, reverse=True)
    return await render(request, "jobs/list.html", letters=letters[:MOST_ROWS], names=NAMES)


async def again(request: web.Request) -> web.Response:
    """POST: try one more time what was given up."""
    what = next((one for one in get_args(desk.What) if one == request.match_info["what"]), None)
    if what is None:
        raise NotFound
    services = request.app[SERVICES]
    await desk.again(services.store, actor_of(request), what, request.match_info["letter_id"])
    if services.jobs is not None:
        services.jobs.wake()
    said = words(request).gettext(N_("Đang làm lại. Nếu vẫn không được, việc lại hiện ở đây."))
    return redirect(request, "/jobs", said)
