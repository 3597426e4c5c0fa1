"""One typed settings table: defaults, then a TOML file, then CONFHUB_* environment variables."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from confhub.errors import N_, BadInput
from confhub.words.addresses import MAX_LOCAL_LENGTH, can_be_sent_to

Port = Annotated[int, msgspec.Meta(ge=0, le=65_535)]  # 0: any that is free

TOKEN_LETTERS = 33  # of an address to which a site answers, behind mail_from's: + and its token
# Kinds of papers; see confhub/papers/kinds.py.
# fmt: off
PaperKind = Literal[
    "pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "doc", "xls", "ppt", "rtf", "jpg", "png",
    "zip",
]
# fmt: on
# What an office writes with; archives may hold anything.
_PAPER_KINDS: tuple[PaperKind, ...] = (
    *("pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "doc", "xls", "ppt"),
    *("jpg", "png"),
)
_INVALID = N_("Cấu hình không hợp lệ: %(error)s")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every setting of a hub. docs/settings.md describes each; a test keeps the two equal."""

    data_dir: str = "var"
    database: str = ""  # SQLAlchemy address; empty: SQLite in data_dir
    redis: str = ""  # redis:// address; empty: in-process bus, one hub only
    listen_host: str = ""  # empty: this machine only without TLS, every address with it
    listen_port: Port = 8080
    public_origin: str = ""  # https://hop.example.gov.vn; empty: what the browser asked for
    tls: Literal["off", "lab", "files"] = "off"
    tls_certificate: str = ""
    tls_key: str = ""
    trusted_proxies: tuple[str, ...] = ()  # whose X-Forwarded-* is believed
    connections: Annotated[int, msgspec.Meta(ge=0, le=65_536)] = 0  # 0: by the memory
    # A meeting of 780 sites behind one address of a ministry, and their pages.
    connections_per_address: Annotated[int, msgspec.Meta(ge=16, le=65_536)] = 2000
    media_port: Port = 8081  # UDP and TCP for all media
    media_tcp: bool = True  # for sites whose networks let no UDP through
    # Processes of their own for media; 0: on the event loop of the hub. A core each is of use.
    media_workers: Annotated[int, msgspec.Meta(ge=0, le=16)] = 1
    media_addresses: tuple[str, ...] = ()  # local addresses to bind; empty: all of this machine
    media_announce: tuple[str, ...] = ()  # further addresses to tell browsers (NAT)
    turn_urls: tuple[str, ...] = ()  # relays to tell pages, such as turn:turn.example.gov.vn:3478
    turn_secret: str = ""  # shared with them, to make credentials that end
    hub_name: str = "hub-1"
    hub_address: str = ""  # this hub's own, for browsers; empty: all hubs share one
    relay_address: str = ""  # http://10.0.0.5:8080, where other hubs reach this one
    # Three signs of life fit in; a machine that is moved while it runs pauses for some seconds.
    lease_s: Annotated[int, msgspec.Meta(ge=3, le=600)] = 30
    timezone: str = "Asia/Ho_Chi_Minh"
    language: Literal["vi", "en"] = "vi"
    metrics_token: str = ""  # empty: /metrics answers our own user here
    sign_in_hours: Annotated[int, msgspec.Meta(ge=1, le=720)] = 12  # a working day
    join_early_min: Annotated[int, msgspec.Meta(ge=0, le=1440)] = 60  # technicians come 1 h before
    # As `make bench-province` has it for each machine, hub-1=140; the same at all hubs.
    hub_sites: tuple[str, ...] = ()
    # 0: for ever. Links last longer than their meeting, for who reads the invitation late.
    audit_days: Annotated[int, msgspec.Meta(ge=0, le=36_500)] = 0
    attendance_days: Annotated[int, msgspec.Meta(ge=0, le=36_500)] = 0
    room_log_days: Annotated[int, msgspec.Meta(ge=0, le=36_500)] = 0
    link_days: Annotated[int, msgspec.Meta(ge=0, le=36_500)] = 30
    quiet_hours: str = "22:00-06:00"  # in which no site is reminded; empty: there are none
    # Invitations by mail; no mail_host: there is none.
    mail_host: str = ""
    mail_port: Port = 0  # 0: by mail_tls
    mail_tls: Literal["starttls", "tls", "off"] = "starttls"
    mail_ca: str = ""  # PEM file; empty: the authorities that this machine knows
    mail_login: str = ""
    mail_password_file: str = ""
    mail_from: str = ""  # hop@dienbien.gov.vn
    mail_timeout_s: Annotated[int, msgspec.Meta(ge=1, le=600)] = 60
    # What comes back by mail; no imap_host: it is not looked at.
    imap_host: str = ""
    imap_port: Port = 0  # 0: by imap_tls
    imap_tls: Literal["tls", "starttls", "off"] = "tls"
    imap_ca: str = ""
    imap_login: str = ""
    imap_password_file: str = ""
    imap_folder: str = "INBOX"
    imap_done_folder: str = ""  # for what was taken in; empty: it stays, marked as read
    imap_poll_s: Annotated[int, msgspec.Meta(ge=5, le=86_400)] = 60
    imap_timeout_s: Annotated[int, msgspec.Meta(ge=1, le=600)] = 60
    # Papers of meetings.
    papers_dir: str = ""  # that all hubs share; empty: papers in data_dir
    paper_mb: Annotated[int, msgspec.Meta(ge=1, le=2048)] = 50  # of one file
    papers_mb: Annotated[int, msgspec.Meta(ge=1, le=65_536)] = 500  # of all of a meeting
    papers_daily_mb: Annotated[int, msgspec.Meta(ge=1, le=1_048_576)] = 5120  # of one account
    paper_kinds: tuple[PaperKind, ...] = _PAPER_KINDS  # by content, whatever the name
    papers_free_mb: Annotated[int, msgspec.Meta(ge=0)] = 1024  # of the disk, left to others
    paper_days: Annotated[int, msgspec.Meta(ge=0, le=36_500)] = 0  # after the meeting; 0: for ever
    clamd: str = ""  # Unix socket or host:port; empty: files are not scanned
    clamd_timeout_s: Annotated[int, msgspec.Meta(ge=1, le=600)] = 120
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    access_log: bool = False  # one line a request, by route
    slow_loop_ms: Annotated[int, msgspec.Meta(ge=0)] = 50  # log who held the loop; 0: nobody


def read_settings(path: Path | None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read settings; unknown keys and wrong types raise BadInput naming the key and its source.

    Environment: CONFHUB_LISTEN_PORT=9090; lists are comma separated.
    """
    values: dict[str, object] = {}
    if path is not None:
        try:
            values.update(tomllib.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            raise BadInput(
                N_("Không tìm thấy tệp cấu hình %(path)s."), values={"path": path}
            ) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadInput(
                N_("Tệp cấu hình %(path)s sai cú pháp: %(error)s"),
                values={"path": path, "error": error},
            ) from None
    if isinstance(alone := values.get("hub_sites"), int):
        values["hub_sites"] = [str(alone)]
    for name, text in (os.environ if environ is None else environ).items():
        if name.startswith("CONFHUB_"):
            key = name.removeprefix("CONFHUB_").lower()
            values[key] = _from_environment(key, text)
    return _checked(values)


def with_values(settings: Settings, values: Mapping[str, object]) -> Settings:
    """`settings` with some replaced; BadInput as `read_settings`."""
    return _checked({**msgspec.structs.asdict(settings), **values})


def _checked(values: Mapping[str, object]) -> Settings:
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise BadInput(_INVALID, values={"error": error}) from None
    for key, check in _CHECKS.items():
        value = getattr(settings, key)
        for part in value if isinstance(value, tuple) else (value,):
            try:
                check(part)
            except (ValueError, ZoneInfoNotFoundError):
                raise BadInput(_INVALID, values={"error": f"{key} = {part!r}"}) from None
    for names in _wrong_together(settings):
        raise BadInput(_INVALID, values={"error": names})
    return settings


def _wrong_together(settings: Settings) -> Iterator[str]:
    """Settings that are good by themselves but not together, by their names."""
    if bool(settings.turn_urls) != bool(settings.turn_secret):
        yield "turn_urls, turn_secret"
    if bool(settings.mail_host) != bool(settings.mail_from):
        yield "mail_host, mail_from"
    # A request names any address it likes, and what it names would be mailed to others.
    if settings.mail_host and not settings.public_origin:
        yield "mail_host, public_origin (links in mails lead there)"
    if bool(settings.mail_login) != bool(settings.mail_password_file):
        yield "mail_login, mail_password_file"
    if settings.mail_login and settings.mail_tls == "off":  # whoever listens would read it
        yield "mail_login, mail_tls"
    if settings.imap_host and not (settings.mail_from and settings.imap_login):
        yield "imap_host, imap_login, mail_from"
    if settings.imap_host and not settings.imap_password_file:
        yield "imap_host, imap_password_file"
    local = settings.mail_from.partition("@")[0]
    if settings.imap_host and len(local) > MAX_LOCAL_LENGTH - TOKEN_LETTERS:
        yield "mail_from"  # no room for what tells one invitation from another


def _check_origin(text: str) -> None:
    if text and not re.fullmatch(r"https?://[^/\s?#@]+/?", text):
        raise ValueError(text)


def _check_turn_url(text: str) -> None:
    # RFC 7065; browsers throw at anything else, and no connection would be made.
    host = r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+)"
    if not re.fullmatch(rf"turns?:{host}(:\d{{1,5}})?(\?transport=(udp|tcp))?", text):
        raise ValueError(text)


def _check_mail_from(text: str) -> None:
    if text and not can_be_sent_to(text):
        raise ValueError(text)


def _check_folder(text: str) -> None:
    # Others have to be written in a coding of IMAP's own (RFC 3501, 5.1.3).
    if not text.isascii() or not text.isprintable():
        raise ValueError(text)


def _check_quiet_hours(text: str) -> None:
    hour = r"([01]\d|2[0-3]):[0-5]\d"
    if text and not re.fullmatch(rf"{hour}-{hour}", text):
        raise ValueError(text)


def _check_clamd(text: str) -> None:
    if text and not re.fullmatch(r"/.+|[^\s/]+:\d{1,5}", text):
        raise ValueError(text)


def _check_hub_name(text: str) -> None:
    # It is a label of metrics and a value on the bus.
    if not re.fullmatch(r"[\w.-]{1,64}", text):
        raise ValueError(text)


def hub_figure(text: str) -> int:
    """How many sites a hub was measured to carry: of `hub-1=140`, or `140` where there is one."""
    name, _, figure = text.rpartition("=")
    if name:
        _check_hub_name(name)
    if not re.fullmatch(r"\d{1,6}", figure):
        raise ValueError(text)
    return int(figure)


# What a type cannot say. Each raises ValueError; found here, not by the first who visits.
_CHECKS: Mapping[str, Callable[[str], object]] = {
    "public_origin": _check_origin,
    "hub_address": _check_origin,
    "relay_address": _check_origin,
    "trusted_proxies": lambda text: ip_network(text, strict=False),
    "media_addresses": ip_address,
    "media_announce": ip_address,
    "turn_urls": _check_turn_url,
    "quiet_hours": _check_quiet_hours,
    "mail_from": _check_mail_from,
    "imap_folder": _check_folder,
    "imap_done_folder": _check_folder,
    "clamd": _check_clamd,
    "hub_name": _check_hub_name,
    "hub_sites": hub_figure,
    "timezone": ZoneInfo,
}


def _from_environment(key: str, text: str) -> object:
    default = getattr(Settings(), key, None)
    if isinstance(default, tuple):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text
