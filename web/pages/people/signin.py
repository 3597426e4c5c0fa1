"""Signing in and out, and the choice of language."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from confhub.demo.logins import PASSWORD
from confhub.desks import accounts as desk
from confhub.desks.rights import powers_of
from confhub.errors import N_, BadInput, ConfhubError, Conflict, Forbidden, TooMany
from confhub.identity import part_id
from confhub.people.account import MAX_LOGIN_LENGTH, Account, fold_login
from confhub.people.grant import in_force
from confhub.people.passwords import hash_password, needs_rehash, turn, verify_password
from confhub.store import AuditEntry
from confhub.words.languages import LANGUAGES
from web.pages.people import resume
from web.rendering.language import LANGUAGE_COOKIE, LANGUAGE_COOKIE_S
from web.rendering.pages import redirect, render, words
from web.requests import backoff
from web.requests.addresses import client_address, is_own, is_secure, local_target
from web.requests.auth import (
    VIEWER,
    actor_of,
    close_sign_in,
    keep_sign_in,
    local_time,
    start_sign_in,
)
from web.requests.cookies import sent_cookie
from web.requests.form_body import posted_form
from web.services import SERVICES

MINUTE_S = 60.0
_WRONG = N_("Tên đăng nhập hoặc mật khẩu không đúng.")
_PUBLISHED = N_(
    "Mật khẩu mẫu đã công bố chỉ dùng được trên chính máy chủ, từ chương trình chạy cùng tài khoản"
    " hệ điều hành với máy chủ họp. Xin nhờ quản trị đặt mật khẩu khác."
)
_UNIT_GONE = N_(
    "Đơn vị của tài khoản này không còn hoạt động. Xin liên hệ quản trị để chuyển đơn vị."
)

_LONGEST_LOGIN = 80  # as the form takes; nobody has one that is longer
_NO_ROLE = N_("Các vai trò của tài khoản này đã hết hạn. Xin liên hệ quản trị để gia hạn.")


async def show(request: web.Request) -> web.Response:
    target = local_target(request.query.get("next", ""))
    if VIEWER in request:
        return redirect(request, target)
    return await render(request, "signin.html", login="", target=target, carried=None, problem="")


async def enter(request: web.Request) -> web.Response:
    form = await posted_form(request)
    login = fold_login(str(form.get("login", "")))
    password = str(form.get("password", ""))
    target = local_target(str(form.get("next", "")))
    try:
        secret, password_hash = await _authenticate(request, login, password)
    except ConfhubError as error:
        return await _again(request, login, target, error)
    carried = await resume.carried_form(request)
    if carried is None:
        response = redirect(request, target)
    else:
        response = await resume.ask_again(request, *carried)
    keep_sign_in(request, response, secret)
    response.set_cookie(
        backoff.DEVICE_COOKIE,
        backoff.device_token(
            login,
            password_hash,
            request.app[SERVICES].tokens.devices,
            request.app[SERVICES].clock(),
            _device(request),
        ),
        max_age=backoff.DEVICE_S,
        path="/signin",
        httponly=True,
        secure=is_secure(request),
        samesite="Lax",
    )
    return response


def _device(request: web.Request) -> str:
    return sent_cookie(request, backoff.DEVICE_COOKIE) or ""


async def _authenticate(request: web.Request, login: str, password: str) -> tuple[str, str]:
    """A new sign-in's secret, and the hash of the password that opened it. BadInput for a wrong
    password; TooMany while a wait runs."""
    services = request.app[SERVICES]
    address = client_address(request)
    tried = await _try(request, address, login, password)
    found = tried.found
    opened = None if found is None else await _open(request, *found, password)
    if found is None or opened is None:
        await _note_failure(request, login, address, tried.crowd)
        raise BadInput(_WRONG, code="wrong_password")
    await services.store.audit.write(
        "signin.ok",
        account_id=found[0].id,
        subject=login[:64],
        address=address,
        at=services.clock(),
    )
    return opened


async def _note_failure(request: web.Request, login: str, address: str, crowd: str) -> None:
    """A line on record; of a crowd one for each minute, without logins: how many there were."""
    services = request.app[SERVICES]
    audit, now = services.store.audit, services.clock()
    if not crowd:
        await audit.write("signin.failed", subject=login[:64], address=address, at=now)
        return
    minute = f"signin.failed {crowd} {now:%Y-%m-%dT%H:%M}"
    count = await services.bus.hit(minute, 2 * MINUTE_S)
    entry = AuditEntry(now, "", "signin.failed", "", str(count), address)
    await audit.keep(part_id(minute, "audit"), entry)


async def _open(
    request: web.Request, account: Account, password_hash: str, password: str
) -> tuple[str, str] | None:
    """A new sign-in's secret and the password's hash by then; None if the account was locked or
    its password changed meanwhile."""
    accounts = request.app[SERVICES].store.accounts
    if password == PASSWORD and not await is_own(request):
        raise Forbidden(_PUBLISHED, code="published_password")
    await _check_roles(request, account)
    try:
        if needs_rehash(password_hash):
            verified, password_hash = password_hash, await hash_password(password)
            await accounts.set_password(
                account.id, password_hash, issued=account.password_issued, replaces=verified
            )
        return await start_sign_in(request, account, password_hash), password_hash
    except Conflict:
        return None


class _Tried(NamedTuple):
    """`found` is the active account of login and password, and its hash. `crowd` is the network of
    a wrong try at a login that nobody has, where there were many wrong ones before."""

    found: tuple[Account, str] | None
    crowd: str = ""


async def _try(request: web.Request, address: str, login: str, password: str) -> _Tried:
    """Counted before the password is looked at."""
    services = request.app[SERVICES]
    found = None
    if len(login) <= MAX_LOGIN_LENGTH:
        found = await services.store.accounts.by_login(login)
    password_hash = found[1] if found else None
    signer = services.tokens.devices
    now = services.clock()
    tried = backoff.attempt(login, address, _device(request), signer, password_hash, now)
    await backoff.check(services.bus, tried, services.clock().astimezone(services.zone))
    async with turn(tried.place):
        begun = await backoff.begin(services.bus, tried, services.clock().astimezone(services.zone))
        right = await verify_password(password_hash, password)
        if found is None or not right or not found[0].active:
            crowd = tried.address_key if found is None and begun.crowded else None
            return _Tried(None, crowd or "")
        await backoff.succeed(services.bus, tried, begun)
    return _Tried(found)


async def _check_roles(request: web.Request, account: Account) -> None:
    services = request.app[SERVICES]
    if (await powers_of(services.store, account.id, local_time(request))).held:
        return
    grants = await services.store.grants.of(account.id)
    if in_force(grants, services.clock()):
        raise Forbidden(_UNIT_GONE, code="unit_closed")
    if all(grant.active for grant in grants):
        raise Forbidden(_NO_ROLE, code="no_role")
    # Locked a moment ago: `start_sign_in` finds out, and nobody hears of it who may not.


async def leave(request: web.Request) -> web.Response:
    response = redirect(request, "/signin")
    await close_sign_in(request, response)
    return response


async def change_language(request: web.Request) -> web.Response:
    form = await posted_form(request)
    language = next((known for known in LANGUAGES if known == form.get("language")), None)
    if language is None:
        raise BadInput
    viewer = request.get(VIEWER)
    if viewer is not None and viewer.language != language:
        store = request.app[SERVICES].store
        await desk.choose_language(store, actor_of(request), language)
    response = redirect(request, local_target(str(form.get("next", ""))))
    response.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=LANGUAGE_COOKIE_S,
        path="/",
        httponly=True,
        secure=is_secure(request),
        samesite="Lax",
    )
    return response


async def _again(
    request: web.Request, login: str, target: str, error: ConfhubError
) -> web.Response:
    response = await render(
        request,
        "signin.html",
        status=error.http_status,
        login=login[:_LONGEST_LOGIN],
        target=target,
        carried=resume.pack(await resume.carried_form(request)),
        problem=words(request).error(error),
    )
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response
