"""Which lines of the record are a unit's: acts on it, on those below it, and on what is theirs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from confhub.store import tables as t
from confhub.store.registry.unit_queries import below
from confhub.store.trail.audit import acts_on
from confhub.trail.story import Thing


def lines_of(unit_id: str, on: dt.date) -> ColumnElement[bool]:
    """As the tree stands on that day, with units that ended under whom they stood last.

    An account is theirs whose rights all lie there: what is done with others is other units' too.
    """
    c = t.audit.c
    units = select(below(unit_id, on, ended=True).c.id)
    accounts = _accounts(units)
    subjects: Mapping[Thing, Select[Any]] = {
        "unit": units,
        "site": select(t.site.c.id).where(t.site.c.unit_id.in_(units)),
        "meeting": select(t.meeting.c.id).where(t.meeting.c.host_unit_id.in_(units)),
        "account": accounts,
    }
    acts = [and_(c.subject.in_(ids), acts_on(thing)) for thing, ids in subjects.items()]
    return or_(*acts, and_(c.action == "signin.ok", c.account_id.in_(accounts)))


def _accounts(units: Select[Any]) -> Select[Any]:
    a, grant = t.account.c, t.account_grant.c
    elsewhere = exists().where(grant.account_id == a.id, grant.unit_id.not_in(units))
    return select(a.id).where(a.unit_id.in_(units), ~elsewhere)
