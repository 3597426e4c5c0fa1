"""Languages: catalogues read at start, dates and numbers as people here write them."""

from __future__ import annotations

import datetime as dt
import gettext
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web
from babel import Locale, dates, negotiate_locale, numbers
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from confhub.errors import ConfhubError
from confhub.people.account import Language
from web.requests.cookies import sent_cookie
from web.services import SERVICES

LOCALE_DIR = Path(__file__).parents[1] / "locale"
LANGUAGES: Mapping[Language, str] = {"vi": "Tiếng Việt", "en": "English"}
LANGUAGE_COOKIE = "confhub-language"
LANGUAGE_COOKIE_S = 365 * 86_400


@dataclass(frozen=True)
class Catalogue:
    """One language's words. Vietnamese is the source, so its catalogue is empty."""

    language: Language
    translations: gettext.NullTranslations
    # What ES modules say; of a text that counts things, the singular and the plural.
    scripts: Mapping[str, str | list[str]] = field(default_factory=dict)

    def gettext(self, message: str) -> str:
        return self.translations.gettext(message)

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return self.translations.ngettext(singular, plural, count)

    def error(self, error: ConfhubError) -> str:
        """An error's message in this language."""
        text = self.gettext(error.message)
        return text % error.values if error.values else text

    @property
    def scripts_json(self) -> str:
        """For a <script type="application/json">: no "<" can close the element."""
        return json.dumps(self.scripts, ensure_ascii=False).replace("<", "\\u003c")


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: Language) -> Catalogue:
    """The catalogue of `language`, read once a process."""
    path = LOCALE_DIR / language / "LC_MESSAGES" / "messages.po"
    if language == "vi" or not path.exists():
        return Catalogue(language, gettext.NullTranslations())
    with path.open("rb") as file:
        source = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, source)  # leaves out what is fuzzy or empty
    compiled.seek(0)
    return Catalogue(language, gettext.GNUTranslations(compiled), _script_messages(source))


def _script_messages(source: Catalog) -> dict[str, str | list[str]]:
    said: dict[str, str | list[str]] = {}
    for message in source:
        spoken = any(path.endswith(".js") for path, _line in message.locations)
        if not message.id or message.fuzzy or not spoken:
            continue
        if isinstance(message.id, str) and message.string:
            said[message.id] = str(message.string)
        elif isinstance(message.id, tuple) and message.string and all(message.string):
            said[message.id[0]] = list(message.string)
    return said


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


_PATTERNS: Mapping[Language, Mapping[str, str]] = {
    "vi": {
        "date": "EEEE, dd/MM/yyyy",
        "short_date": "dd/MM/yyyy",
        "time": "HH:mm",
        "datetime": "EEEE, dd/MM/yyyy, HH:mm",
        "weekday": "EEEE",
    },
    "en": {
        "date": "EEEE, d MMMM yyyy",
        "short_date": "d MMM yyyy",
        "time": "HH:mm",
        "datetime": "EEEE, d MMMM yyyy, HH:mm",
        "weekday": "EEEE",
    },
}


class Formats:
    """Dates and numbers in one language, times in the setting's zone."""

    def __init__(self, language: Language, zone: ZoneInfo) -> None:
        self.zone = zone
        self._locale = Locale(language)
        self._patterns = _PATTERNS[language]

    def date(self, value: dt.date) -> str:
        """Thứ Ba, 24/11/2026"""
        return self._format(value, "date")

    def short_date(self, value: dt.date) -> str:
        """24/11/2026"""
        return self._format(value, "short_date")

    def weekday(self, value: dt.date) -> str:
        """Thứ Ba"""
        return self._format(value, "weekday")

    def time(self, value: dt.datetime) -> str:
        """14:00"""
        return self._format(value, "time")

    def datetime(self, value: dt.datetime) -> str:
        """Thứ Ba, 24/11/2026, 14:00"""
        return self._format(value, "datetime")

    def local(self, value: dt.datetime) -> dt.datetime:
        return value.astimezone(self.zone)

    def number(self, value: float) -> str:
        """1.234,5 in Vietnamese, 1,234.5 in English"""
        return numbers.format_decimal(value, locale=self._locale)

    def percent(self, fraction: float) -> str:
        """0.034 as 3,4%"""
        return numbers.format_percent(fraction, format="#,##0.#%", locale=self._locale)

    def _format(self, value: dt.date, name: str) -> str:
        if isinstance(value, dt.datetime):
            value = value.astimezone(self.zone).replace(tzinfo=None)
            return dates.format_datetime(value, self._patterns[name], locale=self._locale)
        return dates.format_date(value, self._patterns[name], locale=self._locale)
