/* What a receiver tells of each packet it was sent, in sum: arrivals.py and wide_feedback.py. */

#include <stdlib.h>

#include "delay_trend.h"
#include "delivery.h"
#include "parts.h"

enum {
    HEAD = 16,          /* both SSRCs, the first number, how many, the reference time and a count */
    DELTA_US = 250,
    REFERENCE_US = 64000,
    NOT_RECEIVED = 0, SMALL_DELTA = 1, LARGE_DELTA = 2, RESERVED = 3,
};

/* Reading of arrivals.py. */
#define AT_ONCE_S 0.005
#define FAR_S 5.0

typedef struct {
    double before, began_at, latest;
    int has_begun;
} reading;

struct arrivals {
    peer *to;
    int has_expected;
    uint16_t expected;
    unwrapper references;
    delay_trend trend;
    delivery delivered;
    reading readings;
    uint8_t status[SENT];
    int64_t time_us[SENT];
    packet_result probed[SENT];
};

static int read16(const uint8_t *at) { return at[0] << 8 | at[1]; }

arrivals *arrivals_new(peer *to) {
    arrivals *a = calloc(1, sizeof *a);
    if (!a) return NULL;
    a->to = to;
    unwrap_reset(&a->references, 24);
    a->trend.threshold = START_THRESHOLD;
    return a;
}

void arrivals_free(arrivals *a) { free(a); }
const packet_result *arrivals_probed(arrivals *a) { return a->probed; }

/* The statuses of `count` packets; returns where they end, 0 when the body is too short. */
static int read_statuses(arrivals *a, const uint8_t *body, int length, int count) {
    int at = HEAD, known = 0;
    while (known < count) {
        if (at + 2 > length) return 0;
        int word = read16(body + at);
        at += 2;
        if (!(word & 0x8000)) {
            for (int left = word & 0x1FFF; left && known < count; left--) a->status[known++] = word >> 13;
        } else if (word & 0x4000) {
            for (int shift = 12; shift >= 0 && known < count; shift -= 2)
                a->status[known++] = word >> shift & 3;
        } else {
            for (int shift = 13; shift >= 0 && known < count; shift--)
                a->status[known++] = word >> shift & 1;
        }
    }
    return at;
}

/* Fill `status` and `time_us`, microseconds after the reference; 0 when it is malformed. */
static int read_body(arrivals *a, const uint8_t *body, int length, int count) {
    int at = read_statuses(a, body, length, count);
    if (!at) return 0;
    int64_t time_us = 0;
    for (int i = 0; i < count; i++) {
        if (a->status[i] == NOT_RECEIVED) continue;
        if (a->status[i] == RESERVED) return 0;
        int size = a->status[i] == SMALL_DELTA ? 1 : 2;
        if (at + size > length) return 0;
        time_us += DELTA_US * (size == 1 ? body[at] : (int16_t)read16(body + at));
        a->time_us[i] = time_us;
        at += size;
    }
    return 1;
}

/* Bytes of packets sent before the first one told of, on which no feedback came. */
static int64_t skip(arrivals *a, uint16_t first, int count) {
    uint16_t gap = a->has_expected ? (uint16_t)(first - a->expected) : 0, after = first + count;
    int64_t bytes = 0;
    if (gap > 0 && gap < SENT) {
        for (int back = 1; back <= gap; back++) {
            const sent_packet *sent = peer_find_sent(a->to, first - back);
            if (sent) bytes += sent->size;
        }
    }
    if (!a->has_expected || (uint16_t)(after - a->expected) < 0x8000) a->expected = after;
    a->has_expected = 1;
    return bytes;
}

static double read_since(reading *r, double arrived_at) {
    double after_s = arrived_at - r->latest;
    if (!r->has_begun || fabs(after_s) > FAR_S) {
        r->has_begun = 1;
        r->before = r->began_at = r->latest = arrived_at;
    } else if (after_s > AT_ONCE_S || arrived_at - r->began_at > r->began_at - r->before) {
        r->before = r->latest;
        r->began_at = arrived_at;
    }
    r->latest = fmax(r->latest, arrived_at);
    return fmin(r->before, arrived_at);
}

static void take(arrivals *a, const packet_result *one, int is_probe, int64_t *skipped, told *out) {
    out->packets++;
    out->fresh += !one->was_lost;
    out->sent_until = one->sent_at;
    if (is_probe) a->probed[out->probed++] = *one;
    if (!one->arrived) {
        out->lost++;
        return;
    }
    out->lost -= one->was_lost;
    if (*skipped) delivery_receive_between(&a->delivered, one->arrived_at, *skipped);
    *skipped = 0;
    delivery_receive(&a->delivered, one->arrived_at, one->size);
    out->delay_s = fmin(out->delay_s, one->arrived_at - one->sent_at);
    out->sure_s = fmin(out->sure_s, read_since(&a->readings, one->arrived_at) - one->sent_at);
    if (is_probe) return;
    trend_receive(&a->trend, one->sent_at, one->arrived_at);
    out->is_over |= a->trend.state == OVER;
}

int arrivals_read(arrivals *a, const uint8_t *body, int length, double from, double until, told *out) {
    if (length < HEAD) return 0;
    uint16_t first = read16(body + 8);
    int count = read16(body + 10);
    if (count < 1 || count > SENT || !read_body(a, body, length, count)) return 0;
    int64_t base_us = unwrap(&a->references, body[12] << 16 | body[13] << 8 | body[14]) * REFERENCE_US;
    int64_t skipped = skip(a, first, count);
    *out = (told){.delay_s = INFINITY, .sure_s = INFINITY};
    for (int i = 0; i < count; i++) {
        sent_packet *sent = peer_find_sent(a->to, first + i);
        int has_arrived = a->status[i] != NOT_RECEIVED;
        if (!sent || sent->told == ARRIVED || (sent->told == LOST && !has_arrived)) continue;
        packet_result one = {sent->at_us / 1e6, 0, sent->size, has_arrived, sent->told == LOST};
        if (has_arrived) one.arrived_at = (base_us + a->time_us[i]) / 1e6;
        sent->told = has_arrived ? ARRIVED : LOST;
        take(a, &one, from <= one.sent_at && one.sent_at <= until, &skipped, out);
    }
    out->trend = a->trend.state;
    out->rate_bps = delivery_rate(&a->delivered, WINDOW_STEPS);
    out->short_bps = delivery_rate(&a->delivered, SHORT_STEPS);
    return 1;
}
