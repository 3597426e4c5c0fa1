"""What every request passes: errors to answers, then the viewer, then the guard by its row."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from confhub.errors import (
    N_,
    BadInput,
    ConfhubError,
    NotFound,
    NotSignedIn,
    TooLarge,
    Unavailable,
)
from confhub.identity import new_id
from confhub.networks import within
from confhub.seldom import Seldom
from confhub.turns import ASKER
from web.paces import REQUEST_TURNS, check_pace
from web.pages.errors import (
    answer,
    answer_not_signed_in,
    answer_password_issued,
    answer_stale,
    answer_unavailable,
    bare_page,
    bare_refusal,
)
from web.requests import auth
from web.requests.access_log import route_of
from web.requests.addresses import client_address, stranger
from web.requests.auth import VIEWER, PasswordIssued, require_viewer
from web.requests.bearer import check_scope, viewer_by_token
from web.requests.csrf import SAFE_METHODS, StalePage, check_request
from web.requests.form_body import check_body, check_coding, forget_body
from web.requests.known import known, remember_link
from web.requests.route import BEARER, TOKEN, UPLOAD, Route, row_of, weight_of
from web.unsent import count_unsent, wait_until_taken
from web.wire.shaping import shaped_of

logger = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# A database that is away fails every request: a line a minute for each route and cause.
LOG_INTERVAL_S = 60.0


class MethodNotAllowed(ConfhubError):
    code = "method_not_allowed"
    http_status = 405
    message = N_("Địa chỉ này không nhận thao tác đó.")


class Unknown(ConfhubError):
    """A fault of ours; `reference` is in the log beside its cause."""

    code = "internal"
    http_status = 500
    message = N_("Hệ thống gặp lỗi. Xin báo mã %(reference)s cho cán bộ kỹ thuật.")


class NoSuchPage(NotFound):
    message = N_("Không có trang nào ở địa chỉ này. Xin kiểm tra lại liên kết.")


UNSERVED = web.AppKey("unserved", Seldom)
_HTTP_ERRORS: Mapping[int, type[ConfhubError]] = {
    404: NoSuchPage,
    405: MethodNotAllowed,
    413: TooLarge,
}


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every failure into a page or JSON in the viewer's language."""
    try:
        return await handler(request)
    except NotSignedIn as error:
        return await answer_not_signed_in(request, error)
    except StalePage as error:
        return await answer_stale(request, error)
    except PasswordIssued as error:
        return await answer_password_issued(request, error)
    except Unavailable as error:
        _log_unserved(request, error)
        return await answer_unavailable(request, error)
    except ConfhubError as error:
        return await answer(request, error)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = await answer(request, _HTTP_ERRORS.get(error.status, BadInput)())
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except Exception as error:
        line = request.transport
        if (line is None or line.is_closing()) and _says_gone(error):
            logger.debug("%s %s: whoever asked went away", request.method, route_of(request))
            return web.Response(status=BadInput.http_status)  # nobody reads it
        reference = _log_fault(request, error)
        return await answer(request, Unknown(values={"reference": reference}))


def _says_gone(error: Exception) -> bool:
    """Whether it is how aiohttp says, while a body is read or an answer written, that the other
    side went away: whoever waits to write on is told by the plain kind, and in the midst of a body
    over TLS its parser says so in these words alone."""
    is_told = isinstance(error, ConnectionResetError) or type(error) is ConnectionError
    return is_told or str(error) == "Connection closed."


def _log_fault(request: web.Request, error: Exception) -> str:
    """Returns the reference under which it stands in the log. Whoever found one fault of ours may
    ask for it again and again: its traceback stands there once a minute."""
    reference, method, route = new_id()[:8], request.method, route_of(request)
    place = traceback.extract_tb(error.__traceback__, limit=-1)[0]
    kind = method, route, type(error), place.filename, place.lineno
    more = request.app[UNSERVED].due(kind, asyncio.get_running_loop().time(), LOG_INTERVAL_S)
    message = "request %s %s failed, reference %s%s"
    if more is None:
        logger.error(message, method, route, reference, f": {type(error).__name__} as above")
    else:
        logger.error(message, method, route, reference, "", exc_info=error)
    return reference


def _log_unserved(request: web.Request, error: Unavailable) -> None:
    method, route = request.method, route_of(request)
    now = asyncio.get_running_loop().time()
    more = request.app[UNSERVED].due((method, route, error.code), now, LOG_INTERVAL_S)
    if more is not None:
        since = f" ({more} more since the last such line)" if more else ""
        logger.warning("%s %s not served: %s%s", method, route, _cause(error), since)


def _cause(error: Unavailable) -> str:
    """For the log: what the part said that is away, without the statement and its values."""
    cause = error.__cause__
    return f"{error.code}: {getattr(cause, 'orig', None) or cause or error.message}"


@web.middleware
async def answer_anyway(request: web.Request, handler: Handler) -> web.StreamResponse:
    """When the page of an error fails as well, or a turn: a bare one, and the cause in the log."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception as error:
        return bare_page(_log_fault(request, error))


@web.middleware
async def know_viewer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What the request costs is done for the viewer, or else for the address it comes from."""
    ASKER.set(stranger(client_address(request)))
    row = row_of(request)
    if row is None or row.reads_cookie:
        viewer = await auth.load_viewer(request)
        if viewer is not None:
            request[VIEWER] = viewer
    elif row.access == TOKEN:
        check_pace(request, row)  # tries with wrong tokens too
        request[VIEWER] = await viewer_by_token(request)
    return await handler(request)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What the row says before its handler runs. No row: no such page, whatever is sent there."""
    row = row_of(request)
    if row is not None:
        if row.access != TOKEN:  # whose pace was looked at before its token
            check_pace(request, row)
        if VIEWER in request:  # before a byte is kept for who may not send it
            _check_access(request, row)
        await _check_sent(request, row)
        _check_access(request, row)
    return await handler(request)


async def _check_sent(request: web.Request, row: Route) -> None:
    """Of a body, and where it comes from. Bodies of devices wait for their token."""
    if row.access == BEARER:
        check_coding(request)
    elif request.method not in SAFE_METHODS:
        check_body(request)
    if row.takes is UPLOAD and VIEWER not in request:
        raise NotSignedIn  # before a byte of the file is read
    await check_request(request, row)


def _check_access(request: web.Request, row: Route) -> None:
    if row.access not in ("signed_in", TOKEN):
        return
    viewer = require_viewer(request)
    if row.access == TOKEN:
        check_scope(viewer, row.scope)
    elif viewer.account.password_issued and not row.before_own_password:
        raise PasswordIssued
    if row.action is not None:
        viewer.require(row.action)


@web.middleware
async def occupy_connection(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What is being answered makes no room for others (web/requests/connections.py), and keeps
    nothing of its request's body afterwards. A long answer counts until it is taken, and nothing is
    answered ahead of it."""
    connection = shaped_of(request)
    await wait_until_taken(request)
    with connection.answering() if connection is not None else contextlib.nullcontext():
        try:
            response = await handler(request)
        finally:
            forget_body(request)
        return count_unsent(request, response)


@web.middleware
async def wait_turn(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Who asks too much is told so, as cheaply as can be, and gone; the others take turns."""
    turns = request.app[REQUEST_TURNS]
    place, who = within(client_address(request)), known(request)
    if not await turns.wait(place, who, lambda: request.transport is None):
        return web.Response(status=BadInput.http_status)  # nobody reads it
    weight = weight_of(row_of(request), is_stranger=who is None)
    if not turns.keeps_pace(place, who, weight):
        refusal = bare_refusal()
        refusal.force_close()
        return refusal
    response = await handler(request)
    remember_link(request, response, who)
    return response


MIDDLEWARES = (occupy_connection, answer_anyway, wait_turn, answer_errors, know_viewer, guard)
