"""Messages that travel on the bus: topics and their types. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from confhub.quality import Digest, HubSide, SitePresence

QUALITY_TOPIC = "quality"
MEETINGS_TOPIC = "meetings"
ACCOUNTS_TOPIC = "accounts"
AGREEMENTS_TOPIC = "agreements"
ANSWERS_TOPIC = "answers"


class QualityReport(msgspec.Struct, frozen=True, omit_defaults=True):
    """On QUALITY_TOPIC: what a hub learnt of one site. Parts that are None did not change."""

    site_id: str
    meeting_id: str
    at: float  # unix seconds
    presence: SitePresence | None = None
    digest: Digest | None = None
    hub_side: HubSide | None = None


class MeetingNews(msgspec.Struct, frozen=True, omit_defaults=True):
    """On MEETINGS_TOPIC: a meeting changed in the store; whoever runs its room reads it anew."""

    meeting_id: str
    what: Literal["changed", "cancelled", "ended", "link_revoked"]
    site_id: str | None = None  # with link_revoked


class AccountNews(msgspec.Struct, frozen=True):
    """On ACCOUNTS_TOPIC: some of the account's sign-ins ended, or its rights changed."""

    account_id: str


class AgreementNews(msgspec.Struct, frozen=True):
    """On AGREEMENTS_TOPIC: something was asked or answered about a meeting's time. `what`: as the
    audit trail has it (asked, confirmed, declined, proposed, accepted, taken_back, lapsed,
    reminded)."""

    meeting_id: str
    what: str
    centre_id: str


class AnswerNews(msgspec.Struct, frozen=True):
    """On ANSWERS_TOPIC: a site answered to its invitation; `state`: attending, declined, unsure."""

    meeting_id: str
    site_id: str
    state: str


encode = msgspec.json.Encoder().encode
decode_quality = msgspec.json.Decoder(QualityReport).decode
decode_meeting = msgspec.json.Decoder(MeetingNews).decode
decode_answer = msgspec.json.Decoder(AnswerNews).decode
decode_account = msgspec.json.Decoder(AccountNews).decode
