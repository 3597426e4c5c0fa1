"""Bring confhub/words/locale/en up to date with the texts of the code: `make messages`.

Vietnamese texts of Python, templates and scripts are the msgids. Translations that are there
stay; a new text gets an empty one, to be written by hand; one that is gone is dropped. Entries
stand in the order of the files, without line numbers, so that a change of code moves nothing.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
ENGLISH = ROOT / "confhub" / "words" / "locale" / "en" / "LC_MESSAGES" / "messages.po"
# `t` and `tn` are gettext and ngettext of scripts (web/static/js/i18n.js); the one form of a
# Vietnamese noun is given once.
KEYWORDS = {**DEFAULT_KEYWORDS, "t": None, "tn": (1, 1)}
_FOLDERS = ("confhub", "rooms", "monitoring", "web")
_UNSEARCHED = ("vendor", "__pycache__")
# Written by hand: Babel's own header holds the time, and every run would differ.
_HEADER = """\
# English texts of confhub; the msgids are Vietnamese. `make messages` brings new ones.
msgid ""
msgstr ""
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def extract() -> Catalog:
    """Every text of the code, untranslated, in the order of files and of lines in them."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = sorted(
        extract_from_dir(ROOT, methods, options, KEYWORDS, directory_filter=_is_searched),
        key=lambda one: one[:2],
    )
    catalogue = Catalog(locale="en")
    for path, line, message, _comments, context in found:
        catalogue.add(message, "", [(path, line)], context=context)
    return catalogue


def _is_searched(folder: str | os.PathLike[str]) -> bool:
    path = Path(folder)
    return path.relative_to(ROOT).parts[0] in _FOLDERS and path.name not in _UNSEARCHED


def read_english() -> Catalog:
    """What is translated so far."""
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def join(texts: Catalog, english: Catalog) -> Catalog:
    """The texts of the code with their translations."""
    for message in texts:
        known = english.get(message.id, message.context) if message.id else None
        if known is not None and not known.fuzzy:
            message.string = known.string
    return texts


def untranslated(catalogue: Catalog) -> list[Message]:
    """Messages without a translation, or with one plural form missing."""
    return [message for message in catalogue if message.id and not all(_strings(message))]


def _strings(message: Message) -> tuple[object, ...]:
    return tuple(message.string) if isinstance(message.string, list | tuple) else (message.string,)


def main() -> None:
    """Rewrite the catalogue; say what waits for a translation, and exit with 1 if any does."""
    texts = join(extract(), read_english())
    with ENGLISH.open("wb") as file:
        file.write(_HEADER.encode())
        write_po(file, texts, width=0, omit_header=True, include_lineno=False)
    waiting = untranslated(texts)
    for message in waiting:
        places = ", ".join(sorted({path for path, _line in message.locations}))
        print(f"{places}: {message.id}")
    sys.exit(1 if waiting else 0)


if __name__ == "__main__":
    main()
