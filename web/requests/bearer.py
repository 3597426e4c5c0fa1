"""What carries a token in its Authorization header instead of a cookie (RFC 6750)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from aiohttp import web

from confhub.errors import N_, BadInput, ConfhubError, Forbidden, Gone, NotFound
from confhub.meetings.tokens import LinkTokens
from web.requests.entrance import Admitted, Entrance, admit_linked, enter_linked
from web.services import SERVICES

Use = Literal["whip", "whep"]
Found = TypeVar("Found", Entrance, Admitted)


class NoToken(ConfhubError):
    code = "no_token"
    http_status = 401
    message = N_("Thiết bị chưa gửi mã truy cập. Xin nhập mã (Bearer token) lấy ở trang liên kết.")


class BadToken(ConfhubError):
    """Not ours, expired, or of a link that was revoked or renewed."""

    code = "invalid_token"
    http_status = 401
    message = N_("Mã truy cập sai, đã hết hạn hoặc bị thu hồi. Xin lấy mã mới ở trang liên kết.")


class OtherUse(Forbidden):
    code = "insufficient_scope"
    message = N_("Mã này dùng cho chiều ngược lại: mã WHIP chỉ để gửi, mã WHEP chỉ để thu.")


async def enter_by_token(request: web.Request, use: Use) -> Entrance:
    """The place that the request's token opens, in the meeting that its address names.

    Raises NoToken, BadToken, OtherUse, NotFound (another meeting's token) and the errors of
    admission.
    """
    return await _opened(request, use, enter_linked)


async def admit_by_token(request: web.Request, use: Use) -> Admitted:
    """`enter_by_token` without words: what sessions ask again and again."""
    return await _opened(request, use, admit_linked)


async def _opened(
    request: web.Request, use: Use, open_: Callable[[web.Request, str], Awaitable[Found]]
) -> Found:
    link_id = read_link(request, use)
    try:
        found = await open_(request, link_id)
    except (Gone, NotFound):
        raise BadToken from None
    if found.meeting.id != request.match_info["meeting_id"]:
        raise NotFound
    return found


def read_link(request: web.Request, use: Use) -> str:
    """The id of the link that the request's token names. NoToken, BadToken, OtherUse."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NoToken
    signers: dict[Use, LinkTokens] = {
        "whip": request.app[SERVICES].tokens.whip,
        "whep": request.app[SERVICES].tokens.whep,
    }
    for kind, tokens in signers.items():
        try:
            link_id = tokens.read(token.strip())
        except BadInput:
            continue
        if kind != use:
            raise OtherUse
        return link_id
    raise BadToken


def challenge(error: ConfhubError) -> str | None:
    """The WWW-Authenticate of a refusal (RFC 6750 section 3); None where none is due."""
    if isinstance(error, NoToken):
        return 'Bearer realm="confhub"'
    if isinstance(error, BadToken | OtherUse):
        return f'Bearer realm="confhub", error="{error.code}"'
    return None
