"""What people post at the size of the country: a meeting of 780 sites, files full of faults."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlencode

import msgspec

from benchmarks.country import Country
from confhub.identity import new_id
from confhub.meetings.admission import OPEN_AFTER_END
from confhub.meetings.meeting import Meeting
from tests.confhub.letters.samples import TYPED
from web.services import Services

_DAY = dt.timedelta(days=1)
# Behind the country's four weeks of meetings: nothing is in the way.
_FIRST_DAY = 60
_FILE_OF_FAULTS = 209_000  # bytes: one of these once held the loop for 1.2 s
_BOUNDARY = "what-stands-between"


@dataclass(frozen=True, slots=True)
class Posted:
    """`status`: of the answer that it is to have."""

    path: str
    body: bytes
    type: str
    status: int


Making = Callable[[], Awaitable[Posted]]


@dataclass
class Forms:
    """Each makes what is posted next: another meeting, another day, or the next version."""

    services: Services
    country: Country
    csrf: str
    large: Meeting
    _days: count[int] = dataclasses.field(default_factory=lambda: count(_FIRST_DAY))

    def all(self) -> Mapping[str, Making]:
        return {
            "a new meeting": self.new,
            "a new meeting of sites that are taken": self.clashing,
            "a changed meeting": self.edit,
            "a meeting put off to another day": self.postpone,
            "a meeting put off": self.put_off,
            "a meeting called off": self.cancel,
            "who is taken": self.conflicts,
            "when all are free": self.slots,
            "a meeting taken to another day": self.move,
            "a meeting's mails": self.mails,
            "a letter as PDF": self.letter("pdf"),
            "a letter for Word": self.letter("docx"),
            "a letter that is issued": self.letter("issue"),
            "an answer behind a link": self.answer_by_link,
            "an answer by account": self.answer,
            "a list of all sites": self.site_list,
            "a blocking of all sites": self.blocking,
            "units full of faults": self.faulty("units", "Mã,Tên,Cấp,Mã cấp trên"),
            "sites full of faults": self.faulty("sites", "Mã đơn vị,Mã điểm cầu,Tên điểm cầu"),
        }

    def of_programs(self) -> Mapping[str, Making]:
        return {
            "a program's new meeting": self.new_by_program,
            "a program's meeting of fewer sites": self.uninvite_by_program,
            "a program's meeting put off": self.postpone_by_program,
        }

    async def new_by_program(self) -> Posted:
        names = ("level_id", "host_unit_id", "chair_site_id")
        body: dict[str, object] = {name: getattr(self.large, name) for name in names}
        body |= {"title": "Hội nghị toàn quốc", "site_ids": list(self.large.sites)}
        body["sittings"] = [self._hours(next(self._days))]
        return self._json("/api/v1/meetings", body, 201)

    async def uninvite_by_program(self) -> Posted:
        one = await self._meeting()
        others = [site_id for site_id in one.sites if site_id != one.chair_site_id]
        return self._json(f"/api/v1/meetings/{one.id}/uninvite", {"site_ids": others[:5]})

    async def postpone_by_program(self) -> Posted:
        one = await self._meeting()
        body = {"reason": "Bão số 5", **self._hours(next(self._days))}
        return self._json(f"/api/v1/meetings/{one.id}/postpone", body)

    def _hours(self, days: int) -> dict[str, str]:
        starts_at = self.large.starts_at.replace(minute=0, second=0, microsecond=0) + days * _DAY
        ends_at = starts_at + dt.timedelta(hours=1)
        return {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}

    async def new(self) -> Posted:
        return self._form("/meetings/new", 303, **self._typed(next(self._days)), key=new_id())

    async def clashing(self) -> Posted:
        return self._form("/meetings/new", 409, **self._typed(0), key=new_id())

    async def edit(self) -> Posted:
        one = await self._meeting()
        typed = self._typed(0, one.starts_at)
        more = {"title": "Giao ban toàn quốc", "version": str(one.version)}
        return self._form(f"/meetings/{one.id}/edit", 303, **{**typed, **more})

    async def postpone(self) -> Posted:
        one, typed = await self._meeting(), self._typed(next(self._days))
        when = {name: typed[name] for name in ("date", "start", "end")}
        more = {"mode": "move", "reason": "Bão số 5", "version": str(one.version)}
        return self._form(f"/meetings/{one.id}/postpone", 303, **when, **more)

    async def put_off(self) -> Posted:
        one = await self._meeting()
        more = {"mode": "hold", "reason": "Bão số 5", "version": str(one.version)}
        return self._form(f"/meetings/{one.id}/postpone", 303, **more)

    async def cancel(self) -> Posted:
        one = await self._meeting()
        more = {"reason": "Bão số 5", "version": str(one.version)}
        return self._form(f"/meetings/{one.id}/cancel", 303, **more)

    async def conflicts(self) -> Posted:
        return self._json("/api/meetings/conflicts", self._question())

    async def slots(self) -> Posted:
        return self._json("/api/meetings/slots", {**self._question(), "least": None})

    async def move(self) -> Posted:
        one, typed = await self._meeting(), self._typed(next(self._days))
        starts, ends = (f"{typed['date']}T{typed[name]}" for name in ("start", "end"))
        body = {"version": one.version, "starts": starts, "ends": ends}
        return self._json(f"/api/meetings/{one.id}/move", body)

    async def mails(self) -> Posted:
        return self._form(f"/meetings/{(await self._meeting()).id}/mail", 303)

    def letter(self, form: str) -> Making:
        async def make() -> Posted:
            one = await self._meeting()
            typed = {**msgspec.structs.asdict(TYPED), "annex": "1", "key": new_id()}
            typed |= {"number": "", "as": form}
            status = 303 if form == "issue" else 200
            return self._form(f"/meetings/{one.id}/letter", status, **typed)

        return make

    async def answer_by_link(self) -> Posted:
        one = await self._meeting()
        links = await self.services.store.links.latest(one.id)
        token = self.services.tokens.sign(links[-1])
        return self._form(f"/join/{token}/answer", 303, **self._said())

    async def answer(self) -> Posted:
        one = await self._meeting()
        path = f"/meetings/{one.id}/sites/{one.chair_site_id}/answer"
        return self._form(path, 303, **self._said())

    async def site_list(self) -> Posted:
        host = {"host_unit_id": self.large.host_unit_id, "sites": " ".join(self.large.sites)}
        return self._form("/patterns/new", 303, **host, kind="sites", name=new_id(), key=new_id())

    async def blocking(self) -> Posted:
        typed = self._typed(next(self._days))
        when = {"first": typed["date"], "start": "08:00", "last": typed["date"], "end": "17:00"}
        what = {"kind": "power_cut", "reason": "Mất điện", "target": "below", "key": new_id()}
        return self._form(f"/blockings?unit={self.large.host_unit_id}", 303, **what, **when)

    def faulty(self, kind: str, header: str) -> Making:
        lines = f"{header}\n" + "".join(f"{number},,Xa,x\n" for number in range(20_000))

        async def make() -> Posted:
            return self._file(kind, lines.encode()[:_FILE_OF_FAULTS], 400)

        return make

    async def _meeting(self) -> Meeting:
        """Another one of all the sites, on a day on which nothing else is."""
        starts_at = self.large.starts_at.replace(hour=2, minute=0) + next(self._days) * _DAY
        ends_at = starts_at + dt.timedelta(hours=1)
        one = dataclasses.replace(self.large, id=new_id(), starts_at=starts_at, ends_at=ends_at)
        await self.services.store.meetings.add(one)
        await self.services.store.links.ensure(one, one.ends_at + OPEN_AFTER_END)
        return one

    def _typed(self, days: int, at: dt.datetime | None = None) -> dict[str, str]:
        starts_at = (at or self.large.starts_at + days * _DAY).astimezone(self.services.zone)
        start, end = (f"{starts_at:%H:%M}", f"{starts_at + dt.timedelta(hours=1):%H:%M}")
        return {
            "title": "Hội nghị toàn quốc",
            "level_id": self.large.level_id,
            "host_unit_id": self.large.host_unit_id,
            "chair_site_id": self.large.chair_site_id,
            "chair_name": "Lò Văn Ánh",
            "date": f"{starts_at:%Y-%m-%d}",
            "start": start,
            "end": end,
            "sites": " ".join(self.large.sites),
        }

    def _question(self) -> dict[str, object]:
        now = self.large.starts_at.astimezone(self.services.zone)
        return {
            "host_unit_id": self.large.host_unit_id,
            "chair_site_id": self.large.chair_site_id,
            "starts": f"{now + dt.timedelta(minutes=20):%Y-%m-%dT%H:%M}",
            "ends": f"{now + dt.timedelta(minutes=90):%Y-%m-%dT%H:%M}",
            "site_ids": list(self.large.sites),
        }

    def _said(self) -> dict[str, str]:
        people = {f"name-{n}": f"Lò Thị {n}" for n in range(10)}
        return {"version": "0", "state": "attending", "takes": "all", **people}

    def _form(self, path: str, status: int, **fields: str) -> Posted:
        body = urlencode({"csrf": self.csrf, **fields}).encode()
        return Posted(path, body, "application/x-www-form-urlencoded", status)

    def _json(self, path: str, body: Mapping[str, object], status: int = 200) -> Posted:
        return Posted(path, json.dumps(body).encode(), "application/json", status)

    def _file(self, kind: str, content: bytes, status: int) -> Posted:
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="'
        csrf = f'{head}csrf"\r\n\r\n{self.csrf}\r\n{head}file"; filename="a.csv"\r\n\r\n'
        body = csrf.encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
        return Posted(f"/{kind}/import", body, f"multipart/form-data; boundary={_BOUNDARY}", status)
