"""What may become of the question whether a meeting may have its time."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from confhub.errors import FieldErrors
from confhub.meetings.meeting import Meeting, MeetingStatus
from confhub.meetings.working_days import SpecialDay, WorkCalendar
from confhub.planning.agreement.rule import Rule, deadline, rule_for
from confhub.planning.agreement.states import (
    TABLE,
    UNCONFIRMED,
    Agreement,
    Answer,
    NotNow,
    Said,
    State,
    Step,
    answered,
    asked_anew,
    follow,
    is_proposal_ahead,
    is_repeat,
    proposed_span,
    put_to,
    stepped,
)

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
NOW = dt.datetime(2026, 11, 24, 9, tzinfo=ZONE)  # a Tuesday
STARTS = NOW + 10 * DAY


def meeting(starts_at: dt.datetime = STARTS, status: MeetingStatus = "scheduled") -> Meeting:
    made = Meeting("m", "Giao ban", "district", "host", "chair", starts_at, starts_at + HOUR)
    return dataclasses.replace(made, status=status)


def question(starts_at: dt.datetime = STARTS, **values: Any) -> Agreement:
    made = Agreement("m", "centre", starts_at, starts_at + HOUR, NOW, NOW + DAY, NOW + HOUR, "a")
    return dataclasses.replace(made, **values)


# What stands, and what each step makes of it; "-": it is refused.
STEPS: tuple[Step, ...] = (
    "ask", "confirm", "decline", "propose", "accept", "take_back", "lapse",
)  # fmt: skip
WANTED = """
asked      | asked confirmed declined proposed -         taken_back lapsed
confirmed  | asked -         declined proposed -         taken_back -
declined   | asked confirmed -        proposed -         taken_back -
proposed   | asked confirmed declined proposed confirmed taken_back -
lapsed     | asked confirmed declined proposed -         taken_back -
taken_back | asked -         -        -        -         -          -
"""
CASES = [
    (row.split("|")[0].strip(), step, to)
    for row in WANTED.strip().splitlines()
    for step, to in zip(STEPS, row.split("|")[1].split(), strict=True)
]


@pytest.mark.parametrize(("state", "step", "to"), CASES)
def test_every_step_from_every_state(state: State, step: Step, to: str) -> None:
    known = question(state=state)
    if to == "-":
        with pytest.raises(NotNow):
            stepped(known, step)
        return
    found = stepped(known, step)
    assert (found.state, found.version) == (to, known.version + 1)
    assert found.released == (to in ("confirmed", "lapsed"))


def test_the_table_names_every_state_and_step() -> None:
    assert set(TABLE) == set(get_args(State))
    assert set(STEPS) == set(get_args(Step))


PATH = ["centre", "province", "district", "commune"]


@pytest.mark.parametrize(
    ("rules", "centre"),
    [
        ((), None),
        ((Rule("province", "province"),), "province"),
        ((Rule("province", "province"), Rule("commune", "district")), "district"),
        ((Rule("province", "province"), Rule("commune", None)), None),
        ((Rule("province", None), Rule("centre", "centre")), None),
        ((Rule("elsewhere", "province"),), None),
    ],
)
def test_the_nearest_rule_from_below_holds(rules: tuple[Rule, ...], centre: str | None) -> None:
    found = rule_for(PATH, {one.unit_id: one for one in rules})
    assert (found.centre_id if found else None) == centre


def local(day: int, hour: int, minute: int = 0, month: int = 11) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "starts_at", "days", "remind", "due"),
    [
        # Tuesday: until Wednesday evening, reminded that morning.
        (local(24, 9), local(30, 8), 1, local(25, 7, 30), local(25, 17, 30)),
        # Friday afternoon: until Monday.
        (local(27, 16), local(4, 8, month=12), 1, local(30, 7, 30), local(30, 17, 30)),
        # The 26th is off by a year's notice, and then comes a weekend.
        (local(25, 9), local(4, 8, month=12), 2, local(30, 7, 30), local(30, 17, 30)),
        # Tomorrow at eight: technicians are on site at seven, before any office opens.
        (local(24, 9), local(25, 8), 1, local(24, 20), local(25, 7)),
        # In half an hour: there is no time to answer in.
        (local(24, 9), local(24, 9, 30), 1, local(24, 9), local(24, 9)),
    ],
)
def test_the_deadline_counts_working_days_and_leaves_an_hour(
    now: dt.datetime, starts_at: dt.datetime, days: int, remind: dt.datetime, due: dt.datetime
) -> None:
    special = [SpecialDay(dt.date(2026, 11, 26), is_off=days > 1)]
    assert deadline(now, starts_at, days, WorkCalendar(special), ZONE) == (remind, due)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Said("decline"), "reason"),
        (Said("decline", "x" * 501), "reason"),
        (Said("propose"), "start"),
        (Said("propose", "", STARTS + DAY, STARTS + DAY), "start"),
        (Said("propose", "", NOW - HOUR, NOW + HOUR), "start"),
        (Said("propose", "", STARTS, STARTS + HOUR), "start"),
    ],
)
def test_an_answer_that_says_nothing_is_refused(said: Said, field: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        answered(question(), said, "b", NOW)
    assert set(refused.value.fields) == {field}


def test_a_proposal_is_there_to_be_taken_until_its_time_comes() -> None:
    at = STARTS - DAY
    done = answered(question(), Said("propose", "", at, at + HOUR), "b", NOW)
    assert is_proposal_ahead(done, NOW)
    assert not is_proposal_ahead(done, at)
    assert not is_proposal_ahead(stepped(done, "accept"), NOW)
    assert not is_proposal_ahead(question(), NOW)


def test_a_question_is_urgent_from_the_reminder_to_the_deadline() -> None:
    reminded = question(reminded_at=NOW)
    assert reminded.is_urgent(NOW + HOUR)
    assert not reminded.is_urgent(reminded.due_at)
    assert not question().is_urgent(NOW + HOUR)
    assert not stepped(reminded, "confirm").is_urgent(NOW + HOUR)
    assert not asked_anew(reminded, question()).is_urgent(NOW + HOUR)


def test_the_same_answer_sent_twice_is_known() -> None:
    known, said = question(), Said("propose", "Máy chủ bận", STARTS + DAY, STARTS + DAY + HOUR)
    done = answered(known, said, "b", NOW)
    assert is_repeat(done, said, "b", known.version)
    assert not is_repeat(known, said, "b", known.version)
    assert not is_repeat(done, said, "c", known.version)
    assert not is_repeat(done, Said("decline", "Máy chủ bận"), "b", known.version)


def test_who_had_a_time_before_anybody_had_to_be_asked_keeps_it() -> None:
    before = meeting()
    renamed = dataclasses.replace(before, title="Khác")
    assert follow(None, before, renamed, question()) is None
    moved = meeting(STARTS + DAY)
    found = follow(None, before, moved, question(STARTS + DAY))
    assert found is not None
    assert found.state == "asked"
    assert not found.holds_links  # they were sent before


@pytest.mark.parametrize(
    ("status", "is_held"), [("draft", True), ("postponed", False), ("scheduled", False)]
)
def test_links_that_were_made_before_there_was_a_rule_are_not_held(
    status: MeetingStatus, *, is_held: bool
) -> None:
    found = follow(None, meeting(status=status), meeting(STARTS + DAY), question(STARTS + DAY))
    assert found is not None
    assert (found.state, found.holds_links) == ("asked", is_held)


def test_nobody_is_asked_for_what_has_no_time() -> None:
    assert follow(None, None, meeting(status="draft"), question()) is None
    assert follow(None, None, meeting(), None) is None


def test_whoever_hands_a_meeting_over_does_not_hand_over_its_time_unasked() -> None:
    before = meeting()
    after = dataclasses.replace(before, host_unit_id="heir")
    found = follow(None, before, after, question())
    assert found is not None
    assert (found.state, found.released) == ("asked", True)


@pytest.mark.parametrize("state", get_args(State))
def test_of_another_host_the_centre_of_that_one_is_asked(state: State) -> None:
    known = question(state=state, version=3)
    before, after = meeting(), dataclasses.replace(meeting(), host_unit_id="heir")
    elsewhere = follow(known, before, after, question(centre_id="other"))
    assert elsewhere is not None
    assert (elsewhere.state, elsewhere.centre_id, elsewhere.version) == ("asked", "other", 4)
    nobody = follow(known, before, after, None)
    assert nobody is not None
    assert nobody.state == "taken_back"
    same = follow(known, before, after, question())
    assert same == (known if state != "taken_back" else question(version=4))


def test_a_time_that_another_centre_proposed_is_not_confirmed_by_the_new_one() -> None:
    moved = STARTS + DAY
    known = question(
        state="proposed", proposed_starts_at=moved, proposed_ends_at=moved + HOUR, version=2
    )
    after = dataclasses.replace(meeting(moved), host_unit_id="heir")
    found = follow(known, meeting(), after, question(moved, centre_id="other"))
    assert found == question(moved, centre_id="other", version=3)


@pytest.mark.parametrize("state", get_args(State))
def test_links_that_nobody_had_to_confirm_stay_sent_when_somebody_has_to(state: State) -> None:
    off = follow(question(state=state), meeting(), meeting(STARTS + DAY), None)
    assert off is not None
    assert not off.holds_links
    again = follow(off, meeting(), meeting(STARTS + 2 * DAY), question(STARTS + 2 * DAY))
    assert again is not None
    assert (again.state, again.holds_links) == ("asked", False)
    ruled_out = put_to(question(), None)
    assert put_to(ruled_out, None) == ruled_out
    assert not put_to(ruled_out, question()).holds_links


class Telling(RuleBasedStateMachine):
    """A meeting is planned, moved, put off, called off and held, while its centre answers and its
    rule is switched: in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.on = True
        self.meeting: Meeting | None = None
        self.known: Agreement | None = None
        self.was_free = False
        self.accepted: set[tuple[dt.datetime, dt.datetime]] = set()

    def become(self, after: Meeting) -> None:
        is_asked = self.on and after.status == "scheduled"
        asking = self.question(after) if is_asked else None
        version = self.known.version if self.known else 0
        self.known = follow(self.known, self.meeting, after, asking)
        self.meeting = after
        assert self.known is None or self.known.version >= version

    def question(self, of: Meeting) -> Agreement:
        return question(of.starts_at, centre_id=f"centre of {of.host_unit_id}")

    @precondition(lambda self: self.meeting is None)
    @rule()
    def schedule(self) -> None:
        self.become(meeting())

    @precondition(lambda self: self.meeting and self.meeting.status in ("scheduled", "postponed"))
    @rule(days=st.integers(0, 3))
    def move(self, days: int) -> None:
        assert self.meeting is not None
        starts_at = STARTS + days * DAY
        confirmed = self.known is not None and self.known.state == "confirmed"
        span = (self.known.starts_at, self.known.ends_at) if self.known else None
        proposed = proposed_span(self.known) if self.known else None
        was_proposed = self.known is not None and self.known.state == "proposed"
        self.become(
            dataclasses.replace(
                self.meeting,
                status="scheduled",
                starts_at=starts_at,
                ends_at=starts_at + HOUR,
            )
        )
        new = (starts_at, starts_at + HOUR)
        if self.known is not None and self.known.state == "confirmed":
            # Confirmed before for this very time, or it is the time that the centre proposed.
            assert (confirmed and span == new) or (was_proposed and proposed == new)

    @precondition(lambda self: self.meeting and self.meeting.status == "scheduled")
    @rule()
    def put_off(self) -> None:
        assert self.meeting is not None
        self.become(dataclasses.replace(self.meeting, status="postponed"))

    @precondition(lambda self: self.meeting and self.meeting.status in ("scheduled", "postponed"))
    @rule()
    def call_off(self) -> None:
        assert self.meeting is not None
        self.become(dataclasses.replace(self.meeting, status="cancelled"))

    @precondition(lambda self: self.meeting and self.meeting.status == "scheduled")
    @rule()
    def hold(self) -> None:
        assert self.meeting is not None
        before = self.known
        self.become(dataclasses.replace(self.meeting, status="live"))
        assert self.known == before  # whoever comes in asks nobody

    @precondition(lambda self: self.meeting and self.meeting.status == "scheduled")
    @rule(host=st.sampled_from(["host", "heir"]))
    def hand_over(self, host: str) -> None:
        assert self.meeting is not None
        before = self.meeting
        self.become(dataclasses.replace(before, host_unit_id=host))
        if host == before.host_unit_id:
            return
        if self.known is None or self.known.state == "taken_back":
            assert not self.on
        else:
            assert self.on
            assert self.known.centre_id == f"centre of {host}"

    @rule()
    def switch(self) -> None:
        self.on = not self.on

    @precondition(lambda self: self.known and self.meeting.status == "scheduled")
    @rule(step=st.sampled_from(["confirm", "decline", "propose"]), days=st.integers(0, 3))
    def reply(self, step: Answer, days: int) -> None:
        assert self.known is not None
        starts_at = STARTS + days * DAY
        times = (starts_at, starts_at + HOUR) if step == "propose" else ()
        said = Said(step, "Máy chủ bận", *times)
        try:
            self.known = answered(self.known, said, "b", self.now)
        except (NotNow, FieldErrors):
            return
        assert is_repeat(self.known, said, "b", self.known.version - 1)

    @precondition(lambda self: self.known and self.known.state in UNCONFIRMED - {"asked"})
    @rule()
    def ask_again(self) -> None:
        assert self.known is not None
        assert self.meeting is not None
        self.known = asked_anew(self.known, self.question(self.meeting))

    @precondition(lambda self: self.known and self.known.state == "asked")
    @rule()
    def let_pass(self) -> None:
        assert self.known is not None
        self.known = stepped(self.known, "lapse")

    @invariant()
    def what_is_off_asks_nobody(self) -> None:
        if self.meeting and self.meeting.status in ("postponed", "cancelled"):
            assert self.known is None or self.known.state == "taken_back"

    @invariant()
    def a_question_is_about_the_time_that_the_meeting_has(self) -> None:
        if self.meeting and self.meeting.status == "scheduled" and self.known:
            if self.known.state == "taken_back":
                return
            span = (self.known.starts_at, self.known.ends_at)
            assert span == (self.meeting.starts_at, self.meeting.ends_at)

    @invariant()
    def links_that_were_sent_stay_sent(self) -> None:
        if self.was_free:
            assert self.known is not None
            assert not self.known.holds_links
        self.was_free = self.known is not None and self.known.released


TestTelling = Telling.TestCase
