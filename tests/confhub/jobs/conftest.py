"""A meeting whose sites are mailed, and the server that takes the mails."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from confhub.meetings.schedule import Draft
from confhub.store import Store
from tests.confhub.jobs.mail_server import Box, mail_server_of
from tests.confhub.jobs.mail_world import Hub, schedule
from tests.confhub.store.country import Country


@pytest.fixture
async def draft(store: Store, country: Country) -> Draft:
    return await schedule(store, country)


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
async def hub(store: Store, draft: Draft, box: Box) -> AsyncIterator[Hub]:
    async with mail_server_of(box) as port:
        yield Hub(store, port)
