"""What carries a token in its Authorization header instead of a cookie (RFC 6750)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from aiohttp import web

from confhub.desks.rights import powers_by_token
from confhub.errors import N_, BadInput, ConfhubError, Forbidden, Gone, NotFound
from confhub.identity import secret_hash
from confhub.meetings.tokens import LinkTokens
from confhub.people.api_token import Scope
from confhub.turns import ASKER, asking
from web.requests.auth import ENDED, TOUCH_EVERY, local_time, note_use
from web.requests.entrance import Admitted, Entrance, admit_linked, enter_linked
from web.requests.viewer import Viewer
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


class NoAccessToken(NoToken):
    message = N_("Chưa gửi mã truy cập. Xin gửi tiêu đề Authorization: Bearer kèm mã của đơn vị.")


class BadAccessToken(BadToken):
    message = N_("Mã truy cập sai, đã hết hạn hoặc bị thu hồi. Xin nhờ quản trị đơn vị tạo mã mới.")


class OtherScope(OtherUse):
    message = N_("Mã truy cập này không có quyền làm việc đó.")


def read_token(request: web.Request) -> str:
    """What the request carries, if we ever made it: no store is asked. NoAccessToken,
    BadAccessToken."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise NoAccessToken
    if request.app[SERVICES].tokens.programs.open(token) is None:
        raise BadAccessToken
    return token


async def viewer_by_token(request: web.Request) -> Viewer:
    """Who may what its token says, in its maker's name. As `read_token`, and BadAccessToken where
    the token, its unit or its maker's account has ended."""
    digest = secret_hash(read_token(request))
    services, now = request.app[SERVICES], request.app[SERVICES].clock()
    if request.app[ENDED].holds(digest, now):
        raise BadAccessToken
    with asking(f"token {digest}"):
        token = await services.store.api_tokens.by_hash(digest)
    if token is None or not token.holds(now):
        request.app[ENDED].add(digest, now)
        raise BadAccessToken
    ASKER.set(("token", token.id))
    held = (await powers_by_token(services.store, token.id, local_time(request))).held
    if not held:
        raise BadAccessToken
    try:
        account = await services.store.accounts.get(token.account_id)
    except NotFound:
        raise BadAccessToken from None
    if token.used_at is None or now - token.used_at >= TOUCH_EVERY:
        noting = services.store.api_tokens.touch(token.id, now)
        await note_use(noting, "an access token was last used")
    return Viewer(held, account, token=token)


def check_scope(viewer: Viewer, scope: Scope | None) -> None:
    """OtherScope, for a row that wants another."""
    if viewer.token is not None and scope is not None and scope not in viewer.token.scopes:
        raise OtherScope


def challenge(error: ConfhubError) -> str | None:
    """The WWW-Authenticate of a refusal (RFC 6750 section 3); None where none is due."""
    if isinstance(error, NoToken):
        return 'Bearer realm="confhub"'
    if isinstance(error, BadToken | OtherUse):
        return f'Bearer realm="confhub", error="{error.code}"'
    return None
