"""Official letters that go with invitations by mail."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from confhub.desks.letters import issuing, papers
from confhub.errors import Unavailable
from confhub.letters import press
from confhub.letters.issued import Issued, Kept, Wanted
from confhub.store import Store
from tests.confhub.jobs.mail_server import Box
from tests.confhub.jobs.mail_world import HOUSE, MEETING, A, B, Hub, move, send_out, subjects
from tests.confhub.letters.samples import TYPED
from tests.confhub.mail.test_message import paper_in, parts_of

TYPED_NOW = msgspec.structs.replace(TYPED, number="")


async def issue(store: Store, key: str = "letter-a", corrects: str = "") -> Issued:
    typed = TYPED_NOW
    if corrects:
        typed = msgspec.structs.replace(typed, closing="Thay thế Giấy mời số 01/GM-UBND.")
    wanted = Wanted(typed, (), press.template("letter-1"), corrects)
    return await issuing.issue(store, HOUSE, key, MEETING, wanted)


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The letters that are printed, each by its id."""
    ids: list[str] = []
    real = press.issued

    async def issued(letter: Issued, kept: Kept) -> bytes:
        ids.append(letter.id)
        return await real(letter, kept)

    monkeypatch.setattr(press, "issued", issued)
    return ids


async def test_each_invitation_carries_the_letter_which_is_printed_once(
    store: Store, hub: Hub, box: Box, printed: list[str]
) -> None:
    letter = await issue(store)
    await send_out(store)
    await hub.work()
    assert sorted(box.recipients()) == [A, B]
    assert printed == ["letter-a"]
    whole = await press.issued(letter, await store.letters.kept(letter.id))
    for _to, data in box.mails:
        assert paper_in(data) == (f"giay-moi-01-{letter.year}.pdf", whole)
        assert "Giấy mời số: 01/GM-UBND" in parts_of(data)[1]


async def test_a_letter_that_is_issued_or_corrected_later_is_mailed_to_who_was_invited(
    store: Store, hub: Hub, box: Box
) -> None:
    await send_out(store)
    await hub.work()
    assert [paper_in(data) for _to, data in box.mails] == [None, None]
    for key, corrects in (("letter-a", ""), ("letter-b", "letter-a")):
        box.mails.clear()
        letter = await issue(store, key, corrects)
        await hub.work()
        assert subjects(box) == [f"Giấy mời số {letter.said}"] * 2
        assert all(paper_in(data) for _to, data in box.mails)
    box.mails.clear()
    await send_out(store)  # nothing is new
    await hub.work()
    assert box.mails == []


async def test_a_letter_for_another_time_does_not_go_with_the_news_of_the_move(
    store: Store, hub: Hub, box: Box
) -> None:
    await issue(store)
    await send_out(store)
    await move(store)
    await hub.work()
    assert [paper_in(data) for _to, data in box.mails] == [None, None]
    assert "GM-UBND" not in parts_of(box.mails[0][1])[1]
    box.mails.clear()
    await issue(store, "letter-b", "letter-a")
    await hub.work()
    assert subjects(box) == ["Giấy mời số 02/GM-UBND"] * 2
    assert all(paper_in(data) for _to, data in box.mails)


async def test_an_invitation_waits_for_a_letter_that_cannot_be_printed_and_then_goes_without(
    store: Store, hub: Hub, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0

    async def broken(_letter: Issued, _kept: Kept) -> bytes:
        nonlocal tries
        tries += 1
        raise Unavailable

    monkeypatch.setattr(press, "issued", broken)
    await issue(store)
    await send_out(store)
    await hub.work()
    assert (box.mails, tries) == ([], 1)  # the other site's mail asks for nothing
    for _ in range(2):
        await hub.later(dt.timedelta(hours=1))
    assert sorted(box.recipients()) == [A, B]
    assert [paper_in(data) for _to, data in box.mails] == [None, None]
    assert "Giấy mời số: 01/GM-UBND" in parts_of(box.mails[0][1])[1]


async def test_a_letter_that_is_too_large_for_mail_stays_behind(
    store: Store, hub: Hub, box: Box
) -> None:
    hub.postman._sites._papers = papers.Papers(store, lambda: hub.now, most_bytes=1000)
    await issue(store)
    await send_out(store)
    await hub.work()
    assert sorted(box.recipients()) == [A, B]
    assert [paper_in(data) for _to, data in box.mails] == [None, None]
