from __future__ import annotations

import pytest

from rooms.media.port import stun
from rooms.media.port.ice import (
    MAX_CHECKS_PER_S,
    MAX_PATHS,
    MAX_STREAM_PATHS,
    Credentials,
    IceAgent,
    Verdict,
    make_credentials,
)
from rooms.media.port.path import (
    AMPLIFICATION,
    ASKED_FOR_S,
    CONSENT_S,
    MAX_QUESTIONS,
    PROOF_S,
    REPEAT_S,
    Path,
)

HUB = Credentials("hubb", "p" * 32)
SITE = Credentials("site", "q" * 32)
HOME = Path(0, ("192.0.2.10", 4000))
MOBILE = Path(0, ("198.51.100.7", 5000))
VICTIM = Path(0, ("203.0.113.9", 6000))
BY_TCP = Path(-1, ("192.0.2.10", 4001))


def make_agent() -> IceAgent:
    """One that numbers its checks and knows the peer."""
    numbers = iter(range(1, 1 << 20))
    agent = IceAgent(HUB, make_id=lambda: next(numbers).to_bytes(12, "big"))
    agent.set_remote(SITE)
    return agent


def check(
    agent: IceAgent,
    path: Path = HOME,
    now: float = 0.0,
    *,
    nominate: bool = True,
    credentials: Credentials = HUB,
    extra: tuple[tuple[int, bytes], ...] = (),
) -> Verdict:
    attributes = [(stun.USERNAME, f"{credentials.ufrag}:site".encode()), *extra]
    if nominate:
        attributes.append((stun.USE_CANDIDATE, b""))
    data = stun.build_message(stun.BINDING_REQUEST, bytes(12), attributes, credentials.password)
    return agent.handle_request(stun.parse_message(data), path, now)


def asked(agent: IceAgent, now: float) -> list[tuple[Path, stun.StunMessage]]:
    return [(path, stun.parse_message(data)) for path, data in agent.questions(now)]


def answer(
    agent: IceAgent,
    path: Path,
    question: stun.StunMessage,
    now: float,
    password: str = SITE.password,
) -> bool:
    data = stun.build_message(stun.BINDING_SUCCESS, question.transaction_id, [], password)
    return agent.handle_answer(stun.parse_message(data), path, now)


def answer_all(agent: IceAgent, now: float) -> None:
    """As a browser does that receives on all its paths."""
    for path, question in asked(agent, now):
        assert answer(agent, path, question, now)


def come(agent: IceAgent, path: Path = HOME, now: float = 0.0, *, nominate: bool = True) -> None:
    """A check, and the answer to the hub's own."""
    check(agent, path, now, nominate=nominate)
    answer_all(agent, now)


def error_code(reply: bytes) -> int:
    value = stun.parse_message(reply).attributes[stun.ERROR_CODE]
    return value[2] * 100 + value[3]


def test_a_valid_check_is_answered_with_the_mapped_address_and_signed() -> None:
    agent = make_agent()
    verdict = check(agent)
    reply = stun.parse_message(verdict.reply)
    assert verdict.authentic
    assert reply.message_type == stun.BINDING_SUCCESS
    assert reply.is_authentic(HUB.password)
    assert reply.attributes[stun.XOR_MAPPED_ADDRESS] == stun.pack_xor_address(
        "192.0.2.10", 4000, bytes(12)
    )


def test_a_wrong_password_is_refused_and_leaves_nothing() -> None:
    agent = make_agent()
    verdict = check(agent, credentials=Credentials("hubb", "wrong"))
    assert (verdict.refusal, verdict.authentic) == (401, False)
    assert agent.paths == {}
    assert agent.selected is None


def test_an_unknown_required_attribute_is_refused_with_420() -> None:
    verdict = check(make_agent(), extra=((0x7001, b"what"),))
    assert error_code(verdict.reply) == 420
    reply = stun.parse_message(verdict.reply)
    assert reply.attributes[stun.UNKNOWN_ATTRIBUTES] == b"\x70\x01"


def test_a_peer_that_wants_to_be_controlled_hears_487() -> None:
    verdict = check(make_agent(), extra=((stun.ICE_CONTROLLED, bytes(8)),))
    assert error_code(verdict.reply) == 487


def test_a_path_is_taken_when_a_check_of_ours_was_answered_from_it() -> None:
    agent = make_agent()
    check(agent)
    assert (agent.selected, agent.state(0.0)) == (None, "disconnected")
    ((path, question),) = asked(agent, 0.0)
    assert path == HOME
    assert question.message_type == stun.BINDING_REQUEST
    assert (question.local_ufrag, question.remote_ufrag) == (SITE.ufrag, HUB.ufrag)
    assert question.is_authentic(SITE.password)
    assert question.has_fingerprint
    assert {stun.PRIORITY, stun.ICE_CONTROLLED} <= question.attributes.keys()
    assert answer(agent, HOME, question, 0.1)
    assert (agent.selected, agent.state(0.1)) == (HOME, "connected")


@pytest.mark.parametrize("fault", ["password", "path", "number", "twice"])
def test_what_is_no_answer_proves_nothing(fault: str) -> None:
    agent = make_agent()
    check(agent)
    check(agent, MOBILE)
    question = dict(asked(agent, 0.0))[HOME]
    if fault == "password":
        assert not answer(agent, HOME, question, 0.1, password=HUB.password)
    elif fault == "path":
        assert not answer(agent, MOBILE, question, 0.1)
    elif fault == "number":
        other = stun.build_message(stun.BINDING_SUCCESS, b"x" * 12, [], SITE.password)
        assert not agent.handle_answer(stun.parse_message(other), HOME, 0.1)
    else:
        assert answer(agent, HOME, question, 0.1)
        assert not answer(agent, HOME, question, 0.2)
        return
    assert agent.selected is None


def test_a_nomination_from_where_nobody_answers_moves_nothing() -> None:
    agent = make_agent()
    come(agent)
    for step in range(100):
        now = 0.1 * step
        check(agent, VICTIM, now)
        for path, question in asked(agent, now):
            if path == HOME:
                answer(agent, path, question, now)
    assert agent.selected == HOME
    assert agent.state(9.9) == "connected"


def test_no_more_than_a_multiple_of_what_came_goes_where_nobody_answered() -> None:
    agent = make_agent()
    come(agent)
    received = sent = 0
    for step in range(200):
        now = 0.1 * step
        if step % 7 == 0:
            verdict = check(agent, VICTIM, now)
            received += agent.paths[VICTIM].received - received
            sent += len(verdict.reply)
        agent._look_at = 0.0
        sent += sum(len(data) for path, data in agent.questions(now) if path == VICTIM)
        sent += 500 * agent.may_send(VICTIM, 500, now)
        assert sent <= AMPLIFICATION * received
    assert sent > received  # it was tried
    assert agent.may_send(HOME, 10**9, 19.0)


def test_who_came_once_and_never_again_is_asked_no_more() -> None:
    agent = make_agent()
    check(agent)
    agent.note_received(HOME, 10_000)
    times = [step / 10 for step in range(600) if asked(agent, step / 10)]
    assert 4 < len(times) <= MAX_QUESTIONS
    assert times[-1] < ASKED_FOR_S


def test_questions_that_wait_for_an_answer_are_bounded() -> None:
    agent = make_agent()
    check(agent)
    for second in range(100):
        agent.note_received(HOME, 1_000)
        check(agent, now=float(second))
        list(agent.questions(float(second)))
    assert len(agent.paths[HOME].questions) == MAX_QUESTIONS


def test_consent_is_asked_for_and_what_was_lost_is_repeated() -> None:
    agent = make_agent()
    come(agent)
    times = []
    for step in range(200):
        now = step / 10
        for path, question in asked(agent, now):
            times.append(now)
            if len(times) != 2:  # one is lost
                answer(agent, path, question, now)
    assert times[0] == CONSENT_S
    assert times[1] == 2 * CONSENT_S
    assert times[2] == 2 * CONSENT_S + REPEAT_S
    assert agent.state(20.0) == "connected"


@pytest.mark.parametrize("what", ["checks", "media"])
def test_what_comes_in_does_not_renew_the_consent_of_who_answers_no_more(what: str) -> None:
    """Both may be written by anybody who has a seat, in the name of any address."""
    agent = make_agent()
    come(agent)
    for step in range(1, 300):
        if what == "checks":
            check(agent, HOME, step / 10)
        else:
            agent.heard_at = step / 10
        list(agent.questions(step / 10))
    assert agent.state(29.9) == "connected"  # what comes in does say that the line is up
    assert agent.state(PROOF_S) == "failed"


def test_consent_comes_back_with_an_answer() -> None:
    agent = make_agent()
    assert agent.state(0.0) == "new"
    come(agent)
    assert agent.state(4.9) == "connected"
    assert agent.state(5.0) == "disconnected"
    assert agent.state(30.0) == "failed"
    check(agent, now=40.0)
    assert agent.state(40.0) == "failed"
    answer_all(agent, 40.0)
    assert agent.state(40.0) == "connected"


def test_a_peer_that_checks_no_more_lives_by_its_answers() -> None:
    agent = make_agent()
    come(agent)
    for second in range(1, 100):
        answer_all(agent, float(second))
    assert agent.state(100.0) == "connected"


def test_a_peer_that_answers_nothing_is_judged_by_its_checks_where_it_has_shown_to_be() -> None:
    agent = make_agent()
    check(agent)
    agent.prove(HOME, 0.5)  # by the end of a handshake
    assert (agent.selected, agent.state(1.0)) == (HOME, "connected")
    for second in range(1, 60):
        check(agent, now=float(second))
    assert agent.state(60.0) == "connected"
    assert agent.state(90.0) == "failed"
    check(agent, VICTIM, now=61.0)
    assert agent.selected == HOME


def test_a_tcp_connection_is_a_proof_of_itself() -> None:
    agent = make_agent()
    check(agent, BY_TCP)
    assert agent.selected == BY_TCP
    assert agent.may_send(BY_TCP, 10**6, 0.0)


def test_the_first_path_that_answers_serves_until_one_is_nominated() -> None:
    agent = make_agent()
    come(agent, HOME, nominate=False)
    assert agent.selected == HOME
    come(agent, MOBILE, nominate=False)
    assert agent.selected == HOME
    check(agent, MOBILE)
    assert agent.selected == HOME
    answer_all(agent, 0.2)
    assert agent.selected == MOBILE


def test_a_path_that_answered_a_moment_ago_is_taken_at_once_and_one_of_long_ago_is_not() -> None:
    agent = make_agent()
    come(agent, HOME)
    come(agent, MOBILE, now=1.0)
    assert check(agent, HOME, now=2.0).path_changed
    assert agent.selected == HOME
    for second in range(3, 60):
        answer_all(agent, float(second))
    assert not check(agent, MOBILE, now=60.0).path_changed


def test_checks_on_another_path_do_not_renew_consent_on_the_selected_one() -> None:
    agent = make_agent()
    check(agent, HOME, now=0.0)
    answer_all(agent, 0.0)
    check(agent, MOBILE, now=6.0, nominate=False)
    assert agent.state(6.0) == "disconnected"


def test_a_restart_serves_both_credentials_until_the_new_are_used() -> None:
    agent = make_agent()
    come(agent)
    fresh = make_credentials()
    agent.restart(fresh)
    assert set(agent.ufrags()) == {HUB.ufrag, fresh.ufrag}
    assert check(agent, now=1.0).authentic
    assert agent.selected == HOME
    assert check(agent, MOBILE, now=2.0, credentials=fresh).authentic
    ((path, question),) = asked(agent, 2.0)
    assert (path, question.remote_ufrag) == (MOBILE, fresh.ufrag)  # as the peer pairs them
    assert answer(agent, path, question, 2.0)
    assert agent.selected == MOBILE
    assert check(agent, HOME, now=3.0).refusal == 401


def test_a_check_that_is_faster_than_the_peers_description_is_followed_by_ours_after_it() -> None:
    agent = IceAgent(HUB)
    check(agent)
    assert asked(agent, 0.0) == []
    agent.set_remote(SITE)
    answer_all(agent, 0.1)
    assert agent.selected == HOME


def test_paths_are_bounded_and_the_selected_one_stays() -> None:
    agent = make_agent()
    come(agent, HOME, now=0.0)
    for port in range(100):
        check(agent, Path(0, ("203.0.113.1", port)), now=1.0 + port, nominate=False)
    assert len(agent.paths) == MAX_PATHS
    assert HOME in agent.paths


def test_connections_are_few_and_take_no_place_of_datagrams() -> None:
    agent = make_agent()
    used = Path(-1, ("203.0.113.1", 1))
    come(agent, used, now=0.0)
    for number in range(MAX_PATHS - MAX_STREAM_PATHS):
        check(agent, Path(0, ("203.0.113.2", number)), now=0.5, nominate=False)
    forgotten = [
        check(agent, Path(-number, ("203.0.113.1", number)), now=float(number), nominate=False)
        for number in range(2, 100)
    ]
    assert sum(path.is_stream for path in agent.paths) == MAX_STREAM_PATHS
    assert len(agent.paths) == MAX_PATHS
    assert used in agent.paths
    paths = [verdict.forgotten for verdict in forgotten if verdict.forgotten]
    assert [path.socket for path in paths] == list(range(-2, -100 + MAX_STREAM_PATHS - 1, -1))


def test_a_flood_of_checks_is_answered_by_so_many_each_second() -> None:
    agent = make_agent()
    answered = [bool(check(agent, now=second).reply) for second in (5.0, 6.0) for _ in range(500)]
    assert sum(answered) == 2 * MAX_CHECKS_PER_S
    assert check(agent, credentials=Credentials("hubb", "wrong"), now=6.9).refusal == 401


def test_made_credentials_are_long_enough_and_differ() -> None:
    one, other = make_credentials(), make_credentials()
    assert one != other
    assert len(one.ufrag) >= 4
    assert len(one.password) >= 22
