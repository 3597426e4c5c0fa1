"""Pages from templates, in the viewer's language.

Every template has: `viewer` (None when nobody is signed in), `language`, `may(action)`,
`csrf_token()`, `nonce()`, `static(name)`, `path`, `page_target` (where to come back to),
`origin`, `flash`, `today`, `answers` ("done" or "refused" where it answers a form); `_` and
`ngettext`, where a literal per cent sign is written `%%`;
and the filters date, short_date, time, datetime, weekday, number, percent and `local` (an aware
datetime in the users' zone).
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from confhub.errors import Conflict, FieldErrors
from confhub.meetings.times import LONGEST
from confhub.people.person import dialled
from confhub.people.policy import Action
from confhub.turns import ASKER, Turns
from confhub.words.catalogue import Catalogue, catalogue
from confhub.words.formats import Formats
from confhub.words.languages import LANGUAGES, Language
from web.rendering.language import choose_language
from web.rendering.static_files import STATIC
from web.requests.addresses import is_secure, own_origin, page_target
from web.requests.auth import VIEWER, local_date
from web.requests.cookies import sent_cookie
from web.requests.csrf import csrf_token
from web.requests.security_headers import nonce
from web.services import SERVICES

TEMPLATE_DIR = Path(__file__).parents[1] / "templates"
FLASH_COOKIE = "confhub-flash"
FLASH_S = 60  # a page that is not fetched within a minute was not waited for
_MOST_SAID = 500  # some sentences with names in them
_LONGEST_COOKIE = 4096  # as browsers keep them; the longest of ours is 2.8 KB
FlashKind = Literal["good", "fair", "lost", "info"]
# Templates are filled in here and not on the event loop, which has sound to forward: a page of
# fifty rows takes some 20 ms. Two, so that one long page does not keep all the others.
_RENDERERS = ThreadPoolExecutor(2, thread_name_prefix="pages")
# Each in the line of whoever asks. As many may wait as there may be connections.
_RENDERING = Turns(2, 65_536)
# Smaller pages fit in one or two packets as they are.
_COMPRESS_OVER_CHARACTERS = 1_500


def language_of(request: web.Request) -> Language:
    viewer = request.get(VIEWER)
    if viewer is None or viewer.token is not None:  # a program names its own
        return choose_language(request)
    language: Language = viewer.language
    return language


def words(request: web.Request) -> Catalogue:
    """The catalogue of the request: `words(request).gettext("Đã lưu.")`."""
    return catalogue(language_of(request))


def field_messages(
    request: web.Request, error: FieldErrors | Conflict | None, taken: str = ""
) -> dict[str, str]:
    """An error in the viewer's language, by fields of its form; "" is the form as a whole.

    `taken` names the field of a form whose value somebody else may have: the store says so in other
    words than that the row has changed. None: nothing is wrong.
    """
    translate = words(request).error
    if error is None:
        return {}
    if isinstance(error, FieldErrors):
        return {name: translate(problem) for name, problem in error.fields.items()}
    return {"" if error.message == Conflict.message else taken: translate(error)}


def formats(request: web.Request) -> Formats:
    return _formats(language_of(request), request.app[SERVICES].settings.timezone)


def span(request: web.Request, starts_at: dt.datetime, ends_at: dt.datetime) -> str:
    """14:00–15:30, or 22:00–02:45 hôm sau across midnight, or 08:00–17:00 ngày 09/12/2026 over
    days, as the macro `ends` says it."""
    formatted = formats(request)
    until = formatted.time(ends_at)
    if formatted.local(ends_at).date() != formatted.local(starts_at).date():
        said, values = "%(time)s hôm sau", {"time": until}
        if ends_at - starts_at > LONGEST:
            said = "%(time)s ngày %(date)s"
            values["date"] = formatted.short_date(ends_at)
        until = words(request).gettext(said) % values
    return f"{formatted.time(starts_at)}–{until}"


async def render(
    request: web.Request, template: str, *, status: int = 200, **context: object
) -> web.Response:
    """A page as an HTML answer, never stored by caches.

    Filled in by another thread: what `context` holds does not change meanwhile, and what the
    template calls of it may take its time.
    """
    language, timezone = language_of(request), request.app[SERVICES].settings.timezone
    flash = _read_flash(request)
    answers = "" if request.method != "POST" else "done" if status < 400 else "refused"
    values = {**_surroundings(request), "flash": flash, "answers": answers, **context}

    def filled() -> str:
        return _environment(language, timezone).get_template(template).render(values)

    async with _RENDERING.turn(*ASKER.get()):
        html = await asyncio.get_running_loop().run_in_executor(_RENDERERS, filled)
    response = web.Response(text=html, status=status, content_type="text/html")
    if len(html) > _COMPRESS_OVER_CHARACTERS:
        response.enable_compression()
    if flash is not None:
        response.del_cookie(FLASH_COOKIE, path="/")
    return response


def redirect(
    request: web.Request, location: str, message: str = "", kind: FlashKind = "good"
) -> web.Response:
    """See Other, as after a form; `message` (translated) shows once on the next page."""
    response = web.Response(status=303, headers={"Location": location})
    if message:
        say_next(request, response, message, kind)
    return response


def say_next(
    request: web.Request, response: web.Response, message: str, kind: FlashKind = "good"
) -> None:
    """`message` (translated) shows once on the next page."""
    response.set_cookie(
        FLASH_COOKIE,
        request.app[SERVICES].tokens.said.sign(f"{kind} {message[:_MOST_SAID]}".encode()),
        max_age=FLASH_S,
        path="/",
        httponly=True,
        secure=is_secure(request),
        samesite="Lax",
    )


def _read_flash(request: web.Request) -> tuple[str, str] | None:
    """Kind and message. Signed, since another host of the same domain may set cookies of ours."""
    sent = sent_cookie(request, FLASH_COOKIE) or ""
    said = request.app[SERVICES].tokens.said.open(sent, most=_LONGEST_COOKIE)
    if said is None:
        return None
    kind, _, message = said.decode().partition(" ")
    return kind, message


def _surroundings(request: web.Request) -> Mapping[str, object]:
    viewer = request.get(VIEWER)
    language = language_of(request)
    static = request.app[STATIC]

    def may(action: Action) -> bool:
        return viewer is not None and viewer.may(action)

    return {
        "viewer": viewer,
        "language": language,
        "languages": LANGUAGES,
        "may": may,
        "csrf_token": lambda: csrf_token(request),
        "nonce": lambda: nonce(request),
        "static": static.url,
        "static_base": static.base_url,
        "path": request.path,
        "page_target": page_target(request),
        "origin": own_origin(request),
        "today": local_date(request),
        "scripts_json": catalogue(language).scripts_json if language != "vi" else "",
    }


def script_json(value: object) -> str:
    """For a <script type="application/json">: no "<" can close the element."""
    return msgspec.json.encode(value).decode().replace("<", "\\u003c")


@lru_cache(maxsize=8)
def _formats(language: Language, timezone: str) -> Formats:
    return Formats(language, ZoneInfo(timezone))


@lru_cache(maxsize=8)
def _environment(language: Language, timezone: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE_DIR),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    translations = catalogue(language).translations
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    formats = _formats(language, timezone)
    for name in ("date", "short_date", "time", "datetime", "weekday", "number", "percent", "local"):
        environment.filters[name] = getattr(formats, name)
    environment.filters["dialled"] = dialled
    return environment
