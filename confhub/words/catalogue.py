"""The words of each language: catalogues of gettext, read once a process."""

from __future__ import annotations

import gettext
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from confhub.errors import ConfhubError
from confhub.words.languages import LANGUAGES, Language

LOCALE_DIR = Path(__file__).parent / "locale"


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
