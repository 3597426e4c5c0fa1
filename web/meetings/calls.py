"""Whom a site calls when something is wrong (confhub/people/calls.py), as pages show it.

The secretary's number comes from what is known of them as a person (`/account`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.desks.mail.about import calls_about
from confhub.meetings.meeting import Meeting
from confhub.people.calls import WHO, Who
from web.services import SERVICES

_ICONS: Mapping[Who, str] = {"technician": "settings", "room": "phone"}


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody at the presiding unit; `label` is a msgid, the name may be empty."""

    icon: str
    label: str
    name: str
    number: str


async def whom_to_call(request: web.Request, meeting: Meeting) -> Sequence[Call]:
    services = request.app[SERVICES]
    calls = await calls_about(services.store, meeting, services.clock())
    return [Call(_ICONS.get(one.who, "user"), WHO[one.who], one.name, one.number) for one in calls]
