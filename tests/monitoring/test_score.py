from dataclasses import replace

import pytest

from confhub.quality import Devices, Inbound, LinkState, Outbound, Path
from monitoring.reasons import MESSAGES, Reason
from monitoring.score import Evidence, judge
from tests.monitoring.evidence import NOW, evidence, presence

PATCHY = Inbound(packets_received=250, samples_received=240_000)


def sound(concealed: float, *, lost: int = 0, buffer_ms: float = 40) -> dict[str, object]:
    return {
        "audio_in": Inbound(
            packets_received=250 - lost,
            packets_lost=lost,
            samples_received=240_000,
            concealed_samples=int(240_000 * concealed),
            jitter_buffer_ms=buffer_ms,
        )
    }


def up_loss(fraction: float) -> dict[str, object]:
    return {"audio_out": Outbound(packets_sent=250, loss_fraction=fraction)}


def path(rtt_ms: float = 20, available: float = 2e6) -> dict[str, object]:
    return {"path": Path(rtt_ms=rtt_ms, available_out_bps=available)}


def joined(ago_s: float) -> Evidence:
    return Evidence(presence=presence(since=NOW - ago_s))


CASES: list[tuple[str, Evidence, LinkState, list[str]]] = [
    ("healthy", evidence(), "good", []),
    ("unknown", Evidence(), "absent", []),
    ("left", evidence(present=presence(connected=False, left=True)), "absent", []),
    ("socket lost", evidence(present=presence(connected=False)), "lost", ["socket_lost"]),
    ("just joined", joined(3), "good", []),
    ("joined, silent", joined(16), "poor", ["silent"]),
    ("joined, silent for long", joined(31), "lost", ["silent"]),
    ("digest stale, hub hears", evidence(digest_age_s=16), "poor", ["silent"]),
    ("digest stale for long, hub hears", evidence(digest_age_s=60), "poor", ["silent"]),
    ("all stale", evidence(digest_age_s=31, hub_side_age_s=31), "lost", ["silent"]),
    (
        "device without a page",
        replace(evidence(), digest=None, digest_at=0.0),
        "good",
        [],
    ),
    (
        "device that only sends",
        replace(
            evidence(hub_side={"receive_state": "new", "device": True}), digest=None, digest_at=0.0
        ),
        "good",
        [],
    ),
    (
        "device whose media broke",
        replace(
            evidence(hub_side={"send_state": "failed", "device": True}), digest=None, digest_at=0.0
        ),
        "lost",
        ["media_failed"],
    ),
    ("up loss below the limit", evidence(up_loss(0.029)), "good", []),
    ("up loss", evidence(up_loss(0.08)), "fair", ["loss_up"]),
    ("heavy up loss", evidence(up_loss(0.12)), "poor", ["loss_up"]),
    ("down loss", evidence(sound(0.0, lost=20)), "fair", ["loss_down"]),
    ("concealment below", evidence(sound(0.02)), "good", []),
    ("concealment", evidence(sound(0.04)), "fair", ["concealment"]),
    ("concealment 5 %", evidence(sound(0.05)), "poor", ["concealment"]),
    ("delay below", evidence(path(rtt_ms=200)), "good", []),
    ("delay", evidence(path(rtt_ms=250)), "fair", ["delay"]),
    ("long delay", evidence(path(rtt_ms=340)), "poor", ["delay"]),
    ("long buffer", evidence(sound(0.0, buffer_ms=400)), "poor", ["delay"]),
    (
        "many small things",
        evidence({**path(rtt_ms=150), **sound(0.025)}),
        "fair",
        ["voice"],
    ),
    ("jitter", evidence(hub_side={"jitter_up_ms": 35.0}), "fair", ["jitter"]),
    ("narrow up", evidence(path(available=120e3)), "fair", ["narrow_up"]),
    ("too narrow for voice", evidence(path(available=50e3)), "poor", ["narrow_up"]),
    ("narrow down", evidence(hub_side={"budget_bps": 100e3}), "fair", ["narrow_down"]),
    (
        "picture freezes",
        evidence({"video_in": Inbound(packets_received=900, freezes=5)}),
        "fair",
        ["freezes"],
    ),
    ("cpu", evidence({"video_out": Outbound(limitation="cpu")}), "fair", ["cpu"]),
    (
        "bandwidth is a note",
        evidence({"video_out": Outbound(limitation="bandwidth")}),
        "good",
        ["bandwidth"],
    ),
    (
        "no microphone",
        evidence({"devices": Devices(camera=True)}),
        "fair",
        ["no_microphone"],
    ),
    (
        "no camera is a note",
        evidence({"devices": Devices(microphone=True)}),
        "good",
        ["no_camera"],
    ),
    ("media failed", evidence(hub_side={"send_state": "failed"}), "lost", ["media_failed"]),
    (
        "media interrupted",
        evidence(hub_side={"receive_state": "disconnected"}),
        "poor",
        ["media_interrupted"],
    ),
    (
        "media never came",
        evidence(hub_side={"send_state": "connecting"}),
        "poor",
        ["media_blocked"],
    ),
    (
        "media on its way",
        evidence(hub_side={"send_state": "new"}, present=presence(since=NOW - 2)),
        "good",
        ["connecting"],
    ),
]


@pytest.mark.parametrize(("what", "known", "state", "codes"), CASES, ids=[c[0] for c in CASES])
def test_a_link_is_judged(what: str, known: Evidence, state: LinkState, codes: list[str]) -> None:
    verdict = judge(known, NOW)
    assert (verdict.state, [reason.code for reason in verdict.reasons]) == (state, codes)


def test_the_worst_reason_comes_first() -> None:
    known = evidence({**up_loss(0.05), **sound(0.2), "devices": Devices(microphone=True)})
    verdict = judge(known, NOW)
    assert [reason.code for reason in verdict.reasons] == ["concealment", "loss_up", "no_camera"]
    assert verdict.state == "poor"


def test_picture_alone_never_makes_a_link_poor() -> None:
    known = evidence(
        {
            "video_in": Inbound(packets_received=100, packets_lost=900, freezes=40),
            "video_out": Outbound(limitation="cpu", loss_fraction=0.9),
        }
    )
    assert judge(known, NOW).state == "fair"


def test_numbers_that_are_stale_are_not_shown() -> None:
    reading = judge(evidence(digest_age_s=31, hub_side_age_s=31), NOW).reading
    assert reading.rtt_ms is None
    assert reading.mos is None


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (judge(evidence(up_loss(0.08)), NOW).reasons[0], "Mất gói lên 8 %"),
        (judge(evidence(path(rtt_ms=340)), NOW).reasons[0], "Độ trễ tiếng nói 420 ms"),
        (
            judge(evidence(path(available=120e3)), NOW).reasons[0],
            "Băng thông lên khả dụng chỉ còn 120 kbps",
        ),
        (
            judge(evidence(present=presence(connected=False)), NOW).reasons[0],
            "Mất kết nối từ 60 giây trước",
        ),
        (judge(evidence(sound(0.05)), NOW).reasons[0], "Âm thanh bị chắp vá 5 %"),
        (Reason("cpu", "fair"), "Máy quá tải (CPU)"),
        (Reason("no_microphone", "fair"), "Không có micrô"),
    ],
)
def test_reasons_are_said_in_words(reason: Reason, words: str) -> None:
    said = reason.message % reason.values
    assert said == words


def test_every_message_can_be_filled() -> None:
    values = {"seconds": 1, "percent": 2, "ms": 3, "mos": 3.4, "kbps": 5, "count": 6}
    for message in MESSAGES.values():
        assert "%(" not in message % values
