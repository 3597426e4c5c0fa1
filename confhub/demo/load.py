"""The demo: Điện Biên with its districts and communes, a site each, accounts, a few meetings.

Loading it again repairs what is missing and moves the meetings to today; it changes nothing
that somebody edited. The districts are kept open-ended: see docs/decisions/010.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from confhub.demo import country as demo_country
from confhub.demo.logins import LOGINS, PASSWORD, PLACES, ROLES
from confhub.desks import accounts as accounts_desk
from confhub.desks import agreements as agreements_desk
from confhub.desks.country_load import ensure_root, load_2022
from confhub.errors import N_, Conflict
from confhub.identity import new_id
from confhub.meetings.admission import OPEN_AFTER_END
from confhub.meetings.meeting import AgendaItem, Meeting
from confhub.people.account import Account
from confhub.people.actor import Actor
from confhub.people.passwords import hash_password
from confhub.planning.agreement.rule import Rule
from confhub.store import Store, Work
from confhub.units import country
from confhub.units.site import Site
from confhub.units.unit import Unit

# A unit's rules are not changed every day.
_LATEST_ACTS = 100


@dataclass(frozen=True, slots=True)
class Demo:
    """What stands after loading. `accounts` are by level, then role, each with its unit's name."""

    units: int
    sites: int
    meetings: tuple[Meeting, ...]
    accounts: tuple[tuple[Account, str], ...]


async def has_foreign_accounts(store: Store) -> bool:
    """Whether somebody works with this database in earnest."""
    return any(account.login not in LOGINS for account in await store.accounts.list())


async def load_demo(store: Store, *, now: dt.datetime, zone: ZoneInfo, force: bool = False) -> Demo:
    """Load or repair the demo; `now` is aware. Conflict on a database with other accounts."""
    if not force and await has_foreign_accounts(store):
        raise Conflict(
            N_(
                "Cơ sở dữ liệu đã có tài khoản khác. Không nạp dữ liệu mẫu vào hệ thống đang dùng;"
                " thêm --force nếu bạn chắc chắn."
            ),
            code="database_in_use",
        )
    house = Actor(now.astimezone(zone))
    today = house.today
    root = await ensure_root(store, house, today)
    entries = country.cut_province(country.read_2022(), demo_country.PROVINCE_CODE)
    await load_2022(store, house, entries)
    units = {u.code: u for u in await store.units.tree(root.id, today) if u.code}
    places = (root, *(units[code] for code in _place_codes()))
    sites = await _load_sites(store, house, entries, units, root)
    accounts = await _load_accounts(store, house, places)
    below = {unit.id for unit in await store.units.tree(places[2].id, today)}
    meetings = _meetings(places, sites, below, now.astimezone(zone))
    for meeting in meetings:
        await _load_meeting(store, house, meeting)
    await _ask_of_commune(store, house, places)
    return Demo(len(units) + 1, len(sites), tuple(meetings), tuple(accounts))


async def _ask_of_commune(store: Store, house: Actor, places: Sequence[Unit]) -> None:
    """The province confirms the times of the commune's meetings, so that it can be tried; unless
    somebody has changed it since."""
    _central, province, _district, commune = places
    acts = await store.audit.recent(_LATEST_ACTS, commune.id)
    if all(act.action != "agreement.rule" for act in acts):
        await agreements_desk.set_rule(store, house, commune.id, Rule(commune.id, province.id))


def _place_codes() -> tuple[str, str, str]:
    return demo_country.PROVINCE_CODE, demo_country.DISTRICT_CODE, demo_country.COMMUNE_CODE


async def _load_sites(
    store: Store,
    house: Actor,
    entries: Sequence[country.Entry],
    units: Mapping[str, Unit],
    root: Unit,
) -> dict[str, Site]:
    """All demo sites by code, missing ones made."""
    ids = {code: unit.id for code, unit in units.items()}
    wanted = demo_country.build_sites(entries, ids, root.id)
    known = {site.code: site for site in await store.sites.list()}
    missing = [site for site in wanted if site.code not in known]

    async def add(work: Work) -> None:
        await work.sites.add_many(missing)
        await work.audit("site.added", detail=f"{len(missing)} of the demonstration")

    if missing:
        await store.work_aside(house, add)
    return {site.code: known.get(site.code, site) for site in wanted}


async def _load_accounts(
    store: Store, house: Actor, places: Sequence[Unit]
) -> list[tuple[Account, str]]:
    known = {account.login: account for account in await store.accounts.list()}
    password_hash = "" if known.keys() >= LOGINS else await hash_password(PASSWORD)
    accounts = []
    for unit, place in zip(places, PLACES, strict=True):
        for role, (word, title) in ROLES.items():
            account = known.get(f"{word}.{place}")
            if account is None:
                name = f"{title} {_without_kind(unit)}"
                account = Account(new_id(), f"{word}.{place}", name, role, unit.id)
                await accounts_desk.add(store, house, account, password_hash)
            accounts.append((account, unit.name))
    return accounts


def _without_kind(unit: Unit) -> str:
    return unit.name if unit.parent_id is None else " ".join(unit.name.split()[1:])


def _meetings(
    places: Sequence[Unit], sites: Mapping[str, Site], district_ids: set[str], now: dt.datetime
) -> list[Meeting]:
    """Today's briefing of the district (open now), tomorrow's of the province, one of the centre.

    Ids hold the date, so each day has its own and a second run finds them.
    """
    central, province, district, _ = places
    quarter = now.replace(minute=now.minute - now.minute % 15, second=0, microsecond=0)
    eight = now.replace(hour=8, minute=0, second=0, microsecond=0)
    tomorrow, next_week = eight + dt.timedelta(days=1), eight + dt.timedelta(days=7)
    in_district = [s.id for s in sites.values() if s.unit_id in district_ids]
    districts = [s.id for code, s in sites.items() if code.count("-") == 1 and code != "tw-vpcp"]
    centre, main, pilot = (
        sites[code].id
        for code in (
            demo_country.CENTRAL_SITE,
            demo_country.PROVINCE_SITE,
            demo_country.DISTRICT_SITE,
        )
    )
    return [
        _meeting(
            f"demonpo{now:%Y%m%d}",
            f"Giao ban huyện Nậm Pồ với {len(in_district) - 1} xã",
            (district, pilot, in_district),
            (quarter, 3.0),
            "Chủ tịch UBND huyện Nậm Pồ",
            ("Điểm danh", "Báo cáo nhanh của các xã", "Kết luận của chủ trì"),
        ),
        _meeting(
            f"demodbn{now:%Y%m%d}",
            "Họp UBND tỉnh Điện Biên với 10 huyện, thị xã, thành phố",
            (province, main, [main, *districts]),
            (tomorrow, 3.5),
            "Chủ tịch UBND tỉnh Điện Biên",
            (
                f"Tình hình kinh tế - xã hội tháng {now.month}",
                "Phòng chống rét cho người và gia súc",
            ),
        ),
        _meeting(
            f"demotw{now:%G%V}",
            "Hội nghị trực tuyến Chính phủ với địa phương",
            (central, centre, [centre, *(s.id for s in sites.values() if s.id != centre)]),
            (next_week, 4.0),
            "",
            ("Khai mạc", "Báo cáo của các bộ", "Ý kiến địa phương", "Kết luận"),
        ),
    ]


def _meeting(
    meeting_id: str,
    title: str,
    who: tuple[Unit, str, list[str]],
    when: tuple[dt.datetime, float],
    chair_name: str,
    agenda: Sequence[str],
) -> Meeting:
    host, chair_site_id, site_ids = who
    starts_at = when[0].astimezone(dt.UTC)
    return Meeting(
        id=meeting_id,
        title=title,
        level_id=host.level_id,
        host_unit_id=host.id,
        chair_site_id=chair_site_id,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(hours=when[1]),
        chair_name=chair_name,
        agenda=tuple(AgendaItem(title) for title in agenda),
        sites=(chair_site_id, *(s for s in site_ids if s != chair_site_id)),
    )


async def _load_meeting(store: Store, house: Actor, meeting: Meeting) -> None:
    """Add a meeting with its join links, or give one that passed unheld its new time."""
    start, end = meeting.starts_at - dt.timedelta(days=14), meeting.ends_at + dt.timedelta(days=14)
    listed = await store.meetings.between(start, end, unit_ids=[meeting.host_unit_id])
    known = next((other for other in listed if other.id == meeting.id), None)
    async with store.work(house) as work:
        if known is None:
            await work.meetings.add(meeting)
        elif known.status == "scheduled" and known.ends_at <= house.now:
            meeting = replace(known, starts_at=meeting.starts_at, ends_at=meeting.ends_at)
            await work.meetings.update(meeting)
        else:
            return
        await work.links.ensure(meeting, meeting.ends_at + OPEN_AFTER_END)
        await work.audit("meeting.scheduled", subject=meeting.id, detail=meeting.title)
