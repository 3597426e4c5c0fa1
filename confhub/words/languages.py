"""The languages of the pages, Vietnamese first. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Language = Literal["vi", "en"]
LANGUAGES: Mapping[Language, str] = {"vi": "Tiếng Việt", "en": "English"}
