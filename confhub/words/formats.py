"""Dates and numbers as people here write them. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers

from confhub.words.languages import Language

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
        self._point = numbers.get_decimal_symbol(self._locale)

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

    def decimal(self, value: float, digits: int) -> str:
        """Always so many digits behind the comma, and no groups: 3.0 as 3,0"""
        # Without Babel: a board writes it for thousands of rows.
        return f"{value:.{digits}f}".replace(".", self._point)

    def percent(self, fraction: float) -> str:
        """0.034 as 3,4%"""
        return numbers.format_percent(fraction, format="#,##0.#%", locale=self._locale)

    def _format(self, value: dt.date, name: str) -> str:
        if isinstance(value, dt.datetime):
            value = value.astimezone(self.zone).replace(tzinfo=None)
            return dates.format_datetime(value, self._patterns[name], locale=self._locale)
        return dates.format_date(value, self._patterns[name], locale=self._locale)
