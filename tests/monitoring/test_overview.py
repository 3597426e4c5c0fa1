"""A part of the tree as IT looks at it."""

from __future__ import annotations

from confhub.bus.news import QualityReport
from confhub.units.site import Site
from confhub.units.unit import Unit
from monitoring.links import LinkBook, SiteLink
from monitoring.overview import Standing, lay_out, standing, worst_first
from tests.monitoring.evidence import HEALTHY_DIGEST, HEALTHY_HUB_SIDE, NOW, presence
from tests.web.browser import LEVELS


def unit(unit_id: str, level: str, parent: str | None) -> Unit:
    return Unit(unit_id, level, f"Đơn vị {unit_id}", parent, None, None, None)


PROVINCE = [
    unit("tinh", "province", None),
    unit("huyen", "district", "tinh"),
    unit("xa-2", "commune", "huyen"),
    unit("xa-10", "commune", "huyen"),
    unit("phuong", "commune", "tinh"),
]
SITES = [Site(u.id, u.id, u.id, f"Phòng {u.id}") for u in reversed(PROVINCE)]


def link() -> SiteLink | None:
    book = LinkBook()
    book.take(
        QualityReport("site", "m", NOW, presence(since=NOW), HEALTHY_DIGEST, HEALTHY_HUB_SIDE),
        NOW,
    )
    return book.link("site")


def test_units_with_something_below_head_groups_and_lone_ones_are_rows_of_the_first() -> None:
    scope = lay_out(PROVINCE, LEVELS, SITES)
    assert [(group.unit.id, group.site_ids) for group in scope.groups] == [
        ("tinh", ("tinh", "phuong")),
        ("huyen", ("huyen", "xa-2", "xa-10")),
    ]


def test_a_district_s_communes_are_one_group() -> None:
    scope = lay_out(PROVINCE[1:4], LEVELS, SITES)
    assert [group.site_ids for group in scope.groups] == [("huyen", "xa-2", "xa-10")]


def test_sites_out_of_use_and_of_other_units_are_left_out() -> None:
    closed = Site("old", "huyen", "old", "Phòng cũ", active=False)
    elsewhere = Site("far", "lai-chau", "far", "Phòng khác")
    scope = lay_out(PROVINCE, LEVELS, [closed, elsewhere])
    assert scope.places == {}
    assert scope.groups == ()


def test_places_are_found_by_name_unit_and_code_without_diacritics() -> None:
    scope = lay_out(PROVINCE, LEVELS, SITES)
    assert scope.places["xa-2"].folded == "phong xa-2 don vi xa-2 xa-2"


def test_a_site_that_is_awaited_and_absent_is_missing_once_its_meeting_began() -> None:
    assert standing(None, awaited=True, begun=True) == "missing"
    assert standing(None, awaited=True, begun=False) == "awaited"
    assert standing(None, awaited=False, begun=False) == "absent"
    assert standing(link(), awaited=True, begun=True) == "good"


def test_trouble_is_told_worst_first_then_in_the_order_of_the_tree() -> None:
    scope = lay_out(PROVINCE, LEVELS, SITES)
    standings: dict[str, Standing] = {
        "tinh": "good",
        "phuong": "missing",
        "huyen": "poor",
        "xa-2": "poor",
        "xa-10": "lost",
    }
    assert worst_first(standings, scope) == ["xa-10", "huyen", "xa-2", "phuong"]
