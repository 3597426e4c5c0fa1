"""One live meeting: who sits where, who asks to speak, what everybody sees. Pure.

Every method takes `now` (unix seconds that never step back) and returns effects, in the
order in which the shell must carry them out. Nothing here waits, sends or draws lots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from confhub.errors import N_, ConfhubError, Conflict, NotFound
from rooms.protocol import messages as p
from rooms.protocol.codec import tag_of
from rooms.protocol.versions import FIRST_PAGES, Spoken
from rooms.state import effects as fx
from rooms.state.effects import Effect
from rooms.state.features import table
from rooms.state.features.driving import NOT_A_MEMBER
from rooms.state.features.feature import Feature, P
from rooms.state.member import Member, hash_token, invited, staff
from rooms.state.seat import Plan, Seat

# A mobile modem that changes cells or a router that falls over to its second line needs
# 20-45 s; after a minute people in the hall have noticed and the seat counts as empty.
RECONNECT_GRACE_S = 60.0


class SeatTaken(Conflict):
    """A device never throws people out, nor another device that works."""

    code = "seat_taken"
    message = N_(
        "Điểm cầu này đang dự họp từ nơi khác. Xin rời họp ở đó trước rồi bật lại thiết bị."
    )


class Room:
    """State of one meeting; build it with `rooms.state.snapshot.open_room`."""

    def __init__(self, plan: Plan, members: Iterable[Member] = ()) -> None:
        self.plan = plan
        self.members: dict[str, Member] = {member.id: member for member in members}
        self._parts: dict[str, Any] = {one.name: one.new() for one in table.FEATURES}
        self.unknown_features: dict[str, Any] = {}  # of the snapshot, by name
        self.seq = 0  # of the last act in the log
        self._happened: list[Effect] = []  # acts that are not in any effects yet
        self.live = False  # somebody has come since the meeting was scheduled
        self.ended = False

    def part(self, feature: Feature[P]) -> P:
        """The feature's own state in this room."""
        part: P = self._parts[feature.name]
        return part

    def restore(self, feature: Feature[P], part: P) -> None:
        """Put a feature's state in place, as a snapshot kept it."""
        self._parts[feature.name] = part

    def saved_features(self) -> dict[str, Any]:
        """What the features keep over a restart, by name."""
        saved = {one.name: one.save(self.part(one)) for one in table.FEATURES}
        known = {name: part for name, part in saved.items() if part is not None}
        return self.unknown_features | known

    def log(self, kind: str, by: Member, now: float, **payload: Any) -> int:
        """Write an act of `by` into the room's log, and return its number."""
        self.seq += 1
        self._happened.append(fx.Happened(self.seq, now, kind, {"by": by.id, **payload}))
        return self.seq

    # Coming -------------------------------------------------------------------------------

    def knows(self, seat: Seat) -> bool:
        """Whether the seat could join: a site needs an invitation, an officer does not."""
        return seat.site_id is None or seat.member_id in self.members

    def join(
        self, seat: Seat, presented: str, fresh: str, now: float, spoken: Spoken = FIRST_PAGES
    ) -> list[Effect]:
        """A socket asks for its seat; NotFound for a site that is not invited, SeatTaken for a
        device where a page is, or is expected back, and what features keep out (SentOut).

        `presented` is the resume token of the page, or ""; `fresh` the one it gets unless
        its own still holds. A second socket of the same seat replaces the first.
        """
        if not self.knows(seat):
            raise NotFound(NOT_A_MEMBER)
        member = self.members.get(seat.member_id)
        if member is None:
            member = self.members[seat.member_id] = staff(seat)
        self.admit(member)
        if seat.device and member.here and not member.device:
            raise SeatTaken
        member.device = seat.device
        was, resumed = member.presence, member.is_page(presented)
        token = presented if resumed else fresh
        if not resumed:
            member.screen = False
        if not presented:
            # A new page: its microphone is off until somebody switches it on there.
            member.switch_off()
        member.may_drive, member.may_end = seat.may_drive, seat.may_end
        member.resume_hash = hash_token(token)
        if was != "present":
            member.presence, member.since = "present", now
        return [
            *([fx.Close(member.id, "replaced")] if was == "present" else []),
            *([fx.RemoveMedia(member.id)] if member.stay_from is not None and not resumed else []),
            fx.Attach(member.id),
            fx.Send(member.id, self._welcome(member, seat, token, spoken, resumed=resumed)),
            *self._tell_contacts(member),
            *(told for one in table.FEATURES for told in one.welcome(self, member, now)),
            fx.ResumeMedia(member.id) if resumed else fx.StartMedia(member.id),
            fx.SetMuted(member.id, "microphone", not member.microphone),
            fx.SetMuted(member.id, "camera", not member.camera),
            fx.SetMuted(member.id, "screen", not member.screen),
            fx.Broadcast(self.changed(member), besides=member.id),
            *self._begin_stay(member, now),
            *(self._report(member) if was != "present" else []),
            fx.SaveSnapshot(),
        ]

    def admit(self, member: Member) -> None:
        """Raise what a feature keeps this seat out of the room for, its devices too."""
        for one in table.FEATURES:
            one.admit(self, member)

    def _begin_stay(self, member: Member, now: float) -> list[Effect]:
        effects: list[Effect] = []
        if member.stay_from is None:
            member.stay_from = now
            effects.append(fx.RecordJoined(member.id, now))
        if not self.live:
            self.live = True
            effects.append(fx.MeetingLive())
        return effects

    # Going --------------------------------------------------------------------------------

    def lose(self, member_id: str, now: float) -> list[Effect]:
        """The member's socket is gone without a word: its seat waits for it."""
        member = self.members.get(member_id)
        if member is None or member.presence != "present":
            return []
        member.presence, member.since = "reconnecting", now
        return [fx.Broadcast(self.changed(member)), *self._report(member), fx.SaveSnapshot()]

    def next_deadline(self, now: float) -> float | None:
        """When `expire` has something to do next."""
        waits = [m.since for m in self.members.values() if m.presence == "reconnecting"]
        deadlines = [one.due(self, now) for one in table.FEATURES]
        deadlines.append(min(waits) + RECONNECT_GRACE_S if waits else None)
        return min((at for at in deadlines if at is not None), default=None)

    def expire(self, now: float) -> list[Effect]:
        """Empty the seats whose grace is over, and have the features do what is due."""
        effects: list[Effect] = []
        for member in list(self.members.values()):
            if member.presence == "reconnecting" and now >= member.since + RECONNECT_GRACE_S:
                effects += self.empty(member, "lost", member.since, now)
        for feature in table.FEATURES:
            effects += feature.pass_time(self, now)
        return effects

    def revoke(self, member_id: str, now: float) -> list[Effect]:
        """The member's link or session is no longer valid; the site stays invited."""
        member = self.members.get(member_id)
        if member is None or not member.here:
            return []
        return [fx.Close(member_id, "revoked"), *self.empty(member, "removed", now, now)]

    def empty(self, member: Member, how: fx.StayEnd, at: float, now: float) -> list[Effect]:
        """Nobody sits here any more. A site's seat stays, an officer's goes."""
        was = member.presence
        for feature in table.FEATURES:
            feature.emptied(self.part(feature), member)
        member.switch_off()
        member.device = False
        member.resume_hash = None
        member.presence = "left" if how == "left" else "absent"
        if was == "present":
            member.since = at
        effects: list[Effect] = [fx.RemoveMedia(member.id)]
        if member.stay_from is not None:
            member.stay_from = None
            effects.append(fx.RecordLeft(member.id, at, how))
        effects += self._report(member, left=how != "lost")
        if member.site_id is None:
            return [*effects, *self._forget(member)]
        return [*effects, fx.Broadcast(self.changed(member)), fx.SaveSnapshot()]

    def _forget(self, member: Member) -> list[Effect]:
        del self.members[member.id]
        gone = fx.Broadcast(p.MemberGone(member.id))
        return [gone, fx.SaveSnapshot(), *self.mend()]

    def mend(self) -> list[Effect]:
        """Have the features let go of members that are no more."""
        return [effect for one in table.FEATURES for effect in one.seat_gone(self)]

    # The schedule changed -----------------------------------------------------------------

    def replan(self, plan: Plan, now: float) -> list[Effect]:
        """Take over a changed schedule: seats come and go with their invitations."""
        effects: list[Effect] = []
        wanted = {seat.member_id: seat for seat in plan.seats}
        old_chair, old_view, old_contacts = self.plan.chair, self.view(), self._contacts()
        self.plan = plan
        for member in list(self.members.values()):
            if member.site_id is not None and member.id not in wanted:
                effects += self._withdraw(member, now)
        for seat in plan.seats:
            member_now = self.members.get(seat.member_id)
            if member_now is None:
                member_now = self.members[seat.member_id] = invited(seat)
                effects.append(fx.Broadcast(self.changed(member_now)))
            elif member_now.invite(seat) or (
                old_chair != plan.chair and member_now.id in (old_chair, plan.chair)
            ):
                effects.append(fx.Broadcast(self.changed(member_now)))
        if self.view() != old_view:
            effects.append(fx.Broadcast(p.RoomChanged(self.view())))
        if self._contacts() != old_contacts:
            for member in self.members.values():
                effects += self._tell_contacts(member, none=True)
        return [*effects, fx.SaveSnapshot()] if effects else []

    def _withdraw(self, member: Member, now: float) -> list[Effect]:
        effects: list[Effect] = []
        if member.here:
            effects = [fx.Close(member.id, "removed"), *self.empty(member, "removed", now, now)]
        return [*effects, *self._forget(member)]

    def end(self, now: float) -> list[Effect]:
        """The meeting is over (ended or cancelled): everybody is told and every stay closed."""
        self.ended = True
        effects: list[Effect] = []
        for member in list(self.members.values()):
            if member.here:
                effects.append(fx.Close(member.id, "ended"))
                effects += self.empty(member, "ended", now, now)
        return [*effects, fx.SaveSnapshot()]

    def stop(self, now: float) -> list[Effect]:
        """This hub stops: everybody is told to come back, and their seats wait for them."""
        effects: list[Effect] = []
        for member in self.members.values():
            if member.presence == "present":
                member.presence, member.since = "reconnecting", now
                effects += [fx.Close(member.id, "stopping"), *self._report(member)]
        return [*effects, fx.SaveSnapshot()]

    def lose_media(self, now: float) -> list[Effect]:
        """Every connection of the room is gone: pages come back at once and build theirs anew."""
        effects: list[Effect] = []
        for member in self.members.values():
            if member.here:
                member.resume_hash = None
                effects.append(fx.RemoveMedia(member.id))
        return [*effects, *self.stop(now)]

    # What members say ---------------------------------------------------------------------

    def handle(self, member_id: str, message: p.ClientMessage, now: float) -> list[Effect]:
        """Carry out one message of a member, or refuse it in one `Refuse`."""
        member = self.members.get(member_id)
        try:
            if member is None or member.presence != "present":
                raise NotFound(NOT_A_MEMBER)
            effects = [*_HANDLERS[type(message)](self, member, message, now), *self._happened]
        except ConfhubError as error:
            return [fx.Refuse(member_id, error, tag_of(message), message.request)]
        finally:
            self._happened = []
        done = p.done(message)
        return [*effects, fx.Send(member_id, done)] if done else effects

    def set_players(self, member_id: str, count: int) -> list[Effect]:
        """So many devices play the meeting at this site now: everybody may see who listens."""
        member = self.members.get(member_id)
        if member is None or member.players == count:
            return []
        member.players = count
        return [fx.Broadcast(self.changed(member))]

    def switch(self, member: Member, source: fx.MutedSource, *, on: bool) -> list[Effect]:
        """Forward a source, or stop; everybody hears of it."""
        if getattr(member, source) == on:
            return []
        setattr(member, source, on)
        return [
            fx.SetMuted(member.id, source, not on),
            fx.Broadcast(self.changed(member)),
            fx.SaveSnapshot(),
        ]

    def _leave(self, member: Member, said: p.Leave, now: float) -> list[Effect]:
        return [fx.Close(member.id, "left"), *self.empty(member, "left", now, now)]

    # What people see ----------------------------------------------------------------------

    def view(self) -> p.RoomView:
        plan = self.plan
        return p.RoomView(
            plan.meeting_id,
            plan.title,
            plan.chair,
            plan.starts_at,
            plan.ends_at,
            **self._fields(lambda one, part: one.room_view(part)),
        )

    def member_view(self, member: Member) -> p.MemberView:
        fields = self._fields(lambda one, part: one.member_view(part, member))
        return member.view(chair=member.id == self.plan.chair, **fields)

    def _fields(self, view: Callable[[Feature[Any], Any], Mapping[str, Any]]) -> dict[str, Any]:
        """What the features fill into a view."""
        fields: dict[str, Any] = {}
        for feature in table.FEATURES:
            fields.update(view(feature, self.part(feature)))
        return fields

    def changed(self, member: Member) -> p.MemberChanged:
        return p.MemberChanged(self.member_view(member))

    def _welcome(
        self, member: Member, seat: Seat, token: str, spoken: Spoken, *, resumed: bool
    ) -> p.Welcome:
        return p.Welcome(
            member=member.id,
            resume=token,
            resumed=resumed,
            may_drive=member.may_drive,
            may_end=member.may_end,
            heartbeat_s=p.HEARTBEAT_S,
            digest_s=p.DIGEST_S,
            room=self.view(),
            members=[self.member_view(m) for m in self.members.values()],
            version=spoken.version,
            features=spoken.features,
            # How the house is built is no matter of who only holds a link.
            hub="" if seat.site_id else seat.hub,
            via="" if seat.site_id else seat.via,
        )

    def _contacts(self) -> p.Contacts:
        return p.Contacts(
            [
                p.Contact(seat.member_id, [p.Phone(*phone) for phone in seat.phones])
                for seat in self.plan.seats
                if seat.phones
            ]
        )

    def _tell_contacts(self, member: Member, *, none: bool = False) -> list[Effect]:
        """Telephone numbers are for who drives the meeting, not for everybody in it.

        `none`: told too that there are none any more.
        """
        if not member.may_drive or member.presence != "present":
            return []
        contacts = self._contacts()
        return [fx.Send(member.id, contacts)] if contacts.contacts or none else []

    def _report(self, member: Member, *, left: bool = False) -> list[Effect]:
        """Officers' consoles are not sites: the link board does not hear of them."""
        if member.site_id is None:
            return []
        connected = member.presence == "present"
        return [fx.ReportPresence(member.id, member.site_id, connected, member.since, left)]


_HANDLERS: dict[type[p.ClientMessage], Callable[[Room, Member, Any, float], list[Effect]]] = {
    p.Leave: Room._leave,
    **{kind: rule.handle for kind, rule in table.RULES.items()},
}
# The messages that change a room; the others concern one socket or its media.
ROOM_MESSAGES = frozenset(_HANDLERS)
