"""Text as people type and paste it, in the one spelling that is stored, compared and shown. Pure.

Three questions, three functions: `one_line` (or `many_lines`) is what is kept; `spelling` says
whether two texts are the same words; `fold` is for finding only, where "dung" finds "dừng".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Generic, TypeVar

# Trees are sorted and searched by the folded names of units and sites, again and again; longer
# texts are not names.
_NAME_LENGTH = 200
MAX_SEARCH_LENGTH = 100  # the longest names of units are half of it
T = TypeVar("T")

# Takes no place on a screen, or turns the text around it: controls (ESC), soft hyphens,
# direction marks, joiners, fillers, variation selectors, tags, halves of surrogate pairs.
# Unicode's Cc, Cf and Default_Ignorable_Code_Point, without those that show (Arabic signs).
_HIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u070f\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Where readers end a line: what Unicode says (UAX 14), and the separators at which str.splitlines
# and whatever is written in Python do so too.
LINE_ENDS = "\n\x0b\x0c\r\x1c\x1d\x1e\x85\u2028\u2029"
_LINE_END = re.compile(f"\r\n|[{LINE_ENDS}]")
_BLANK = re.compile("\u2800")  # a cell of Braille without dots: looks like a space, is none
# Blanks before a line end. Each run is tried once, from its first blank and without a step back.
_END_OF_LINE = re.compile(r"(?<![^\S\n])[^\S\n]++(?=\n)")
_WORD = re.compile("[a-z0-9]+")
_INVISIBLE_BREAK = "\u200b"  # pages put it between words that may be broken there
# Four times the longest text that is kept, with each letter typed in several signs. The rest of a
# longer one is not looked at: what is left is too long for anything.
MOST_SIGNS = 40_000
# So many marks over one letter are kept (UAX 15, Stream-Safe Text Format). Whoever composes a text
# puts marks in their order, which takes the square of their number: a minute for half a megabyte.
_MOST_MARKS = 30
_LAST_MARK = 0x1E94B  # of Unicode 15 and 16
# Where the tone is written differs by school: "Hoà" and "Hòa" are one name.
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")


def _marks() -> str:
    """All signs that stand over others, as the inside of a character class."""
    found = [c for c in range(0x300, _LAST_MARK) if _is_mark(chr(c))]
    starts = [c for c in found if not _is_mark(chr(c - 1))]
    ends = [c for c in found if not _is_mark(chr(c + 1))]
    return "".join(f"{chr(one)}-{chr(last)}" for one, last in zip(starts, ends, strict=True))


def _is_mark(letter: str) -> bool:
    if unicodedata.decomposition(letter):  # a half-width sign of Japanese voices becomes a mark
        letter = unicodedata.normalize("NFKD", letter)[0]
    return unicodedata.combining(letter) > 0


_HEAP_OF_MARKS = re.compile("([{0}]{{{1}}})[{0}]+".format(_marks(), _MOST_MARKS))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", _HEAP_OF_MARKS.sub(r"\1", text))


def one_line(text: str) -> str:
    """Composed (NFC), without hidden characters, single spaces, trimmed; "" if nothing shows.

    >>> one_line("  Phòng\u200b  họp ")
    'Phòng họp'
    """
    text = text[:MOST_SIGNS]
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    shown = " ".join(_BLANK.sub(" ", _HIDDEN.sub("", text)).split())
    composed = _composed(shown)
    return composed if _shows(composed) else ""


def _shows(text: str) -> bool:
    """Whether anything of it is seen on a screen."""
    return any(unicodedata.category(c)[0] in "LNPS" for c in set(text))


def searched(text: str) -> str:
    """What somebody searches for: a line, cut to what people type. A search costs by its words."""
    return one_line(text[:MAX_SEARCH_LENGTH])


def sought_words(text: str) -> list[str]:
    """The words of a search, folded, each once: letters and digits, whatever stands between.

    >>> sought_words("  Nậm-Pồ, 2026 nậm")
    ['nam', 'po', '2026']
    """
    return list(dict.fromkeys(_WORD.findall(fold(searched(text)))))


def many_lines(text: str) -> str:
    """As `one_line` for each line of a note; the lines stay, blank ones at the ends go.

    Whichever of LINE_ENDS was typed, "\\n" ends the lines, and no other control is left.
    """
    # All at once: forty thousand line ends are as many lines, and each would take a microsecond.
    lines = _LINE_END.sub("\n", text[:MOST_SIGNS]).replace("\t", " ").replace("\x1f", " ")
    composed = _composed(_BLANK.sub(" ", _HIDDEN.sub("", lines)))
    kept = _END_OF_LINE.sub("", composed).strip()
    return kept if _shows(kept) else ""


def small_number(text: str) -> int | None:
    """A whole number of one to nine digits, for columns of 32 bits; None for anything else.

    int() alone would take other scripts' digits, refuse thousands of digits with an error of its
    own, and give numbers that no column holds.
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def spelling(text: str) -> str:
    """A key that two texts share exactly if they are the same words: case, blanks, hidden
    characters and the place of a tone within its syllable make no difference; letters do.

    >>> spelling("Hoà  Bình") == spelling("hòa bình"), spelling("Hùng") == spelling("Hưng")
    (True, False)
    """
    return " ".join(_tone_last(word) for word in one_line(text).casefold().split())


def _tone_last(word: str) -> str:
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFD", word)
    letters = "".join(c for c in parts if c not in _TONES)
    return letters + "".join(sorted(c for c in parts if c in _TONES))


def may_be_same(one: str, two: str) -> bool:
    """Whether two names may be one: spelt alike, or one of them typed without any diacritics."""
    if not one.isascii() and not two.isascii():
        return spelling(one) == spelling(two)
    return fold(one) == fold(two)


def fold(text: str) -> str:
    """Text for search, never for equality: lower case, no diacritics, đ as d, single spaces.

    >>> fold("Huyện  Nậm Pồ")
    'huyen nam po'
    """
    return _fold_name(text) if len(text) <= _NAME_LENGTH else _fold(text)


@lru_cache(maxsize=2**16)  # names of a country: units, sites, both together; some 20 MB
def _fold_name(text: str) -> str:
    return _fold(text)


def _fold(text: str) -> str:
    seen = _BLANK.sub(" ", _HIDDEN.sub("", text.replace(_INVISIBLE_BREAK, " ")))
    folded = _HEAP_OF_MARKS.sub(r"\1", seen.casefold().replace("đ", "d"))
    decomposed = unicodedata.normalize("NFD", folded)
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(plain.split())


class Vocabulary(Generic[T]):
    """Words and what they mean. A word typed without diacritics may mean several things."""

    def __init__(self, words: Iterable[tuple[str, T]]) -> None:
        self._exact: dict[str, T] = {}
        self._plain: dict[str, list[T]] = {}
        for word, meaning in words:
            self._exact.setdefault(spelling(word), meaning)
            plain = self._plain.setdefault(fold(word), [])
            if meaning not in plain:
                plain.append(meaning)

    def meanings(self, text: str) -> list[T]:
        """One meaning if the text is a word; none if it is not; several if it is in doubt.

        A text with diacritics is taken at its word: "dừng" is never "dùng".
        """
        typed = spelling(text)
        if not typed.isascii():
            return [self._exact[typed]] if typed in self._exact else []
        return self._plain.get(typed, [])
