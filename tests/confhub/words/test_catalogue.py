"""The words of each language."""

from __future__ import annotations

import json

import pytest

from confhub.errors import BadInput, TooMany
from confhub.words.catalogue import Catalogue, catalogue
from confhub.words.languages import Language


@pytest.mark.parametrize("language", ["vi", "en"])
def test_an_error_says_its_values(language: Language) -> None:
    words = catalogue(language)
    assert "17" in words.error(TooMany(17))
    assert "%(" not in words.error(TooMany(17))
    assert words.error(BadInput("100 % sai")) == "100 % sai"


def test_the_words_of_scripts_cannot_close_their_element() -> None:
    base = catalogue("vi")
    tricky = {"Xin chào": "</script><b>"}
    text = Catalogue("en", base.translations, tricky).scripts_json
    assert "<" not in text
    assert json.loads(text) == tricky
