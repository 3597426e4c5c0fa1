"""Which language a page is in, for somebody who is not signed in."""

from __future__ import annotations

from aiohttp import web
from babel import negotiate_locale

from confhub.words.languages import LANGUAGES, Language
from web.requests.cookies import sent_cookie
from web.services import SERVICES

LANGUAGE_COOKIE = "confhub-language"
LANGUAGE_COOKIE_S = 365 * 86_400


def choose_language(request: web.Request) -> Language:
    """Of somebody not signed in: the cookie, what the browser asks for, else the setting."""
    chosen = sent_cookie(request, LANGUAGE_COOKIE)
    by_cookie = next((known for known in LANGUAGES if known == chosen), None)
    if by_cookie is not None:
        return by_cookie
    asked = _accepted(request.headers.get("Accept-Language", ""))
    match = negotiate_locale(asked, list(LANGUAGES), sep="-")
    language = request.app[SERVICES].settings.language
    return next((known for known in LANGUAGES if known == match), language)


def _accepted(header: str) -> list[str]:
    """Language tags by falling weight. Source: RFC 9110, 12.5.4."""
    weighted: list[tuple[float, str]] = []
    for part in header[:500].split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((float(weight or 1), tag.split("-")[0].lower()))
        except ValueError:
            continue
    weighted.sort(key=lambda pair: -pair[0])
    return [tag for weight, tag in weighted if tag and weight > 0]
