"""The one URL table, and the truth of what stands around each handler (web/requests/route.py).

A row is signed-in unless it says otherwise; nothing is open by oversight. Add your rows to your
family's block. `action` asks that the viewer's role has the right at all; where it holds is for
the handler: `request[VIEWER].require("schedule", unit_path)`. A POST takes a short form unless
`body` says otherwise. What programs may call names its schemas in `api`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from confhub.bucket import Rate
from confhub.imports.unit_edits import Act
from confhub.people.policy import Action
from rooms.devices.devices import OPENING_RATE
from web import sockets
from web.api import (
    conduct,
    device_sessions,
    feeds,
    health,
    metrics,
    open_calendars,
    openapi,
    site_lists,
    whep,
    whip,
)
from web.api import meetings as meetings_api
from web.api import series as series_api
from web.api import units as units_api
from web.api_rows import API_V1
from web.pages import home, jobs, room, search
from web.pages.answers import form as answers
from web.pages.answers import stream as answer_news
from web.pages.answers import table as answer_table
from web.pages.api_doc import page as api_doc
from web.pages.board import overview as board
from web.pages.board import site as board_site
from web.pages.board import stream as board_stream
from web.pages.calendar import feeds as feed_pages
from web.pages.calendar import moving, public, week_sheet
from web.pages.calendar import show as calendar
from web.pages.history import export as record_file
from web.pages.history import meeting as meeting_history
from web.pages.history import things
from web.pages.meetings import detail as meeting_detail
from web.pages.meetings import form as meeting_form
from web.pages.meetings import join_links, link_code, working_days
from web.pages.meetings.letters import issued, letter, letterhead, register, sheets
from web.pages.meetings.mail import replies, texts
from web.pages.meetings.mail import standing as mails
from web.pages.meetings.off import cancel, postpone
from web.pages.meetings.series import view as series_view
from web.pages.people import address_book, grants, own, own_password, signin
from web.pages.people import list as accounts
from web.pages.planning import agreement_rule, agreements, blockings, leaving, patterns
from web.pages.registry import access_tokens, csv_import, rooms, sites, unit_edit, unit_line, units
from web.paper_rows import PAPERS
from web.requests.route import (
    BEARER,
    JSON,
    LARGE,
    LONG_FORM,
    MACHINE,
    PAGE,
    PUBLIC,
    SIGN_IN_FORM,
    SMALL,
    UNLISTED,
    UPLOAD,
    Api,
    Handler,
    Route,
)

# A person who types a search or fills in a form asks some times a second at most.
TYPING = Rate(10, 60)
ACTS = Rate(1, 20)
# A page comes back within seconds after a cut, and tries some times more until a hub is up again;
# sites may share an account. A page in a loop, or somebody who wants fresh rates by a fresh socket
# (rooms/protocol/rate.py), does not.
SOCKETS = Rate(1, 30)
# A calendar program asks some times an hour; an office is one address to us.
FEEDS = Rate(1, 60)
LINK = "/meetings/{meeting_id}/links/{link_id}"  # a site's
ISSUED = "/meetings/{meeting_id}/letters/{letter_id}"
SITE_ANSWER = "/meetings/{meeting_id}/sites/{site_id}/answer"
LINK_ANSWER = "/join/{token}/answer"


def _devices(
    path: str, open_: Handler, opening: Api, change: Handler, end: Handler
) -> tuple[Route, ...]:
    """An endpoint of WHIP or WHEP and its sessions: alike but for what opens one."""
    session = f"{path}/{{session_id}}"
    d = device_sessions
    return (
        Route("OPTIONS", path, d.endpoint_options, BEARER, api=d.OPTIONS),
        Route("GET", path, d.nothing, BEARER, api=d.NOTHING_HERE),
        Route(
            "POST", path, open_, BEARER, body=d.OFFER, pace=OPENING_RATE, costs=LARGE, api=opening
        ),
        Route("OPTIONS", session, d.session_options, BEARER, api=d.OPTIONS),
        Route("GET", session, d.nothing, BEARER, api=d.NOTHING_HERE),
        Route("PATCH", session, change, BEARER, body=d.CHANGE, api=d.CHANGED),
        Route("DELETE", session, end, BEARER, api=d.ENDED),
    )


def _asked_first(
    path: str, ask: Handler, do: Handler, action: Action | None = None
) -> tuple[Route, Route]:
    """A page that asks for something, and what does it."""
    return Route("GET", path, ask, action=action), Route("POST", path, do, action=action)


def _unit_acts(*acts: Act) -> Iterator[Route]:
    """What is done to a unit from a day on: asked, shown, done."""
    for act in acts:
        path = f"/units/{{unit_id}}/{act}"
        yield Route("GET", path, unit_edit.asking(act), action="edit_units")
        yield Route("POST", path, unit_edit.taking(act), action="edit_units", costs=LARGE)


def _typed(path: str, handler: Handler, action: Action, api: Api) -> Route:
    """What a page asks while somebody types."""
    return Route("GET", path, handler, action=action, pace=TYPING, api=api)


def _shown_to_all(path: str, handler: Handler, api: Api) -> Route:
    """What programs read of a unit without an account."""
    return Route("GET", path, handler, PUBLIC, pace=FEEDS, costs=PAGE, api=api)


def _filled(path: str, handler: Handler, api: Api) -> Route:
    """What a form asks about what is filled in so far."""
    asked = Route("POST", path, handler, action="schedule", pace=TYPING, api=api)
    return replace(asked, body=JSON, costs=PAGE)


def _driven(path: str, handler: Handler, api: Api) -> Route:
    return Route("POST", path, handler, body=JSON, pace=ACTS, api=api)


def _import(kind: csv_import.Kind) -> Iterator[Route]:
    """A file looked at, then taken over, and one to fill in."""
    show, take, template = csv_import.pages_of(kind)
    path, action = f"/{kind.name}/import", kind.action
    yield Route("GET", path, show, action=action)
    yield Route("POST", path, take, action=action, body=UPLOAD, pace=kind.pace, costs=LARGE)
    yield Route("GET", f"/{kind.name}/template.csv", template, action=action)


ROUTES: tuple[Route, ...] = (
    # shell
    Route("GET", "/", home.show),
    Route("GET", "/signin", signin.show, PUBLIC, costs=SMALL),
    # Its form is made before there is a token; another tab may have signed in meanwhile.
    Route("POST", "/signin", signin.enter, PUBLIC, body=SIGN_IN_FORM, costs=SMALL, csrf="origin"),
    Route("GET", "/search", search.show, pace=TYPING),
    Route("POST", "/signout", signin.leave, PUBLIC, costs=SMALL),
    Route("POST", "/language", signin.change_language, PUBLIC, costs=SMALL),
    Route("GET", "/healthz", health.alive, MACHINE, api=health.ALIVE),
    Route("GET", "/readyz", health.ready, MACHINE, api=health.READY),
    # accounts
    *_asked_first("/account", own.show, own.save),
    *_asked_first("/account/grants/{grant_id}/handover", grants.ask_hand_over, grants.hand_over),
    *_asked_first("/account/grants/{grant_id}/end", grants.ask_end_own, grants.end_own),
    Route("GET", "/account/feeds", feed_pages.list_page, action="see_meetings"),
    Route("POST", "/account/feeds", feed_pages.make, action="see_meetings"),
    Route("POST", "/account/feeds/{feed_id}/renew", feed_pages.renew, action="see_meetings"),
    Route("POST", "/account/feeds/{feed_id}/end", feed_pages.end, action="see_meetings"),
    Route("GET", "/account/password", own_password.show, before_own_password=True),
    Route("POST", "/account/password", own_password.change, before_own_password=True),
    Route("GET", "/accounts", accounts.list_page, action="manage_accounts"),
    *_asked_first("/accounts/new", accounts.new_page, accounts.add, "manage_accounts"),
    *_import(csv_import.ACCOUNTS),
    Route("GET", "/accounts/{account_id}", accounts.edit_page, action="manage_accounts"),
    Route("POST", "/accounts/{account_id}", accounts.change, action="manage_accounts"),
    *_asked_first(
        "/accounts/{account_id}/password",
        accounts.ask_reset,
        accounts.reset_password,
        "manage_accounts",
    ),
    Route("GET", "/accounts/{account_id}/history", things.of_account, action="manage_accounts"),
    Route("GET", "/accounts/{account_id}/grants/new", grants.new_page, action="manage_accounts"),
    Route("POST", "/accounts/{account_id}/grants/new", grants.give, action="manage_accounts"),
    *_asked_first(
        "/accounts/{account_id}/grants/{grant_id}/end",
        grants.ask_end,
        grants.end,
        "manage_accounts",
    ),
    # people without an account
    Route("GET", "/people", address_book.list_page, action="edit_people"),
    *_asked_first("/people/new", address_book.new_page, address_book.add, "edit_people"),
    *_asked_first(
        "/people/{person_id}", address_book.edit_page, address_book.change, "edit_people"
    ),
    *_asked_first("/people/{person_id}/end", address_book.ask_end, address_book.end, "edit_people"),
    # jobs
    Route("GET", "/jobs", jobs.list_page, action="manage_accounts"),
    Route("POST", "/jobs/{what}/{letter_id}/again", jobs.again, action="manage_accounts"),
    # days off
    Route("GET", "/working-days", working_days.show, action="see_meetings"),
    Route("POST", "/working-days", working_days.keep, action="manage_accounts"),
    Route("POST", "/working-days/{day}/drop", working_days.drop, action="manage_accounts"),
    # units and sites
    Route("GET", "/units", units.list_page, action="see_units"),
    *_import(csv_import.UNITS),
    Route("GET", "/units/new", unit_edit.new_page, action="edit_units"),
    Route("POST", "/units/new", unit_edit.add, action="edit_units", costs=LARGE),
    *_asked_first(
        "/units/{unit_id}/agreement", agreement_rule.show, agreement_rule.keep, "edit_units"
    ),
    *_asked_first("/units/{unit_id}/line", unit_line.show, unit_line.keep, "edit_sites"),
    *_asked_first("/units/{unit_id}/letters", register.show, register.begin, "edit_units"),
    *_asked_first("/units/{unit_id}/letterhead", letterhead.show, letterhead.keep, "edit_units"),
    *_asked_first(
        "/units/{unit_id}/tokens", access_tokens.show, access_tokens.make, "manage_accounts"
    ),
    Route(
        "POST",
        "/units/{unit_id}/tokens/{token_id}/revoke",
        access_tokens.revoke,
        action="manage_accounts",
    ),
    Route("GET", "/units/{unit_id}", units.detail, action="see_units"),
    Route("GET", "/units/{unit_id}/rooms", rooms.show, action="see_units"),
    Route("GET", "/units/{unit_id}/history", things.of_unit, action="edit_units"),
    Route(
        "GET",
        "/units/{unit_id}/record.{form}",
        record_file.download,
        action="manage_accounts",
        pace=record_file.PACE,
        costs=LARGE,
    ),
    *_unit_acts("rename", "move", "end"),
    Route("GET", "/sites", sites.list_page, action="see_units", costs=LARGE),
    *_import(csv_import.SITES),
    *_asked_first("/sites/new", sites.new_page, sites.add, "edit_sites"),
    Route("GET", "/sites/{site_id}", sites.detail, action="see_units"),
    Route("GET", "/sites/{site_id}/history", things.of_site, action="edit_sites"),
    Route("GET", "/sites/{site_id}/edit", sites.edit_page, action="edit_sites"),
    Route("POST", "/sites/{site_id}/edit", sites.change, action="edit_sites"),
    # patterns of meetings, lists of sites
    Route("GET", "/patterns", patterns.list_page, action="schedule"),
    Route("POST", "/patterns/draft", patterns.from_form, action="schedule", body=LONG_FORM),
    Route("GET", "/patterns/new", patterns.new_page, action="schedule"),
    Route("POST", "/patterns/new", patterns.add, action="schedule", body=LONG_FORM),
    Route("GET", "/patterns/{pattern_id}", patterns.edit_page, action="schedule"),
    Route("POST", "/patterns/{pattern_id}", patterns.change, action="schedule", body=LONG_FORM),
    Route("POST", "/patterns/{pattern_id}/end", patterns.end, action="schedule"),
    # when sites cannot meet
    Route("GET", "/blockings", blockings.list_page, action="see_units"),
    Route("POST", "/blockings", blockings.add, action="see_units"),
    Route("GET", "/blockings/{blocking_id}", blockings.show, action="see_units"),
    Route("POST", "/blockings/{blocking_id}/end", blockings.end, action="see_units"),
    _typed("/api/site-lists", site_lists.lists, "schedule", site_lists.LISTS),
    _typed("/api/site-lists/{pattern_id}", site_lists.open_list, "schedule", site_lists.OPEN),
    # meetings
    Route("GET", "/meetings", calendar.show, action="see_meetings"),
    Route("GET", "/meetings/week", week_sheet.show, action="see_meetings"),
    Route("GET", "/meetings/new", meeting_form.new, action="schedule"),
    Route("POST", "/meetings/new", meeting_form.create, action="schedule", body=LONG_FORM),
    *_asked_first("/meetings/leaving", leaving.show, leaving.replace, "schedule"),
    Route("POST", "/meetings/leaving/hosts", leaving.replace_hosts, action="schedule"),
    Route("GET", "/meetings/asked", agreements.inbox, action="confirm_times", costs=LARGE),
    Route("POST", "/meetings/asked", agreements.confirm, action="confirm_times"),
    Route("GET", "/meetings/{meeting_id}", meeting_detail.show, costs=LARGE),
    Route("GET", "/meetings/{meeting_id}/history", meeting_history.show),
    Route("GET", "/meetings/{meeting_id}/edit", meeting_form.edit),
    Route("POST", "/meetings/{meeting_id}/edit", meeting_form.save, body=LONG_FORM),
    *_asked_first("/meetings/{meeting_id}/postpone", postpone.ask, postpone.put_off),
    *_asked_first(
        "/meetings/{meeting_id}/answer", agreements.ask_answer, agreements.answer, "confirm_times"
    ),
    Route("POST", "/meetings/{meeting_id}/ask", agreements.ask_again),
    Route("POST", "/meetings/{meeting_id}/take", agreements.take),
    Route("GET", "/series/{series_id}", series_view.show, action="see_meetings"),
    *_asked_first("/meetings/{meeting_id}/cancel", cancel.ask, cancel.call_off),
    Route("POST", "/meetings/{meeting_id}/reopen", meeting_detail.reopen),
    Route("POST", "/meetings/{meeting_id}/mail", mails.send_out, pace=mails.PACE),
    Route("POST", "/meetings/{meeting_id}/mail/again", mails.send_again, pace=mails.PACE),
    Route("POST", "/meetings/{meeting_id}/mail/replies", replies.post, body=UPLOAD, costs=LARGE),
    Route("POST", "/meetings/{meeting_id}/mail/replies/{reply_id}", replies.settle),
    Route("GET", "/meetings/{meeting_id}/invitations", texts.show, costs=LARGE),
    Route("GET", "/meetings/{meeting_id}/invitations.csv", texts.table, costs=LARGE),
    Route("GET", "/meetings/{meeting_id}/links", join_links.show, costs=LARGE),
    Route("GET", "/meetings/{meeting_id}/links.pdf", sheets.pdf, pace=ACTS, costs=LARGE),
    Route("GET", "/meetings/{meeting_id}/links.docx", sheets.docx, pace=ACTS, costs=LARGE),
    *_asked_first("/meetings/{meeting_id}/letter", letter.show, letter.make, "schedule"),
    Route("GET", f"{ISSUED}.pdf", issued.pdf, action="schedule", pace=ACTS, costs=LARGE),
    Route("GET", f"{ISSUED}.docx", issued.docx, action="schedule", pace=ACTS, costs=LARGE),
    Route("GET", f"{LINK}/code.svg", link_code.show),
    *_asked_first(f"{LINK}/revoke", join_links.ask_revoke, join_links.revoke),
    *_asked_first(f"{LINK}/renew", join_links.ask_renew, join_links.renew),
    Route("GET", "/meetings/{meeting_id}/answers", answer_table.show, costs=LARGE),
    Route("GET", "/meetings/{meeting_id}/answers.csv", answer_table.table, costs=LARGE),
    Route("GET", "/meetings/{meeting_id}/answers/stream", answer_news.show, api=answer_news.STREAM),
    Route("GET", SITE_ANSWER, answers.show),
    Route("POST", SITE_ANSWER, answers.save, body=answers.FORM, pace=ACTS),
    Route("GET", LINK_ANSWER, answers.show_by_link, PUBLIC),
    Route("POST", LINK_ANSWER, answers.save_by_link, PUBLIC, body=answers.FORM, pace=answers.PACE),
    _typed("/api/units/tree", units_api.tree, "see_units", units_api.TREE),
    _typed("/api/units/search", units_api.search, "see_units", units_api.SEARCH),
    _filled("/api/meetings/conflicts", meetings_api.conflicts, meetings_api.CONFLICTS),
    _filled("/api/meetings/dates", series_api.dates, series_api.DATES),
    _filled("/api/meetings/slots", meetings_api.slots, meetings_api.SLOTS),
    Route(
        "POST",
        "/api/meetings/{meeting_id}/move",
        moving.move,
        body=JSON,
        pace=ACTS,
        costs=PAGE,
        api=moving.MOVE,
    ),
    _driven("/api/meetings/{meeting_id}/extend", conduct.extend, conduct.EXTEND),
    _driven("/api/meetings/{meeting_id}/reopen", conduct.reopen, conduct.REOPEN),
    Route("GET", "/api/openapi.json", openapi.show, MACHINE, api=openapi.DOCUMENT),
    Route("GET", "/api/v1/openapi.json", openapi.show_v1, MACHINE, api=openapi.DOCUMENT),
    Route("GET", "/docs/api", api_doc.show, PUBLIC, pace=FEEDS, costs=PAGE),
    *PAPERS,
    *API_V1,
    # calendars of other programs
    Route(
        "GET", "/calendar/{secret}", feeds.show, UNLISTED, pace=feeds.PULL, costs=40, api=feeds.FEED
    ),
    # what a unit shows to everybody
    Route("GET", "/public/units/{unit}", public.show, PUBLIC, pace=FEEDS),
    _shown_to_all(
        "/public/units/{unit}/calendar.ics", open_calendars.ical, open_calendars.CALENDAR
    ),
    _shown_to_all(
        "/public/units/{unit}/meetings.json", open_calendars.meetings, open_calendars.MEETINGS
    ),
    # rooms
    Route("GET", "/meetings/{meeting_id}/room", room.show),
    Route("GET", "/join/{token}", room.show_by_link, PUBLIC),
    Route(
        "GET",
        "/meetings/{meeting_id}/socket",
        sockets.serve_account,
        pace=SOCKETS,
        api=sockets.SOCKET,
    ),
    Route(
        "GET", "/join/{token}/socket", sockets.serve_link, PUBLIC, pace=SOCKETS, api=sockets.SOCKET
    ),
    # devices
    *_devices("/whip/{meeting_id}", whip.publish, device_sessions.PUBLISH, whip.change, whip.end),
    *_devices("/whep/{meeting_id}", whep.play, device_sessions.PLAY, whep.change, whep.end),
    # board and metrics
    Route("GET", "/board", board.show, action="see_board"),
    Route("GET", "/board/stream", board_stream.show, action="see_board", api=board_stream.STREAM),
    Route("GET", "/board/sites/{site_id}", board_site.show, action="see_board"),
    Route("GET", "/metrics", metrics.show, MACHINE, api=metrics.METRICS),
)
