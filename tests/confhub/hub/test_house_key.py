"""A hub starts only with the key of its database."""

from __future__ import annotations

from pathlib import Path

import pytest

from confhub.commands import run
from confhub.config import Settings
from confhub.errors import BadInput
from confhub.hub.house_key import refuse_foreign_key
from confhub.meetings.tokens import KEY_FILE, fingerprint, read_key
from confhub.store import open_store


async def test_a_database_keeps_to_its_first_key(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path))
    mine, foreign = read_key(tmp_path), bytes(32)
    store = await open_store(settings)
    try:
        await refuse_foreign_key(store, mine, tmp_path)
        await refuse_foreign_key(store, mine, tmp_path)
        with pytest.raises(BadInput) as refused:
            await refuse_foreign_key(store, foreign, tmp_path)
    finally:
        await store.close()
    assert refused.value.code == "foreign_key"
    assert str(tmp_path / KEY_FILE) in str(refused.value)
    assert fingerprint(mine) != fingerprint(foreign)
    assert mine.hex() not in fingerprint(mine)


def test_a_lost_key_is_replaced_on_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read_key(tmp_path)
    assert run(["--data-dir", str(tmp_path), "key", "accept"]) == 0
    (tmp_path / KEY_FILE).unlink()
    assert run(["--data-dir", str(tmp_path), "key", "accept"]) == 0
    assert KEY_FILE in capsys.readouterr().out
