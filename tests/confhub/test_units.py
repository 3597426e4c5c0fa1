"""Folding names for search."""

from __future__ import annotations

import unicodedata

import pytest

from confhub.units import fold


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
