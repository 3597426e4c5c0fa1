"""What docs/api.md shows with curl does what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.web.api.v1.test_reading import made
from tests.web.browser import SignedIn, WebClient

DOCUMENT = Path(__file__).parents[4] / "docs" / "api.md"
OPTIONS = {"-X", "-H", "-d"}  # all that the examples use


def examples() -> list[list[str]]:
    """The words of each command."""
    (block,) = re.findall(r"```sh\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    joined = block.replace("\\\n", " ")
    return [
        shlex.split(f"curl {one}") for one in re.split(r"^\s*curl ", joined, flags=re.MULTILINE)[1:]
    ]


async def test_the_examples_are_true(client: WebClient, signed_in: SignedIn) -> None:
    scopes = ("read_answers", "write_meetings")
    known = {"HUB": str(client.make_url("")).rstrip("/"), "ID": ""}
    known["TOKEN"] = await made(await signed_in("admin", "nam-po"), "nam-po", *scopes)
    statuses = []
    for command in examples():
        words = [re.sub(r"\$(\w+)", lambda found: known[found[1]], one) for one in command[1:]]
        options = [(one, words[at + 1]) for at, one in enumerate(words) if one in OPTIONS]
        (address,) = (one for one in words if one.startswith(known["HUB"]))
        body = dict(options).get("-d")
        method = dict(options).get("-X") or ("GET" if body is None else "POST")
        headers = dict(value.split(": ", 1) for name, value in options if name == "-H")
        answer = await client.session.request(method, address, data=body, headers=headers)
        statuses.append(answer.status)
        known["ID"] = (await answer.json()).get("id", known["ID"])
    assert statuses == [201, 200, 200, 200]
