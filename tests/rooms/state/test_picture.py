"""Which picture a device shows, in every layout."""

from __future__ import annotations

import pytest

from rooms.protocol import messages as p
from rooms.state.features import layout, muting, screen
from rooms.state.picture import Picture, Wish, choose_picture
from rooms.state.room import Room
from tests.rooms.house import secretary, site_seat
from tests.rooms.state.test_room import T0, room_with

ELSEWHERE = Wish("s-khac")


@pytest.fixture
def room() -> Room:
    """Three sites with cameras on; "huyen" presides."""
    made = room_with(site_seat("tinh"), site_seat("huyen"), site_seat("xa"), secretary())
    for site in ("tinh", "huyen", "xa"):
        made.handle(f"s-{site}", muting.SetCamera(on=True), T0)
    return made


def shown(room: Room, wish: Wish = ELSEWHERE, dominant: str | None = None) -> str | None:
    picture = choose_picture(room, wish, dominant)
    return picture.member if picture is not None else None


@pytest.mark.parametrize(
    ("mode", "dominant", "member"),
    [
        ("lecture", None, "s-huyen"),
        ("lecture", "s-xa", "s-huyen"),
        ("speaker", "s-xa", "s-xa"),
        ("speaker", None, "s-huyen"),
        ("grid", "s-xa", "s-xa"),
        ("grid", "a-thuky", "s-huyen"),  # an officer without a camera has the word
    ],
)
def test_the_layout_of_all_says_whom(
    room: Room, mode: p.LayoutMode, dominant: str | None, member: str
) -> None:
    room.handle("a-thuky", layout.SetLayout(mode), T0)
    assert shown(room, dominant=dominant) == member


def test_a_shared_screen_comes_first_but_where_one_site_was_chosen(room: Room) -> None:
    room.handle("s-xa", screen.SetScreen(on=True), T0)
    assert choose_picture(room, ELSEWHERE, None) == Picture("s-xa", "screen")
    room.handle("a-thuky", layout.SetLayout("single", "s-tinh"), T0)
    assert choose_picture(room, ELSEWHERE, None) == Picture("s-tinh", "camera")


def test_who_sends_no_picture_gives_way(room: Room) -> None:
    room.handle("s-huyen", muting.SetCamera(on=False), T0)
    assert shown(room, dominant="s-xa") == "s-xa"
    room.handle("s-xa", p.Leave(), T0)
    assert shown(room, dominant="s-xa") == "s-tinh"
    room.handle("s-tinh", muting.SetCamera(on=False), T0)
    assert shown(room) is None


def test_a_hall_does_not_watch_itself_but_its_recorder_does(room: Room) -> None:
    assert shown(room, Wish("s-huyen")) != "s-huyen"
    assert shown(room, Wish("s-huyen", own=True)) == "s-huyen"


def test_a_pinned_camera_is_shown_or_nothing(room: Room) -> None:
    assert shown(room, Wish("s-tinh", member="s-xa"), dominant="s-huyen") == "s-xa"
    room.handle("s-xa", muting.SetCamera(on=False), T0)
    assert shown(room, Wish("s-tinh", member="s-xa"), dominant="s-huyen") is None
    assert shown(room, Wish("s-tinh", member="s-nobody")) is None
