"""Who may conduct a meeting, and at whom they may point. Pure."""

from __future__ import annotations

from confhub.errors import N_, Forbidden, NotFound
from rooms.state.features.feature import Hall
from rooms.state.member import Member

NOT_A_MEMBER = N_("Không có điểm cầu này trong cuộc họp.")
NOT_A_DRIVER = N_("Chỉ thư ký điều hành mới được làm việc này.")


def driven(hall: Hall, member: Member, target_id: str) -> Member:
    """The member that a secretary points at; Forbidden for others, NotFound."""
    require_driver(member)
    target = hall.members.get(target_id)
    if target is None:
        raise NotFound(NOT_A_MEMBER)
    return target


def require_driver(member: Member) -> None:
    if not member.may_drive:
        raise Forbidden(NOT_A_DRIVER)
