"""What a member sends and what a member wants to see. Plain types."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["audio", "video"]
Source = Literal["microphone", "camera", "screen", "screen_audio"]

KIND_OF: dict[Source, Kind] = {
    "microphone": "audio",
    "screen_audio": "audio",
    "camera": "video",
    "screen": "video",
}


class SourceKey(NamedTuple):
    """One stream of one member; a member has at most one of each source."""

    member_id: str
    source: Source


class Tile(NamedTuple):
    """A picture a viewer shows. `height_px` counts device pixels of the shown video."""

    member_id: str
    source: Source
    height_px: int
