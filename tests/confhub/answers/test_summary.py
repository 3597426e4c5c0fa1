"""How the answers of a meeting's sites are counted."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from confhub.answers.answer import By, answered
from confhub.answers.given import Attendee, Given, State
from confhub.answers.summary import Summary, summed
from tests.confhub.store.country import NOW, meeting

HELD = meeting("host", ("a", "b", "c", "d", "e"), starts_at=NOW, ends_at=NOW)
BUN = Attendee("Tòng Văn Bun", "", "substitute", "họp tỉnh")


def test_each_site_counts_once_and_foreign_answers_do_not() -> None:
    states: dict[str, State] = {"a": "attending", "b": "attending", "c": "declined", "d": "unsure"}
    found = {
        site_id: answered(None, HELD, site_id, Given(state, (BUN,)), By("link"), NOW)
        for site_id, state in [*states.items(), ("x", "attending")]
    }
    found["b"] = replace(found["b"], given=Given("attending"))
    assert summed(found, ["a", "b", "c", "d", "e", "e"], HELD) == Summary(5, 2, 1, 1, 1, 0, 1)
    moved = replace(HELD, starts_at=NOW + dt.timedelta(hours=1))
    assert summed(found, HELD.sites, moved) == Summary(5, 0, 0, 0, 0, 4, 1)
