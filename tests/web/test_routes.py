"""The URL table: nothing is open by oversight, and every page answers HEAD and other methods."""

from __future__ import annotations

import re

import pytest

from tests.web.browser import SignedIn, WebClient, csrf
from web.requests.route import (
    BEARER,
    BEARER_PATHS,
    FILE,
    LARGE,
    LONG_JSON,
    PAGE,
    PROGRAM_PATHS,
    SMALL,
    TOKEN,
    UNLISTED,
    Route,
    weight_of,
)
from web.requests.route import JSON as JSON_BODY
from web.routes import ROUTES
from web.routing import STATIC_FILES

# Every open address, so that opening another one is a decision seen in a test.
OPEN = {
    ("GET", "/signin"),
    ("POST", "/signin"),
    ("POST", "/signout"),
    ("POST", "/language"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/docs/api"),
    ("GET", "/join/{token}"),
    ("GET", "/join/{token}/socket"),
    ("GET", "/join/{token}/answer"),
    ("POST", "/join/{token}/answer"),
    ("GET", "/join/{token}/papers"),
    ("GET", "/join/{token}/papers/{paper_id}/files/{number}"),
    ("GET", "/public/units/{unit}"),
    ("GET", "/public/units/{unit}/calendar.ics"),
    ("GET", "/public/units/{unit}/meetings.json"),
}
CLOSED = [route for route in ROUTES if route.access == "signed_in"]
FORMS = [r for r in ROUTES if r.method != "GET" and r.access not in (BEARER, TOKEN)]
JSON = {"Accept": "application/json"}
READ = ["/", "/signin", "/healthz", "/readyz", "/accounts", "/accounts/new", "/account/password"]
READ += ["/meetings", "/meetings/new", "/sites", "/units", "/nowhere", "/api/units/tree?parent="]


def filled(route: Route) -> str:
    return re.sub(r"\{\w+\}", "cha-nua-room", route.path)


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


def test_no_more_is_open_than_meant() -> None:
    assert {(r.method, r.path) for r in ROUTES if r.access in ("public", "machine")} <= OPEN
    # What wants a token instead of a sign-in; their own tests say which token.
    assert all(r.path.startswith(BEARER_PATHS) for r in ROUTES if r.access == BEARER)
    assert {(r.method, r.path) for r in ROUTES if r.access == UNLISTED} == {
        ("GET", "/calendar/{secret}")
    }


def test_what_programs_call_says_what_comes_and_goes() -> None:
    silent = [name(r) for r in ROUTES if r.path.startswith(PROGRAM_PATHS) and r.api is None]
    assert silent == []
    asked = [r for r in ROUTES if r.api is not None and r.api.question is not None]
    assert [name(r) for r in asked if r.takes not in (JSON_BODY, LONG_JSON)] == []


@pytest.mark.parametrize("route", CLOSED, ids=name)
async def test_without_a_cookie_there_is_only_the_way_to_sign_in(
    client: WebClient, route: Route
) -> None:
    answer = await client.request(route.method, filled(route), allow_redirects=False)
    if route.api is not None:
        assert answer.status == 401
        assert answer.content_type == "application/problem+json"
    elif route.method == "GET":
        assert answer.status == 303
        assert answer.headers["Location"].startswith("/signin")
    else:
        assert answer.status in (303, 401)
        assert answer.status == 401 or answer.headers["Location"].startswith("/signin")


@pytest.mark.parametrize("route", CLOSED, ids=name)
async def test_a_forged_cookie_is_no_cookie(client: WebClient, route: Route) -> None:
    answer = await client.request(
        route.method,
        filled(route),
        cookies={"confhub": "0" * 43},
        headers=JSON,
    )
    assert answer.status == 401


@pytest.mark.parametrize("route", FORMS, ids=name)
async def test_every_form_wants_a_token(signed_in: SignedIn, route: Route) -> None:
    browser = await signed_in("admin", "central")
    data = {"name": "x"} if route.takes.most_fields else None
    answer = await browser.request(route.method, filled(route), data=data)
    if route.path == "/signin":  # its form is made before there is a token
        assert answer.status == 400
    else:
        assert answer.status == 403
        answer = await browser.request(route.method, filled(route), headers=JSON)
        assert (await answer.json())["code"] == "bad_csrf"


UPLOADS = {"/units/import", "/sites/import", "/accounts/import"}
UPLOADS.add("/meetings/{meeting_id}/mail/replies")


async def test_files_are_taken_in_parts_where_they_are_uploaded_alone(
    signed_in: SignedIn,
) -> None:
    browser = await signed_in("admin", "central")
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n--x--\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    taken = set()
    for route in [route for route in FORMS if route.method == "POST"]:
        answer = await browser.post(filled(route), data=part, headers=kind)
        if answer.status != 415:
            taken.add(route.path)
    assert taken == UPLOADS


@pytest.mark.parametrize(
    "route", [route for route in CLOSED if route.action == "manage_accounts"], ids=name
)
@pytest.mark.parametrize("role", ["secretary", "technician", "site"])
async def test_only_an_administrator_comes_near_accounts(
    signed_in: SignedIn, route: Route, role: str
) -> None:
    browser = await signed_in(role, "central")
    data = {"csrf": await csrf(browser)} if route.method == "POST" else None
    answer = await browser.request(route.method, filled(route), data=data)
    assert answer.status == 403


@pytest.mark.parametrize("path", READ)
async def test_head_answers_as_get_without_a_body(signed_in: SignedIn, path: str) -> None:
    browser = await signed_in("admin", "nam-po")
    asked = await browser.get(path, allow_redirects=False)
    head = await browser.head(path, allow_redirects=False)
    assert head.status == asked.status
    assert head.headers.get("Content-Type") == asked.headers.get("Content-Type")
    assert await head.read() == b""
    # The connection is not out of step afterwards.
    assert (await browser.get("/healthz")).status == 200


async def test_a_slash_behind_a_page_leads_to_the_page(client: WebClient) -> None:
    answer = await client.get("/signin/?next=%2Fboard%3Fa%3D1%262", allow_redirects=False)
    assert answer.status == 303
    assert answer.headers["Location"] == "/signin?next=/board?a%3D1%262"
    for route in ROUTES:
        if route.method == "GET" and route.access != BEARER and route.path != "/":
            answer = await client.get(f"{filled(route)}/", allow_redirects=False)
            assert (answer.status, answer.headers["Location"]) == (303, filled(route))


def test_every_page_of_who_is_let_in_counts_as_one() -> None:
    for row in ROUTES:
        if row.access == "signed_in" and row.api is None:
            assert weight_of(row, is_stranger=False) >= PAGE, row.path
            assert weight_of(row, is_stranger=True) == SMALL, row.path
    assert weight_of(None, is_stranger=True) == SMALL
    assert weight_of(STATIC_FILES, is_stranger=False) == FILE


@pytest.mark.parametrize(
    ("method", "path", "weight"),
    [
        ("GET", "/join/{token}", PAGE),
        ("GET", "/meetings/{meeting_id}", LARGE),
        ("GET", "/meetings/{meeting_id}/links", LARGE),
        ("GET", "/sites", LARGE),
        ("POST", "/whep/{meeting_id}", LARGE),
        ("POST", "/api/meetings/conflicts", PAGE),
        ("GET", "/signin", SMALL),
        ("GET", "/calendar/{secret}", LARGE),
        ("GET", "/healthz", SMALL),
        ("GET", "/readyz", SMALL),
        ("GET", "/api/openapi.json", SMALL),
        ("GET", "/metrics", SMALL),
    ],
)
def test_what_tells_of_every_site_counts_for_more(method: str, path: str, weight: int) -> None:
    (row,) = (row for row in ROUTES if (row.method, row.path) == (method, path))
    assert row.weight == weight


DATED = ("/", "/meetings", "/meetings/week", "/units", "/sites", "/units/cha-nua")
ALSO_DATED = ("/sites/cha-nua-room", "/blockings", "/patterns", "/meetings/new", "/working-days")
DAYS = ("9999-12-31", "0001-01-01", "31/12/9999", "01/01/0001")


@pytest.mark.parametrize("path", DATED + ALSO_DATED)
async def test_the_ends_of_the_calendar_break_no_page(signed_in: SignedIn, path: str) -> None:
    browser = await signed_in("admin", "central")
    for day in DAYS:
        for view in ("week", "month", "agenda"):
            asked = dict.fromkeys(("on", "from", "to", "date", "day"), day)
            answer = await browser.get(path, params={**asked, "view": view})
            assert answer.status < 500, (day, view)
