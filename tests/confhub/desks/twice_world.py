"""What stands before a use case is asked for twice, where the world of the rights has too little.

Each adds it, and returns by name what the use case is given then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from confhub.answers.given import Given
from confhub.desks import accounts, meetings, work_calendar
from confhub.desks.mail import planning as mail_planning
from confhub.desks.mail import sending
from confhub.desks.papers import uploading
from confhub.desks.planning import series
from confhub.desks.registry.accounts import import_accounts
from confhub.identity import part_id
from confhub.mail.replies import MailReply
from confhub.meetings.ownership import Hub
from confhub.papers.paper import Shown
from confhub.people.account import SignIn
from confhub.people.actor import Actor, of_account
from confhub.people.grant import Grant, post_of
from confhub.people.person import Person
from confhub.planning.agreement import states
from confhub.planning.agreement.rule import Rule
from confhub.planning.agreement.states import Said
from confhub.planning.recurrence import weekly
from confhub.units.unit import NewUnit, Succession
from tests.confhub.desks.test_rights import World
from tests.confhub.store.country import NOW, account, draft_of, meeting, site

Taken = Mapping[str, Any]
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
# Before the world's meeting, which begins NOW: most of what is done of one is done by then.
EARLY = NOW - DAY
HOUSE, HOUSE_NOW = Actor(EARLY), Actor(NOW)
ENDS = NOW.date() + 10 * DAY  # a unit that goes into another
UNITS = "Mã,Tên,Cấp,Mã cấp trên,Hiệu lực từ,Hết hiệu lực\n03299,Xã Mới,Xã,11,,\n"
SITES = "Mã đơn vị;Mã điểm cầu;Tên điểm cầu\n3166;DBN-MUONGCHA;Phòng 2\n"
ACCOUNTS = "Tên đăng nhập,Họ tên,Mã đơn vị,Vai trò\nthuky.moi,Lò Văn Chung,3166,Thư ký\n"


async def clerk_of(world: World) -> Actor:
    return of_account(await world.store.accounts.get(world.values["account_id"]), EARLY)


async def new_account(world: World) -> Taken:
    return {"account": account(world.values["unit_id"], "moi")}


async def signed_in(world: World) -> Taken:
    row = SignIn("sign-in-1", world.values["account_id"], "c", EARLY, NOW + DAY, EARLY)
    await world.store.accounts.add_sign_in(row, "hash")
    return {}


async def somebody(world: World) -> Taken:
    return {"person": Person("person-2", "Lò Thị Hai", unit_id=world.values["unit_id"])}


async def known_person(world: World) -> Taken:
    known = await world.store.address_book.get("person-1")
    return {"person": replace(known, title="Phó Chủ tịch")}


async def confirmed(world: World) -> Taken:
    known = await world.store.agreements.find("meeting-1")
    assert known is not None
    await world.store.agreements.update(states.stepped(known, "confirm"))
    return {}


async def declined(world: World) -> Taken:
    unit_id = world.values["unit_id"]
    await world.store.agreements.put_rule(Rule(unit_id, unit_id))
    known = await world.store.agreements.find("meeting-1")
    assert known is not None
    done = states.answered(known, Said("decline", "Bận"), "", EARLY)
    await world.store.agreements.update(done)
    return {"version": done.version}


async def to_confirm(world: World) -> Taken:
    known = await world.store.agreements.find("meeting-1")
    assert known is not None
    return {"version": known.version}


async def nothing_said(world: World) -> Taken:
    return {"version": 0, "given": Given("attending")}


async def colleague(world: World) -> Taken:
    other = account(world.values["unit_id"], "dong.nghiep", role="technician")
    await world.store.accounts.add(other, "hash")
    post = post_of((await clerk_of(world)).account)  # type: ignore[arg-type]
    lent = Grant("grant-2", other.id, "secretary", post.unit_id, EARLY, NOW + DAY, source=post)
    return {"grant": lent}


async def end_of_right(world: World) -> Taken:
    return {"ends_at": NOW + 5 * DAY}


async def dead_job(world: World) -> Taken:
    await world.store.jobs.add("job-1", "a kind", {}, EARLY, None)
    claim = await world.store.jobs.claim(["a kind"], EARLY, NOW, "hub")
    assert claim is not None
    await world.store.jobs.fail(claim, "broken", EARLY, None)
    return {}


async def reply_in_words(world: World) -> Taken:
    return {"answer": "accepted"}


async def unseen_reply(world: World) -> Taken:
    row = MailReply("reply-1", "1" * 64, "meeting-1", "site-a", "words", "open", EARLY)
    await world.store.replies.add(row)
    return {}


async def sent_out(world: World) -> Taken:
    """Its site has an address, and a mail for it waits."""
    await confirmed(world)
    room = await world.store.sites.get("site-a")
    await world.store.sites.update(replace(room, email="a@dienbien.gov.vn"))
    await sending.send_out(world.store, await clerk_of(world), "meeting-1", world.values["origin"])
    return {}


async def mailed(world: World) -> Taken:
    await sent_out(world)
    async with world.store.work(HOUSE) as work:
        await mail_planning.plan(work, "meeting-1", "", 10, 60)
    (mail,) = await world.store.mail.claim(EARLY + HOUR, NOW, 10)
    await world.store.mail.refused(mail, "a@dienbien.gov.vn", "550", EARLY + HOUR)
    return {}


async def new_meeting(world: World) -> Taken:
    return {"meeting_id": "meeting-2"}


async def later(world: World) -> Taken:
    return {"starts_at": NOW + DAY, "ends_at": NOW + DAY + HOUR}


async def taken_room(world: World) -> Taken:
    return {"room": await world.store.ownership.take("meeting-1", Hub("hub-1", "aaaa"), 600.0)}


async def live_room(world: World) -> Taken:
    given = dict(await taken_room(world))
    await meetings.start(world.store, HOUSE_NOW, given["room"], "it begins")
    return given


async def ended_room(world: World) -> Taken:
    given = await live_room(world)
    await meetings.end(world.store, HOUSE_NOW, given["room"], "it ends")
    return {**given, "version": (await world.store.meetings.get("meeting-1")).version}


async def seated(world: World) -> Taken:
    given = await taken_room(world)
    await world.store.rooms.joined(given["room"], world.values["stay"])
    return given


async def seen_end(world: World) -> Taken:
    return {"seen_end": (await world.store.meetings.get("meeting-1")).ends_at}


async def new_pattern(world: World) -> Taken:
    return {"pattern": replace(world.values["pattern"], id="pattern-2")}


async def own_token(world: World) -> Taken:
    chief = account(world.values["unit_id"], "quantri")
    return {"api_token": replace(world.values["api_token"], account_id=chief.id)}


async def own_feed(world: World) -> Taken:
    return {"feed": replace(world.values["feed"], account_id=world.values["account_id"])}


async def own_upload(world: World) -> Taken:
    return {"upload": replace(world.values["upload"], id="upload-2")}


async def paper(world: World) -> Taken:
    actor = await clerk_of(world)
    await uploading.finish(world.store, actor, "upload-1", world.values["looked"])
    given = {"paper_id": part_id("upload-1", "paper"), "number": 1}
    return {**given, "shown": Shown("levels", ("province",))}


async def merging(world: World) -> Taken:
    """A commune that goes into another, each with a site, and a meeting of both kinds."""
    store, province = world.store, world.values["unit_id"]
    old = NewUnit("commune", "Xã Cũ", province, valid_to=ENDS, id="old")
    await store.units.add_many(
        [old, NewUnit("commune", "Xã Mới", province, valid_from=ENDS, id="new")]
    )
    await store.units.add_successions([Succession("old", "new", ENDS)])
    await store.sites.add_many([site("old", "old"), site("new", "new")])
    at = NOW + 11 * DAY
    planned = meeting(
        "old", ("site-a", "site-old"), id="meeting-9", starts_at=at, ends_at=at + HOUR
    )
    await store.meetings.add(planned)
    return {"meeting_ids": ["meeting-9"], "old_id": "site-old", "new_id": "site-new"}


async def merging_host(world: World) -> Taken:
    return {**await merging(world), "old_id": "old", "new_id": "new"}


async def merging_series(world: World, *, of_host: bool = False) -> Taken:
    given = await (merging_host if of_host else merging)(world)
    host = "old" if of_host else world.values["unit_id"]
    at = NOW + DAY
    draft = draft_of(host, "commune", ("site-a", "site-old"), at, HOUR)
    zone = world.values["zone"]
    await series.schedule(world.store, HOUSE, "meeting-2", draft, weekly(at.date()), zone)
    one = await world.store.series.of_meeting("meeting-2")
    assert one is not None
    return {**given, "series_ids": [one.series_id]}


async def merging_host_series(world: World) -> Taken:
    return await merging_series(world, of_host=True)


async def on_a_working_day(world: World) -> Taken:
    """The world's own day is a holiday, on which no series is held."""
    draft = world.values["draft"]
    starts_at = draft.starts_at + DAY
    draft = replace(draft, starts_at=starts_at, ends_at=draft.ends_at + DAY)
    return {"draft": draft, "rule": weekly(starts_at.date())}


async def new_series(world: World) -> Taken:
    return {**await on_a_working_day(world), "meeting_id": "meeting-2"}


async def standing_series(world: World) -> Taken:
    given = dict(await on_a_working_day(world))
    draft, rule, zone = given["draft"], given["rule"], world.values["zone"]
    actor = await clerk_of(world)
    first = await series.schedule(world.store, actor, "meeting-2", draft, rule, zone)
    one = await world.store.series.of_meeting("meeting-2")
    assert one is not None
    changed = replace(draft, title="Giao ban khác")
    given |= {"meeting_id": "meeting-2", "series_id": one.series_id, "draft": changed}
    return {**given, "version": first.version}


async def file_of_accounts(world: World) -> Taken:
    data = ACCOUNTS.encode()
    seen = await import_accounts(world.store, HOUSE, data, seal="-")
    return {"data": data, "seal": seen.seal}


async def file_of_units(world: World) -> Taken:
    return {"data": UNITS.encode()}


async def file_of_sites(world: World) -> Taken:
    return {"data": SITES.encode()}


async def new_site(world: World) -> Taken:
    return {"site": site(world.values["unit_id"], "b")}


async def changed_site(world: World) -> Taken:
    return {"site": replace(await world.store.sites.get("site-a"), name="Phòng họp lớn")}


async def special_day(world: World) -> Taken:
    await work_calendar.set_day(world.store, HOUSE, world.values["special"])
    return {}


async def ended_person(world: World) -> Taken:
    return {"version": (await world.store.address_book.get("person-1")).version}


async def another_password(world: World) -> Taken:
    other = account(world.values["unit_id"], "nguoi.khac", role="site")
    await accounts.add(world.store, HOUSE, other, "hash")
    return {"account_id": other.id, "key": "a-form-of-the-page", "password_hash": "another"}


async def own_password(world: World) -> Taken:
    return {"password_hash": "another"}


PREPARED: Mapping[str, Callable[[World], Awaitable[Taken]]] = {
    "accounts.add": new_account,
    "accounts.change_own_password": own_password,
    "accounts.leave": signed_in,
    "accounts.reset_password": another_password,
    "address_book.add": somebody,
    "address_book.change": known_person,
    "address_book.end": ended_person,
    "agreements.answer": to_confirm,
    "agreements.ask_again": declined,
    "answers.giving.answer": nothing_said,
    "grants.end": end_of_right,
    "grants.hand_over": colleague,
    "jobs.again": dead_job,
    "letters.issuing.issue": confirmed,
    "mail.intake.post": reply_in_words,
    "mail.intake.settle": unseen_reply,
    "mail.planning.plan": sent_out,
    "mail.sending.send_again": mailed,
    "mail.sending.send_out": confirmed,
    "meetings.end": live_room,
    "meetings.end_forgotten": live_room,
    "meetings.extend": seen_end,
    "meetings.move": later,
    "meetings.reopen": ended_room,
    "meetings.schedule": new_meeting,
    "meetings.start": taken_room,
    "papers.keeping.open_version": paper,
    "papers.keeping.remove": paper,
    "papers.keeping.show": paper,
    "papers.uploading.begin": own_upload,
    "patterns.add": new_pattern,
    "planning.feeds.make": own_feed,
    "planning.feeds.renew": own_feed,
    "planning.handing_over.replace_host_in_series": merging_host_series,
    "planning.handing_over.replace_site_in_series": merging_series,
    "planning.leaving.replace_host": merging_host,
    "planning.leaving.replace_site": merging,
    "planning.series.change": standing_series,
    "planning.series.end": standing_series,
    "planning.series.repeat": on_a_working_day,
    "planning.series.schedule": new_series,
    "planning.series.settle": standing_series,
    "registry.accounts.import_accounts": file_of_accounts,
    "registry.api_tokens.make_token": own_token,
    "registry.imports.import_sites": file_of_sites,
    "registry.imports.import_units": file_of_units,
    "rooms.come": taken_room,
    "rooms.go": seated,
    "rooms.note": taken_room,
    "sites.add": new_site,
    "sites.change": changed_site,
    "work_calendar.drop_day": special_day,
}
