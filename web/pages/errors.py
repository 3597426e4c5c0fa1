"""Failures as people and programs read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard
from urllib.parse import quote

from aiohttp import web

from confhub.errors import (
    N_,
    BadInput,
    ConfhubError,
    Forbidden,
    NotSignedIn,
    TooMany,
    Unavailable,
)
from web.pages import missing_right
from web.pages.people import resume
from web.rendering.pages import render, words
from web.rendering.problems import problem
from web.requests.addresses import check_origin, local_target, page_target
from web.requests.auth import PasswordIssued
from web.requests.csrf import StalePage
from web.requests.route import for_programs

_TITLES: Mapping[int, str] = {
    400: N_("Yêu cầu chưa đúng"),
    401: N_("Cần đăng nhập"),
    403: N_("Không có quyền"),
    404: N_("Không tìm thấy trang"),
    405: N_("Thao tác không được nhận"),
    409: N_("Chưa thực hiện được"),
    410: N_("Liên kết không còn hiệu lực"),
    411: N_("Yêu cầu chưa đúng"),
    413: N_("Nội dung quá lớn"),
    415: N_("Kiểu nội dung không được nhận"),
    429: N_("Quá nhiều yêu cầu"),
    500: N_("Hệ thống gặp lỗi"),
    503: N_("Hệ thống đang bận"),
}


async def answer(request: web.Request, error: ConfhubError) -> web.Response:
    """A page, or a problem for programs, with the error's status."""
    if for_programs(request):
        return problem(request, error)
    why = await missing_right.explain(request, error)
    response = await render(
        request,
        "error.html",
        status=error.http_status,
        reasons=why.reasons,
        administrators=why.administrators,
        error_title=words(request).gettext(_TITLES.get(error.http_status, _TITLES[500])),
        error_message=words(request).error(error),
        error_code=error.code,
    )
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


async def answer_not_signed_in(request: web.Request, error: NotSignedIn) -> web.Response:
    """Programs get 401; a person gets the sign-in form and comes back to the page.

    Who was sending a form sends it from there: what was typed is carried along.
    """
    if for_programs(request) or request.headers.get("Upgrade"):
        return problem(request, error)
    fields = await resume.sent_fields(request)
    if fields is not None:
        return await resume.ask_sign_in(request, fields, error)
    target = page_target(request)
    location = "/signin" if target == "/" else f"/signin?next={quote(target, safe='')}"
    return web.Response(status=303, headers={"Location": location})


async def answer_password_issued(request: web.Request, error: PasswordIssued) -> web.Response:
    """Programs get 403; a person gets the page to change it and then the page asked for."""
    if for_programs(request) or request.headers.get("Upgrade"):
        return problem(request, error)
    target = page_target(request)
    location = "/account/password"
    if target != "/":
        location += f"?next={quote(target, safe='')}"
    return web.Response(status=303, headers={"Location": location})


async def answer_stale(request: web.Request, error: StalePage) -> web.Response:
    """A form of an earlier sign-in's page: ask whether to send it in today's.

    Only if the browser itself named the page's origin, which `check_origin` has compared.
    """
    fields = await resume.sent_fields(request)
    if not _is_given_back(fields, request):
        return await answer(request, error)
    target = local_target(request.path_qs)
    return await resume.ask_again(request, target, fields, status=error.http_status)


async def answer_unavailable(request: web.Request, error: Unavailable) -> web.Response:
    """A form that could not be saved: keep what was typed behind a button that sends it again.

    As for a stale page, only where the browser named an origin, and that is ours.
    """
    try:
        check_origin(request)  # the store may have failed before anybody asked
        fields = await resume.sent_fields(request)
    except (BadInput, Forbidden):
        fields = None
    if not _is_given_back(fields, request):
        return await answer(request, error)
    return await resume.ask_again(
        request,
        local_target(request.path_qs),
        fields,
        status=error.http_status,
        problem=words(request).error(error),
    )


def _is_given_back(fields: resume.Fields | None, request: web.Request) -> TypeGuard[resume.Fields]:
    """Whether a form comes back with a button that sends it again."""
    if fields is None or for_programs(request) or "Origin" not in request.headers:
        return False
    return resume.is_returned(request, fields)


def bare_refusal() -> web.Response:
    """429 for who asks far more than anybody's page does: it costs the hub next to nothing."""
    said = N_("Mạng này gửi quá nhiều yêu cầu. Xin chờ một phút rồi thử lại.")
    text = (
        '<!doctype html><html lang="vi"><meta charset="utf-8"><title>confhub</title>'
        f"<h1>{_TITLES[429]}</h1><p>{said}</p>"
        '<p lang="en">Too many requests come from this network. Please try again in a minute.</p>'
        "</html>"
    )
    headers = {"Retry-After": "60"}
    return web.Response(status=429, content_type="text/html", text=text, headers=headers)


def bare_page(reference: str) -> web.Response:
    """A page when even the page of errors fails: no template, store, viewer or catalogue."""
    said = N_("Hệ thống gặp lỗi. Xin báo mã %(reference)s cho cán bộ kỹ thuật.")
    text = (
        '<!doctype html><html lang="vi"><meta charset="utf-8"><title>confhub</title>'
        f"<h1>{_TITLES[500]}</h1><p>{said % {'reference': reference}}</p>"
        '<p lang="en">The system has failed. Please tell the technician the code above.</p>'
        f'<p><a href="/">{N_("Về trang đầu")}</a></p></html>'
    )
    return web.Response(status=500, content_type="text/html", text=text)
