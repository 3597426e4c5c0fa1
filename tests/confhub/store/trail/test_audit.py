"""The audit trail."""

from __future__ import annotations

import datetime as dt

from confhub.store import AuditEntry, Store
from tests.confhub.store.country import NOW


async def test_the_latest_acts_come_first_of_one_subject_if_asked(store: Store) -> None:
    for number in range(5):
        await store.audit.write(
            "meeting.changed",
            account_id="acc-1",
            subject=f"meeting-{number % 2}",
            detail=str(number),
            address="192.0.2.1",
            at=NOW + dt.timedelta(seconds=number),
        )
    assert [entry.detail for entry in await store.audit.recent(3)] == ["4", "3", "2"]
    assert [entry.detail for entry in await store.audit.recent(9, "meeting-1")] == ["3", "1"]
    last = AuditEntry(
        NOW + dt.timedelta(seconds=4), "acc-1", "meeting.changed", "meeting-0", "4", "192.0.2.1"
    )
    assert await store.audit.recent(1) == [last]


async def test_many_acts_may_be_kept_in_one_line(store: Store) -> None:
    for count in (1, 3, 2):  # written in another order than counted
        at = NOW + dt.timedelta(seconds=count)
        await store.audit.keep("one", AuditEntry(at, "", "signin.failed", "", str(count), "::1"))
    (entry,) = await store.audit.recent(9)
    assert (entry.detail, entry.at) == ("3", NOW + dt.timedelta(seconds=1))


async def test_an_act_is_recorded_however_odd_its_texts(store: Store) -> None:
    await store.audit.write(
        "a" * 100,
        account_id="c" * 100,
        subject="s" * 100,
        detail="x\0y\ud800z" + "d" * 100_000,
        address="\0",
        at=NOW,
    )
    (entry,) = await store.audit.recent(1)
    assert (entry.action, entry.account_id, entry.subject) == ("a" * 64, "c" * 16, "s" * 64)
    assert entry.detail.startswith("xy?zddd")
    assert entry.address == ""
