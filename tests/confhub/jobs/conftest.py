"""A meeting whose sites are mailed, a server that takes the mails, one for what comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from confhub.meetings.schedule import Draft
from confhub.store import Store
from tests.confhub.jobs.imap_server import ImapBox, dovecot
from tests.confhub.jobs.mail_server import Box, mail_server_of
from tests.confhub.jobs.mail_world import Hub, schedule
from tests.confhub.jobs.mailbox import Reader, server_of
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


@pytest.fixture(scope="module")
def started() -> Iterator[ImapBox]:
    with dovecot() as box:
        yield box


@pytest.fixture
def inbox(started: ImapBox) -> ImapBox:
    started.empty()
    return started


@pytest.fixture
def reader(store: Store, hub: Hub, inbox: ImapBox) -> Reader:
    sites = hub.postman._sites
    sites.sender = replace(sites.sender, takes_answers=True)
    return Reader(store, hub, server_of(inbox, imap_done_folder="Done"))
