from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from rooms.media.engine.choice import EngineName
from tests.rooms.media.hall import Hall, open_hall


@pytest.fixture(params=["python", "native"])
async def hall(request: pytest.FixtureRequest) -> AsyncIterator[Hall]:
    engine: EngineName = request.param
    async with open_hall(engine, tcp=True) as opened:
        yield opened
