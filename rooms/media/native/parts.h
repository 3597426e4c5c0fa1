/* What the files of the core share: its parts and what they remember. */

#pragma once

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

#include "core.h"
#include "rewriter.h"

enum {
    PACKET_BYTES = 1536,   /* an Ethernet frame, and room for what protection adds */
    MAX_PLAIN = 1472,      /* as MAX_PLAIN_BYTES of engine.py */
    BATCH = 2048,          /* packets that wait for one flush: 3 MiB, a burst to 140 receivers */
    SEGMENTS = 40,         /* of one send call; the kernel takes 64, and 64 KiB in all */
    SEGMENT_BYTES = 60000,
    MESSAGES = 64,         /* of one sendmmsg */
    DATAGRAMS = 64,        /* of one recvmmsg */
    DATAGRAM_BYTES = 2048,
    MAX_PROTECTED = 1900,  /* as MAX_PACKET_BYTES of srtp.py */
    MOST_WAIT_US = 1000000, /* as MOST_WAIT_S of interface.py */
    CACHE = 512,           /* as CACHE_PACKETS of cache.py */
    SENT = 2048,           /* packets whose sending is remembered for feedback */
    REPEAT_US = 100000,    /* as MIN_REPEAT_S of cache.py */
    MAX_ANSWERS = 3,
    TAP_BYTES = 131072,    /* as MAX_TAPPED_BYTES of engine.py */
    TAP_HEAD = 3,
};

enum { LOST = 1, ARRIVED = 2 };

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

typedef struct {
    int64_t at_us;
    int32_t size;
    uint16_t wide;
    uint8_t used;
    uint8_t told;             /* LOST, ARRIVED, or 0 when no feedback has spoken of it */
} sent_packet;

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
    sent_packet sent[SENT];   /* by transport-wide number modulo SENT */
};

typedef struct {
    uint32_t timestamp;
    uint16_t sequence;
    uint8_t marker, head_size, skip, answers;
    uint8_t head[MAX_HEAD];
    payload *body;
    int64_t answered_us;
} kept;

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
    protect_function protect, unprotect;
    core_counters counters;
    peer *waiting, *waiting_last;
    int queued;
    int segments;
    payload *free_payloads;
    struct mmsghdr in[DATAGRAMS];
    struct iovec in_parts[DATAGRAMS];
    struct sockaddr_storage in_from[DATAGRAMS];
    char in_notes[DATAGRAMS][CMSG_SPACE(sizeof(struct timespec))];
    struct timespec read_at;  /* by the clock of the kernel's notes */
    uint8_t in_bytes[DATAGRAMS][DATAGRAM_BYTES];
    arrived came[DATAGRAMS];
    int received;
    uint8_t plain[DATAGRAM_BYTES]; /* the packet of a run that was decrypted last */
    outgoing batch[BATCH];
};

/* core.c: parts may be collected after the core's own handle; the last one out frees it. */
core *core_share(core *c);
/* The packet with this transport-wide number, or NULL when it is forgotten. */
sent_packet *peer_find_sent(peer *p, uint16_t wide);
/* runs.c: say of each datagram of a reading who sent it and which stream it is of. */
void note_arrivals(core *c, int count);
