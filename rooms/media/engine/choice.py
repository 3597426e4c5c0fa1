"""Which forwarding engine a hub runs."""

from __future__ import annotations

from typing import Literal, cast

from rooms.media.engine import compiled as engine_native
from rooms.media.engine.compiled import NativeEngine
from rooms.media.engine.interface import Engine
from rooms.media.engine.python import PythonEngine
from rooms.media.engine.srtp import PacketBuffer

EngineName = Literal["auto", "native", "python"]


def make_engine(buffer: PacketBuffer, name: EngineName = "auto") -> Engine:
    """The compiled core where it was built, else Python; `native` insists (ImportError)."""
    if name != "python":
        compiled = engine_native.load()
        if compiled is not None:
            return cast(Engine, NativeEngine(*compiled))
        if name == "native":
            raise ImportError("compile the forwarding core: rooms.media.native.build")
    return cast(Engine, PythonEngine(buffer))
