"""One repository per aggregate, over whatever transactions they are given."""

from __future__ import annotations

from confhub.planning.shared.capacity import UNMEASURED, Capacity
from confhub.store.accounts import AccountStore
from confhub.store.database.transactions import Transactions
from confhub.store.grants import GrantStore
from confhub.store.keys import KeyStore
from confhub.store.links import LinkStore
from confhub.store.meetings import MeetingStore
from confhub.store.ownership import OwnershipStore
from confhub.store.papers import PaperStore
from confhub.store.planning.agreements import AgreementStore
from confhub.store.planning.answers import AnswerStore
from confhub.store.planning.blockings import BlockingStore
from confhub.store.planning.calendar import CalendarStore
from confhub.store.planning.deadlines import DeadlineStore
from confhub.store.planning.feeds import FeedStore
from confhub.store.planning.leaving import LeavingStore
from confhub.store.planning.letter_forms import LetterFormStore
from confhub.store.planning.letters import LetterStore
from confhub.store.planning.patterns import PatternStore
from confhub.store.planning.precedence import PrecedenceStore
from confhub.store.planning.series import SeriesStore
from confhub.store.planning.takings import TakingStore
from confhub.store.planning.unit_lines import UnitLineStore
from confhub.store.queue.jobs import JobStore
from confhub.store.queue.mail import MailStore
from confhub.store.queue.mailbox import MailboxStore
from confhub.store.queue.notices import NoticeStore
from confhub.store.queue.replies import ReplyStore
from confhub.store.queue.retention import RetentionStore
from confhub.store.registry.address_book import AddressBook
from confhub.store.registry.api_tokens import ApiTokenStore
from confhub.store.registry.imports import ImportStore
from confhub.store.registry.sites import SiteStore
from confhub.store.registry.special_days import SpecialDayStore
from confhub.store.registry.units import UnitStore
from confhub.store.rooms import RoomStore
from confhub.store.search import SearchStore
from confhub.store.trail.kept_answers import KeptAnswerStore
from confhub.store.trail.seals import SealStore


class Repositories:
    def __init__(self, transactions: Transactions, capacity: Capacity = UNMEASURED) -> None:
        self.units = UnitStore(transactions)
        self.sites = SiteStore(transactions)
        self.accounts = AccountStore(transactions)
        self.address_book = AddressBook(transactions)
        self.grants = GrantStore(transactions)
        self.api_tokens = ApiTokenStore(transactions)
        self.kept_answers = KeptAnswerStore(transactions)
        self.meetings = MeetingStore(transactions)
        self.takings = TakingStore(transactions, capacity)
        self.unit_lines = UnitLineStore(transactions)
        self.blockings = BlockingStore(transactions)
        self.calendar = CalendarStore(transactions)
        self.series = SeriesStore(transactions)
        self.patterns = PatternStore(transactions)
        self.leaving = LeavingStore(transactions)
        self.precedence = PrecedenceStore(transactions)
        self.agreements = AgreementStore(transactions)
        self.answers = AnswerStore(transactions)
        self.deadlines = DeadlineStore(transactions)
        self.letters = LetterStore(transactions)
        self.letter_forms = LetterFormStore(transactions)
        self.papers = PaperStore(transactions)
        self.feeds = FeedStore(transactions)
        self.search = SearchStore(transactions)
        self.links = LinkStore(transactions)
        self.rooms = RoomStore(transactions)
        self.special_days = SpecialDayStore(transactions)
        self.ownership = OwnershipStore(transactions)
        self.keys = KeyStore(transactions)
        self.imports = ImportStore(transactions)
        self.jobs = JobStore(transactions)
        self.mail = MailStore(transactions)
        self.notices = NoticeStore(transactions)
        self.replies = ReplyStore(transactions)
        self.mailbox = MailboxStore(transactions)
        self.retention = RetentionStore(transactions)
        self.seals = SealStore(transactions)
