"""One row of the URL table: all that stands around its handler, and what programs may rely on.

The table itself is web/routes.py. The guard (web/middleware.py), the OpenAPI document and the
tests read these rows and nothing else: no rule of access hides in a handler's path.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

from confhub.bucket import Rate
from confhub.imports.csv_table import MAX_BYTES
from confhub.people.api_token import Scope
from confhub.people.policy import Action
from web.requests import multipart

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PLAIN_TYPE = "application/x-www-form-urlencoded"
JSON_TYPE = "application/json"

# signed_in: a cookie's viewer, and none whose password was issued by somebody else.
# public: everybody; a viewer is known where there is one.
# bearer: a token in the Authorization header, which the handler asks for; no cookie is read.
# machine: what watches the hub; no cookie is read, since it must answer while the store does not.
# token: a program with an access token of a unit in the Authorization header; no cookie is read.
# unlisted: whoever knows the address, of which the handler asks; no cookie is read.
Access = Literal["signed_in", "public", "bearer", "machine", "token", "unlisted"]
PUBLIC: Access = "public"
BEARER: Access = "bearer"
MACHINE: Access = "machine"
TOKEN: Access = "token"  # noqa: S105 - a kind of access
UNLISTED: Access = "unlisted"
# token: of the sign-in, if there is one, and our own origin; origin: that alone, for a form made
# before there is a token; none: where no cookie is read, nothing can be borrowed.
Csrf = Literal["token", "origin", "none"]


# What a request counts for against its caller's rate (web/wire/request_turns.py): the time of the
# loop, in that of a file, some 0.3 to 0.6 ms.
FILE = 1
SMALL = 5  # an answer to a program, a shut door, the sign-in: 2 to 4 ms
PAGE = 20  # of its parts and a dozen of queries: 12 to 15 ms
LARGE = 40  # that tell of each site of a meeting, or read a file: 24 ms and more


@dataclass(frozen=True, slots=True)
class Body:
    """What a route takes in. No types: nothing."""

    types: tuple[str, ...] = ()
    most_bytes: int = 0
    most_fields: int = 0


NOTHING = Body()
# The longest is a site: 52 fields, of which a note of 5,000 letters is 45 KB percent-encoded.
FORM = Body((PLAIN_TYPE,), 96 * 1024, 64)
# A meeting: 1,000 sites at 17 bytes, a note of 10,000 letters, an agenda; without scripts a
# field for each site of a small tree.
LONG_FORM = Body((PLAIN_TYPE,), 512 * 1024, 1000)
# The sign-in form carries a form that came too late, whole, in one field.
SIGN_IN_FORM = Body((PLAIN_TYPE,), LONG_FORM.most_bytes + 64 * 1024, 8)
# Signed in people's files, and the checked file that comes back packed for confirmation.
UPLOAD = Body((multipart.TYPE, PLAIN_TYPE), MAX_BYTES + 64 * 1024, 8)
JSON = Body((JSON_TYPE,), 64 * 1024)
# A meeting as LONG_FORM has it.
LONG_JSON = Body((JSON_TYPE,), LONG_FORM.most_bytes)


@dataclass(frozen=True, slots=True)
class Answer:
    """One way an API route answers well. `kind` is a type that msgspec can describe, for JSON;
    None: no body, or one of another `content_type` that says itself. `events` of a stream, by
    name. `links`: what can be asked next, by a name, as OpenAPI has them."""

    text: str
    kind: object = None
    content_type: str = JSON_TYPE
    headers: tuple[str, ...] = ()
    events: Mapping[str, type] = field(default_factory=dict)
    links: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Query:
    """`schema`: of its value, as JSON Schema has it."""

    name: str
    text: str
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True, slots=True)
class Header:
    """What a request says in a header of its own."""

    name: str
    text: str
    required: bool = False
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True, slots=True)
class Api:
    """What programs may rely on of a route; the OpenAPI document is made of it.

    `question` is the JSON body's type. `errors` are statuses that its own rules answer with, beside
    those that follow from the row itself; `problems`: of those that tell more than a Problem, its
    type. `messages` are what goes over a socket, by who says it.
    """

    summary: str
    answers: Mapping[int, Answer]
    question: type | None = None
    query: tuple[Query, ...] = ()
    headers: tuple[Header, ...] = ()
    errors: tuple[int, ...] = ()
    problems: Mapping[int, type] = field(default_factory=dict)
    messages: Mapping[str, tuple[type, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """`action`: the viewer's role must have the right at all; where it holds is the handler's.
    `pace`: how often one caller may ask (web/paces.py). `costs`: what it counts for, where that is
    not what its kind says."""

    method: str
    path: str
    handler: Handler
    access: Access = "signed_in"
    action: Action | None = None
    scope: Scope | None = None  # that an access token must have
    body: Body | None = None
    pace: Rate | None = None
    costs: int | None = None
    api: Api | None = None
    csrf: Csrf = "token"
    # Of somebody whose password is known to whoever made it: the page to change it.
    before_own_password: bool = False

    @property
    def takes(self) -> Body:
        if self.body is not None:
            return self.body
        return FORM if self.method == "POST" and self.reads_cookie else NOTHING

    @property
    def weight(self) -> int:
        """What a request counts for; see FILE."""
        if self.costs is not None:
            return self.costs
        if self.access == MACHINE and self.api is None:
            return FILE
        return PAGE if self.api is None else SMALL

    @property
    def reads_cookie(self) -> bool:
        return self.access in ("signed_in", "public")

    @property
    def guard(self) -> Csrf:
        return self.csrf if self.reads_cookie else "none"


# By method and canonical path; web/routes.py fills it from its table.
ROWS = web.AppKey("rows", Mapping[tuple[str, str], Route])
# Addresses below these are asked by programs alone, also where no row fits.
BEARER_PATHS = ("/whip/", "/whep/")
PROGRAM_PATHS = ("/api/", *BEARER_PATHS)
# Where an access token is looked for, before a row is.
TOKEN_PATHS = "/api/v1/"  # noqa: S105 - an address


def row_of(request: web.Request) -> Route | None:
    """The row that the request came to; None where none fits, and for pages with a slash behind."""
    resource = request.match_info.route.resource
    if resource is None:
        return None
    method = "GET" if request.method == "HEAD" else request.method
    return request.app[ROWS].get((method, resource.canonical))


def weight_of(row: Route | None, *, is_stranger: bool) -> int:
    """What a request to this row counts for. A stranger is turned away where one must be signed
    in."""
    if row is None or (is_stranger and row.access in ("signed_in", TOKEN)):
        return SMALL
    return row.weight


def for_programs(request: web.Request) -> bool:
    """Whether failures are told as problems and not as pages: of an API, or where JSON is asked
    for by name."""
    row = row_of(request)
    if (row is not None and row.api is not None) or request.path.startswith(PROGRAM_PATHS):
        return True
    accepted = request.headers.get("Accept", "")
    return "application/json" in accepted or "application/problem+json" in accepted
