"""What a process does at its start so that nothing holds its packets up later."""

from __future__ import annotations

import gc
import sys

# How long a thread that computes keeps the interpreter to itself. Pages and imports are made in
# threads; at Python's 5 ms the forwarding of sound would wait as long after each system call.
SWITCH_S = 0.0005
# Middle rounds of the garbage collector before a full one; Python makes ten. Reading a country's
# sites makes some thirty, and a full round over them takes 50 ms; cycles that live long are few.
FULL_ROUNDS = 100


def be_steady() -> None:
    """To be called once everything is loaded.

    Takes modules and what they made out of the garbage collector's rounds: a full one over them
    takes 0.1 s, during which no packet is forwarded. Over what comes later, such as a country's
    sites, full rounds are made a tenth as often.
    """
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()
    young, middle, _old = gc.get_threshold()
    gc.set_threshold(young, middle, FULL_ROUNDS)
