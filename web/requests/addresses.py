"""Who is asking, and by which address they reached us, believing proxies only when told to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import ip_address, ip_network
from itertools import islice
from urllib.parse import urlsplit

import msgspec
from aiohttp import HttpVersion11, web

from confhub.errors import N_, Forbidden
from confhub.networks import is_loopback, within
from confhub.rounds import Place
from web.services import SERVICES
from web.wire.owner import is_of_own_user

# More proxies of ours than stand one behind the other; who writes more hops hides nobody.
_MOST_HOPS = 16


# Another hub of ours passes a page's socket or a device's request on: signed with the key of all
# hubs, since neither who is asking nor by which address can be seen here.
RELAYED = "X-Confhub-Relayed"
# Hubs' clocks may differ a little; a ticket opens nothing that its page may not open anyway.
_TICKET_S = 120.0
_MOST_TICKET = 2048


class Ticket(msgspec.Struct, frozen=True):
    origin: str  # as the browser sees it
    address: str  # of the client
    at: float
    hub: str = ""  # the name of the hub that passes it on
    asks: str = ""  # the request that it is good for; hubs of the version before do not say


_decode_ticket = msgspec.json.Decoder(Ticket).decode
# Found out once of each request: they are asked a dozen times, and a socket lives longer than the
# ticket that opened it.
_TICKET: web.RequestKey[Ticket | None] = web.RequestKey("ticket")
_CLIENT = web.RequestKey("client", str)
_ORIGIN = web.RequestKey("origin", str)


def relay_ticket(request: web.Request) -> str:
    """Who asks and by which address, for the hub that the request is passed on to."""
    services = request.app[SERVICES]
    at = services.clock().timestamp()
    hub = services.settings.hub_name
    ticket = Ticket(own_origin(request), client_address(request), at, hub, _asked(request))
    return services.tokens.relayed.sign(msgspec.json.encode(ticket))


def relayed(request: web.Request) -> Ticket | None:
    """What another hub of ours says of this request; None for any that no hub passed on."""
    if _TICKET not in request:
        request[_TICKET] = _read_ticket(request)
    return request[_TICKET]


def _read_ticket(request: web.Request) -> Ticket | None:
    text = request.headers.get(RELAYED)
    if text is None:
        return None
    services = request.app[SERVICES]
    signed = services.tokens.relayed.open(text, _MOST_TICKET)
    if signed is None:
        return None
    ticket = _decode_ticket(signed)
    age_s = services.clock().timestamp() - ticket.at
    is_for_this = ticket.asks in ("", _asked(request))
    return ticket if is_for_this and abs(age_s) < _TICKET_S else None


def _asked(request: web.Request) -> str:
    return f"{request.method} {request.path_qs}"


def client_address(request: web.Request) -> str:
    """The client's address: the nearest hop that is not one of our proxies.

    Forwarded hops are read from the nearest on, and none of them for who is no proxy of ours: a
    stranger's headers may hold hundreds of thousands.
    """
    if _CLIENT not in request:
        request[_CLIENT] = _find_client(request)
    return request[_CLIENT]


def _find_client(request: web.Request) -> str:
    ticket = relayed(request)
    if ticket is not None:
        return ticket.address
    trusted = request.app[SERVICES].settings.trusted_proxies
    address = request.remote or ""
    if is_trusted(address, trusted):
        for hop in islice(_hops(request), _MOST_HOPS):
            address = hop
            if not is_trusted(address, trusted):
                break
    return address


def _hops(request: web.Request) -> Iterator[str]:
    """What X-Forwarded-For says, the nearest hop first."""
    for header in reversed(request.headers.getall("X-Forwarded-For", [])):
        rest, comma = header, ","
        while comma:
            rest, comma, hop = rest.rpartition(",")
            yield _host(hop)


def _host(hop: str) -> str:
    """`10.9.9.9:1234`, `[2001:db8::1]:1234` and plain addresses, in one spelling without port.

    Some proxies add the port (RFC 7239 section 6); each would count as a client of its own.
    """
    text = hop.strip().strip('"')[:64]  # the width of the audit's column
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return text


def own_origin(request: web.Request) -> str:
    """Our origin as the browser sees it: the setting, else what it asked for."""
    if _ORIGIN not in request:
        request[_ORIGIN] = _find_origin(request)
    return request[_ORIGIN]


def _find_origin(request: web.Request) -> str:
    ticket = relayed(request)
    if ticket is not None:
        return ticket.origin
    settings = request.app[SERVICES].settings
    if settings.public_origin:
        return settings.public_origin.rstrip("/").lower()
    scheme, host = request.scheme, request.host
    if is_trusted(request.remote or "", settings.trusted_proxies):
        scheme = _last(request, "X-Forwarded-Proto") or scheme
        host = _last(request, "X-Forwarded-Host") or host
    return f"{scheme}://{host}".lower()


# What proxies add, whoever made them: a request with such a header did not come from this machine,
# or may not have. Every X- header counts but for those that browsers, our own pages and Prometheus
# send: a proxy may name its client as it likes, and no list of proxies is ever whole.
_OWN_X = ("x-csrf-token", "x-requested-with", "x-prometheus-")
_FORWARDED = (
    "x-",
    "forwarded",
    "via",
    "cf-",
    "cdn-",
    "fastly-",
    "akamai-",
    "cloudfront-",
    "proxy-",
)
_NAMES_CLIENT = ("client-ip", "connecting-ip", "real-ip", "remote-", "client-addr", "client-host")


def _is_forwarded(name: str) -> bool:
    """Whether a header of this name is a proxy's."""
    low = name.lower()
    if low.startswith(_OWN_X):
        return False
    return low.startswith(_FORWARDED) or any(part in low for part in _NAMES_CLIENT)


def is_local(request: web.Request) -> bool:
    """Whether this machine itself asks, past every proxy and by a name of its own.

    The name matters: any site's page can lead a browser on this machine to us under that site's
    name (DNS rebinding). HTTP/1.0 is what nginx speaks to us when nobody configured it, under our
    own name and with none of the headers; browsers and Prometheus speak 1.1 at least.
    """
    if request.version < HttpVersion11 or any(map(_is_forwarded, request.headers)):
        return False
    host = request.headers.get("Host", "")
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return is_loopback(request.remote or "") and is_loopback(name)


async def is_own(request: web.Request) -> bool:
    """Whether a program on this machine asks that runs as the user we run as.

    What a forwarder of bytes passes on says of itself that it is local; whoever set up one as
    another user let the world in. Where the system names no users, every local program is believed.
    """
    return is_local(request) and await is_of_own_user(request.transport) is not False


def is_secure(request: web.Request) -> bool:
    """Whether the browser reached us by TLS."""
    return own_origin(request).startswith("https://")


def check_origin(request: web.Request) -> None:
    """Raise Forbidden for a request that another site's page made.

    Every browser sends Origin with sockets and unsafe methods, or at least Sec-Fetch-Site. A
    request with neither comes from a program, which holds no cookie of a victim's.
    """
    origin = request.headers.get("Origin")
    if origin is not None:
        if not _same_origin(origin, own_origin(request)):
            raise Forbidden(
                N_("Yêu cầu đến từ một trang khác nên bị từ chối."), code="foreign_origin"
            )
        return
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        raise Forbidden(N_("Yêu cầu đến từ một trang khác nên bị từ chối."), code="foreign_origin")


# Twice the longest of ours, a page of the board with everything chosen; forms of strangers name it.
_LONGEST_TARGET = 2048
# Browsers read "\\" as "/" and drop tabs and line ends, so "/\t/evil" would leave us.
_LEADS_AWAY = re.compile(r"[\\\x00-\x20]")


def local_target(text: str) -> str:
    """Where to go next: a path of ours, or "/" for anything that could lead elsewhere."""
    if len(text) > _LONGEST_TARGET or not text.startswith("/") or _LEADS_AWAY.search(text):
        return "/"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    if text.startswith("//") or parts.scheme or parts.netloc:
        return "/"
    return text


def page_target(request: web.Request) -> str:
    """The page to come back to: this one, or the one whose form was posted here."""
    if request.method in ("GET", "HEAD"):
        return local_target(request.path_qs)
    referer = request.headers.get("Referer", "")
    try:
        parts = urlsplit(referer)
    except ValueError:
        return "/"
    if not _same_origin(f"{parts.scheme}://{parts.netloc}", own_origin(request)):
        return "/"
    return local_target(f"{parts.path}?{parts.query}" if parts.query else parts.path)


_DEFAULT_PORTS = {"http": 80, "https": 443}


def _same_origin(left: str, right: str) -> bool:
    return _origin_parts(left) == _origin_parts(right) is not None


def _origin_parts(origin: str) -> tuple[str, str, int | None] | None:
    try:
        parts = urlsplit(origin.lower())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return None  # "null": a sandboxed frame or a file
    return parts.scheme, parts.hostname, port or _DEFAULT_PORTS[parts.scheme]


def _last(request: web.Request, header: str) -> str:
    values = request.headers.getall(header, [""])
    return values[-1].split(",")[-1].strip()


def stranger(address: str) -> Place:
    """In which line somebody stands of whom the address alone is known."""
    return ("address", *within(address))


@lru_cache(maxsize=1024)
def is_trusted(address: str, trusted: tuple[str, ...]) -> bool:
    """Whether an address is one of our proxies."""
    if not trusted:
        return False
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in ip_network(network, strict=False) for network in trusted)
