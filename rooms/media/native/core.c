/* The core itself and its peers. See core.h. */

#include <stdlib.h>
#include <string.h>

#include "parts.h"

core *core_new(void *protect, void *unprotect) {
    core *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->references = 1;
    c->protect = (protect_function)protect;
    c->unprotect = (protect_function)unprotect;
    c->segments = 1;
    for (int i = 0; i < DATAGRAMS; i++) {
        c->in_parts[i].iov_base = c->in_bytes[i];
        c->in_parts[i].iov_len = DATAGRAM_BYTES;
        c->in[i].msg_hdr.msg_iov = &c->in_parts[i];
        c->in[i].msg_hdr.msg_iovlen = 1;
        c->in[i].msg_hdr.msg_name = &c->in_from[i];
        c->in[i].msg_hdr.msg_control = c->in_notes[i];
    }
    return c;
}

core *core_share(core *c) {
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

sent_packet *peer_find_sent(peer *p, uint16_t wide) {
    sent_packet *found = &p->sent[wide & (SENT - 1)];
    return found->used && found->wide == wide ? found : NULL;
}

int peer_sent(peer *p, uint16_t wide, int64_t *at_us, int *size) {
    const sent_packet *found = peer_find_sent(p, wide);
    if (!found) return 0;
    *at_us = found->at_us;
    *size = found->size;
    return 1;
}
