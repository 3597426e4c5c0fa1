"""Accounts: who signs in, in which role, for which unit. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from confhub.errors import N_, BadInput, ConfhubError
from confhub.words.languages import Language
from confhub.words.texts import one_line

Role = Literal["admin", "secretary", "technician", "site"]
ROLE_NAMES: Mapping[Role, str] = {
    "secretary": N_("Thư ký"),
    "technician": N_("Cán bộ kỹ thuật"),
    "site": N_("Điểm cầu dự họp"),
    "admin": N_("Quản trị"),
}
MAX_LOGIN_LENGTH = 80  # the store's column
MAX_NAME_LENGTH = 120  # the store's column
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{2,63}")


def fold_login(text: str) -> str:
    """A login name as it is stored and compared: nothing hidden or around it, lower case."""
    return one_line(text).casefold()


def check_names(login: str, name: str) -> Mapping[str, ConfhubError]:
    """What is wrong with an account's `login` and `name`, by these words; empty: nothing.

    The page's form and the command line ask here; both pass texts as `one_line` leaves them.
    """
    problems: dict[str, ConfhubError] = {}
    if not _LOGIN.fullmatch(login):
        problems["login"] = BadInput(
            N_("Dùng 3 đến 64 chữ cái thường không dấu, chữ số, dấu chấm hoặc gạch.")
        )
    return {**problems, **check_name(name)}


def check_name(name: str) -> Mapping[str, ConfhubError]:
    """What is wrong with somebody's name, as `check_names` tells it."""
    if name and len(name) <= MAX_NAME_LENGTH:
        return {}
    problem = N_("Xin ghi họ tên, nhiều nhất %(max)s ký tự.")
    return {"name": BadInput(problem, values={"max": MAX_NAME_LENGTH})}


@dataclass(frozen=True, slots=True)
class Account:
    """`role` and `unit_id` are its post, the grant it is made with (confhub/people/grant.py)."""

    id: str
    login: str
    name: str
    role: Role
    unit_id: str
    language: Language = "vi"
    active: bool = True
    version: int = 1
    password_issued: bool = False  # made by somebody else: to be changed at the first sign-in


def check_oneself(account: Account, changed: Account) -> Mapping[str, ConfhubError]:
    """What nobody changes of their own account, by its fields: there is always an administrator
    left."""
    problems: dict[str, ConfhubError] = {}
    if not changed.active:
        problems["active"] = BadInput(N_("Bạn không thể khóa tài khoản của chính mình."))
    if changed.role != account.role:
        problems["role"] = BadInput(N_("Bạn không thể đổi vai trò của chính mình."))
    if changed.unit_id != account.unit_id:
        problems["unit_id"] = BadInput(N_("Bạn không thể chuyển đơn vị của chính mình."))
    return problems


@dataclass(frozen=True, slots=True)
class SignIn:
    """A server-side session. The cookie holds a secret; the store holds only its hash."""

    id: str  # hash of the cookie's secret
    account_id: str
    csrf: str
    created_at: dt.datetime
    expires_at: dt.datetime
    last_seen_at: dt.datetime
