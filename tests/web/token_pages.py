"""What the page of access tokens finds in a test."""

from __future__ import annotations

import datetime as dt

from confhub.people.api_token import ALLOWS, ApiToken
from tests.web.browser import NOON
from web.services import Services


async def add_tokens(services: Services, unit_id: str, account_id: str) -> None:
    """One that is used, and one that is over."""
    name = "Hệ thống quản lý văn bản và điều hành của tỉnh Điện Biên"
    for number, days in enumerate((90, -1)):
        ends_at, used_at = NOON + dt.timedelta(days=days), NOON - dt.timedelta(days=2)
        made_at = NOON - dt.timedelta(days=30)
        await services.store.api_tokens.add(
            ApiToken(
                f"token-{number}",
                unit_id,
                account_id,
                name,
                str(number) * 64,
                tuple(ALLOWS),
                made_at,
                ends_at,
                used_at,
            )
        )
