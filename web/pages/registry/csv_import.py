"""/units/import, /sites/import, /accounts/import: upload a file, read the report, then confirm.

Nothing is kept between the two steps: the checked file comes back with the confirmation, packed
in the form, and is checked again. So any hub can take the second step. It comes with the seal of
the report that was shown: what would do anything else by then is shown anew.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.bucket import Rate
from confhub.desks.registry.accounts import import_accounts
from confhub.desks.registry.imports import import_sites, import_units
from confhub.errors import N_, BadInput, ConfhubError, Conflict, TooLarge
from confhub.imports import accounts as account_import
from confhub.imports import sites as site_import
from confhub.imports import unit_lines
from confhub.imports.csv_table import MAX_BYTES, MAX_ROWS, Column, write_template
from confhub.imports.report import Report
from confhub.long_work import in_turn, let_go
from confhub.people.policy import Action
from web.rendering.pages import redirect, render, words
from web.requests.auth import actor_of
from web.requests.form_body import posted_form
from web.services import SERVICES

# Some ten screens: whoever wants to see more makes smaller files.
MOST_SHIFTS = 200
_SHEET = {
    "name": N_("Họ tên"),
    "unit": N_("Thuộc đơn vị"),
    "login": N_("Tên đăng nhập"),
    "password": N_("Mật khẩu"),
}
NO_SEAL = "-"  # of a form that shows none: fits nothing


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the imports."""

    name: str  # also the page's address and the template's name
    action: Action
    carry_out: Callable[..., Awaitable[Report]]
    columns: Sequence[Column]
    template: Sequence[Mapping[str, str]]
    done: str
    pace: Rate | None = None
    renews: bool = False  # it may make passwords anew


Handler = Callable[[web.Request], Awaitable[web.Response]]

UNITS = Kind(
    "units",
    "edit_units",
    import_units,
    unit_lines.COLUMNS,
    unit_lines.TEMPLATE,
    N_("Đã nhập đơn vị: mới %(new)s, thay đổi %(changed)s, giữ nguyên %(unchanged)s."),
)
SITES = Kind(
    "sites",
    "edit_sites",
    import_sites,
    site_import.COLUMNS,
    site_import.TEMPLATE,
    N_("Đã nhập điểm cầu: mới %(new)s, thay đổi %(changed)s, giữ nguyên %(unchanged)s."),
)


ACCOUNTS = Kind(
    "accounts",
    "manage_accounts",
    import_accounts,
    account_import.COLUMNS,
    account_import.TEMPLATE,
    N_("Đã tạo tài khoản: %(new)s; giữ nguyên %(unchanged)s."),
    # Each makes up to 200 passwords, six seconds of a core: people check a file, then go on.
    Rate(0.1, 10),
    renews=True,
)


def pages_of(kind: Kind) -> tuple[Handler, Handler, Handler]:
    """The page, what takes its form, and the file to fill in."""

    async def show(request: web.Request) -> web.Response:
        return await _page(request, kind)

    async def take(request: web.Request) -> web.Response:
        held: list[object] = []
        try:
            return await _take(held, request, kind)
        finally:
            let_go(held)

    async def template(_request: web.Request) -> web.Response:
        return _file(f"{kind.name}.csv", write_template(kind.columns, kind.template))

    return show, take, template


async def _take(held: list[object], request: web.Request, kind: Kind) -> web.Response:
    """The first step checks an upload; the second, with `checked`, carries it out. What it reports
    is also in `held`, and outlives this call there."""
    fields = await posted_form(request)
    confirmed = str(fields.get("checked", ""))
    name = str(fields.get("name", ""))
    try:
        if confirmed:
            data = await in_turn(unpack, confirmed)
        else:
            name, data = _uploaded(fields.get("file"))
        seal = str(fields.get("seal", "")) or NO_SEAL
        more = {"renew": "renew" in fields} if kind.renews else {}
        report = await _run(request, kind, data, name, seal, dry_run=not confirmed, **more)
        held.append(report)
    except (BadInput, TooLarge, Conflict) as error:
        return await _page(request, kind, name=name, error=error)
    if not report.done:
        overtaken = bool(confirmed) and report.good
        return await _page(
            request, kind, name=name, report=report, data=data, is_overtaken=overtaken
        )
    if report.issued:
        return await _sheet(request, report, as_file="as_file" in fields)
    counts = {"new": report.new, "changed": report.changed, "unchanged": report.unchanged}
    return redirect(request, f"/{kind.name}", words(request).gettext(kind.done) % counts)


async def _run(
    request: web.Request,
    kind: Kind,
    data: bytes,
    name: str,
    seal: str,
    *,
    dry_run: bool,
    **more: bool,
) -> Report:
    store, actor = request.app[SERVICES].store, actor_of(request)
    return await kind.carry_out(store, actor, data, dry_run=dry_run, name=name, seal=seal, **more)


async def _page(
    request: web.Request,
    kind: Kind,
    *,
    name: str = "",
    report: Report | None = None,
    data: bytes = b"",
    error: ConfhubError | None = None,
    is_overtaken: bool = False,
) -> web.Response:
    catalogue = words(request)
    good = report is not None and report.good
    return await render(
        request,
        "units/import.html",
        status=400 if error or (report and not good) else 200,
        kind=kind.name,
        columns=kind.columns,
        name=name,
        report=report,
        problems=[
            (
                p.line,
                p.column,
                catalogue.gettext(p.message) % p.values
                if p.values
                else catalogue.gettext(p.message),
            )
            for p in (report.problems if report else ())
        ],
        warnings=[
            catalogue.gettext(notice.message) % notice.values
            for notice in (report.warnings if report else ())
        ],
        shifts=report.shifts[:MOST_SHIFTS] if report else (),
        more_shifts=max(0, len(report.shifts) - MOST_SHIFTS) if report else 0,
        is_overtaken=is_overtaken,
        checked=await in_turn(pack, data) if good else "",
        error=catalogue.error(error) if error else "",
        max_mb=MAX_BYTES // 1024**2,
        max_rows=MAX_ROWS,
    )


async def _sheet(request: web.Request, report: Report, *, as_file: bool) -> web.Response:
    """The new passwords, once: to print, or as a file."""
    if not as_file:
        counts = {"made": report.new, "renewed": len(report.issued) - report.new}
        return await render(request, "accounts/sheet.html", issued=report.issued, **counts)
    columns = [Column(key, (words(request).gettext(title),)) for key, title in _SHEET.items()]
    rows = [{key: getattr(one, key) for key in _SHEET} for one in report.issued]
    return _file("mat-khau.csv", write_template(columns, rows))


def _uploaded(field: object) -> tuple[str, bytes]:
    if not isinstance(field, web.FileField) or not field.filename:
        raise BadInput(N_("Xin chọn tệp CSV."))
    data = field.file.read(MAX_BYTES + 1)
    return field.filename[-120:], data


def _file(name: str, body: bytes) -> web.Response:
    return web.Response(
        body=body,
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


def pack(data: bytes) -> str:
    """A file as text for a hidden field; CSV shrinks to a fifth."""
    return base64.b64encode(zlib.compress(data, 6)).decode("ascii")


def unpack(text: str) -> bytes:
    """What `pack` made; BadInput for anything else, TooLarge when it unfolds beyond MAX_BYTES."""
    try:
        unpacking = zlib.decompressobj()
        data = unpacking.decompress(base64.b64decode(text, validate=True), MAX_BYTES + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise BadInput from None
    if len(data) > MAX_BYTES:
        raise TooLarge
    if not unpacking.eof:
        raise BadInput
    return data
