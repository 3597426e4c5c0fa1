/* Counters of few bits, extended to ones that do not wrap: Unwrapper of packet.py. */

#pragma once

#include <stdint.h>

typedef struct { int bits; int known; int64_t highest; } unwrapper;

static inline void unwrap_reset(unwrapper *u, int bits) {
    u->bits = bits;
    u->known = 0;
    u->highest = 0;
}

static inline int64_t unwrap(unwrapper *u, int64_t value) {
    if (!u->known) {
        u->known = 1;
        u->highest = value;
        return value;
    }
    int64_t size = (int64_t)1 << u->bits;
    int64_t delta = (value - u->highest) & (size - 1);
    if (delta >= size / 2) return u->highest + delta - size;
    u->highest += delta;
    return u->highest;
}
