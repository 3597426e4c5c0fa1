"""A site's form: what was typed, and the site it makes. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from confhub.errors import N_, BadInput, ConfhubError, FieldErrors
from confhub.imports.sites import KIND_NAMES, PROVIDER_LENGTH, TEXTS
from confhub.units.site import SITE_CODE, Line, LineKind, Site, read_streams
from confhub.words.addresses import wrong_recipient
from confhub.words.mbps import read_mbps, show_mbps
from confhub.words.texts import many_lines, one_line, small_number

NOTE_LENGTH = 200  # the store's column
# Main, backup, mobile and satellite; more ways out of one room are not known.
MOST_LINES = 6
FEWEST_LINES = 2  # shown even when empty: a site should have a backup


@dataclass(frozen=True, slots=True)
class LineForm:
    kind: str = ""  # empty: no such line
    provider: str = ""
    down: str = ""  # Mbps
    up: str = ""
    backup: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class SiteForm:
    """What was typed, kept to be shown again."""

    unit_id: str = ""
    code: str = ""
    texts: Mapping[str, str] = dataclasses.field(default_factory=dict)
    active: bool = True
    lines: tuple[LineForm, ...] = ()
    version: int = 0
    streams: str = ""
    technician_id: str | None = ""  # None: a page from before accounts were named

    @property
    def line_rows(self) -> tuple[LineForm, ...]:
        """The lines, with empty ones up to the fewest shown; the second is a backup by habit."""
        blank = [LineForm(backup=n > 0) for n in range(len(self.lines), FEWEST_LINES)]
        return (*self.lines, *blank)


def form_of(site: Site) -> SiteForm:
    return SiteForm(
        unit_id=site.unit_id,
        code=site.code,
        texts={name: getattr(site, name) for name in TEXTS},
        active=site.active,
        lines=tuple(
            LineForm(
                line.kind,
                line.provider,
                show_mbps(line.down_bps),
                show_mbps(line.up_bps),
                line.backup,
                line.note,
            )
            for line in site.lines
        ),
        version=site.version,
        streams=str(site.streams or ""),
        technician_id=site.technician_id,
    )


def read_form(fields: Mapping[str, object]) -> SiteForm:
    """The form of posted fields; `line0_kind`, `line0_provider`, ... are lines."""

    def text(name: str) -> str:
        return one_line(str(fields.get(name, "")))

    rows = [n for n in range(MOST_LINES) if f"line{n}_kind" in fields]
    version = text("version")
    return SiteForm(
        unit_id=text("unit_id"),
        code=text("code").lower(),
        texts={
            name: text(name) if name != "equipment_note" else many_lines(str(fields.get(name, "")))
            for name in TEXTS
        },
        active="active" in fields,
        lines=tuple(
            LineForm(
                text(f"line{n}_kind"),
                text(f"line{n}_provider"),
                text(f"line{n}_down"),
                text(f"line{n}_up"),
                f"line{n}_backup" in fields,
                text(f"line{n}_note"),
            )
            for n in rows
        ),
        version=small_number(version) or 0,
        streams=text("streams"),
        technician_id=text("technician_id") if "technician_id" in fields else None,
    )


def with_another_line(form: SiteForm) -> SiteForm:
    """The form with one more row for a line, up to MOST_LINES."""
    rows = form.line_rows
    if len(rows) < MOST_LINES:
        rows = (*rows, LineForm(backup=True))
    return dataclasses.replace(form, lines=rows)


def apply_form(form: SiteForm, site: Site) -> Site:
    """`site` as the form says; its unit stays. Raises FieldErrors, for all fields at once.

    The code is taken over as well: whoever offers it for change decides so.
    """
    problems: dict[str, ConfhubError] = {}
    if not form.texts["name"]:
        problems["name"] = BadInput(N_("Xin nhập tên điểm cầu."))
    for name, length in TEXTS.items():
        if len(form.texts[name]) > length:
            problems[name] = _too_long(length)
    if wrong := wrong_recipient(form.texts["email"]):
        problems["email"] = wrong
    streams = None
    try:
        streams = read_streams(form.streams)
    except BadInput as error:
        problems["streams"] = error
    if not SITE_CODE.fullmatch(form.code):
        problems["code"] = BadInput(
            N_("Mã gồm chữ thường không dấu, số và dấu gạch nối, tối đa 64 ký tự.")
        )
    lines = [
        line
        for n, row in enumerate(form.lines)
        if (line := _read_line(row, f"line{n}", problems)) is not None
    ]
    if problems:
        raise FieldErrors(problems)
    return dataclasses.replace(
        site,
        code=form.code,
        active=form.active,
        lines=tuple(lines),
        version=form.version or site.version,
        streams=streams,
        technician_id=_technician(form, site),
        **form.texts,
    )


def _technician(form: SiteForm, site: Site) -> str:
    """Whoever is named by account stays where the page knows of none, and names nobody else."""
    if form.technician_id is not None:
        return form.technician_id
    return site.technician_id if form.texts["technician_name"] == site.technician_name else ""


def _read_line(row: LineForm, prefix: str, problems: dict[str, ConfhubError]) -> Line | None:
    if not row.kind:
        if row.provider or row.down or row.up or row.note:
            problems[f"{prefix}_kind"] = BadInput(
                N_("Xin chọn loại đường truyền, hoặc xóa hết các ô của dòng này.")
            )
        return None
    kind: LineKind | None = next((known for known in KIND_NAMES if known == row.kind), None)
    if kind is None:
        problems[f"{prefix}_kind"] = BadInput(N_("Xin chọn loại đường truyền."))
        return None
    for name, text, length in (
        ("provider", row.provider, PROVIDER_LENGTH),
        ("note", row.note, NOTE_LENGTH),
    ):
        if len(text) > length:
            problems[f"{prefix}_{name}"] = _too_long(length)
    speeds: list[int | None] = []
    for name, text in (("down", row.down), ("up", row.up)):
        try:
            speeds.append(read_mbps(text))
        except BadInput as error:
            speeds.append(None)
            problems[f"{prefix}_{name}"] = error
    return Line(kind, row.provider, speeds[0], speeds[1], row.backup, row.note)


def _too_long(length: int) -> BadInput:
    return BadInput(N_("Dài nhất %(limit)s ký tự."), values={"limit": length})
