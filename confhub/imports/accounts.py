"""Accounts from a CSV file: every line is checked, and none is made unless all are good. Pure.

A line makes an account: its post, further roles in the same unit, and who holds it. One whose login
name is known is left as it is where it says the same, and is a fault where it does not: what an
account may is changed in its own page, where its consequences stand. See docs/import.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from confhub.errors import N_, BadInput, ConfhubError
from confhub.identity import new_id
from confhub.imports.csv_table import Column, CsvTable, Problem, Row
from confhub.imports.report import Change, Shift
from confhub.people.account import ROLE_NAMES, Account, Role, check_names, fold_login
from confhub.people.grant import Grant, check_period, is_over, period
from confhub.people.person import Person, check_person
from confhub.units.records import UnitIndex
from confhub.units.unit import GSO_SCHEME, GSO_WIDTHS
from confhub.words.dates import read_date
from confhub.words.texts import Vocabulary

# Each password costs some 30 ms of a core, which others wait for who sign in: six seconds. The
# offices of a district with all its communes have fewer.
MOST_ACCOUNTS = 200
# As many again may be there already. More would be looked up for who only guesses at login names.
MOST_LINES = 2 * MOST_ACCOUNTS

COLUMNS = (
    Column("login", ("Tên đăng nhập", "Login"), required=True),
    Column("name", ("Họ tên", "Name"), required=True),
    Column("unit_code", ("Mã đơn vị", "Unit code"), required=True),
    Column("roles", ("Vai trò", "Roles"), required=True),
    Column("title", ("Chức vụ", "Title")),
    Column("email", ("Thư điện tử", "E-mail")),
    Column("phone", ("Điện thoại", "Phone")),
    Column("first", ("Từ ngày", "From")),
    Column("last", ("Đến hết ngày", "Until")),
    Column("scheme", ("Hệ mã", "Scheme")),
)
TEMPLATE = (
    {
        "login": "thuky.chanua",
        "name": "Lò Văn Chung",
        "unit_code": "03187",
        "roles": "Thư ký + Cán bộ kỹ thuật",
        "title": "Công chức văn phòng",
        "email": "chung@dienbien.gov.vn",
        "phone": "0215 3 000 187",
    },
)
_ROLES: Vocabulary[Role] = Vocabulary(
    [
        *((word, role) for role, name in ROLE_NAMES.items() for word in (role, name)),
        ("kỹ thuật", "technician"),
        ("điểm cầu", "site"),
        ("administrator", "admin"),
        ("quản trị viên", "admin"),
    ]
)
_KNOWN = N_("Đã có tài khoản này với vai trò hoặc đơn vị khác. Xin sửa ở trang của tài khoản.")
_TAKEN = N_("Tên đăng nhập này đã được dùng. Xin chọn tên khác.")
_LOCKED = N_("Tài khoản này đã bị khóa. Xin mở lại ở trang của tài khoản, hoặc bỏ dòng này.")
_NOT_HELD = N_(
    "Tài khoản đã có này hiện không có vai trò “%(role)s” ở đơn vị đó. Xin giao ở trang của tài"
    " khoản."
)
_OTHER_DAYS = N_(
    "Tài khoản đã có này giữ vai trò “%(role)s” theo thời hạn khác. Xin sửa ở trang của tài khoản."
)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """`more`: further roles in the unit of the post; all of them within the time."""

    line: int
    account: Account
    person: Person
    more: tuple[Role, ...]
    days: tuple[dt.date | None, dt.date | None]  # the first and the last, as written
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None

    @property
    def roles(self) -> tuple[Role, ...]:
        return (self.account.role, *self.more)


@dataclass(frozen=True, slots=True)
class AccountPlan:
    new: tuple[NewAccount, ...]
    known: tuple[Account, ...]  # whom lines repeat


def plan_accounts(
    table: CsvTable,
    index: UnitIndex,
    known: Mapping[str, Account],
    grants: Mapping[str, Sequence[Grant]],
    now: dt.datetime,
    zone: dt.tzinfo,
    within: Collection[str] | None = None,
) -> tuple[AccountPlan, list[Problem]]:
    """What to do, and every fault found, by line. A plan with faults must not be carried out.

    `known`: accounts by login name, of everywhere; `grants`: what they hold, by id. `within`: ids
    of the units whose accounts the actor manages; None: all. Whether they may give the roles is
    asked where it is done.
    """
    check = _Check(table, index, known, grants, now, zone, within)
    read = [check.read(row) for row in table.rows]
    new = tuple(one for one in read if isinstance(one, NewAccount))
    plan = AccountPlan(new, tuple(one for one in read if isinstance(one, Account)))
    problems = [*table.problems, *check.problems, *check_count(table, len(new))]
    return plan, sorted(problems, key=lambda problem: problem.line)


def check_lines(table: CsvTable) -> None:
    """Before anything of it is looked up: BadInput for a file of more lines than are taken."""
    if len(table.rows) > MOST_LINES:
        message = N_(
            "Tệp có %(count)s dòng; mỗi lần nhận nhiều nhất %(limit)s. Xin chia thành nhiều tệp."
        )
        raise BadInput(message, values={"count": len(table.rows), "limit": MOST_LINES})


def check_count(table: CsvTable, passwords: int) -> list[Problem]:
    """The fault of a file that wants more passwords at once than are made."""
    if passwords <= MOST_ACCOUNTS:
        return []
    message = N_("Một lần tạo nhiều nhất %(limit)s mật khẩu. Xin chia thành nhiều tệp.")
    return [Problem(table.rows[-1].line, "", message, {"limit": MOST_ACCOUNTS})]


class _Check:
    def __init__(
        self,
        table: CsvTable,
        index: UnitIndex,
        known: Mapping[str, Account],
        grants: Mapping[str, Sequence[Grant]],
        now: dt.datetime,
        zone: dt.tzinfo,
        within: Collection[str] | None,
    ) -> None:
        self.problems: list[Problem] = []
        self._table = table
        self._index = index
        self._known = known
        self._grants = grants
        self._now = now
        self._today = now.astimezone(zone).date()
        self._zone = zone
        self._within = within
        self._seen: dict[str, int] = {}

    def read(self, row: Row) -> NewAccount | Account | None:
        """The new account, the known one that the line repeats, or None for a fault."""
        faults = len(self.problems)
        login = fold_login(row.get("login"))
        self._check_login(row, login)
        unit_id, roles = self._unit(row), self._roles(row)
        days = self._days(row)
        texts = (row.get("name"), row.get("title"), unit_id or "", row.get("email"))
        person = Person(new_id(), *texts, row.get("phone"))
        self._complain_of(row, check_person(person))
        if unit_id is None or not roles or len(self.problems) > faults:
            return None
        account = Account(person.id, login, person.name, roles[0], unit_id, password_issued=True)
        known = self._known.get(login)
        if known is None:
            span = period(*days, self._zone)
            return NewAccount(row.line, account, person, tuple(roles[1:]), days, *span)
        told = (known.name, known.role, known.unit_id)
        if self._within is not None and known.unit_id not in self._within:
            self._complain(row, "login", _TAKEN)  # by somebody whose page the actor does not see
        elif told != (account.name, account.role, account.unit_id):
            self._complain(row, "login", _KNOWN)
        elif not known.active:
            self._complain(row, "login", _LOCKED)
        else:
            self._check_held(row, known, roles, days)
        return known if len(self.problems) == faults else None

    def _check_held(
        self,
        row: Row,
        known: Account,
        roles: Sequence[Role],
        days: tuple[dt.date | None, dt.date | None],
    ) -> None:
        """What the line says of a known account must be so; of what it leaves out it says
        nothing."""
        starts_at, ends_at = period(*days, self._zone)
        held = [one for one in self._grants.get(known.id, ()) if not one.is_handed_over]
        for role in roles:
            said = {"role": ROLE_NAMES[role]}
            here = [one for one in held if (one.role, one.unit_id) == (role, known.unit_id)]
            here = [one for one in here if not is_over(one, self._now)]
            if not here:
                self._complain(row, "roles", _NOT_HELD, said)
            elif starts_at and all(one.starts_at != starts_at for one in here):
                self._complain(row, "first", _OTHER_DAYS, said)
            elif ends_at and all(one.ends_at != ends_at for one in here):
                self._complain(row, "last", _OTHER_DAYS, said)

    def _complain(
        self, row: Row, key: str, message: str, values: Mapping[str, object] | None = None
    ) -> None:
        self.problems.append(self._table.problem(row, key, message, values))

    def _complain_of(self, row: Row, errors: Mapping[str, ConfhubError]) -> None:
        for key, error in errors.items():
            self._complain(row, key, error.message, error.values)

    def _check_login(self, row: Row, login: str) -> None:
        wrong = check_names(login, row.get("name") or "?")
        self._complain_of(row, {key: wrong[key] for key in wrong if key == "login"})
        if login in self._seen:
            values = {"line": self._seen[login]}
            self._complain(row, "login", N_("Tên đăng nhập này đã có ở dòng %(line)s."), values)
        self._seen.setdefault(login, row.line)

    def _unit(self, row: Row) -> str | None:
        scheme, text = row.get("scheme") or GSO_SCHEME, row.get("unit_code")
        if not text:
            self._complain(row, "unit_code", N_("Ô này còn trống."))
            return None
        # Spreadsheets drop leading zeros; a code found as written comes first.
        is_gso = scheme == GSO_SCHEME and text.isascii() and text.isdecimal()
        widths = [one for one in GSO_WIDTHS.values() if is_gso and len(text) < one]
        for code in (text, *(text.zfill(width) for width in widths)):
            record = self._index.find(scheme, code, self._today)
            if record is not None:
                if self._within is not None and record.id not in self._within:
                    self._complain(row, "unit_code", N_("Đơn vị này nằm ngoài phạm vi của bạn."))
                return record.id
        message = N_("Không có đơn vị mang mã “%(code)s” vào ngày %(on)s.")
        values = {"code": text, "on": f"{self._today:%d/%m/%Y}"}
        self._complain(row, "unit_code", message, values)
        return None

    def _roles(self, row: Row) -> list[Role]:
        roles: list[Role] = []
        for word in row.get("roles").replace(";", "+").replace("/", "+").split("+"):
            found = _ROLES.meanings(word.strip())
            if len(found) != 1:
                names = ", ".join(ROLE_NAMES.values())
                message = N_("Không có vai trò “%(word)s”. Các vai trò: %(names)s.")
                self._complain(row, "roles", message, {"word": word.strip(), "names": names})
                return []
            roles += [one for one in found if one not in roles]
        return roles

    def _days(self, row: Row) -> tuple[dt.date | None, dt.date | None]:
        days: dict[str, dt.date | None] = {}
        for key in ("first", "last"):
            try:
                days[key] = read_date(row.get(key))
            except BadInput as error:
                self._complain(row, key, error.message, error.values)
                return None, None
        span = period(days["first"], days["last"], self._zone)
        self._complain_of(row, check_period(*span, self._now))
        return days["first"], days["last"]


def account_shifts(plan: AccountPlan, index: UnitIndex, today: dt.date) -> tuple[Shift, ...]:
    """What will be made, as it is shown before."""
    return tuple(
        Shift("new", one.account.login, one.account.name, tuple(_said(one, index, today)))
        for one in plan.new
    )


def renewal_shifts(waiting: Iterable[Account]) -> tuple[Shift, ...]:
    """The accounts that may get a new password, as they are shown before."""
    return tuple(Shift("changed", one.login, one.name, ()) for one in waiting)


def _said(one: NewAccount, index: UnitIndex, today: dt.date) -> list[Change]:
    changes = [Change(N_("Vai trò"), "", ROLE_NAMES[role], is_word=True) for role in one.roles]
    changes.append(Change(N_("Đơn vị"), "", index.by_id[one.account.unit_id].name_on(today)))
    texts = (
        (N_("Chức vụ"), one.person.title),
        (N_("Thư điện tử"), one.person.email),
        (N_("Điện thoại"), one.person.phone),
        (N_("Từ ngày"), f"{one.days[0]:%d/%m/%Y}" if one.days[0] else ""),
        (N_("Đến hết ngày"), f"{one.days[1]:%d/%m/%Y}" if one.days[1] else ""),
    )
    return changes + [Change(label, "", text) for label, text in texts if text]
