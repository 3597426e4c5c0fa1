"""Who looks at a page, and what they may: a person with the grants that are in force now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from confhub.errors import NotSignedIn
from confhub.people.account import Account, SignIn
from confhub.people.api_token import ApiToken
from confhub.people.policy import Action
from confhub.people.powers import Powers
from confhub.units.unit import Unit
from confhub.words.languages import Language


@dataclass(frozen=True, slots=True)
class Viewer(Powers):
    """`held` is never empty. `account` is a token's maker where a program asks: `token` is its
    access token then, and there is no sign-in."""

    account: Account
    sign_in: SignIn | None = None
    token: ApiToken | None = None

    @property
    def language(self) -> Language:
        return self.account.language

    @property
    def in_browser(self) -> SignIn:
        """The sign-in; NotSignedIn where a program asks."""
        if self.sign_in is None:
            raise NotSignedIn
        return self.sign_in

    @property
    def unit(self) -> Unit:
        """Where they work. Where they may do what is asked with `tops`."""
        return self.held[0].unit

    def visible(self, path: Sequence[Unit], action: Action = "see_units") -> list[Unit]:
        """The part of a path that they may look at: from the topmost unit of theirs down."""
        tops = {unit.id for unit in self.tops(action)}
        first = next((number for number, unit in enumerate(path) if unit.id in tops), len(path))
        return list(path[first:])


VIEWER = web.RequestKey("viewer", Viewer)
