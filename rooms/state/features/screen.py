"""One member's screen, shown to everybody. Pure."""

from __future__ import annotations

from confhub.bucket import Rate
from confhub.errors import N_, Conflict
from rooms.protocol.envelope import ClientMessage
from rooms.state.effects import Effect
from rooms.state.features.feature import Feature, Hall, Rule
from rooms.state.member import Member


class SetScreen(ClientMessage, tag="screen", frozen=True):
    """Show the own screen to everybody; refused with `screen_taken` while another one is shown."""

    on: bool


class ScreenTaken(Conflict):
    """One screen at a time: nobody's is pushed aside by another."""

    code = "screen_taken"
    message = N_("Đang có điểm cầu khác chia sẻ màn hình. Xin chờ họ dừng lại.")


def set_screen(hall: Hall, member: Member, said: SetScreen, now: float) -> list[Effect]:
    if said.on and any(other.screen and other is not member for other in hall.members.values()):
        raise ScreenTaken
    effects = hall.switch(member, "screen", on=said.on)
    if effects:
        hall.log("screen", member, now, on=said.on)
    return effects


SCREEN: Feature[None] = Feature(name="screen", rules={SetScreen: Rule(set_screen, Rate(2, 10))})
