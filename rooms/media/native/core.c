/* See core.h. Memory is bounded by the streams and peers that Python makes; nothing here
   allocates for each packet once the pools have grown to their working size. */

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum {
    PACKET_BYTES = 1536,   /* an Ethernet frame, and room for what protection adds */
    MAX_PLAIN = 1472,      /* as MAX_PLAIN_BYTES of engine.py */
    BATCH = 2048,          /* packets that wait for one flush: 3 MiB, a burst to 140 receivers */
    SEGMENTS = 40,         /* of one send call; the kernel takes 64, and 64 KiB in all */
    SEGMENT_BYTES = 60000,
    MESSAGES = 64,         /* of one sendmmsg */
    DATAGRAMS = 64,        /* of one recvmmsg */
    DATAGRAM_BYTES = 2048,
    MARKS = 64,            /* as MAX_MARKS of rewriter.py */
    DROPS = 256,           /* remembered drops, by their number modulo this */
    CACHE = 512,           /* as CACHE_PACKETS of cache.py */
    SENT = 2048,           /* packets whose sending is remembered for feedback */
    REPEAT_US = 100000,    /* as MIN_REPEAT_S of cache.py */
    MAX_ANSWERS = 3,
    MAX_HEAD = 8,
    TAP_BYTES = 131072,    /* as MAX_TAPPED_BYTES of engine.py */
    TAP_HEAD = 3,
};

typedef int (*protect_function)(void *session, void *packet, int *length);

typedef struct payload {
    union { int references; struct payload *next_free; };
    int length;
    uint8_t bytes[MAX_PLAIN];
} payload;

typedef struct {
    int length;
    int next;
    uint8_t bytes[PACKET_BYTES];
} outgoing;

struct peer {
    core *c;
    void *srtp;
    int fd;
    socklen_t address_length;
    struct sockaddr_storage address;
    int first, last;          /* its packets in the batch, -1 for none */
    peer *next_waiting;
    uint8_t *tap;             /* where its packets go instead, or NULL */
    int tapped;
    uint16_t wide_sequence;
    uint64_t sent_bytes;
    struct { int64_t at_us; int32_t size; uint16_t wide; uint8_t used; } sent[SENT];
};

typedef struct {
    uint32_t timestamp;
    uint16_t sequence;
    uint8_t marker, head_size, skip, answers;
    uint8_t head[MAX_HEAD];
    payload *body;
    int64_t answered_us;
} kept;

typedef struct { int bits; int known; int64_t highest; } unwrapper;
typedef struct { int64_t mark[MARKS]; int64_t offset[MARKS]; int count; } offsets;

typedef struct {
    int64_t last_sequence, last_picture, base;
    uint32_t last_timestamp, timestamp_offset;
    uint8_t last_tl0, tl0_offset;
    unwrapper sequences, pictures;
    offsets marks, picture_marks;
    int64_t dropped[DROPS];
} rewriter;

struct stream {
    core *c;
    peer *to;
    header_shape shape, repair;
    uint16_t repair_sequence;
    int temporal_limit, temporal_wanted;
    rewriter numbers;
    stream_state state;
    kept *cache;              /* NULL for audio */
};

struct fan {
    core *c;
    stream **streams;
    int count, room;
};

struct core {
    int references;           /* of Python's handle and of every part made */
    protect_function protect;
    core_counters counters;
    peer *waiting, *waiting_last;
    int queued;
    int segments;
    payload *free_payloads;
    struct mmsghdr in[DATAGRAMS];
    struct iovec in_parts[DATAGRAMS];
    struct sockaddr_storage in_from[DATAGRAMS];
    uint8_t in_bytes[DATAGRAMS][DATAGRAM_BYTES];
    outgoing batch[BATCH];
};

/* Counters and offsets that do not wrap ------------------------------------------------- */

static void unwrap_reset(unwrapper *u, int bits) {
    u->bits = bits;
    u->known = 0;
    u->highest = 0;
}

static int64_t unwrap(unwrapper *u, int64_t value) {
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

static void offsets_reset(offsets *o, int64_t mark, int64_t offset) {
    o->count = 1;
    o->mark[0] = mark;
    o->offset[0] = offset;
}

static void offsets_push(offsets *o, int64_t mark) {
    int64_t offset = o->offset[o->count - 1] - 1;
    if (o->count == MARKS) {
        memmove(o->mark, o->mark + 1, sizeof o->mark - sizeof o->mark[0]);
        memmove(o->offset, o->offset + 1, sizeof o->offset - sizeof o->offset[0]);
        o->count--;
    }
    o->mark[o->count] = mark;
    o->offset[o->count++] = offset;
}

/* The newest mark at or before the value: nearly always the last one. */
static int offsets_find(const offsets *o, int64_t value, int64_t *offset) {
    for (int i = o->count - 1; i >= 0; i--) {
        if (o->mark[i] <= value) {
            *offset = o->offset[i];
            return 1;
        }
    }
    return 0;
}

/* Continuity: rewriter.py ---------------------------------------------------------------- */

static int is_dropped(const rewriter *r, int64_t extended) {
    return r->dropped[extended & (DROPS - 1)] == extended;
}

static void forget_drops(rewriter *r) {
    for (int i = 0; i < DROPS; i++) r->dropped[i] = INT64_MIN;
}

static void rewriter_switch(rewriter *r, const media_packet *m, int64_t elapsed) {
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

static void rewriter_drop(rewriter *r, const media_packet *m) {
    int known = r->sequences.known;
    int64_t newest = r->sequences.highest;
    int64_t extended = unwrap(&r->sequences, m->sequence);
    if (!known || is_dropped(r, extended)) return;
    r->dropped[extended & (DROPS - 1)] = extended;
    if (extended <= newest) {
        if (extended == r->base && r->base == newest) offsets_push(&r->marks, extended + 1);
        return;
    }
    offsets_push(&r->marks, extended + 1);
    if (m->descriptor_size && m->starts_frame && m->picture_id >= 0) {
        int64_t picture = unwrap(&r->pictures, m->picture_id);
        offsets_push(&r->picture_marks, picture + 1);
    }
}

/* The outgoing descriptor; 0 when the picture is older than the memory of drops. */
static int write_descriptor(rewriter *r, const media_packet *m, int is_newest, uint8_t *head) {
    uint8_t flags = 0;
    int at = 2;
    if (m->picture_id >= 0) {
        int64_t offset, extended = unwrap(&r->pictures, m->picture_id);
        if (!offsets_find(&r->picture_marks, extended, &offset)) return 0;
        if (is_newest) r->last_picture = extended + offset;
        uint16_t picture = (uint16_t)((extended + offset) & 0x7FFF);
        flags |= 0x80;
        head[at++] = 0x80 | picture >> 8;
        head[at++] = picture & 0xFF;
    }
    if (m->tl0_index >= 0) {
        uint8_t tl0 = (uint8_t)(m->tl0_index + r->tl0_offset);
        if (is_newest) r->last_tl0 = tl0;
        flags |= 0x40;
        head[at++] = tl0;
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

typedef struct { uint16_t sequence; uint32_t timestamp; uint8_t head[MAX_HEAD]; int head_size; } rewritten;

static int rewrite(rewriter *r, const media_packet *m, rewritten *out) {
    int known = r->sequences.known;
    int64_t newest = r->sequences.highest, offset;
    int64_t extended = unwrap(&r->sequences, m->sequence);
    if (extended < r->base || is_dropped(r, extended)) return 0;
    if (!offsets_find(&r->marks, extended, &offset)) return 0;
    int64_t sequence = extended + offset;
    out->sequence = sequence & 0xFFFF;
    out->timestamp = m->timestamp + r->timestamp_offset;
    int is_newest = !known || extended >= newest;
    if (is_newest) {
        if (sequence > r->last_sequence) r->last_sequence = sequence;
        r->last_timestamp = out->timestamp;
    }
    out->head_size = 0;
    if (!m->descriptor_size) return 1;
    out->head_size = write_descriptor(r, m, is_newest, out->head);
    return out->head_size > 0;
}

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

/* A free place in the batch, or NULL when nothing can be sent to this peer. */
static outgoing *place_for(core *c, peer *to) {
    if (!to->srtp || !(to->address_length || to->tap)) return NULL;
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
        int slot = to->wide_sequence & (SENT - 1);
        to->sent[slot].at_us = now_us;
        to->sent[slot].size = o->length;
        to->sent[slot].wide = to->wide_sequence++;
        to->sent[slot].used = 1;
    }
    return 1;
}

static int send_packet(stream *s, const header_shape *h, uint16_t sequence, uint32_t timestamp,
                       uint8_t marker, uint8_t level, const uint8_t *head, int head_size,
                       const uint8_t *body, int body_size, int64_t now_us) {
    core *c = s->c;
    outgoing *o = place_for(c, s->to);
    if (!o) return 0;
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
    if (leaves_out(s, m)) {
        rewriter_drop(&s->numbers, m);
        return 0;
    }
    if (!rewrite(&s->numbers, m, &out)) return 0;
    s->state.source_timestamp = m->timestamp;
    int body_size = m->length - m->descriptor_size;
    int size = out.head_size + body_size;
    if (s->shape.size + size > MAX_PLAIN) {
        s->c->counters.too_long++;
        return 0;
    }
    int sent = send_packet(s, &s->shape, out.sequence, out.timestamp, m->marker, m->level, out.head,
                           out.head_size, m->payload + m->descriptor_size, body_size, now_us);
    if (sent) {
        s->state.packets++;
        s->state.payload_bytes += size;
    }
    s->state.sent_us = now_us;
    if (s->cache) {
        if (!*body) *body = payload_take(s->c, m);
        if (*body) keep(s, &out, m, *body);
    }
    return sent;
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

int stream_retransmit(stream *s, uint16_t sequence, int64_t now_us) {
    if (!s->cache || !s->repair.size) return 0;
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

int stream_probe(stream *s, int padding, int64_t now_us) {
    if (!s->repair.size || padding < 1 || padding > 224) return 0;
    outgoing *o = place_for(s->c, s->to);
    if (!o) return 0;
    int at = write_header(&s->repair, s->to, o->bytes, ++s->repair_sequence,
                          s->numbers.last_timestamp, 0, 127, now_us);
    o->bytes[0] |= 0x20;
    memset(o->bytes + at, 0, padding);
    o->length = at + padding;
    o->bytes[o->length - 1] = padding;
    return enqueue(s->c, s, &s->repair, o, now_us);
}

/* The kernel ----------------------------------------------------------------------------- */

typedef struct {
    struct mmsghdr message[MESSAGES];
    struct iovec part[MESSAGES][SEGMENTS];
    char control[MESSAGES][CMSG_SPACE(sizeof(uint16_t))];
    int count, fd;
} post;

static void count_sent(core *c, const struct msghdr *message) {
    c->counters.datagrams_out += message->msg_iovlen;
    for (size_t i = 0; i < message->msg_iovlen; i++) c->counters.bytes_out += message->msg_iov[i].iov_len;
}

/* A message of several packets that this path cannot take as one: each by itself. */
static void send_singly(core *c, int fd, struct msghdr *message) {
    struct iovec *parts = message->msg_iov;
    size_t count = message->msg_iovlen;
    message->msg_control = NULL;
    message->msg_controllen = 0;
    message->msg_iovlen = 1;
    for (size_t i = 0; i < count; i++) {
        message->msg_iov = parts + i;
        c->counters.send_calls++;
        if (sendmsg(fd, message, MSG_DONTWAIT) >= 0) count_sent(c, message);
        else if (errno == EAGAIN || errno == EWOULDBLOCK) c->counters.send_drops++;
        else c->counters.send_errors++;
    }
}

static void post_send(core *c, post *p) {
    int at = 0;
    while (at < p->count) {
        c->counters.send_calls++;
        int sent = sendmmsg(p->fd, p->message + at, p->count - at, MSG_DONTWAIT);
        if (sent > 0) {
            for (int i = at; i < at + sent; i++) count_sent(c, &p->message[i].msg_hdr);
            at += sent;
            continue;
        }
        struct msghdr *failed = &p->message[at].msg_hdr;
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            c->counters.send_drops += failed->msg_iovlen;
        } else if (failed->msg_iovlen > 1) {
            send_singly(c, p->fd, failed);
        } else {
            c->counters.send_errors++;
        }
        at++;
    }
    p->count = 0;
}

/* One message: a run of packets of one size, the last of which may be shorter. Returns the
   packet after it. */
static int post_run(core *c, post *p, peer *to, int index) {
    struct msghdr *m = &p->message[p->count].msg_hdr;
    struct iovec *parts = p->part[p->count];
    int size = c->batch[index].length, total = 0, count = 0;
    int most = c->segments ? SEGMENTS : 1;
    while (index >= 0 && count < most) {
        outgoing *o = &c->batch[index];
        if (o->length > size || total + o->length > SEGMENT_BYTES) break;
        parts[count].iov_base = o->bytes;
        parts[count++].iov_len = o->length;
        total += o->length;
        index = o->next;
        if (o->length < size) break;
    }
    memset(m, 0, sizeof *m);
    m->msg_name = &to->address;
    m->msg_namelen = to->address_length;
    m->msg_iov = parts;
    m->msg_iovlen = count;
    if (count > 1) {
        m->msg_control = p->control[p->count];
        m->msg_controllen = sizeof p->control[0];
        struct cmsghdr *head = CMSG_FIRSTHDR(m);
        head->cmsg_level = IPPROTO_UDP;
        head->cmsg_type = UDP_SEGMENT;
        head->cmsg_len = CMSG_LEN(sizeof(uint16_t));
        uint16_t segment = size;
        memcpy(CMSG_DATA(head), &segment, sizeof segment);
    }
    p->count++;
    return index;
}

void core_flush(core *c) {
    static post p;  /* one thread; 42 KiB that need not be on the stack */
    p.count = 0;
    for (peer *to = c->waiting; to; to = to->next_waiting) {
        int index = to->first;
        while (index >= 0) {
            if (p.count == MESSAGES || (p.count && p.fd != to->fd)) post_send(c, &p);
            p.fd = to->fd;
            index = post_run(c, &p, to, index);
        }
        to->first = to->last = -1;
    }
    post_send(c, &p);
    c->waiting = c->waiting_last = NULL;
    c->queued = 0;
}

int core_receive(core *c, int fd, int limit) {
    if (limit > DATAGRAMS) limit = DATAGRAMS;
    for (int i = 0; i < limit; i++) c->in[i].msg_hdr.msg_namelen = sizeof c->in_from[i];
    int count = recvmmsg(fd, c->in, limit, MSG_DONTWAIT, NULL);
    return count < 0 ? -errno : count;
}

const uint8_t *core_datagram(core *c, int index) { return c->in_bytes[index]; }
int core_length(core *c, int index) { return c->in[index].msg_len; }
const uint8_t *core_address(core *c, int index) { return (const uint8_t *)&c->in_from[index]; }
int core_address_length(core *c, int index) { return c->in[index].msg_hdr.msg_namelen; }

/* Making and freeing --------------------------------------------------------------------- */

core *core_new(void *protect) {
    core *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->references = 1;
    c->protect = (protect_function)protect;
    c->segments = 1;
    for (int i = 0; i < DATAGRAMS; i++) {
        c->in_parts[i].iov_base = c->in_bytes[i];
        c->in_parts[i].iov_len = DATAGRAM_BYTES;
        c->in[i].msg_hdr.msg_iov = &c->in_parts[i];
        c->in[i].msg_hdr.msg_iovlen = 1;
        c->in[i].msg_hdr.msg_name = &c->in_from[i];
    }
    return c;
}

/* Parts may be collected after the core's own handle: the last one out frees it. */
static core *core_share(core *c) {
    c->references++;
    return c;
}

void core_free(core *c) {
    if (--c->references) return;
    while (c->free_payloads) {
        payload *body = c->free_payloads;
        c->free_payloads = body->next_free;
        free(body);
    }
    free(c);
}

const core_counters *core_count(core *c) { return &c->counters; }
void core_use_segments(core *c, int on) { c->segments = on; }

peer *peer_new(core *c) {
    peer *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->c = core_share(c);
    p->first = p->last = -1;
    return p;
}

void peer_free(peer *p) {
    if (p->first >= 0) core_flush(p->c);
    core_free(p->c);
    free(p->tap);
    free(p);
}

void peer_set_keys(peer *p, void *srtp) { p->srtp = srtp; }

void peer_set_path(peer *p, int fd, const void *address, int length) {
    if (length < 0 || (size_t)length > sizeof p->address) length = 0;
    /* What waits was meant for the path of before; it goes out first. */
    if (p->first >= 0) core_flush(p->c);
    p->fd = fd;
    memcpy(&p->address, address, length);
    p->address_length = length;
}

int peer_tap(peer *p, int on) {
    p->tapped = 0;
    if (!on) {
        free(p->tap);
        p->tap = NULL;
    } else if (!p->tap) {
        p->tap = malloc(TAP_BYTES);
    }
    return !on || p->tap;
}

int peer_tapped(peer *p) { return p->tapped; }
const uint8_t *peer_tap_bytes(peer *p) { return p->tap; }
void peer_empty_tap(peer *p) { p->tapped = 0; }

uint64_t peer_sent_bytes(peer *p) { return p->sent_bytes; }

int peer_sent(peer *p, uint16_t wide, int64_t *at_us, int *size) {
    int slot = wide & (SENT - 1);
    if (!p->sent[slot].used || p->sent[slot].wide != wide) return 0;
    *at_us = p->sent[slot].at_us;
    *size = p->sent[slot].size;
    return 1;
}

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
