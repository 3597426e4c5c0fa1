/* Numbers that go on without a seam, whatever a stream is fed: rewriter.py. */

#pragma once

#include <string.h>

#include "numbers.h"

enum {
    MARKS = 64,  /* as MAX_MARKS of rewriter.py */
    DROPS = 256, /* as MAX_DROPS: remembered drops, by their number modulo this */
    SENT_WINDOW = 1024, /* as in rewriter.py, and so MAX_AHEAD */
    MAX_AHEAD = 256,
    MAX_HEAD = 8,
};

typedef struct { int64_t mark[MARKS]; int64_t offset[MARKS]; int count; } offsets;

typedef struct {
    int64_t last_sequence, last_picture, base;
    uint32_t last_timestamp, timestamp_offset;
    uint8_t last_tl0, tl0_offset;
    unwrapper sequences, pictures;
    offsets marks, picture_marks;
    int64_t dropped[DROPS];
    uint64_t sent[SENT_WINDOW / 64]; /* of the numbers up to last_sequence, by their number modulo SENT_WINDOW */
} rewriter;

static inline void offsets_reset(offsets *o, int64_t mark, int64_t offset) {
    o->count = 1;
    o->mark[0] = mark;
    o->offset[0] = offset;
}

static inline int64_t offsets_last(const offsets *o) { return o->offset[o->count - 1]; }
static inline int64_t offsets_mark(const offsets *o) { return o->mark[o->count - 1]; }

static inline void offsets_push(offsets *o, int64_t mark) {
    int64_t offset = offsets_last(o) - 1;
    if (o->count == MARKS) {
        memmove(o->mark, o->mark + 1, sizeof o->mark - sizeof o->mark[0]);
        memmove(o->offset, o->offset + 1, sizeof o->offset - sizeof o->offset[0]);
        o->count--;
    }
    o->mark[o->count] = mark;
    o->offset[o->count++] = offset;
}

/* The newest mark at or before the value: nearly always the last one. */
static inline int offsets_find(const offsets *o, int64_t value, int64_t *offset) {
    for (int i = o->count - 1; i >= 0; i--) {
        if (o->mark[i] <= value) {
            *offset = o->offset[i];
            return 1;
        }
    }
    return 0;
}

static inline int is_dropped(const rewriter *r, int64_t extended) {
    return r->dropped[extended & (DROPS - 1)] == extended;
}

static inline uint64_t *sent_word(rewriter *r, int64_t sequence) {
    return &r->sent[(sequence & (SENT_WINDOW - 1)) >> 6];
}

static inline int is_sent(rewriter *r, int64_t sequence) {
    if (sequence > r->last_sequence) return 0;
    if (r->last_sequence - sequence >= SENT_WINDOW) return 1;
    return *sent_word(r, sequence) >> (sequence & 63) & 1;
}

static inline void use_sequence(rewriter *r, int64_t sequence) {
    for (int64_t at = r->last_sequence + 1; at < sequence; at++)
        *sent_word(r, at) &= ~((uint64_t)1 << (at & 63));
    *sent_word(r, sequence) |= (uint64_t)1 << (sequence & 63);
    if (sequence > r->last_sequence) r->last_sequence = sequence;
}

static inline void forget_drops(rewriter *r) {
    for (int i = 0; i < DROPS; i++) r->dropped[i] = INT64_MIN;
}

static inline void rewriter_switch(rewriter *r, const media_packet *m, int64_t elapsed) {
    unwrap_reset(&r->sequences, 16);
    int64_t sequence = unwrap(&r->sequences, m->sequence);
    r->base = sequence;
    offsets_reset(&r->marks, sequence, r->last_sequence + 1 - sequence);
    if (elapsed < 1) elapsed = 1;
    r->timestamp_offset = (uint32_t)(r->last_timestamp + (uint64_t)elapsed - m->timestamp);
    forget_drops(r);
    if (!m->descriptor_size) return;
    unwrap_reset(&r->pictures, m->picture_bits);
    int64_t picture = unwrap(&r->pictures, m->picture_id < 0 ? 0 : m->picture_id);
    offsets_reset(&r->picture_marks, picture, r->last_picture + 1 - picture);
    r->tl0_offset = (uint8_t)(r->last_tl0 + 1 - (m->tl0_index < 0 ? 0 : m->tl0_index));
}

/* The number of a packet that is not sent. 1 when it is the newest so far. */
static inline int rewriter_skip(rewriter *r, const media_packet *m) {
    int known = r->sequences.known;
    int64_t newest = r->sequences.highest;
    int64_t extended = unwrap(&r->sequences, m->sequence);
    if (!known || is_dropped(r, extended)) return 0;
    r->dropped[extended & (DROPS - 1)] = extended;
    if (extended <= newest) {
        int is_unsent = !is_sent(r, extended + offsets_last(&r->marks));
        if (extended == r->base && r->base == newest && is_unsent) offsets_push(&r->marks, extended + 1);
        return 0;
    }
    offsets_push(&r->marks, extended + 1);
    return 1;
}

static inline void rewriter_drop(rewriter *r, const media_packet *m) {
    if (!rewriter_skip(r, m)) return;
    if (m->descriptor_size && m->starts_frame && m->picture_id >= 0) {
        int64_t picture = unwrap(&r->pictures, m->picture_id);
        if (picture + 1 > offsets_mark(&r->picture_marks)) offsets_push(&r->picture_marks, picture + 1);
    }
}

/* 0 when its picture is older than the memory of drops. */
static inline int knows_picture(const rewriter *r, const media_packet *m) {
    if (!m->descriptor_size || m->picture_id < 0) return 1;
    unwrapper pictures = r->pictures;
    int64_t offset;
    return offsets_find(&r->picture_marks, unwrap(&pictures, m->picture_id), &offset);
}

/* What a packet is sent with; `number` is the sequence that does not wrap. */
typedef struct {
    int64_t number, picture;
    int is_newest;
    uint16_t sequence;
    uint32_t timestamp;
    uint8_t tl0;
    uint8_t head[MAX_HEAD];
    int head_size;
} rewritten;

/* The outgoing descriptor of a picture that is known. */
static inline int write_descriptor(rewriter *r, const media_packet *m, rewritten *out) {
    uint8_t *head = out->head;
    uint8_t flags = 0;
    int at = 2;
    if (m->picture_id >= 0) {
        int64_t offset = 0, extended = unwrap(&r->pictures, m->picture_id);
        offsets_find(&r->picture_marks, extended, &offset);
        out->picture = extended + offset;
        uint16_t picture = (uint16_t)(out->picture & 0x7FFF);
        flags |= 0x80;
        head[at++] = 0x80 | picture >> 8;
        head[at++] = picture & 0xFF;
    }
    if (m->tl0_index >= 0) {
        out->tl0 = (uint8_t)(m->tl0_index + r->tl0_offset);
        flags |= 0x40;
        head[at++] = out->tl0;
    }
    if (m->temporal >= 0 || m->key_index >= 0) {
        uint8_t last = 0;
        if (m->temporal >= 0) {
            flags |= 0x20;
            last = m->temporal << 6 | (m->layer_sync ? 0x20 : 0);
        }
        if (m->key_index >= 0) {
            flags |= 0x10;
            last |= m->key_index;
        }
        head[at++] = last;
    }
    if (!flags) {
        head[0] = m->first & 0x7F;
        return 1;
    }
    head[0] = m->first | 0x80;
    head[1] = flags;
    return at;
}

/* How long the descriptor is that goes out. */
static inline int head_size(const media_packet *m) {
    int has_last = m->temporal >= 0 || m->key_index >= 0;
    int fields = 2 * (m->picture_id >= 0) + (m->tl0_index >= 0) + has_last;
    if (!m->descriptor_size) return 0;
    return fields ? 2 + fields : 1;
}

/* This packet can be sent to nobody now: the numbers after it keep their distance. */
static inline void rewriter_pass_over(rewriter *r, const media_packet *m) {
    unwrap(&r->sequences, m->sequence);
}

/* 0 when there is no number for this packet. */
static inline int find_number(rewriter *r, int64_t extended, rewritten *out) {
    int64_t offset;
    if (!offsets_find(&r->marks, extended, &offset)) return 0;
    int64_t sequence = extended + offset;
    if (sequence - r->last_sequence > MAX_AHEAD) {
        if (!out->is_newest) return 0;
        sequence = r->last_sequence + 2; /* one is missing, so that the receiver knows of a hole */
        offsets_reset(&r->marks, extended, sequence - extended);
    }
    out->number = sequence;
    out->sequence = sequence & 0xFFFF;
    return !is_sent(r, sequence);
}

/* 0 when the packet has no place in the stream. Nothing is used up before rewriter_sent. */
static inline int rewrite(rewriter *r, const media_packet *m, rewritten *out) {
    int known = r->sequences.known;
    int64_t newest = r->sequences.highest;
    int64_t extended = unwrap(&r->sequences, m->sequence);
    if (extended < r->base || is_dropped(r, extended)) return 0;
    out->is_newest = !known || extended >= newest;
    if (!find_number(r, extended, out)) return 0;
    out->timestamp = m->timestamp + r->timestamp_offset;
    out->head_size = m->descriptor_size ? write_descriptor(r, m, out) : 0;
    return 1;
}

/* The packet was sent with these numbers: they are used, and the next go on from them. */
static inline void rewriter_sent(rewriter *r, const media_packet *m, const rewritten *out) {
    use_sequence(r, out->number);
    if (!out->is_newest) return;
    r->last_timestamp = out->timestamp;
    if (!m->descriptor_size) return;
    if (m->picture_id >= 0) r->last_picture = out->picture;
    if (m->tl0_index >= 0) r->last_tl0 = out->tl0;
}
