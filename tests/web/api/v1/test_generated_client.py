"""A client that was made of the document alone plans, reads, changes and calls off a meeting."""

from __future__ import annotations

import asyncio
import datetime as dt
import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.web.api.v1.test_reading import made
from tests.web.browser import SignedIn, WebClient
from tests.web.meeting_pages import ROOMS

PACKAGE = "hub_client"
STARTS = dt.datetime(2026, 12, 8, 8, 0, tzinfo=dt.timezone(dt.timedelta(hours=7)))


@pytest.fixture
async def operations(
    client: WebClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ModuleType:
    document, config = tmp_path / "openapi.json", tmp_path / "config.yml"
    answer = await client.get("/api/v1/openapi.json")
    document.write_bytes(await answer.read())
    config.write_text("post_hooks: []\n")
    making = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"),
        *("--path", str(document), "--config", str(config)),
        *("--meta", "none", "--output-path", str(tmp_path / PACKAGE)),
    )
    assert await making.wait() == 0
    monkeypatch.syspath_prepend(tmp_path)
    return importlib.import_module(f"{PACKAGE}.api.default")


async def test_a_generated_client_goes_there_and_back(
    operations: ModuleType, client: WebClient, signed_in: SignedIn
) -> None:
    models = importlib.import_module(f"{PACKAGE}.models")
    hub = importlib.import_module(f"{PACKAGE}.client").AuthenticatedClient(
        str(client.make_url("")),
        token=await made(
            await signed_in("admin", "nam-po"), "nam-po", "read_meetings", "write_meetings"
        ),
    )

    def operation(name: str) -> ModuleType:
        return importlib.import_module(f"{operations.__name__}.{name}")

    async with hub:
        one = "api_v1_meetings_meeting_id"
        new = models.NewMeeting(
            title="Giao ban",
            level_id="district",
            host_unit_id="nam-po",
            chair_site_id=ROOMS["nam-po"],
            sittings=[models.Span(STARTS, STARTS + dt.timedelta(hours=1))],
            site_ids=[ROOMS["cha-nua"]],
        )
        create = operation("post_api_v1_meetings")
        planned = await create.asyncio_detailed(client=hub, body=new, idempotency_key="k")
        assert planned.status_code == 201
        meeting = planned.parsed
        assert meeting.starts_at == STARTS
        again = await create.asyncio_detailed(client=hub, body=new, idempotency_key="k")
        assert again.parsed == meeting
        clash = await create.asyncio_detailed(client=hub, body=new)
        assert clash.status_code == 409
        assert [taken.meeting_id for taken in clash.parsed.clashes] == [meeting.id]
        read = await operation(f"get_{one}").asyncio_detailed(meeting.id, client=hub)
        assert read.parsed == meeting
        tag = read.headers["ETag"]
        change = operation(f"patch_{one}")
        changed = await change.asyncio_detailed(
            meeting.id, client=hub, body=models.MeetingChange(title="Sơ kết"), if_match=tag
        )
        assert (changed.parsed.title, changed.parsed.site_ids) == ("Sơ kết", meeting.site_ids)
        old = await change.asyncio_detailed(
            meeting.id, client=hub, body=models.MeetingChange(note="x"), if_match=tag
        )
        assert (old.status_code, old.parsed.code) == (412, "overtaken")
        cancelled = await operation(f"post_{one}_cancel").asyncio_detailed(
            meeting.id,
            client=hub,
            body=models.Cancellation(reason="Trùng lịch tỉnh"),
            if_match=changed.headers["ETag"],
        )
        assert cancelled.parsed.status == "cancelled"
        listed = await operation("get_api_v1_meetings").asyncio_detailed(client=hub)
        assert [(one.id, one.status) for one in listed.parsed.meetings] == [
            (meeting.id, "cancelled")
        ]
