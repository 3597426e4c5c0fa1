"""`confhub user grant|grants|end|person`: rights and people, where nobody can sign in yet."""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
from typing import get_args
from zoneinfo import ZoneInfo

from confhub.commands import Command
from confhub.commands.user import find_unit, run
from confhub.config import Settings
from confhub.desks import grants as desk
from confhub.desks.people import change_person
from confhub.errors import N_, NotFound
from confhub.identity import new_id
from confhub.people.account import ROLE_NAMES, Account, Role, fold_login
from confhub.people.actor import Actor
from confhub.people.grant import Grant, by_use, holds, last_day, period
from confhub.people.person import Person
from confhub.store import Store
from confhub.units.unit import GSO_SCHEME
from confhub.words.dates import read_date
from confhub.words.texts import one_line


def _add_login(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login", metavar="TÊN_ĐĂNG_NHẬP", help="ví dụ thuky.nampo")


def _add_grant_options(parser: argparse.ArgumentParser) -> None:
    _add_login(parser)
    parser.add_argument(
        "--role",
        required=True,
        choices=get_args(Role),
        help="quản trị, thư ký, cán bộ kỹ thuật, hoặc điểm cầu",
    )
    parser.add_argument("--unit", required=True, metavar="MÃ", help="mã đơn vị, hoặc “root”")
    parser.add_argument("--scheme", default=GSO_SCHEME, metavar="HỆ", help="hệ mã đơn vị (gso)")
    parser.add_argument("--first", default="", metavar="NGÀY", help="từ ngày, ví dụ 01/12/2026")
    parser.add_argument("--last", default="", metavar="NGÀY", help="đến hết ngày")
    parser.add_argument("--reason", default="", metavar="LÝ_DO", help="lý do, văn bản giao")


def _add_end_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("grant", metavar="MÃ_VAI_TRÒ", help="như “confhub user grants” in ra")
    parser.add_argument(
        "--last", default="", metavar="NGÀY", help="đến hết ngày; không ghi: ngay bây giờ"
    )


def _add_person_options(parser: argparse.ArgumentParser) -> None:
    _add_login(parser)
    for name, text in (("title", "chức vụ"), ("phone", "điện thoại"), ("email", "thư điện tử")):
        parser.add_argument(f"--{name}", default=None, metavar="CHỮ", help=text)


def _grant(settings: Settings, options: argparse.Namespace) -> int:
    zone = ZoneInfo(settings.timezone)
    now = dt.datetime.now(zone)
    starts_at, ends_at = period(read_date(options.first), read_date(options.last), zone)

    async def work(store: Store) -> None:
        account = await _find(store, options)
        unit = await find_unit(store, options, now.date())
        grant = Grant(new_id(), account.id, options.role, unit.id, starts_at, ends_at)
        grant = dataclasses.replace(grant, given_at=now, reason=one_line(options.reason))
        await desk.give(store, Actor(now), grant)
        print(f"Đã giao {grant.id}: {account.login}, {ROLE_NAMES[grant.role]}, {unit.name}.")

    return run(settings, work)


def _grants(settings: Settings, options: argparse.Namespace) -> int:
    zone, now = ZoneInfo(settings.timezone), dt.datetime.now(dt.UTC)

    async def work(store: Store) -> None:
        grants = await store.grants.of((await _find(store, options)).id)
        unit_ids = {grant.unit_id for grant in grants}
        names = await store.units.names(unit_ids, now.astimezone(zone).date())
        for grant in by_use(grants, now):
            until = f"đến hết {last_day(grant.ends_at, zone):%d/%m/%Y}" if grant.ends_at else ""
            since = f"từ {grant.starts_at.astimezone(zone):%d/%m/%Y}" if grant.starts_at else ""
            state = "" if holds(grant, now) else "(không có hiệu lực)"
            lent = "ủy quyền" if grant.is_handed_over else ""
            unit = names.get(grant.unit_id, grant.unit_id)
            said = (grant.id, ROLE_NAMES[grant.role], unit, since, until, lent, state, grant.reason)
            print("  ".join(part for part in said if part))

    return run(settings, work)


def _end_grant(settings: Settings, options: argparse.Namespace) -> int:
    zone = ZoneInfo(settings.timezone)
    now = dt.datetime.now(zone)
    _, last = period(None, read_date(options.last), zone)

    async def work(store: Store) -> None:
        await desk.end(store, Actor(now), options.grant, last or now)
        print(f"Đã kết thúc {options.grant}." if last is None else "Đã ghi ngày kết thúc.")

    return run(settings, work)


def _person(settings: Settings, options: argparse.Namespace) -> int:
    given = {
        name: one_line(getattr(options, name))
        for name in ("title", "phone", "email")
        if getattr(options, name) is not None
    }

    async def work(store: Store) -> None:
        account = await _find(store, options)
        person = await store.accounts.person(account.id)
        if given:
            person = dataclasses.replace(
                person,
                title=given.get("title", person.title),
                phone=given.get("phone", person.phone),
                email=given.get("email", person.email),
            )
            await change_person(store, Actor(dt.datetime.now(dt.UTC)), person)
        print("  ".join(part for part in (person.name, *_said(person)) if part))

    return run(settings, work)


def _said(person: Person) -> tuple[str, ...]:
    return person.title, person.phone, person.email


async def _find(store: Store, options: argparse.Namespace) -> Account:
    login = fold_login(options.login)
    found = await store.accounts.by_login(login)
    if found is None:
        raise NotFound(N_("Không có tài khoản %(login)s."), values={"login": login})
    return found[0]


COMMANDS = (
    Command("user grant", "giao thêm vai trò", _add_grant_options, _grant),
    Command("user grants", "liệt kê vai trò của tài khoản", _add_login, _grants),
    Command("user end", "kết thúc vai trò", _add_end_options, _end_grant),
    Command("user person", "chức vụ, điện thoại, thư điện tử", _add_person_options, _person),
)
