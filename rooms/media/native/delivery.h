/* How much reaches a receiver, by its own account of arrivals: delivery.py. */

#pragma once

#include <stdint.h>

enum {
    STEPS_PER_S = 100,
    WINDOW_STEPS = 50,  /* WINDOW_S */
    SHORT_STEPS = 20,   /* SHORT_S */
    MAX_APART = 200,    /* four windows: later, the clock was set or nothing was sent for long */
    MIN_BYTES = 1000,
    PARTS = 10,
    STEPS = 64,         /* room for a window */
};

/* Bytes by steps of time, in order; `first` is the place of the oldest in a ring. */
typedef struct {
    int64_t step[STEPS], bytes[STEPS];
    int first, count;
    double latest;
} delivery;

static int delivery_at(const delivery *d, int index) { return (d->first + index) % STEPS; }

static void delivery_append(delivery *d, int64_t step, int size) {
    int at = delivery_at(d, d->count++);
    d->step[at] = step;
    d->bytes[at] = size;
}

static void delivery_receive(delivery *d, double arrived_at, int size) {
    int64_t step = (int64_t)(arrived_at * STEPS_PER_S);
    int last = d->count ? delivery_at(d, d->count - 1) : 0;
    int64_t after = d->count ? step - d->step[last] : 0;
    if (d->count && after == 0) {
        d->bytes[last] += size;
    } else if (!d->count || (after > 0 && after < MAX_APART)) {
        while (d->count && d->step[d->first] <= step - WINDOW_STEPS) {
            d->first = delivery_at(d, 1);
            d->count--;
        }
        delivery_append(d, step, size);
    } else if (after < 0 && after > -MAX_APART) {
        d->bytes[last] += size;
    } else {
        d->count = 0;
        delivery_append(d, step, size);
        d->latest = arrived_at;
    }
    if (arrived_at > d->latest) d->latest = arrived_at;
}

static void delivery_receive_between(delivery *d, double arrived_at, int size) {
    double since = d->latest;
    if (!(0 < arrived_at - since && arrived_at - since < (double)WINDOW_STEPS / STEPS_PER_S)) return;
    double step_s = (arrived_at - since) / (PARTS + 1);
    for (int i = 1; i <= PARTS; i++) delivery_receive(d, since + i * step_s, size / PARTS);
}

/* Bits a second over the last so many steps; -1 when too little came to say. */
static double delivery_rate(const delivery *d, int steps) {
    if (!d->count) return -1;
    int64_t since = d->step[delivery_at(d, d->count - 1)] - steps, total = 0;
    if (d->step[d->first] > since + steps / 2) return -1;
    for (int i = d->count - 1; i >= 0 && d->step[delivery_at(d, i)] > since; i--)
        total += d->bytes[delivery_at(d, i)];
    return total >= MIN_BYTES ? total * 8.0 * STEPS_PER_S / steps : -1;
}
