"""/meetings/{meeting_id}/letters/{letter_id}.pdf and .docx: a letter as it was issued.

Both are made again from what is kept. Its PDF is the same bytes each time, as long as typst and the
fonts stay: templates never change (another form of letters is another template), and the hash of
its own is kept with each letter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.letters import press, word_file
from confhub.letters.issued import Issued, Kept
from confhub.long_work import in_turn
from web.meetings.access import Seen, see_meeting
from web.pages.meetings.letters.files import Kind, file_answer
from web.services import SERVICES


@dataclass(frozen=True, slots=True)
class IssuedLetters:
    """Of one meeting, the last first. `replaced`: by the id of a letter the one in its place."""

    rows: Sequence[Issued]
    names: Mapping[str, str]  # who issued them, by account
    replaced: Mapping[str, Issued]
    by_id: Mapping[str, Issued]


async def letters_of(request: web.Request, seen: Seen) -> IssuedLetters | None:
    """None where there are none, and for who only sees the meeting."""
    if not seen.may_change:
        return None
    store = request.app[SERVICES].store
    rows = await store.letters.of_meeting(seen.meeting.id)
    if not rows:
        return None
    people = await store.accounts.people({one.issued_by for one in rows})
    names = {account_id: person.name for account_id, person in people.items()}
    replaced = {one.corrects: one for one in rows if one.corrects}
    return IssuedLetters(rows, names, replaced, {one.id: one for one in rows})


async def pdf(request: web.Request) -> web.Response:
    """GET …/letters/{letter_id}.pdf"""
    letter, kept = await _letter(request)
    return _answer(letter, await press.issued(letter, kept), "pdf")


async def docx(request: web.Request) -> web.Response:
    """GET …/letters/{letter_id}.docx"""
    letter, kept = await _letter(request)
    return _answer(letter, await in_turn(word_file.letter, kept.letter), "docx")


async def _letter(request: web.Request) -> tuple[Issued, Kept]:
    seen = await see_meeting(request, to_change=True)
    store = request.app[SERVICES].store.letters
    letter = await store.get(seen.meeting.id, request.match_info["letter_id"])
    return letter, await store.kept(letter.id)


def _answer(letter: Issued, data: bytes, kind: Kind) -> web.Response:
    return file_answer(data, letter.file_name, kind)
