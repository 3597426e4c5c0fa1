/* Streams and fans: what is written for each packet and receiver. Memory is bounded by the streams
   that Python makes; nothing is allocated for a packet once the pool has grown to its size. */

#include <stdlib.h>
#include <string.h>

#include "parts.h"

/* Payloads shared by all who keep them --------------------------------------------------- */

static payload *payload_take(core *c, const media_packet *m) {
    payload *body = c->free_payloads;
    if (body) c->free_payloads = body->next_free;
    else if (!(body = malloc(sizeof *body))) return NULL;
    body->references = 1;
    body->length = m->length;
    memcpy(body->bytes, m->payload, m->length);
    return body;
}

static void payload_release(core *c, payload *body) {
    if (body && --body->references == 0) {
        body->next_free = c->free_payloads;
        c->free_payloads = body;
    }
}

/* Sending -------------------------------------------------------------------------------- */

static int write_header(const header_shape *h, peer *to, uint8_t *out, uint16_t sequence,
                        uint32_t timestamp, uint8_t marker, uint8_t level, int64_t now_us) {
    memcpy(out, h->bytes, h->size);
    out[1] = marker << 7 | h->payload_type;
    out[2] = sequence >> 8;
    out[3] = sequence & 0xFF;
    out[4] = timestamp >> 24;
    out[5] = timestamp >> 16;
    out[6] = timestamp >> 8;
    out[7] = timestamp;
    out[8] = h->ssrc >> 24;
    out[9] = h->ssrc >> 16;
    out[10] = h->ssrc >> 8;
    out[11] = h->ssrc;
    if (h->send_time_at) {
        uint32_t time = (uint32_t)((unsigned __int128)now_us * 262144 / 1000000) & 0xFFFFFF;
        out[h->send_time_at] = time >> 16;
        out[h->send_time_at + 1] = time >> 8;
        out[h->send_time_at + 2] = time;
    }
    if (h->level_at) out[h->level_at] = level;
    if (h->wide_at) {
        out[h->wide_at] = to->wide_sequence >> 8;
        out[h->wide_at + 1] = to->wide_sequence;
    }
    return h->size;
}

static int can_send(const peer *to) { return to->srtp && (to->address_length || to->tap); }

/* A free place in the batch. */
static outgoing *place_for(core *c) {
    if (c->queued == BATCH) core_flush(c);
    return &c->batch[c->queued];
}

static void wait_for_flush(core *c, peer *to, outgoing *o) {
    int index = c->queued++;
    o->next = -1;
    if (to->first < 0) {
        to->first = index;
        to->next_waiting = NULL;
        if (c->waiting_last) c->waiting_last->next_waiting = to;
        else c->waiting = to;
        c->waiting_last = to;
    } else {
        c->batch[to->last].next = index;
    }
    to->last = index;
}

static void put_in_tap(core *c, peer *to, const outgoing *o, int is_picture) {
    if (to->tapped + TAP_HEAD + o->length > TAP_BYTES) {
        c->counters.send_drops++;
        return;
    }
    uint8_t *at = to->tap + to->tapped;
    at[0] = o->length >> 8;
    at[1] = o->length;
    at[2] = is_picture;
    memcpy(at + TAP_HEAD, o->bytes, o->length);
    to->tapped += TAP_HEAD + o->length;
}

/* Protect what stands in the place and let it wait for the flush. */
static int enqueue(core *c, stream *s, const header_shape *h, outgoing *o, int64_t now_us) {
    peer *to = s->to;
    if (c->protect(to->srtp, o->bytes, &o->length)) {
        c->counters.refused++;
        return 0;
    }
    if (to->tap) put_in_tap(c, to, o, s->cache != NULL);
    else wait_for_flush(c, to, o);
    to->sent_bytes += o->length;
    if (h->wide_at) {
        uint16_t wide = to->wide_sequence++;
        to->sent[wide & (SENT - 1)] = (sent_packet){now_us, o->length, wide, 1, 0};
    }
    return 1;
}

static int send_packet(stream *s, const header_shape *h, uint16_t sequence, uint32_t timestamp,
                       uint8_t marker, uint8_t level, const uint8_t *head, int head_size,
                       const uint8_t *body, int body_size, int64_t now_us) {
    core *c = s->c;
    outgoing *o = place_for(c);
    int at = write_header(h, s->to, o->bytes, sequence, timestamp, marker, level, now_us);
    memcpy(o->bytes + at, head, head_size);
    memcpy(o->bytes + at + head_size, body, body_size);
    o->length = at + head_size + body_size;
    return enqueue(c, s, h, o, now_us);
}

static void keep(stream *s, const rewritten *out, const media_packet *m, payload *body) {
    kept *k = &s->cache[out->sequence & (CACHE - 1)];
    payload_release(s->c, k->body);
    body->references++;
    k->body = body;
    k->sequence = out->sequence;
    k->timestamp = out->timestamp;
    k->marker = m->marker;
    k->head_size = out->head_size;
    k->skip = m->descriptor_size;
    memcpy(k->head, out->head, out->head_size);
    k->answers = 0;
    k->answered_us = 0;
}

/* 1 when this packet is of a temporal layer that the stream leaves out now. Limits change
   where a frame begins: down at once, up where the frame needs only what was sent. */
static int leaves_out(stream *s, const media_packet *m) {
    if (m->temporal < 0) return 0;
    if (m->starts_frame) {
        int is_up = m->temporal > s->temporal_limit && m->temporal <= s->temporal_wanted;
        if (s->temporal_wanted < s->temporal_limit) s->temporal_limit = s->temporal_wanted;
        else if (is_up && m->layer_sync) s->temporal_limit = m->temporal;
    }
    return m->temporal > s->temporal_limit;
}

static int forward(stream *s, const media_packet *m, payload **body, int64_t now_us) {
    rewritten out;
    if (!s->shape.size) return 0;
    if (!can_send(s->to)) {
        /* It takes no number: the next that is sent would be too far ahead. */
        rewriter_pass_over(&s->numbers, m);
        return 0;
    }
    if (leaves_out(s, m)) {
        rewriter_drop(&s->numbers, m);
        return 0;
    }
    int body_size = m->length - m->descriptor_size;
    int size = head_size(m) + body_size;
    int is_too_long = s->shape.size + size > MAX_PLAIN;
    if (is_too_long || !knows_picture(&s->numbers, m)) {
        s->c->counters.too_long += is_too_long;
        rewriter_skip(&s->numbers, m);
        return 0;
    }
    if (!rewrite(&s->numbers, m, &out)) return 0;
    int sent = send_packet(s, &s->shape, out.sequence, out.timestamp, m->marker, m->level, out.head,
                           out.head_size, m->payload + m->descriptor_size, body_size, now_us);
    if (!sent) return 0;
    rewriter_sent(&s->numbers, m, &out);
    s->state.source_timestamp = m->timestamp;
    s->state.packets++;
    s->state.payload_bytes += size;
    s->state.sent_us = now_us;
    if (s->cache) {
        if (!*body) *body = payload_take(s->c, m);
        if (*body) keep(s, &out, m, *body);
    }
    return 1;
}

int fan_forward(fan *f, const media_packet *m, int64_t now_us) {
    payload *body = NULL;
    int sent = 0;
    for (int i = 0; i < f->count; i++) sent += forward(f->streams[i], m, &body, now_us);
    payload_release(f->c, body);
    return sent;
}

void fan_drop(fan *f, const media_packet *m) {
    for (int i = 0; i < f->count; i++) rewriter_drop(&f->streams[i]->numbers, m);
}

static int repeat(stream *s, uint16_t sequence, int64_t now_us) {
    kept *k = &s->cache[sequence & (CACHE - 1)];
    if (!k->body || k->sequence != sequence || k->answers >= MAX_ANSWERS) return 0;
    if (k->answers && now_us - k->answered_us < REPEAT_US) return 0;
    uint8_t head[2 + MAX_HEAD] = {sequence >> 8, sequence & 0xFF};
    memcpy(head + 2, k->head, k->head_size);
    int body_size = k->body->length - k->skip;
    if (s->repair.size + 2 + k->head_size + body_size > MAX_PLAIN) {
        s->c->counters.too_long++;
        return 0;
    }
    k->answers++;
    k->answered_us = now_us;
    int sent = send_packet(s, &s->repair, ++s->repair_sequence, k->timestamp, k->marker, 127, head,
                           2 + k->head_size, k->body->bytes + k->skip, body_size, now_us);
    s->state.retransmitted += sent;
    return sent;
}

int stream_retransmit(stream *s, const uint8_t *asked, int pairs, int most, int64_t now_us) {
    int sent = 0;
    if (!s->cache || !s->repair.size || !can_send(s->to)) return 0;
    for (int i = 0; i < pairs; i++, asked += 4) {
        uint16_t sequence = asked[0] << 8 | asked[1];
        /* The number itself, and its mask of the 16 after it. */
        for (uint32_t left = (asked[2] << 8 | asked[3]) << 1 | 1; left; left >>= 1, sequence++) {
            if (sent >= most) return sent;
            if (left & 1) sent += repeat(s, sequence, now_us);
        }
    }
    return sent;
}

int stream_probe(stream *s, int padding, int64_t now_us) {
    if (!s->repair.size || padding < 1 || padding > 224 || !can_send(s->to)) return 0;
    outgoing *o = place_for(s->c);
    int at = write_header(&s->repair, s->to, o->bytes, ++s->repair_sequence,
                          s->numbers.last_timestamp, 0, 127, now_us);
    o->bytes[0] |= 0x20;
    memset(o->bytes + at, 0, padding);
    o->length = at + padding;
    o->bytes[o->length - 1] = padding;
    return enqueue(s->c, s, &s->repair, o, now_us);
}

/* Making and freeing --------------------------------------------------------------------- */

stream *stream_new(core *c, peer *p, int keeps_packets) {
    stream *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    if (keeps_packets && !(s->cache = calloc(CACHE, sizeof *s->cache))) {
        free(s);
        return NULL;
    }
    s->c = core_share(c);
    s->to = p;
    s->state.sent_us = -1;
    s->temporal_limit = s->temporal_wanted = 7;
    forget_drops(&s->numbers);
    return s;
}

void stream_forget_packets(stream *s) {
    if (!s->cache) return;
    for (int i = 0; i < CACHE; i++) payload_release(s->c, s->cache[i].body);
    memset(s->cache, 0, CACHE * sizeof *s->cache);
}

void stream_free(stream *s) {
    stream_forget_packets(s);
    core_free(s->c);
    free(s->cache);
    free(s);
}

void stream_begin(stream *s, uint16_t sequence, uint32_t timestamp, uint16_t picture, uint8_t tl0) {
    s->numbers.last_sequence = sequence;
    s->numbers.last_timestamp = timestamp;
    s->numbers.last_picture = picture;
    s->numbers.last_tl0 = tl0;
}

void stream_shape(stream *s, const header_shape *shape) { s->shape = *shape; }

void stream_shape_repair(stream *s, const header_shape *shape) { s->repair = *shape; }
void stream_number_repair(stream *s, uint16_t sequence) { s->repair_sequence = sequence; }

void stream_switch(stream *s, const media_packet *m, int64_t elapsed) {
    s->temporal_limit = s->temporal_wanted;  /* a key frame needs nothing before it */
    rewriter_switch(&s->numbers, m, elapsed);
}

void stream_limit_temporal(stream *s, int temporal) { s->temporal_wanted = temporal; }

void stream_read(stream *s, stream_state *state) {
    s->state.last_sequence = s->numbers.last_sequence & 0xFFFF;
    s->state.last_timestamp = s->numbers.last_timestamp;
    s->state.timestamp_offset = s->numbers.timestamp_offset;
    *state = s->state;
}

fan *fan_new(core *c) {
    fan *f = calloc(1, sizeof *f);
    if (f) f->c = core_share(c);
    return f;
}

void fan_free(fan *f) {
    core_free(f->c);
    free(f->streams);
    free(f);
}

int fan_add(fan *f, stream *s) {
    if (f->count == f->room) {
        int room = f->room ? 2 * f->room : 8;
        stream **more = realloc(f->streams, room * sizeof *more);
        if (!more) return 0;
        f->streams = more;
        f->room = room;
    }
    f->streams[f->count++] = s;
    return 1;
}

void fan_remove(fan *f, stream *s) {
    for (int i = 0; i < f->count; i++) {
        if (f->streams[i] == s) {
            memmove(f->streams + i, f->streams + i + 1, (f->count - i - 1) * sizeof *f->streams);
            f->count--;
            return;
        }
    }
}
