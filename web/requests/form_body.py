"""The bodies of requests: of which kind, how long and how slow each route takes them.

Nothing of a body is read before its route, its origin and its headers are found good, and no
aiohttp reader parses it: those take a turn of the loop for each part.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import TypeVar

import msgspec
from aiohttp import hdrs, web
from multidict import MultiDict, MultiDictProxy, MultiMapping
from yarl import query_to_pairs

from confhub.errors import N_, BadInput, ConfhubError, TooLarge, TooMany
from confhub.rounds import Place
from confhub.turns import asker
from web.requests import multipart
from web.requests.route import BEARER_PATHS, NOTHING, Body, row_of
from web.wire.leaving import SLOWEST_BYTES_S
from web.wire.shaping import shaped_of

# A stalled line is given this long, and a narrow one (32 kbit/s) a second more for each 4 KB that
# came: what is only announced gives no time.
BODY_TIMEOUT_S = 15.0

# A long body, of which nothing is kept here: whoever was quick before has no longer to be silent.
STALL_S = 30.0
# Handed on at once: two seconds of a line of 256 kbit/s.
HANDED_BYTES = 64 * 1024

# A multipart boundary has 70 letters at most (RFC 2046 section 5.1.1). What parses the header takes
# time by the square of its length: 8 KB would hold the loop for half a second.
LONGEST_TYPE = 200
# What people type; a connection goes on behind it, also where it was refused.
SHORT_BYTES = 32 * 1024
# Of each body so much is not counted: whoever types a name and a password is never refused.
UNCOUNTED_BYTES = 8 * 1024
# Bodies that may be kept at once: of a stranger's address (a /64 of IPv6) seven of the longest
# forms, which came after their sign-in ended, and of each network around it twice as much; of an
# account three files; and of all of either kind, so that neither uses up what is the other's.
STRANGER_BYTES = 4 * 1024 * 1024
OWNER_BYTES = 16 * 1024 * 1024
STRANGERS_BYTES = 32 * 1024 * 1024
OWNERS_BYTES = 96 * 1024 * 1024
BODY_RETRY_S = 15
_TOO_LARGE_TOGETHER = N_("Đang nhận quá nhiều nội dung lớn cùng lúc. Xin thử lại sau ít phút.")

Field = str | web.FileField
# What a decoder raises: also for text that is no UTF-8, or is nested too deeply.
NO_QUESTION = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_Question = TypeVar("_Question", bound=msgspec.Struct)


class WrongType(ConfhubError):
    code = "unsupported_media_type"
    http_status = 415
    message = N_("Nội dung phải có kiểu %(type)s.")


class Coded(ConfhubError):
    """A few KB that unfold to GB: nobody who talks to us needs it."""

    code = "unsupported_content_coding"
    http_status = 415
    message = N_("Nội dung không được nén (Content-Encoding). Xin gửi nguyên bản.")


class NoLength(ConfhubError):
    """Browsers say how long a form is; in chunks of a byte it would cost a hundredfold."""

    code = "length_required"
    http_status = 411
    message = N_("Yêu cầu phải nói rõ độ dài nội dung (Content-Length).")


_OWNERS: Place = ("owners",)
_STRANGERS: Place = ("address",)  # see web.requests.addresses.stranger


class BodyBytes:
    """What is kept of bodies while their requests are answered, by whom they are read for."""

    def __init__(self) -> None:
        self._kept: Counter[Place] = Counter()

    @property
    def sum(self) -> int:
        return self._kept[_OWNERS] + self._kept[_STRANGERS]

    def keep(self, who: Place, size: int) -> None:
        """So many bytes more. TooMany where that is more than one, or all, may have kept."""
        shares = _shares(who)
        if any(self._kept[place] + size > most for place, most in shares):
            raise TooMany(BODY_RETRY_S, _TOO_LARGE_TOGETHER)
        for place, _ in shares:
            self._kept[place] += size

    def forget(self, who: Place, size: int) -> None:
        for place, _ in _shares(who):
            self._kept[place] -= size
            if not self._kept[place]:
                del self._kept[place]


def _shares(who: Place) -> list[tuple[Place, int]]:
    """Of what somebody's bytes are a part, and how many that may have."""
    if who[:1] != _STRANGERS:
        return [(_OWNERS, OWNERS_BYTES), (who, OWNER_BYTES)]
    around = [(who[:depth], 2 * STRANGER_BYTES) for depth in range(2, len(who))]
    return [(_STRANGERS, STRANGERS_BYTES), *around, (who, STRANGER_BYTES)]


KEPT = web.AppKey("kept", BodyBytes)
_HELD: web.RequestKey[Counter[Place]] = web.RequestKey("held")
_FIELDS = web.RequestKey("fields", MultiMapping[Field])


def body_of(request: web.Request) -> Body:
    row = row_of(request)
    return row.takes if row is not None else NOTHING


def check_coding(request: web.Request) -> None:
    """Raise Coded for a compressed body, before any is unfolded (RFC 9110 section 15.5.16)."""
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").strip().lower() != "identity":
        raise Coded


def media_type(request: web.Request) -> str:
    """The kind of body as the headers say, without its parameters; empty for one too long to be."""
    if len(request.headers.get(hdrs.CONTENT_TYPE, "")) > LONGEST_TYPE:
        return ""
    return request.content_type


def check_body(request: web.Request) -> None:
    """Raise Coded, WrongType, NoLength or TooLarge by what the headers say of the body."""
    check_coding(request)
    body = body_of(request)
    if not body.types or not request.body_exists:
        return
    if media_type(request) not in body.types:
        raise WrongType(values={"type": " / ".join(body.types)})
    if request.content_length is None and not request.path.startswith(BEARER_PATHS):
        raise NoLength
    if (request.content_length or 0) > body.most_bytes:
        raise TooLarge


async def hang_up(request: web.Request, response: web.StreamResponse) -> None:
    """An `on_response_prepare` signal: a body that was not read is not parsed either.

    Behind a large one the connection ends, since the server keeps the request until the next, and
    TLS its buffers. What still comes of it is thrown away for the server's `lingering_time`, so
    that the answer arrives. A short rest is read over, and the connection kept.
    """
    length, connection = request.content_length, shaped_of(request)
    is_whole = request.content.is_eof()
    if is_whole if length is None else length <= SHORT_BYTES:
        return
    response.force_close()
    response.headers[hdrs.CONNECTION] = "close"
    if not is_whole and connection is not None:
        connection.stop_hearing()


def forget_body(request: web.Request) -> None:
    """The answer is made: what was read for it is needed no more."""
    if _FIELDS in request:
        del request[_FIELDS]
    if _HELD in request:
        for who, size in request[_HELD].items():
            request.app[KEPT].forget(who, size)
        del request[_HELD]


async def posted_form(request: web.Request) -> MultiMapping[Field]:
    """The form's fields, none for other bodies. BadInput for a broken or stalled one; TooLarge.

    Read once: afterwards it answers the same from memory.
    """
    if _FIELDS not in request:
        request[_FIELDS] = MultiDictProxy(MultiDict(await _read_fields(request)))
    return request[_FIELDS]


async def _read_fields(request: web.Request) -> list[tuple[str, Field]]:
    body = body_of(request)
    check_body(request)
    if not body.most_fields or not request.body_exists:
        return []
    data = await read_bytes(request, body.most_bytes)
    try:
        if media_type(request) == multipart.TYPE:
            return multipart.read_fields(data, request.headers[hdrs.CONTENT_TYPE], body.most_fields)
        if (request.charset or "utf-8").lower() not in ("utf-8", "utf8"):
            raise BadInput
        text = data.decode()
        if text.count("&") >= body.most_fields:
            raise TooLarge
        return [*query_to_pairs(text.rstrip())]
    except ValueError:
        raise BadInput from None


async def posted_json(request: web.Request, kind: type[_Question]) -> _Question:
    """The question that the route's row names. BadInput for what is none; as `read_body`."""
    try:
        return decoded(request, kind, await read_body(request))
    except NO_QUESTION:
        raise BadInput from None


def decoded(request: web.Request, kind: type[_Question], body: bytes) -> _Question:
    """A body as the question that the route's row names; NO_QUESTION."""
    row = row_of(request)
    if row is None or row.api is None or row.api.question is not kind:
        raise TypeError(f"no row of the URL table says that {kind.__name__} comes here")
    question: _Question = _decoder(kind).decode(body)
    return question


@lru_cache
def _decoder(kind: type[_Question]) -> msgspec.json.Decoder[_Question]:
    return msgspec.json.Decoder(kind)


async def read_text(request: web.Request) -> str:
    """The body's text, as its route takes it. As `read_body`; BadInput for what is no UTF-8."""
    try:
        return (await read_body(request)).decode()
    except UnicodeDecodeError:
        raise BadInput from None


async def read_body(request: web.Request) -> bytes:
    """The body as its route takes it: Coded, WrongType (also where none came) and TooLarge;
    BadInput for one that breaks off or comes too slowly."""
    body = body_of(request)
    check_body(request)
    if media_type(request) not in body.types:
        raise WrongType(values={"type": " / ".join(body.types)})
    return await read_bytes(request, body.most_bytes)


async def read_bytes(request: web.Request, most_bytes: int) -> bytes:
    """The body as it is. TooLarge; BadInput for one that breaks off or comes too slowly; TooMany
    where too much is kept of whoever sends it."""
    if (request.content_length or 0) > most_bytes:
        raise TooLarge
    data = bytearray()
    began = asyncio.get_running_loop().time()
    try:
        with _awaiting(request):
            async with asyncio.timeout_at(began + BODY_TIMEOUT_S) as deadline:
                while chunk := await request.content.readany():
                    data += chunk
                    if len(data) > most_bytes:
                        raise TooLarge
                    _keep(request, len(data) - UNCOUNTED_BYTES)
                    deadline.reschedule(began + BODY_TIMEOUT_S + len(data) / SLOWEST_BYTES_S)
    except (TimeoutError, web.RequestPayloadError):
        raise BadInput from None
    return bytes(data)


class Patience:
    """How long a body may take that is handed on while it comes. `cut` ends it at once."""

    def __init__(self) -> None:
        self.is_cut = False
        self._waiting: asyncio.Timeout | None = None

    def cut(self) -> None:
        self.is_cut = True
        if self._waiting is not None and not self._waiting.expired():
            self._waiting.reschedule(0)

    async def next_piece(self, request: web.Request, until: float) -> bytes:
        """Empty at the end. TimeoutError."""
        if self.is_cut:
            raise TimeoutError
        try:
            async with asyncio.timeout_at(until) as self._waiting:
                return await request.content.readany()
        finally:
            self._waiting = None  # what came is taken, which is not to be ended


async def hand_on(
    request: web.Request, patience: Patience, take: Callable[[bytes], Awaitable[None]]
) -> None:
    """All of the body that comes, in pieces; BadInput where it breaks off, after what came of it
    was taken. It goes on at 4 KB a second at least (as `read_bytes`), and never stands still for
    longer than STALL_S."""
    now = asyncio.get_running_loop().time
    began, came, held = now(), 0, bytearray()
    try:
        with _awaiting(request):
            while True:
                until = min(began + BODY_TIMEOUT_S + came / SLOWEST_BYTES_S, now() + STALL_S)
                piece = await patience.next_piece(request, until)
                came, held = came + len(piece), held + piece
                if held and (not piece or len(held) >= HANDED_BYTES):
                    handed, held = bytes(held), bytearray()
                    await take(handed)
                if not piece:
                    return
    except (TimeoutError, web.RequestPayloadError, ConnectionError):
        raise BadInput from None
    finally:
        if held:
            await take(bytes(held))


def _awaiting(request: web.Request) -> contextlib.AbstractContextManager[None]:
    """While the body comes it is the other side that is waited for."""
    connection = shaped_of(request)
    if connection is None or request.content.is_eof():
        return contextlib.nullcontext()
    return connection.awaiting_body()


def _keep(request: web.Request, size: int) -> None:
    """Count that so much is kept of this body by now."""
    # By whom it is read for, which a sign-in on the way may change: a body may come in half a
    # million pieces, and each is counted here.
    held = request.setdefault(_HELD, Counter())
    more = size - held.total()
    if more > 0:
        who = asker()
        request.app[KEPT].keep(who, more)
        held[who] += more
