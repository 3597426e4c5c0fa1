"""Text as it is kept, compared and found."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confhub.words import texts
from confhub.words.texts import (
    LINE_ENDS,
    Vocabulary,
    fold,
    many_lines,
    one_line,
    small_number,
    spelling,
)
from tests.python_lines import python_lines


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Huyện Nậm Pồ", "huyen nam po"),
        ("  Xã\tChà \n Nưa ", "xa cha nua"),
        ("Đà Nẵng, đèo Đá", "da nang, deo da"),
        ("ĐẮK LẮK", "dak lak"),
        ("Thừa Thiên Huế", "thua thien hue"),
        ("Quỳnh Phương, Ỷ La, Ỡm Ờ", "quynh phuong, y la, om o"),
        ("Phường 10", "phuong 10"),
        ("", ""),
        (" \u00a0 ", ""),
    ],
)
def test_names_fold_to_plain_lower_case(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_letters_spelt_apart_fold_alike() -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert fold(unicodedata.normalize(form, "Huyện Nậm Pồ, Đắk Đoa")) == (
            "huyen nam po, dak doa"
        )


def test_every_vietnamese_letter_folds_to_ascii() -> None:
    plain = "aăâeêioôơuưyd"
    tones = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    letters = [unicodedata.normalize("NFC", letter + tone) for letter in plain for tone in tones]
    for letter in [*letters, "đ", "Đ", *(one.upper() for one in letters)]:
        assert fold(letter).isascii()


def test_folding_again_changes_nothing() -> None:
    for text in ("Huyện Nậm Pồ", "İstanbul", "ĐƠN VỊ", "ẞ"):
        assert fold(fold(text)) == fold(text)


INVISIBLE = ("\u200b", "\u2060", "\u2800", "\u3164", "\u00ad", "\u202e", "\u2066", "\x1b", "\ufeff")


@pytest.mark.parametrize("hidden", [*INVISIBLE, "\u0301", "\x00", "\ufe0f", "\U000e0041", "\ud800"])
def test_what_does_not_show_is_no_text(hidden: str) -> None:
    assert one_line(hidden * 3) == many_lines(f"{hidden}\n {hidden}") == ""


@pytest.mark.parametrize("hidden", INVISIBLE)
def test_hidden_characters_are_left_out_of_names(hidden: str) -> None:
    assert one_line(f"{hidden}Phòng {hidden}họp{hidden}") == "Phòng họp"


def test_every_control_and_format_character_is_left_out_but_those_that_show() -> None:
    kept = {
        chr(n)
        for n in range(0x110000)
        if unicodedata.category(chr(n)) in ("Cc", "Cf", "Cs")
        and one_line(f"a{chr(n)}b") not in ("ab", "a b")
    }
    # Signs that hold numbers in Arabic, Syriac and Kaithi script: they have ink.
    assert kept <= set(
        "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u0890\u0891\u08e2\U000110bd\U000110cd"
    )


def test_a_note_keeps_its_lines() -> None:
    assert many_lines(" một\u200b \r\n\r\n  hai\x1b\n\n") == "một\n\n  hai"


def test_whatever_ends_a_line_is_one_line_end_in_a_note() -> None:
    known = "".join(chr(n) for n in range(0x110000) if len(f"a{chr(n)}b".splitlines()) > 1)
    assert sorted(known) == sorted(LINE_ENDS)
    assert [many_lines(f"một{end}hai") for end in LINE_ENDS] == ["một\nhai"] * len(LINE_ENDS)
    assert many_lines("một\x1fhai\tba") == "một hai ba"


def test_tones_that_stand_apart_are_composed() -> None:
    assert one_line(unicodedata.normalize("NFD", "Nậm  Pồ")) == "Nậm Pồ"


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("Hoà  Bình", "hòa bình", True),
        ("Nguyễn Văn Hùng", "NGUYỄN VĂN HÙNG\u200b", True),
        ("Thủy", "Thủy", True),
        ("Hùng", "Hưng", False),
        ("dùng", "dừng", False),
        ("dùng", "đúng", False),
        ("Lan", "Lân", False),
        ("má", "mà", False),
    ],
)
def test_spelling_tells_words_apart_by_every_letter_and_tone(
    one: str, two: str, same: bool
) -> None:
    assert (spelling(one) == spelling(two)) == same


def test_a_word_without_diacritics_may_mean_several() -> None:
    words = Vocabulary([("dùng", True), ("dừng", False), ("ngừng", False), ("ngưng", False)])
    assert [words.meanings(one) for one in ("DÙNG", "dừng", "dung", "ngung", "đứng", "")] == [
        [True],
        [False],
        [True, False],
        [False],
        [],
        [],
    ]


def test_a_search_pasted_with_invisible_breaks_finds_its_words() -> None:
    assert fold("nậm\u200bpồ") == "nam po"
    assert fold("Nậ\u00adm\u2060 Pồ\u202e") == "nam po"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("999999999", 999_999_999),
        ("1000000000", None),
        ("9" * 5_000, None),
        ("", None),
        ("-1", None),
        (" 1", None),
        ("1_0", None),
        ("١", None),
        ("²", None),
    ],
)
def test_a_small_number_is_read_or_none(text: str, number: int | None) -> None:
    assert small_number(text) == number


# Marks of two classes in turn: whoever composes them has to put each in its place among all.
HEAPS = ["\u0323\u0301", "\u0344\u0323", "\uff9e\u0301", "\u3099\u0301", "\U0001e94a\u0301"]


@pytest.mark.parametrize("heap", HEAPS)
@pytest.mark.parametrize("read", [one_line, many_lines, fold, spelling])
def test_no_heap_of_marks_is_put_in_order(
    read: Callable[[str], str], heap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    composed: list[str] = []

    class Database:
        combining, category = unicodedata.combining, unicodedata.category

        @staticmethod
        def normalize(form: Literal["NFC", "NFD"], text: str) -> str:
            composed.append(text)
            return unicodedata.normalize(form, text)

    monkeypatch.setattr(texts, "unicodedata", Database)
    read("ê" + heap * 10_000)
    # A sign may be three marks; ordering so few takes a moment.
    assert composed
    assert max(map(longest_run_of_marks, composed)) <= 90


def longest_run_of_marks(text: str) -> int:
    apart = unicodedata.normalize("NFKD", text)
    runs = itertools.groupby(apart, key=lambda letter: unicodedata.combining(letter) > 0)
    return max((len(list(run)) for is_mark, run in runs if is_mark), default=0)


def test_letters_of_every_language_keep_their_marks() -> None:
    tibetan, hebrew = "\u0f67\u0fb0\u0f74\u0f83", "\u05e9\u05c1\u05bc\u05b8"
    for text in ("ế", "ặ", unicodedata.normalize("NFD", "Nguyễn Thị Ở"), tibetan, hebrew):
        assert one_line(text) == unicodedata.normalize("NFC", text)


def test_the_end_of_what_nobody_typed_is_not_looked_at() -> None:
    assert 10_000 < len(one_line("ế" * 600_000)) < 100_000
    assert 10_000 < len(many_lines("ế\n" * 600_000)) < 100_000


SIGNS = ["a", " ", "\t", "\r", "\n", "\v", "\u00a0", "\u2028", "\u200b", "e\u0323\u0302", "ế"]


@given(st.lists(st.sampled_from(SIGNS), max_size=40).map("".join))
def test_each_line_of_a_note_is_kept_as_by_itself(text: str) -> None:
    words = [one_line(line) for line in text.splitlines()]
    kept = many_lines(text).split("\n")
    assert [one_line(line) for line in kept] == "\n".join(words).strip("\n").split("\n")
    assert all(line == line.rstrip() for line in kept)


@pytest.mark.parametrize("line", ["\n", "a\n", "\u0344\n", "ế\r\n", " \t\n", " " * 200 + "\n"])
def test_lines_by_the_ten_thousand_are_read_in_one_go(line: str) -> None:
    text = line * (80_000 // len(line)) + "a"
    assert python_lines(lambda: many_lines(text)) < 100
