"""An access token for the tests of this folder."""

from __future__ import annotations

import pytest

from tests.web.api.v1.test_reading import made
from tests.web.browser import SignedIn


@pytest.fixture
async def secret(signed_in: SignedIn) -> str:
    """Of Nậm Pồ, for all about meetings and answers."""
    scopes = ("read_meetings", "write_meetings", "read_answers", "write_answers")
    return await made(await signed_in("admin", "nam-po"), "nam-po", *scopes)
