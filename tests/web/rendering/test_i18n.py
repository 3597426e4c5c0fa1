"""Languages, dates and numbers as people here write them."""

from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import pytest

from confhub.errors import BadInput, TooMany
from confhub.people.account import Language
from tests.web.browser import NOON, Making, WebClient
from web.rendering.i18n import Catalogue, Formats, catalogue

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
VIETNAMESE, ENGLISH = Formats("vi", HANOI), Formats("en", HANOI)


def test_a_moment_is_told_in_the_users_zone_and_manner() -> None:
    late = dt.datetime(2026, 11, 23, 18, 30, tzinfo=dt.UTC)  # after midnight in Việt Nam
    assert VIETNAMESE.datetime(late) == "Thứ Ba, 24/11/2026, 01:30"
    assert ENGLISH.datetime(late) == "Tuesday, 24 November 2026, 01:30"
    assert VIETNAMESE.time(NOON) == "12:00"
    assert VIETNAMESE.short_date(NOON) == "24/11/2026"
    assert VIETNAMESE.weekday(dt.date(2026, 11, 29)) == "Chủ Nhật"
    assert VIETNAMESE.local(NOON).hour == 12


def test_a_day_without_time_is_not_moved_by_the_zone() -> None:
    assert VIETNAMESE.date(dt.date(2026, 11, 24)) == "Thứ Ba, 24/11/2026"


def test_numbers_carry_the_marks_of_the_language() -> None:
    assert (VIETNAMESE.number(10599.5), ENGLISH.number(10599.5)) == ("10.599,5", "10,599.5")
    assert (VIETNAMESE.percent(0.034), ENGLISH.percent(0.034)) == ("3,4%", "3.4%")


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "vi"),
        ("vi-VN,vi;q=0.9,en-US;q=0.8", "vi"),
        ("en-US,en;q=0.9,vi;q=0.8", "en"),
        ("en;q=0.1,vi;q=0.9", "vi"),
        ("fr-FR,fr;q=0.9", "vi"),
        ("en;q=0", "vi"),
        ("en;q=x,;;,\N{SNOWMAN}", "vi"),
        ("en," * 10_000, "en"),
    ],
)
async def test_the_browser_asks_for_a_language(
    client: WebClient, asked: str, language: str
) -> None:
    header = asked[:7000].encode("utf-8").decode("latin-1")
    page = await (await client.get("/signin", headers={"Accept-Language": header})).text()
    assert f'<html lang="{language}">' in page


async def test_the_setting_decides_for_browsers_that_ask_for_neither(new_client: Making) -> None:
    browser = await new_client(language="en")
    page = await browser.get("/signin", headers={"Accept-Language": "fr"})
    assert '<html lang="en">' in await page.text()


async def test_the_choice_outweighs_what_the_browser_asks_for(client: WebClient) -> None:
    await client.post("/language", data={"language": "vi", "next": "/signin"})
    page = await client.get("/signin", headers={"Accept-Language": "en"})
    assert '<html lang="vi">' in await page.text()


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
