/* Out to the kernel and in from it: many packets with each call. */

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>

#include "parts.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

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
    for (int i = 0; i < limit; i++) {
        c->in[i].msg_hdr.msg_namelen = sizeof c->in_from[i];
        c->in[i].msg_hdr.msg_controllen = sizeof c->in_notes[i];
    }
    int count = recvmmsg(fd, c->in, limit, MSG_DONTWAIT, NULL);
    int failure = errno;
    clock_gettime(CLOCK_REALTIME, &c->read_at);
    note_arrivals(c, count < 0 ? 0 : count);
    return count < 0 ? -failure : count;
}

const uint8_t *core_datagram(core *c, int index) { return c->in_bytes[index]; }
int core_length(core *c, int index) { return c->in[index].msg_len; }

int64_t core_waited_us(core *c, int index) {
    struct msghdr *m = &c->in[index].msg_hdr;
    for (struct cmsghdr *note = CMSG_FIRSTHDR(m); note; note = CMSG_NXTHDR(m, note)) {
        if (note->cmsg_level != SOL_SOCKET || note->cmsg_type != SCM_TIMESTAMPNS) continue;
        struct timespec came;
        memcpy(&came, CMSG_DATA(note), sizeof came);
        int64_t waited_us = (c->read_at.tv_sec - came.tv_sec) * 1000000LL +
                            (c->read_at.tv_nsec - came.tv_nsec) / 1000;
        return waited_us > 0 && waited_us <= MOST_WAIT_US ? waited_us : 0;
    }
    return 0;
}

const uint8_t *core_address(core *c, int index) { return (const uint8_t *)&c->in_from[index]; }
int core_address_length(core *c, int index) { return c->in[index].msg_hdr.msg_namelen; }
