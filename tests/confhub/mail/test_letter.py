"""What a site is to be told, as it stands against what it was told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from confhub.mail.letter import (
    Letter,
    MailKind,
    MailState,
    changes,
    kind_of,
    may_be_repeated,
    reads_alike,
    same_news,
)
from tests.confhub.mail.letters import HOUR, MEETING, STARTS, letter, mail, moved


def told(kind: MailKind, of: Letter) -> tuple[Any, Letter]:
    return mail(kind, state="sent", letter_id=of.id), of


OFF = {"status": "postponed", "status_reason": "Bão", "version": 2}
CANCELLED = {"status": "cancelled", "status_reason": "Bão", "version": 3}


@pytest.mark.parametrize(
    ("now", "known", "kind"),
    [
        (letter(), None, "invite"),
        (letter(status="draft"), None, None),
        (letter(status="ended"), told("invite", letter()), None),
        (letter(), told("invite", letter()), None),
        (moved(), None, "invite"),
        (moved(), told("invite", letter()), "change"),
        (moved(), told("change", moved()), None),
        (letter(title="Họp khác", version=2), told("invite", letter()), "change"),
        (letter(chair_site_id="site-b", version=2), told("invite", letter()), "change"),
        (letter(chair_name="", version=2), told("invite", letter()), "change"),
        # An agenda is edited for days.
        (letter(agenda=(), note="", version=2), told("invite", letter()), None),
        (letter(**OFF), None, None),
        (letter(**OFF), told("invite", letter()), "hold"),
        (letter(**OFF), told("hold", letter(**OFF)), None),
        (letter(**OFF | {"status_reason": "Lũ"}), told("hold", letter(**OFF)), "hold"),
        # The old time may be the new one.
        (letter(version=3), told("hold", letter(**OFF)), "change"),
        (letter(**CANCELLED), None, None),
        (letter(**CANCELLED), told("invite", letter()), "cancel"),
        (letter(**CANCELLED), told("hold", letter(**OFF)), "cancel"),
        (letter(**CANCELLED), told("cancel", letter(**CANCELLED)), None),
        (letter(version=4), told("drop", letter()), "invite"),
        # Who is inside hears of a longer meeting there.
        (
            letter(status="live", ends_at=STARTS + 3 * HOUR, version=2),
            told("invite", letter()),
            None,
        ),
        (letter(status="live", version=2), None, "invite"),
    ],
)
def test_a_site_is_told_what_it_does_not_know(
    now: Letter, known: tuple[Any, Letter] | None, kind: MailKind | None
) -> None:
    assert kind_of(now, "link-1", known, invited=True) == kind


@pytest.mark.parametrize(
    ("known", "kind"),
    [(None, None), (told("invite", letter()), "drop"), (told("drop", letter()), None)],
)
def test_who_is_not_invited_any_more_is_told_so_once(
    known: tuple[Any, Letter] | None, kind: MailKind | None
) -> None:
    assert kind_of(letter(), "link-1", known, invited=False) == kind


def test_another_link_is_told_also_while_the_meeting_goes_on() -> None:
    for status in ("scheduled", "live"):
        now = letter(status=status, version=2)
        assert kind_of(now, "link-2", told("invite", letter()), invited=True) == "link"


def test_a_site_whose_link_was_revoked_is_told_nothing_but_that_it_is_off() -> None:
    known = told("invite", letter())
    assert kind_of(moved(), "", known, invited=True) is None
    assert kind_of(letter(**CANCELLED), "", known, invited=True) == "cancel"


def test_a_mail_says_the_same_only_where_kind_link_reason_and_facts_are_the_same() -> None:
    one = mail("change", letter_id="letter-2")
    assert same_news(one, moved(), "change", "link-1", moved(version=3))
    assert not same_news(one, moved(), "change", "link-2", moved())
    assert not same_news(one, moved(), "cancel", "link-1", moved())
    assert not same_news(one, moved(), "change", "link-1", moved(status_reason="Khác"))
    assert not same_news(one, moved(), "change", "link-1", moved(title="Khác"))


def test_letters_read_alike_whatever_their_version_but_not_with_another_agenda() -> None:
    assert reads_alike(letter(), letter(version=2))
    assert not reads_alike(letter(), letter(version=2, agenda=()))
    assert not reads_alike(letter(), letter(version=2, note="Khác"))
    assert not reads_alike(letter(), replace(letter(), place="Hội trường"))


@pytest.mark.parametrize(
    ("kind", "state", "status", "may"),
    [
        ("invite", "sent", "scheduled", True),
        ("invite", "refused", "live", True),
        ("invite", "waiting", "scheduled", False),
        ("invite", "refused", "cancelled", False),
        ("invite", "sent", "postponed", False),
        ("cancel", "refused", "cancelled", True),
        ("hold", "refused", "postponed", True),
        ("hold", "refused", "cancelled", False),
        ("invite", "refused", "ended", False),
    ],
)
def test_only_what_may_be_true_still_may_be_asked_for_again(
    kind: MailKind, state: MailState, status: str, may: bool
) -> None:
    one = mail(kind, state=state)
    assert may_be_repeated(one, status, has_link=True) == may
    if status == "scheduled":
        assert not may_be_repeated(one, status, has_link=False)


def test_another_deadline_is_told_to_who_did_not_answer() -> None:
    before = replace(letter(), answer_by=STARTS - 48 * HOUR)
    now = replace(letter(version=2), answer_by=STARTS - 24 * HOUR)
    known = told("invite", before)
    assert kind_of(now, "link-1", known, invited=True) == "change"
    assert kind_of(now, "link-1", known, invited=True, answered=True) is None
    # Of a mail from before there were deadlines nobody knows what it said.
    assert kind_of(now, "link-1", told("invite", letter()), invited=True) is None


def test_what_changed_is_named() -> None:
    every = replace(
        moved(), meeting=replace(moved().meeting, title="B", chair_site_id="b", chair_name="C")
    )
    assert list(changes(letter(), every)) == ["time", "title", "place", "chair"]
    assert MEETING.title != "B"
