"""A hub's record at the size of the country: every unit with a site, four weeks of meetings."""

from __future__ import annotations

import datetime as dt
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from confhub.config import Settings
from confhub.desks.country_load import load_2022
from confhub.identity import new_id, secret_hash
from confhub.meetings.admission import OPEN_AFTER_END
from confhub.meetings.meeting import Meeting
from confhub.meetings.tokens import JoinTokens, read_key
from confhub.people.account import Account, Role, SignIn
from confhub.people.actor import Actor
from confhub.people.api_token import ALLOWS, ApiToken
from confhub.store import Store, open_store
from confhub.units.site import Line, Site
from confhub.units.unit import Unit
from web.requests.auth import SECRET_BYTES

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
# The central site, every province, every district, and eleven communes.
LARGE_MEETING_SITES = 780
WEEKS = 4
RUNNING_SITES = 8
NO_PASSWORD = "not a hash"
ROLES: tuple[Role, ...] = ("secretary", "technician", "admin")
_DAY = dt.timedelta(days=1)


class Country(msgspec.Struct, frozen=True):
    """What to ask for: `cookies` are secrets of sign-ins at the centre by role, `seats` the
    tokens of the sites of a meeting that runs, `program` an access token that opens all."""

    units: int
    sites: int
    meetings: int
    large_meeting: str
    a_site: str
    a_district: str
    an_account: str
    program: str
    cookies: Mapping[str, str]
    seats: Sequence[str]


@contextmanager
def folder_of(kept: Path | None) -> Iterator[Path]:
    """Where to write it: a folder that keeps it for next time, or one that goes afterwards."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="confhub-bench-") as folder:
        yield Path(folder)


async def fill(folder: Path, database: str = "") -> Country:
    """Write it; into a folder that has it already, read what to ask for. `database`: the address of
    another than SQLite in the folder."""
    known = folder / "country.json"
    if known.exists():
        return msgspec.json.decode(known.read_bytes(), type=Country)
    store = await open_store(Settings(data_dir=str(folder), database=database))
    try:
        country = await _fill(store, JoinTokens(read_key(folder)))
    finally:
        await store.close()
    known.write_bytes(msgspec.json.encode(country))
    return country


async def _fill(store: Store, tokens: JoinTokens) -> Country:
    now = dt.datetime.now(dt.UTC)
    today = now.astimezone(ZONE).date()
    await load_2022(store, Actor(now))
    units = await store.units.tree(None, today)
    sites = [_site(unit, number) for number, unit in enumerate(units)]
    await store.sites.add_many(sites)
    by_unit = {site.unit_id: site.id for site in sites}
    districts = [unit for unit in units if unit.level_id == "district"]
    below: dict[str, list[str]] = {}
    for unit in units:
        below.setdefault(unit.parent_id or "", []).append(by_unit[unit.id])
    weekly = [
        _meeting(
            f"Giao ban tuần {week + 1} của {district.name}",
            district,
            [by_unit[district.id], *below[district.id]],
            _morning(today + _DAY * (7 * week + number % 5), 8 + number % 9),
        )
        for week in range(WEEKS)
        for number, district in enumerate(districts)
        if district.id in below
    ]
    upper = [unit for unit in units if unit.level_id != "commune"]
    lower = [unit for unit in units if unit.level_id == "commune"]
    invited = [by_unit[unit.id] for unit in (*upper, *lower)][:LARGE_MEETING_SITES]
    large = _meeting("Hội nghị trực tuyến toàn quốc", units[0], invited, now)
    running = _meeting("Cuộc họp đang diễn ra", districts[0], invited[-RUNNING_SITES:], now)
    for meeting in (large, running, *weekly):
        await store.meetings.add(meeting)
    await store.links.ensure(large, large.ends_at + OPEN_AFTER_END)
    links = await store.links.ensure(running, running.ends_at + OPEN_AFTER_END)
    people = {role: _account(role, units[0]) for role in ROLES}
    for account in people.values():
        await store.accounts.add(account, NO_PASSWORD)
    return Country(
        units=len(units),
        sites=len(sites),
        meetings=len(weekly) + 2,
        large_meeting=large.id,
        a_site=invited[1],
        a_district=districts[0].id,
        an_account=people["secretary"].id,
        program=await _access_token(store, tokens, people["admin"], now),
        cookies={role: await _sign_in(store, tokens, who, now) for role, who in people.items()},
        seats=[tokens.sign(link) for link in links],
    )


def _site(unit: Unit, number: int) -> Site:
    return Site(
        id=new_id(),
        unit_id=unit.id,
        code=f"dc-{unit.code or 'tw'}",
        name=f"Phòng họp UBND {unit.name}",
        contact_name=f"Lò Văn {number}",
        technician_name=f"Mùa A {number}",
        technician_phone=f"0912 {number:06d}",
        room_phone=f"0215 {number:06d}",
        lines=(
            Line("fibre", "VNPT", 30_000_000, 30_000_000),
            Line("mobile", "Viettel", 10_000_000, 5_000_000, backup=True),
        ),
    )


def _meeting(title: str, host: Unit, sites: Sequence[str], start: dt.datetime) -> Meeting:
    return Meeting(
        id=new_id(),
        title=title,
        level_id=host.level_id,
        host_unit_id=host.id,
        chair_site_id=sites[0],
        starts_at=start,
        # One that runs while it is measured does not end meanwhile.
        ends_at=start + dt.timedelta(hours=2),
        sites=tuple(sites),
    )


def _morning(day: dt.date, hour: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), ZONE).astimezone(dt.UTC)


def _account(role: Role, unit: Unit) -> Account:
    return Account(new_id(), f"{role}.bench", role.title(), role, unit.id)


async def _sign_in(store: Store, tokens: JoinTokens, account: Account, now: dt.datetime) -> str:
    secret = tokens.sign_ins.sign(secrets.token_bytes(SECRET_BYTES))
    await store.accounts.add_sign_in(
        SignIn(secret_hash(secret), account.id, secrets.token_hex(32), now, now + 30 * _DAY, now),
        NO_PASSWORD,
    )
    return secret


async def _access_token(
    store: Store, tokens: JoinTokens, account: Account, now: dt.datetime
) -> str:
    secret = tokens.programs.sign(secrets.token_bytes(SECRET_BYTES))
    told = ("Một cửa", secret_hash(secret), tuple(ALLOWS), now, now + 30 * _DAY)
    await store.api_tokens.add(ApiToken(new_id(), account.unit_id, account.id, *told))
    return secret
