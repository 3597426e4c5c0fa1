"""Names that an older program stored as they were typed are spelt as every door spells them now."""

from __future__ import annotations

import logging

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from confhub.config import Settings
from confhub.store import open_store
from confhub.store.database.migration import alembic_config
from tests.confhub.store.country import BEFORE, account, found_country, meeting, site
from tests.confhub.store.database.test_migration import connected, empty_settings, execute

__all__ = ["empty_settings"]

REVISION = "0014"
HIDDEN = "\u200b\u2060"
APART = "Hu\u0323ye\u0323\u0302n"  # "Hụyện" in pieces (NFD)


async def test_stored_names_are_spelt_anew_and_found_again(
    empty_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    store = await open_store(empty_settings)
    country = await found_country(store)
    room = site(country.cha_nua, "CN")
    await store.sites.add(room)
    await store.accounts.add(account(country.district), "hash")
    await store.accounts.add(account(country.district, "khongten"), "hash")
    await store.meetings.add(meeting(country.district, (room.id,), note="x"))
    await store.close()
    await execute(
        empty_settings,
        f"UPDATE unit_name SET name = ' {APART} Nậm Pồ{HIDDEN}', folded = 'x'"
        f" WHERE unit_id = '{country.district}'",
        "UPDATE site SET name = 'Phòng  họp\u202e', folded = 'x', room_phone = '0215\u00ad 1'",
        "UPDATE account SET name = 'Lò\u001b Thị' WHERE login = 'thuky.nampo'",
        f"UPDATE account SET name = '{HIDDEN}' WHERE login = 'khongten'",
        f"UPDATE meeting SET title = 'Giao ban{HIDDEN}', note = 'một\u0007 \n\nhai'",
    )
    with caplog.at_level(logging.WARNING):
        async with connected(empty_settings) as engine, engine.begin() as connection:
            await connection.run_sync(_migrate)
    store = await open_store(empty_settings)
    try:
        [found] = await store.units.search("huyen nam po", BEFORE, limit=9)
        assert found.name == "Hụyện Nậm Pồ"
        stored = await store.sites.get(room.id)
        assert (stored.name, stored.room_phone) == ("Phòng họp", "0215 1")
        names = {one.login: one.name for one in await store.accounts.list()}
        assert names == {"thuky.nampo": "Lò Thị", "khongten": HIDDEN}
        told = await store.meetings.get("meeting-1")
        assert (told.title, told.note) == ("Giao ban", "một\n\nhai")
    finally:
        await store.close()
    told_of = [text for text in caplog.messages if "nothing shows" in text]
    assert told_of == ["nothing shows of the name of account acc-khongten: kept as it is"]


def _migrate(connection: Connection) -> None:
    """This one step alone: it changes no table, so that it may run on those of today."""
    step = ScriptDirectory.from_config(alembic_config()).get_revision(REVISION)
    with Operations.context(MigrationContext.configure(connection)):
        step.module.upgrade()
