"""schemathesis asks all that the document of the API allows, and much that it does not."""

from __future__ import annotations

import asyncio
import copy
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from confhub.bucket import Buckets
from confhub.people.api_token import ALLOWS
from tests.web.api.conftest import DOCUMENT
from tests.web.api.v1.test_reading import made
from tests.web.api.v1.test_writing import create
from tests.web.browser import SignedIn, WebClient
from tests.web.meeting_pages import ROOMS
from web.services import Services
from web.wire.request_turns import RequestTurns

# Rules of meetings say 400 to much that the document cannot rule out: a site that there is none of,
# a time that has passed.
CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 304, 400, 404, 409, 412, 422]
[checks.negative_data_rejection]
expected-statuses = [400, 404, 405, 406, 411, 412, 413, 415, 416, 422, 428]
[checks.missing_required_header]
expected-statuses = [400, 404, 415, 428]
[phases.stateful.inference]
algorithms = []  # the links that the document declares
"""


def _of_this_hub(document: dict[str, Any]) -> dict[str, Any]:
    """The document where meetings are of units and sites that there are, at hours of their own: so
    that some are planned, and their links followed."""
    document = copy.deepcopy(document)
    schemas = document["components"]["schemas"]
    hours = [
        {
            "starts_at": f"2026-12-{day:02}T{hour:02}:00:00Z",
            "ends_at": f"2026-12-{day:02}T{hour:02}:30:00Z",
        }
        for day in range(7, 28)
        for hour in range(10)
    ]
    known = {
        "level_id": {"enum": ["district"]},
        "host_unit_id": {"enum": ["nam-po"]},
        "chair_site_id": {"enum": [ROOMS["nam-po"]]},
        "site_ids": {"enum": [[ROOMS["cha-nua"]], [ROOMS["si-pha"]]]},
        "sittings": {"enum": [[one] for one in hours]},
        "title": {"enum": ["Giao ban"]},
        "agenda": {"enum": [[], [{"title": "Việc khác"}]]},
        "answer_by": {"const": None},
        "override": {"const": None},
    }
    schemas["NewMeeting"]["properties"].update(known)
    schemas["MeetingChange"]["properties"] = {"title": {"enum": ["Giao ban", "Sơ kết"]}}
    schemas["Cancellation"]["properties"]["reason"] = {"enum": ["Trùng lịch tỉnh"]}
    return document


@pytest.mark.alone
@pytest.mark.parametrize("phases", ["examples,coverage,fuzzing", "stateful"])
async def test_schemathesis_finds_nothing(
    phases: str,
    client: WebClient,
    signed_in: SignedIn,
    services: Services,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secret = await made(await signed_in("admin", "nam-po"), "nam-po", *ALLOWS)
    await create(client, secret)
    # Nobody asks so much in a minute.
    monkeypatch.setattr(Buckets, "take", lambda *_: True)
    monkeypatch.setattr(RequestTurns, "keeps_pace", lambda *_: True)
    paths = {path: of for path, of in DOCUMENT["paths"].items() if path.startswith("/api/v1")}
    asked, checks = {**DOCUMENT, "paths": paths}, ["--checks", "all"]
    if phases == "stateful":
        # What this hub does not have breaks no rule of the true document.
        asked, checks = (
            _of_this_hub(asked),
            [*checks, "--exclude-checks", "negative_data_rejection"],
        )
    document, config, said = (tmp_path / name for name in ("openapi.json", "st.toml", "said"))
    document.write_text(json.dumps(asked))
    config.write_text(CONFIG)
    with said.open("wb") as out:
        asking = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
            *("run", str(document), "--url", str(client.make_url("/")).rstrip("/")),
            *("-H", f"Authorization: Bearer {secret}", *checks, "--phases", phases),
            *("--max-examples", "40" if phases == "stateful" else "3", "--seed", "1"),
            *("--generation-database", "none", "--warnings", "off", "--no-color"),
            stdout=out,
            stderr=out,
            cwd=tmp_path,
        )
        code = await asking.wait()
    print(said.read_text())
    assert code == 0
    if phases == "stateful":  # meetings were planned, changed and called off on the way
        lines = await services.store.audit.recent(1000, thing="meeting")
        acts = {line.action for line in lines if "access_token" in line.changes}
        assert acts >= {"meeting.scheduled", "meeting.changed", "meeting.cancelled"}
