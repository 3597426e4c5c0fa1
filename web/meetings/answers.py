"""What sites answered, in words."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from confhub.answers.answer import Answer, Way
from confhub.answers.given import State
from confhub.errors import N_
from web.rendering.pages import formats, words
from web.requests.auth import local_date
from web.services import SERVICES

ANSWERS: Mapping[State, str] = {
    "attending": N_("dự họp"),
    "declined": N_("không dự"),
    "unsure": N_("chưa chắc"),
}
_TOLD: Mapping[Way, str] = {
    "link": N_("Điểm cầu đã trả lời: %(state)s (qua liên kết, lúc %(when)s)."),
    "account": N_("Điểm cầu đã trả lời: %(state)s (%(who)s, lúc %(when)s)."),
    "behalf": N_("%(unit)s đã trả lời thay: %(state)s (%(who)s, lúc %(when)s)."),
    "mail": N_("Điểm cầu đã trả lời: %(state)s (bằng thư, lúc %(when)s)."),
}


async def told_by(request: web.Request, answer: Answer) -> str:
    """Who said what, and when."""
    store, by, gettext = request.app[SERVICES].store, answer.by, words(request).gettext
    people = await store.accounts.people([by.account_id] if by.account_id else [])
    units = await store.units.names([by.unit_id] if by.unit_id else [], local_date(request))
    values = {
        "state": gettext(ANSWERS[answer.given.state]),
        "when": formats(request).datetime(answer.answered_at),
        "who": people[by.account_id].name if by.account_id in people else "—",
        "unit": units.get(by.unit_id, "—"),
    }
    return gettext(_TOLD[by.way]) % values
