"""What was typed into a form outlives the sign-in it was typed in, and a store that is away.

A form that arrives after the sign-in ended is answered with the sign-in form, which carries the
fields along; once signed in, a page with one button sends them again with today's token. The
same page answers a form that could not be stored: a full disk, a database that restarts. They
travel in the pages alone, so nothing of somebody unknown is ever stored. Nor is much of his given
back: an answer that nobody takes lies about (web/unsent.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import msgspec
from aiohttp import web

from confhub.errors import N_, ConfhubError
from web.rendering.pages import render, words
from web.requests.addresses import local_target, page_target
from web.requests.auth import VIEWER
from web.requests.csrf import FIELD
from web.requests.form_body import media_type, posted_form
from web.requests.route import PLAIN_TYPE

# Of somebody unknown, as it stands in the page: the longest note and agenda and a thousand sites.
STRANGER_BYTES = 64 * 1024
_TOO_LONG = N_(
    "Phiên đăng nhập đã hết, và nội dung vừa gửi quá dài nên trang này không giữ được. "
    "Xin đăng nhập, rồi gửi lại từ trang đã nhập."
)

Fields = Sequence[tuple[str, str]]
_unpack = msgspec.json.Decoder(list[tuple[str, str]]).decode
# Fields of the sign-in form: where the form before it was sent, and its own fields, all in one:
# the page of somebody unknown costs the same whatever he sent.
TARGET = "resume"
CARRIED = "carried"
# A form with a password is typed anew: no page of ours ever has one written into it.
_PASSWORDS = frozenset({"password", "password_again", "present"})


async def sent_fields(request: web.Request) -> Fields | None:
    """The text fields of the posted form without its token; None if it cannot be sent again.

    Their size is bounded by that of any form. Files cannot be written into a page.
    """
    if request.method != "POST" or media_type(request) != PLAIN_TYPE:
        return None
    form = await posted_form(request)
    if not _PASSWORDS.isdisjoint(form):
        return None
    return [(n, v) for n, v in form.items() if isinstance(v, str) and n != FIELD]


async def carried_form(request: web.Request) -> tuple[str, Fields] | None:
    """Target and fields of the form that the posted sign-in form carried, if it did; none longer
    than we give anybody to carry."""
    form = await posted_form(request)
    target, packed = form.get(TARGET), form.get(CARRIED)
    if not isinstance(target, str) or not isinstance(packed, str) or _is_long(packed):
        return None
    try:
        fields = _unpack(packed)
    except msgspec.DecodeError:
        return None
    return local_target(target), fields


def pack(carried: tuple[str, Fields] | None) -> tuple[str, str] | None:
    """For the sign-in page: the target, and the fields as one."""
    return carried and (carried[0], msgspec.json.encode(carried[1]).decode())


async def ask_sign_in(request: web.Request, fields: Fields, error: ConfhubError) -> web.Response:
    """The sign-in form in the place of the form's answer, or instead of one that is too long."""
    carried = pack((local_target(request.path_qs), fields))
    is_long = carried is not None and _is_long(carried[1])
    return await render(
        request,
        "signin.html",
        status=error.http_status,
        login="",
        target=page_target(request) if is_long else "/",
        carried=None if is_long else carried,
        problem=words(request).gettext(_TOO_LONG) if is_long else "",
    )


def is_returned(request: web.Request, fields: Fields) -> bool:
    """Whether `ask_again` gives that much back to whoever sent it."""
    return VIEWER in request or not _is_long(msgspec.json.encode(fields).decode())


def _is_long(packed: str) -> bool:
    """A quotation mark is five bytes in a page."""
    size = len(packed.encode("utf-8", "surrogateescape"))
    return size > STRANGER_BYTES or len(escape(packed).encode()) > STRANGER_BYTES


async def ask_again(
    request: web.Request, target: str, fields: Fields, *, status: int = 200, problem: str = ""
) -> web.Response:
    """A page with a button that sends `fields` to `target` with the viewer's token.

    `problem`: why they were not saved, if not because an earlier sign-in ended.
    """
    return await render(
        request, "resume.html", status=status, target=target, fields=fields, problem=problem
    )
