"""What the document of the API says, in Vietnamese: words.vi.json, by its English words.

Not in the catalogue, whose msgids are Vietnamese: these stand in the schemas, for programs too.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

WORDS: Mapping[str, str] = msgspec.json.decode(
    Path(__file__).with_name("words.vi.json").read_bytes(), type=dict[str, str]
)


def in_vietnamese(text: str) -> str:
    """What the document says; its own words where nobody has translated them."""
    plain = " ".join(text.split())
    return WORDS.get(plain, plain)
