"""What synthetic sites send: a scene in VP8 layers and a voice in Opus, encoded once and kept."""

from __future__ import annotations

import hashlib
import os
from array import array
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import msgspec

from rooms.load.scene import Scene
from rooms.load.synthetic.voice import SAMPLE_RATE, level_dbov, speak

# Part of the cache's key: raise it when the scene, the voice or the encoding changes.
VERSION = 1
SOUND_BPS = 32_000  # Opus for a voice, as browsers choose it
SOUND_PACKET_S = 0.02


class LayerPlan(msgspec.Struct, frozen=True):
    """A simulcast layer to encode; `rid` as the hub and the meeting page call it."""

    rid: str
    width: int
    height: int
    bitrate_bps: int


class ClipPlan(msgspec.Struct, frozen=True):
    """A clip to make. It is a loop of groups, each of which begins with a key frame."""

    layers: tuple[LayerPlan, ...]
    fps: int = 25
    group_frames: int = 75
    groups: int = 2
    sound_s: float = 4.0


# The layers of the meeting page (web/static/js/room/publisher.js), the top one at the rate of a
# chair's picture.
LAYERS = (
    LayerPlan("q", 320, 180, 150_000),
    LayerPlan("h", 640, 360, 500_000),
    LayerPlan("f", 1280, 720, 1_200_000),
)
USUAL = ClipPlan(LAYERS)


class Frame(msgspec.Struct, frozen=True, array_like=True):
    is_key: bool
    data: bytes


class Layer(msgspec.Struct, frozen=True):
    """`groups` of frames; each can be played after any other."""

    plan: LayerPlan
    groups: tuple[tuple[Frame, ...], ...]


class Sound(msgspec.Struct, frozen=True, array_like=True):
    """One Opus packet of 20 ms and its RFC 6464 level."""

    level: int
    data: bytes


class Clip(msgspec.Struct, frozen=True):
    plan: ClipPlan
    layers: tuple[Layer, ...]
    sounds: tuple[Sound, ...]


def load_clip(plan: ClipPlan, folder: Path | None = None) -> Clip:
    """The clip from the cache, or encoded now: a few seconds of one core for three layers.

    `folder` is $XDG_CACHE_HOME/confhub by default. OSError when it cannot be written.
    """
    folder = folder or _cache_folder()
    key = hashlib.sha256(msgspec.json.encode((VERSION, plan))).hexdigest()[:16]
    path = folder / f"clip-{key}.msgpack"
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=Clip)
    except (FileNotFoundError, msgspec.DecodeError):
        clip = make_clip(plan)
    folder.mkdir(parents=True, exist_ok=True)
    # Two processes may make it at once: each writes its own and the last one stays.
    own = path.with_suffix(f".{os.getpid()}")
    own.write_bytes(msgspec.msgpack.encode(clip))
    own.replace(path)
    return clip


def make_clip(plan: ClipPlan) -> Clip:
    return Clip(
        plan,
        tuple(_encode_layer(layer, plan) for layer in plan.layers),
        tuple(_encode_sound(speak(plan.sound_s))),
    )


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "confhub"


def _encode_layer(layer: LayerPlan, plan: ClipPlan) -> Layer:
    encoder = av.VideoCodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = layer.width, layer.height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, plan.fps), Fraction(plan.fps)
    encoder.bit_rate = layer.bitrate_bps
    encoder.gop_size = plan.group_frames
    encoder.options = {
        "deadline": "realtime",
        "cpu-used": "10",
        "lag-in-frames": "0",
        "error-resilient": "1",
        "auto-alt-ref": "0",
        "keyint_min": str(plan.group_frames),
        "minrate": str(layer.bitrate_bps),
        # A key frame may cost as much as a second's frames, as in browsers.
        "bufsize": str(layer.bitrate_bps),
        "rc_init_occupancy": str(layer.bitrate_bps // 2),
        "qmax": "48",
    }
    scene = Scene(layer.width, layer.height)
    packets: list[Frame] = []
    for number in range(plan.group_frames * plan.groups):
        frame = _picture(scene, number, plan.fps)
        packets += [Frame(item.is_keyframe, bytes(item)) for item in encoder.encode(frame)]
    packets += [Frame(item.is_keyframe, bytes(item)) for item in encoder.encode(None)]
    return Layer(layer, _grouped(packets))


def _picture(scene: Scene, number: int, fps: int) -> av.VideoFrame:
    planes = scene.frame(number, fps)
    frame = av.VideoFrame(scene.width, scene.height, "yuv420p")
    for plane, data in zip(frame.planes, (planes.y, planes.u, planes.v), strict=True):
        width = plane.width
        if plane.line_size != width:
            pad = bytes(plane.line_size - width)
            data = b"".join(data[at : at + width] + pad for at in range(0, len(data), width))
        plane.update(data)
    frame.pts = number
    return frame


def _grouped(frames: Sequence[Frame]) -> tuple[tuple[Frame, ...], ...]:
    groups: list[list[Frame]] = []
    for frame in frames:
        if frame.is_key:
            groups.append([])
        groups[-1].append(frame)
    return tuple(tuple(group) for group in groups)


def _encode_sound(samples: array[int]) -> list[Sound]:
    encoder = av.AudioCodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = SAMPLE_RATE, "mono", "s16"
    encoder.bit_rate = SOUND_BPS
    encoder.options = {"application": "voip", "frame_duration": "20", "fec": "1"}
    size = int(SAMPLE_RATE * SOUND_PACKET_S)
    sounds: list[Sound] = []
    for at in range(0, len(samples) - size + 1, size):
        part = samples[at : at + size]
        frame = av.AudioFrame(format="s16", layout="mono", samples=size)
        frame.planes[0].update(part.tobytes())
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, at, Fraction(1, SAMPLE_RATE)
        level = level_dbov(part)
        sounds += [Sound(level, bytes(packet)) for packet in encoder.encode(frame)]
    return sounds
