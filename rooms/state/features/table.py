"""Every feature of a room, registered once. Pure."""

from __future__ import annotations

from typing import Any

from rooms.protocol.codec import tag_of
from rooms.protocol.envelope import ClientMessage
from rooms.state.features.ending import ENDING
from rooms.state.features.feature import Feature, Rule
from rooms.state.features.floor import FLOOR
from rooms.state.features.layout import LAYOUT
from rooms.state.features.muting import MUTING
from rooms.state.features.notes import NOTES
from rooms.state.features.overtime import OVERTIME
from rooms.state.features.screen import SCREEN
from rooms.state.features.sending_out import SENDING_OUT

FEATURES: tuple[Feature[Any], ...] = (
    MUTING,
    SCREEN,
    FLOOR,
    SENDING_OUT,
    LAYOUT,
    NOTES,
    OVERTIME,
    ENDING,
)

RULES: dict[type[ClientMessage], Rule] = {
    kind: rule for feature in FEATURES for kind, rule in feature.rules.items()
}
RATES = {tag_of(kind): rule.rate for kind, rule in RULES.items()}
NAMES = frozenset(feature.name for feature in FEATURES)
