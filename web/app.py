"""The web application: middlewares, routes, static files."""

from __future__ import annotations

import time

from aiohttp import hdrs, web, web_response, web_urldispatcher

from confhub.long_work import beside
from confhub.meetings import working_days
from confhub.people import passwords
from confhub.seldom import Seldom
from web.api import papers
from web.api.metrics import set_up_metrics
from web.board_directory import set_up_directory
from web.live import set_up_live
from web.middleware import MIDDLEWARES, UNSERVED
from web.paces import REQUEST_TURNS, tell_pace
from web.papers.receiving import RECEIVERS, Receivers
from web.relay import set_up_relays
from web.rendering.site_tree import SITE_TREES, SiteTrees
from web.rendering.static_files import STATIC, of_this_build
from web.requests.auth import CONFIRMED, ENDED, LateSignIns
from web.requests.form_body import KEPT, BodyBytes, hang_up
from web.requests.security_headers import add_headers
from web.routing import add_routes
from web.services import SERVICES, Services
from web.wire.request_turns import RequestTurns

# Who looks for holes need not be told our versions. A constant of aiohttp's, because requests
# that it cannot read never come to our own code.
web_response.SERVER_SOFTWARE = "confhub"  # type: ignore[attr-defined]

_go_on = web_urldispatcher._default_expect_handler


async def _expect(request: web.Request) -> None:
    """Tell who waits for a "100 Continue" to go on; what else anybody expects is not heard.

    RFC 9110 section 10.1.1 lets us. aiohttp's own answer repeats the header, and fails where it is
    no text: outside of all that we have around our handlers, on every address.
    """
    if request.headers.get(hdrs.EXPECT, "").lower() == "100-continue":
        await _go_on(request)


web_urldispatcher._default_expect_handler = _expect


def build_app(services: Services) -> web.Application:
    """The application over `services`, which the caller opens before and closes after."""
    app = web.Application(middlewares=MIDDLEWARES)
    app[SERVICES] = services
    app[STATIC] = of_this_build()
    app[ENDED] = LateSignIns()
    app[CONFIRMED] = LateSignIns()
    app[UNSERVED] = Seldom()
    app[REQUEST_TURNS] = RequestTurns(time.monotonic)
    app[KEPT] = BodyBytes()
    app[SITE_TREES] = SiteTrees(services.store)
    app[RECEIVERS] = Receivers()
    set_up_directory(app)
    set_up_metrics(app)
    set_up_live(app)
    set_up_relays(app)
    app.on_response_prepare.append(add_headers)
    app.on_response_prepare.append(papers.mark)
    app.on_response_prepare.append(tell_pace)
    app.on_response_prepare.append(hang_up)
    app.on_startup.append(_warm_up)
    add_routes(app)
    return app


async def _warm_up(_app: web.Application) -> None:
    await passwords.warm_up()
    await beside(working_days.warm_up)
