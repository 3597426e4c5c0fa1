"""Who may sign in to the demo, and by what word."""

from __future__ import annotations

from collections.abc import Mapping

from confhub.people.account import Role

# Printed by `confhub demo` and on no other hub: whoever can reach the demo may enter it.
PASSWORD = "hop-bon-cap-2026"  # noqa: S105 - meant to be known
ROLES: Mapping[Role, tuple[str, str]] = {
    "admin": ("quantri", "Quản trị"),
    "secretary": ("thuky", "Thư ký"),
    "technician": ("kythuat", "Kỹ thuật"),
    "site": ("diemcau", "Điểm cầu"),
}
PLACES = ("trunguong", "dienbien", "nampo", "chanua")  # central, province, district, commune
LOGINS = frozenset(f"{word}.{place}" for word, _ in ROLES.values() for place in PLACES)
