"""An act that a program asks for: done once under its key, and refused in words that it reads.

Under an Idempotency-Key the act and the note that it was done are one commit, so whoever asks
again, at the same time, or after a hub was killed, gets the answer and changes nothing.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from aiohttp import web

from confhub.answers.answer import AnsweredElsewhere
from confhub.errors import N_, BadInput, ConfhubError, FieldErrors, Unavailable
from confhub.identity import part_id
from confhub.meetings.changes import Overtaken
from confhub.people.actor import Actor, Once
from confhub.store.trail.kept_answers import KeptAnswer
from web.api.v1.asked import OldVersion, placed, raw_of
from web.api.v1.clashing import ClashProblem, ToBeSeen, refused
from web.requests.auth import actor_of
from web.requests.route import JSON_TYPE, Api, Header
from web.services import SERVICES

log = logging.getLogger(__name__)

LONGEST_KEY = 255  # as many as Stripe and others take
# Headers that say what an answer is about, and are kept with it.
_KEPT = ("ETag", "Location", "Cache-Control")

KEY = Header(
    "Idempotency-Key",
    "Of the caller's choice, such as a UUID: for 24 hours the act is done once under it, and its"
    " answer given again. With other content: 422.",
    schema={"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
)
_BAD_KEY = N_("Idempotency-Key dài từ 1 đến %(limit)s ký tự.")

Do = Callable[[Actor], Awaitable[web.Response]]
Again = Callable[[str], Awaitable[web.Response]]


class OtherContent(ConfhubError):
    code = "key_reused"
    http_status = 422
    message = N_("Khóa Idempotency-Key này đã dùng cho một yêu cầu khác. Xin dùng khóa mới.")


async def act(
    request: web.Request,
    do: Do,
    again: Again,
    *,
    subject: str,
    places: Mapping[str, str] | None = None,
) -> web.Response:
    """The answer of `do`, whose one work is done for the actor that it gets. `again` tells of the
    subject as it stands, for who asks once more; `places`: as `placed`."""
    try:
        return await _once(request, do, again, subject)
    except ToBeSeen as error:
        return refused(request, error)
    except (Overtaken, AnsweredElsewhere):
        raise OldVersion from None
    except FieldErrors as found:
        raise placed(found, places or {}) from None


async def _once(request: web.Request, do: Do, again: Again, subject: str) -> web.Response:
    actor, key = actor_of(request), _key_of(request)
    if key is None:
        return await do(actor)
    asked = hashlib.sha256(f"{request.method} {request.path}\n".encode() + raw_of(request))
    token_id = actor.token_id
    once = Once(part_id(token_id, f"key {key}"), token_id, asked.hexdigest(), subject)
    if (kept := await _kept(request, once)) is not None:
        return await _told_again(kept, once, again)
    try:
        response = await do(replace(actor, once=once))
    except ConfhubError:
        # What is in the way may be the act itself, done a moment ago.
        if (kept := await _kept(request, once)) is None:
            raise
        return await _told_again(kept, once, again)
    await _keep(request, once, response)
    return response


def _key_of(request: web.Request) -> str | None:
    sent = request.headers.get("Idempotency-Key")
    if sent is None:
        return None
    key = sent.strip().removeprefix('"').removesuffix('"')  # a string of RFC 9651, or plain
    if not 0 < len(key) <= LONGEST_KEY:
        raise BadInput(_BAD_KEY, values={"limit": LONGEST_KEY})
    return key


async def _kept(request: web.Request, once: Once) -> KeptAnswer | None:
    services = request.app[SERVICES]
    return await services.store.kept_answers.find(once.id, services.clock())


async def _told_again(kept: KeptAnswer, once: Once, again: Again) -> web.Response:
    if kept.asked != once.asked:
        raise OtherContent
    if kept.status is None:  # whoever did it was killed, or answers at this moment
        response = await again(kept.subject)
    else:
        response = web.Response(status=kept.status, body=kept.body, content_type=JSON_TYPE)
        response.headers.update(kept.headers)
    response.headers["Idempotent-Replayed"] = "true"
    return response


async def _keep(request: web.Request, once: Once, response: web.Response) -> None:
    body = response.body if isinstance(response.body, bytes) else b""
    headers = {name: response.headers[name] for name in _KEPT if name in response.headers}
    try:
        await request.app[SERVICES].store.kept_answers.keep(once.id, response.status, headers, body)
    except Unavailable as error:  # it was done; who asks again is told how it stands
        log.warning("an answer was not kept: %s", error)


def acting(api: Api) -> Api:
    """What every act may be told."""
    return replace(
        api,
        headers=(*api.headers, KEY),
        errors=(*api.errors, 404, 409, 422),
        problems={409: ClashProblem},
    )
