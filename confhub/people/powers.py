"""What somebody may now: the grants they hold, each with where it holds. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from confhub.errors import Forbidden
from confhub.people.grant import Grant
from confhub.people.policy import Action, may, may_ever, rights_of, speaks_alone
from confhub.units.unit import Unit


class NotAllowed(Forbidden):
    """A right is missing: to `action`, on the unit at the end of `unit_path`; empty: anywhere."""

    def __init__(self, action: Action, unit_path: Sequence[Unit | str] = ()) -> None:
        super().__init__()
        self.action = action
        self.unit_path = tuple(one if isinstance(one, str) else one.id for one in unit_path)


@dataclass(frozen=True, slots=True)
class Held:
    """A grant in force, and the units from the root to its own."""

    grant: Grant
    path: tuple[Unit, ...]

    @property
    def unit(self) -> Unit:
        return self.path[-1]

    @property
    def alone(self) -> bool:
        """Whether it speaks for its own unit only, and not for those below."""
        return speaks_alone(self.grant)


@dataclass(frozen=True, slots=True)
class Powers:
    """`held` has the post first, if that is in force."""

    held: tuple[Held, ...]

    @property
    def grants(self) -> tuple[Grant, ...]:
        return tuple(one.grant for one in self.held)

    def may(self, action: Action, unit_path: Sequence[Unit | str] | None = None) -> bool:
        """Whether the right holds on a unit; without a path, whether it is held anywhere."""
        if unit_path is None:
            return may_ever(self.grants, action)
        ids = [unit if isinstance(unit, str) else unit.id for unit in unit_path]
        return may(self.grants, action, unit_path=ids)

    def require(self, action: Action, unit_path: Sequence[Unit | str] | None = None) -> None:
        """Raise NotAllowed unless `may`."""
        if not self.may(action, unit_path):
            raise NotAllowed(action, unit_path or ())

    def scopes(self, action: Action) -> tuple[Held, ...]:
        """Where the right is held, the post's unit first: what lies within another is left out."""
        able = [one for one in self.held if action in rights_of(one.grant)]
        found: dict[str, Held] = {}
        for one in able:
            wider = (
                other
                for other in able
                if not other.alone
                and other.unit in one.path
                and (other.unit.id != one.unit.id or one.alone)
            )
            if next(wider, None) is None:
                found.setdefault(one.unit.id, one)
        return tuple(found.values())

    def tops(self, action: Action) -> tuple[Unit, ...]:
        """The units of `scopes`; NotAllowed where there are none."""
        units = tuple(one.unit for one in self.scopes(action))
        if not units:
            raise NotAllowed(action)
        return units

    @property
    def runs_the_house(self) -> bool:
        """Whether they administer everything, from the topmost unit down."""
        return any(one.unit.parent_id is None for one in self.scopes("manage_accounts"))
