"""A meeting's form with more in it than anybody means."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest

from confhub.meetings.schedule import SITE_LIMIT
from confhub.units.site import Site
from confhub.words.texts import MOST_SIGNS
from tests.web.browser import SignedIn
from tests.web.meeting_pages import fill_in
from web.services import Services


@pytest.mark.parametrize("codes", ["a\n" * 100_000, "\n".join(map(str, range(SITE_LIMIT + 1)))])
async def test_more_codes_than_may_be_invited_are_not_looked_up(
    signed_in: SignedIn, codes: str
) -> None:
    browser = await signed_in("secretary", "nam-po")
    many = await fill_in(browser, "/meetings/new", sites="", site_codes=codes)
    assert f"mời nhiều nhất {SITE_LIMIT} điểm cầu" in await many.text()


@pytest.mark.parametrize("count", [SITE_LIMIT + 1, 80_000])
async def test_of_more_sites_than_may_be_invited_few_are_looked_up(
    signed_in: SignedIn, services: Services, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    browser = await signed_in("secretary", "nam-po")
    asked, get_many = [0], services.store.sites.get_many

    async def counted(ids: Collection[str]) -> Sequence[Site]:
        asked.append(len(ids))
        return await get_many(ids)

    monkeypatch.setattr(services.store.sites, "get_many", counted)
    sites = " ".join(f"{number:x}" for number in range(count))
    many = await fill_in(browser, "/meetings/new", sites=sites)
    assert f"mời nhiều nhất {SITE_LIMIT} điểm cầu; bạn đã chọn {count}." in await many.text()
    assert max(asked) <= 2 * SITE_LIMIT + 1


@pytest.mark.parametrize("name", ["note", "title", "chair_name", "override_reason", "agenda_title"])
async def test_a_text_that_is_far_too_long_is_shown_again_in_part(
    signed_in: SignedIn, name: str
) -> None:
    browser = await signed_in("secretary", "nam-po")
    whole = {"agenda_title": "", "agenda_presenter": "A", "agenda_minutes": "5"}
    refused = await fill_in(browser, "/meetings/new", **{**whole, name: "'" * 160_000})
    assert refused.status == 400
    assert 10_000 < (await refused.text()).count("&#39;") <= MOST_SIGNS + 100
