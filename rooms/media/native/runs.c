/* What follows in order of one picture's stream, in one reading of a socket: decrypted, read,
   counted and forwarded in one call. Anything else ends the run and is Python's: `Publisher` in
   rooms/media/receiving/publisher.py, packet by packet, is what must come out of it too. */

#include <arpa/inet.h>
#include <string.h>

#include "parts.h"

enum {
    HEAD_BYTES = 12,
    ONE_BYTE_PROFILE = 0xBEDE,
    TWO_BYTE_PROFILE = 0x1000,
    MAX_EXTENSION_BYTES = 128, /* as in packet.py */
    MAX_ELEMENTS = 16,
    SHARE_BYTES = 40000,       /* as in rates.py */
};

typedef struct { int extension, extension_end, profile, payload, end; } places;

static uint32_t read32(const uint8_t *at) { return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3]; }
static int read16(const uint8_t *at) { return at[0] << 8 | at[1]; }

/* RtpHeader of packet.py; 0 where it raises ValueError. */
static int read_header(const uint8_t *data, int size, places *p) {
    if (size < HEAD_BYTES || data[0] >> 6 != 2) return 0;
    int at = HEAD_BYTES + 4 * (data[0] & 0x0F);
    *p = (places){0};
    if (data[0] & 0x10) {
        if (at + 4 > size) return 0;
        p->profile = read16(data + at);
        p->extension = at + 4;
        at = p->extension_end = at + 4 + 4 * read16(data + at + 2);
    }
    p->end = size;
    if (data[0] & 0x20) {
        if (!data[size - 1]) return 0;
        p->end -= data[size - 1];
    }
    p->payload = at;
    return at <= p->end;
}

/* The place of extension `wanted` and its size, 0 for none: `extension` of packet.py. */
static int find_extension(const uint8_t *data, const places *p, int wanted, int *size) {
    int at = p->extension, end = p->extension_end, is_short = p->profile == ONE_BYTE_PROFILE;
    if (end - at > MAX_EXTENSION_BYTES) return 0;
    if (!is_short && (p->profile & 0xFFF0) != TWO_BYTE_PROFILE) return 0;
    for (int i = 0; i < MAX_ELEMENTS; i++) {
        while (at < end && !data[at]) at++;
        if (at + 1 >= end) return 0;
        int number = is_short ? data[at] >> 4 : data[at];
        *size = is_short ? (data[at] & 0x0F) + 1 : data[at + 1];
        at += is_short ? 1 : 2;
        if ((is_short && number == 15) || at + *size > end) return 0;
        if (number == wanted) return at;
        at += *size;
    }
    return 0;
}

/* Vp8Descriptor of vp8.py; 0 where it raises ValueError, and for a key frame's first packet. */
static int read_descriptor(const uint8_t *body, int length, media_packet *m) {
    int at = 1;
    if (length < 1) return 0;
    m->first = body[0];
    m->picture_id = -1;
    m->picture_bits = 15;
    m->tl0_index = -1;
    m->temporal = m->key_index = -1;
    m->layer_sync = 0;
    if (m->first & 0x80) {
        if (length < 2) return 0;
        uint8_t flags = body[1];
        at = 2;
        if (flags & 0x80) {
            if (at + 1 >= length) return 0;
            m->picture_id = body[at];
            if (body[at] & 0x80) {
                m->picture_id = (body[at] & 0x7F) << 8 | body[at + 1];
                at++;
            } else {
                m->picture_bits = 7;
            }
            at++;
        }
        if (flags & 0x40) {
            if (at >= length) return 0;
            m->tl0_index = body[at++];
        }
        if (flags & 0x30) {
            if (at >= length) return 0;
            if (flags & 0x20) {
                m->temporal = body[at] >> 6;
                m->layer_sync = (body[at] & 0x20) != 0;
            }
            if (flags & 0x10) m->key_index = body[at] & 0x1F;
            at++;
        }
    }
    if (at >= length) return 0;
    m->descriptor_size = at;
    m->starts_frame = (m->first & 0x17) == 0x10;
    return !(m->starts_frame && !(body[at] & 0x01));
}

/* StreamReception.receive and Uplink.receive. */
static void note_time(run *r, uint32_t timestamp, double came_at) {
    int64_t transit = (int64_t)(came_at * r->clock_rate) - timestamp;
    if (r->has_transit) {
        int64_t delta = ((transit - r->transit + 0x80000000LL) & 0xFFFFFFFFLL) - 0x80000000LL;
        if (delta < 0) delta = -delta;
        if (delta < 4 * r->clock_rate) r->jitter += (delta - r->jitter) / 16;
    }
    r->transit = transit;
    r->has_transit = 1;
    unwrapper made = {32, r->has_made, r->made};
    double at = came_at - (double)unwrap(&made, timestamp) / r->clock_rate;
    r->made = made.highest;
    r->has_made = 1;
    if (at < r->least_s) r->least_s = at;
}

/* TemporalShares.count. */
static void share(run *r, int temporal, int size) {
    r->shares[temporal < 0 ? 0 : temporal] += size;
    r->share_total += size;
    if (r->share_total <= SHARE_BYTES) return;
    for (int i = 0; i < 4; i++) r->shares[i] /= 2;
    r->share_total /= 2;
}

/* 1 when the packet was in the run; else it stands in `run_plain`, for Python. */
static int take(core *c, fan *f, run *r, int index, int size) {
    const uint8_t *data = c->plain;
    places p;
    media_packet m = {.level = 127};
    if (!read_header(data, size, &p)) return 0;
    m.payload = data + p.payload;
    m.length = p.end - p.payload;
    if (!read_descriptor(m.payload, m.length, &m)) return 0;
    if (r->picture_packets < 1 || r->picture_bits <= 0) return 0;
    r->media_packets -= 1;
    r->media_bits -= 8 * size;
    r->picture_packets -= 1;
    r->picture_bits -= 8 * m.length;
    m.marker = data[1] >> 7;
    m.sequence = read16(data + 2);
    m.timestamp = read32(data + 4);
    double came_at = r->now - core_waited_us(c, index) / 1e6;
    int wide_size = 0, wide_at = r->wide_id ? find_extension(data, &p, r->wide_id, &wide_size) : 0;
    if (wide_at && wide_size == 2) {
        r->wide[r->numbered] = read16(data + wide_at);
        r->came_us[r->numbered++] = (int64_t)(came_at * 1000000);
    }
    note_time(r, m.timestamp, came_at);
    share(r, m.temporal, m.length);
    r->taken++;
    r->frames += m.marker;
    r->bytes += size;
    r->payload_bytes += m.length;
    r->next = (r->next + 1) & 0xFFFF;
    if (f) fan_forward(f, &m, (int64_t)(r->now * 1e6));
    return 1;
}

static int is_of_it(core *c, int first, int index, const run *r) {
    socklen_t length = c->in[first].msg_hdr.msg_namelen;
    return c->came[index].ssrc == r->ssrc && c->in[index].msg_hdr.msg_namelen == length &&
           !memcmp(&c->in_from[index], &c->in_from[first], length);
}

void core_run(core *c, int at, void *srtp, fan *f, run *r) {
    r->taken = r->frames = r->bytes = r->payload_bytes = r->datagram_bytes = r->numbered = 0;
    r->plain_at = -1;
    r->plain_size = 0;
    for (int i = at; i < c->received; i++) {
        int size = c->in[i].msg_len;
        if (c->came[i].is_taken || !is_of_it(c, at, i, r)) continue;
        if (read16(c->in_bytes[i] + 2) != r->next) return;
        if (size > MAX_PROTECTED || r->media_packets < 1 || r->media_bits <= 0) return;
        /* As it came it stays, for others' keys, until it decrypts. */
        memcpy(c->plain, c->in_bytes[i], size);
        if (c->unprotect(srtp, c->plain, &size)) return;
        c->came[i].is_taken = 1;
        r->datagram_bytes += c->in[i].msg_len;
        if (!take(c, f, r, i, size)) {
            r->plain_at = i;
            r->plain_size = size;
            return;
        }
    }
}

const uint8_t *run_plain(core *c) { return c->plain; }
const arrived *core_arrived(core *c) { return c->came; }

/* One packet by itself is cheaper in Python than a run. */
static void leave_single(arrived *came, int count) {
    int64_t ssrcs[DATAGRAMS];
    for (int i = 0; i < count; i++) ssrcs[i] = came[i].ssrc;
    for (int i = 0; i < count; i++) {
        int found = 0;
        for (int j = 0; j < count && !found; j++) found = j != i && ssrcs[j] == ssrcs[i];
        if (!found) came[i].ssrc = -1;
    }
}

void note_arrivals(core *c, int count) {
    c->received = count;
    for (int i = 0; i < count; i++) {
        const uint8_t *data = c->in_bytes[i];
        arrived *one = &c->came[i];
        /* RFC 7983 section 7, RFC 5761 section 4. */
        int is_media = c->in[i].msg_len >= HEAD_BYTES && data[0] >> 6 == 2 && (data[1] < 192 || data[1] >= 224);
        socklen_t length = c->in[i].msg_hdr.msg_namelen;
        one->ssrc = is_media ? (int64_t)read32(data + 8) : -1;
        one->is_taken = 0;
        one->address_length = length <= sizeof one->address ? length : 0;
        memcpy(one->address, &c->in_from[i], one->address_length);
    }
    leave_single(c->came, count);
}
