from __future__ import annotations

from rooms.media import stun
from rooms.media.ice import MAX_PATHS, Credentials, IceAgent, Path, Verdict, make_credentials

HUB = Credentials("hubb", "p" * 32)
HOME = Path(0, ("192.0.2.10", 4000))
MOBILE = Path(0, ("198.51.100.7", 5000))


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


def error_code(reply: bytes) -> int:
    value = stun.parse_message(reply).attributes[stun.ERROR_CODE]
    return value[2] * 100 + value[3]


def test_a_valid_check_is_answered_with_the_mapped_address_and_signed() -> None:
    agent = IceAgent(HUB)
    verdict = check(agent)
    reply = stun.parse_message(verdict.reply)
    assert verdict.authentic
    assert reply.message_type == stun.BINDING_SUCCESS
    assert reply.is_authentic(HUB.password)
    assert reply.attributes[stun.XOR_MAPPED_ADDRESS] == stun.pack_xor_address(
        "192.0.2.10", 4000, bytes(12)
    )
    assert agent.selected == HOME


def test_a_wrong_password_is_refused_and_leaves_nothing() -> None:
    agent = IceAgent(HUB)
    verdict = check(agent, credentials=Credentials("hubb", "wrong"))
    assert (verdict.refusal, verdict.authentic) == (401, False)
    assert agent.paths == {}
    assert agent.selected is None


def test_an_unknown_required_attribute_is_refused_with_420() -> None:
    verdict = check(IceAgent(HUB), extra=((0x7001, b"what"),))
    assert error_code(verdict.reply) == 420
    reply = stun.parse_message(verdict.reply)
    assert reply.attributes[stun.UNKNOWN_ATTRIBUTES] == b"\x70\x01"


def test_a_peer_that_wants_to_be_controlled_hears_487() -> None:
    verdict = check(IceAgent(HUB), extra=((stun.ICE_CONTROLLED, bytes(8)),))
    assert error_code(verdict.reply) == 487


def test_consent_runs_out_and_comes_back() -> None:
    agent = IceAgent(HUB)
    assert agent.state(0.0) == "new"
    check(agent, now=0.0)
    assert agent.state(4.9) == "connected"
    assert agent.state(5.0) == "disconnected"
    assert agent.state(30.0) == "failed"
    check(agent, now=40.0)
    assert agent.state(40.0) == "connected"


def keep_checking(agent: IceAgent) -> None:
    """As a browser does, until second 5."""
    for now in (0.0, 2.5, 5.0):
        check(agent, now=now)


def test_media_that_decrypts_keeps_a_link_connected_but_does_not_renew_consent() -> None:
    agent = IceAgent(HUB)
    keep_checking(agent)
    agent.heard_at = 15.0
    assert agent.state(17.0) == "connected"
    agent.heard_at = 35.0
    assert agent.state(35.0) == "failed"


def test_a_peer_that_checks_no_more_lives_by_its_media() -> None:
    agent = IceAgent(HUB)
    check(agent, now=0.0)
    check(agent, now=1.0)
    agent.heard_at = 60.0
    assert agent.state(64.9) == "connected"
    assert agent.state(65.0) == "disconnected"
    agent.patience_s = 15.0
    assert agent.state(74.9) == "connected"
    assert agent.state(90.0) == "failed"
    agent.restart(make_credentials())
    check(agent, now=95.0, credentials=agent.local)  # new checks are the restart's, no habit
    agent.heard_at = 130.0
    assert agent.state(131.0) == "connected"


def test_the_first_working_path_serves_until_one_is_nominated() -> None:
    agent = IceAgent(HUB)
    check(agent, HOME, nominate=False)
    assert agent.selected == HOME
    check(agent, MOBILE, nominate=False)
    assert agent.selected == HOME
    verdict = check(agent, MOBILE)
    assert verdict.path_changed
    assert agent.selected == MOBILE


def test_checks_on_another_path_do_not_renew_consent_on_the_selected_one() -> None:
    agent = IceAgent(HUB)
    check(agent, HOME, now=0.0)
    check(agent, MOBILE, now=6.0, nominate=False)
    assert agent.state(6.0) == "disconnected"


def test_a_restart_serves_both_credentials_until_the_new_are_used() -> None:
    agent = IceAgent(HUB)
    check(agent)
    fresh = make_credentials()
    agent.restart(fresh)
    assert set(agent.ufrags()) == {HUB.ufrag, fresh.ufrag}
    assert check(agent, now=1.0).authentic
    assert agent.selected == HOME
    assert check(agent, MOBILE, now=2.0, credentials=fresh).authentic
    assert agent.selected == MOBILE
    assert check(agent, HOME, now=3.0).refusal == 401


def test_paths_are_bounded_and_the_selected_one_stays() -> None:
    agent = IceAgent(HUB)
    check(agent, HOME, now=0.0)
    for port in range(100):
        check(agent, Path(0, ("203.0.113.1", port)), now=1.0 + port, nominate=False)
    assert len(agent.paths) == MAX_PATHS
    assert HOME in agent.paths


def test_made_credentials_are_long_enough_and_differ() -> None:
    one, other = make_credentials(), make_credentials()
    assert one != other
    assert len(one.ufrag) >= 4
    assert len(one.password) >= 22
