"""Where the record is."""

from __future__ import annotations

from pathlib import Path

import pytest

from confhub.config import Settings
from confhub.errors import BadInput
from confhub.store.database.location import database_url, sqlite_file


def test_without_a_setting_it_is_a_file_beside_the_other_data() -> None:
    url = database_url(Settings(data_dir="/srv/confhub"))
    assert sqlite_file(url) == Path("/srv/confhub/confhub.db")


def test_an_address_is_taken_as_it_is_written() -> None:
    url = database_url(Settings(database="sqlite:////srv/other.db"))
    assert sqlite_file(url) == Path("/srv/other.db")
    url = database_url(Settings(database="postgresql://u:p%40ss@db.example:5433/hop"))
    assert (url.host, url.port, url.password, url.database) == ("db.example", 5433, "p@ss", "hop")
    assert sqlite_file(url) is None


@pytest.mark.parametrize(
    "address",
    ["mysql://db/hop", "hop.db", "sqlite://", "sqlite:///:memory:", "postgresql//x", "://"],
)
def test_another_database_is_refused(address: str) -> None:
    with pytest.raises(BadInput) as bad:
        database_url(Settings(database=address))
    assert bad.value.code == "bad_database"
