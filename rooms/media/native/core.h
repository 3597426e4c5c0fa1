/* The compiled forwarding core: what runs once for each packet and receiver.

   cffi reads this file, so it holds declarations only. rooms/media/engine/python.py says the same
   in Python and is what a hub without a compiler runs; both are held to the same tests.
   Sequence numbers, timestamps and picture ids are as in rooms/media/engine/rewriter.py. */

typedef struct core core;
typedef struct peer peer;
typedef struct stream stream;
typedef struct fan fan;
typedef struct arrivals arrivals;

/* One packet to forward, shared by all its receivers. picture_id and tl0_index are -1 where the
   VP8 descriptor has none; descriptor_size is 0 for audio. */
typedef struct {
    const uint8_t *payload;
    int length;
    uint16_t sequence;
    uint32_t timestamp;
    uint8_t marker;
    uint8_t level;
    uint8_t first;            /* the descriptor's first octet */
    uint8_t descriptor_size;
    uint8_t picture_bits;     /* 7 or 15 */
    int8_t temporal;          /* -1: none */
    int8_t key_index;         /* -1: none */
    uint8_t layer_sync;
    uint8_t starts_frame;
    int32_t picture_id;
    int16_t tl0_index;
} media_packet;

/* The header of an outgoing stream; `*_at` are places in it to patch, 0 for none. */
typedef struct {
    uint8_t bytes[64];
    int size;                 /* 0: the receiver did not accept the stream */
    uint8_t payload_type;
    uint32_t ssrc;
    int send_time_at;
    int level_at;
    int wide_at;
} header_shape;

typedef struct {
    uint64_t packets;         /* RTP packets sent, retransmissions and probes apart */
    uint64_t payload_bytes;
    uint64_t retransmitted;
    int64_t sent_us;          /* when a packet was last sent; -1: never */
    uint32_t source_timestamp; /* of the packet forwarded last */
    uint16_t last_sequence;
    uint32_t last_timestamp;
    uint32_t timestamp_offset;
} stream_state;

typedef struct {
    uint64_t datagrams_out;
    uint64_t bytes_out;
    uint64_t send_drops;      /* the kernel's buffer was full */
    uint64_t send_errors;
    uint64_t refused;         /* by libsrtp */
    uint64_t too_long;        /* for one datagram */
    uint64_t send_calls;
} core_counters;

/* What became of one packet; seconds, those of arrivals by the receiver's clock. */
typedef struct {
    double sent_at, arrived_at;
    int size;
    uint8_t arrived;
    uint8_t was_lost;         /* it was called lost before */
} packet_result;

/* Told of arrivals.py. Rates are -1 where too little is known, `trend` 1 for over, 2 for under. */
typedef struct {
    int packets, fresh, lost, is_over, trend, probed;
    double delay_s, sure_s, sent_until, rate_bps, short_bps;
} told;

/* A datagram of the last reading, as far as it says something by itself: who sent it, and which
   stream it is of with others of the reading (-1: no RTP, or the only one). What went with a run is
   taken. There is room for a sockaddr_in6. */
typedef struct {
    int64_t ssrc;
    int32_t address_length, is_taken;
    uint8_t address[32];
} arrived;

/* What follows in order of one picture's stream (runs.c). What is known of the stream and of what
   may still pass goes in and comes back; all but the arrays has eight bytes (compiled.py). */
typedef struct {
    double now;
    int64_t ssrc, clock_rate, wide_id;
    int64_t next, has_transit, transit, has_made, made;
    double jitter, least_s, media_packets, media_bits, picture_packets, picture_bits;
    double shares[4], share_total;
    int64_t taken, frames, bytes, payload_bytes, datagram_bytes, numbered;
    /* A packet that ended the run after it was decrypted: its index, -1 for none, and its size. */
    int64_t plain_at, plain_size;
    int64_t came_us[64];      /* of packets with a transport-wide number */
    uint16_t wide[64];
} run;

/* libsrtp's srtp_protect and srtp_unprotect. NULL when memory is short, as for all *_new. */
core *core_new(void *protect, void *unprotect);
void core_free(core *c);
const core_counters *core_count(core *c);
/* Send what waits: one call of the kernel carries many packets (UDP_SEGMENT). */
void core_flush(core *c);
void core_use_segments(core *c, int on);
/* Read up to `limit` datagrams; returns how many, or -errno. Each is `core_datagram(c, i)`
   bytes at `core_length(c, i)`, from the sockaddr at `core_address(c, i)`. It lay in the socket for
   `core_waited_us(c, i)`, 0 where the kernel does not say when it came (SO_TIMESTAMPNS). */
int core_receive(core *c, int fd, int limit);
const uint8_t *core_datagram(core *c, int index);
int core_length(core *c, int index);
int64_t core_waited_us(core *c, int index);
const uint8_t *core_address(core *c, int index);
int core_address_length(core *c, int index);
const arrived *core_arrived(core *c);
/* Take datagram `at` and those after it of the same stream and address, while they are in order and
   nothing about them needs a decision; `fan` may be NULL. `srtp` is the srtp_t of what comes in. */
void core_run(core *c, int at, void *srtp, fan *fan, run *r);
const uint8_t *run_plain(core *c);

peer *peer_new(core *c);
void peer_free(peer *p);
/* `srtp` is an srtp_t, or NULL before there are keys; an address of length 0 stops sending. */
void peer_set_keys(peer *p, void *srtp);
void peer_set_path(peer *p, int fd, const void *address, int length);
/* Collect packets for Python in place of sending them: each a length (2 bytes, big endian), 1 if
   it is of a picture, and the packet. 0 when memory is short; dropped and counted when full. */
int peer_tap(peer *p, int on);
int peer_tapped(peer *p);
const uint8_t *peer_tap_bytes(peer *p);
void peer_empty_tap(peer *p);
uint64_t peer_sent_bytes(peer *p);
/* When and with how many bytes transport-wide sequence `wide` was sent; 0 if it is forgotten. */
int peer_sent(peer *p, uint16_t wide, int64_t *at_us, int *size);

stream *stream_new(core *c, peer *p, int keeps_packets);
void stream_free(stream *s);
void stream_begin(stream *s, uint16_t sequence, uint32_t timestamp, uint16_t picture, uint8_t tl0);
void stream_shape(stream *s, const header_shape *shape);
void stream_shape_repair(stream *s, const header_shape *shape);
void stream_number_repair(stream *s, uint16_t sequence);
void stream_switch(stream *s, const media_packet *packet, int64_t elapsed_ticks);
void stream_limit_temporal(stream *s, int temporal);
/* Answer `pairs` of a NACK, four bytes each, with at most `most` packets; returns how many. */
int stream_retransmit(stream *s, const uint8_t *asked, int pairs, int most, int64_t now_us);
/* Padding of at most 224 bytes on the repair stream, for probing; 1 when it was sent. */
int stream_probe(stream *s, int padding, int64_t now_us);
void stream_forget_packets(stream *s);
void stream_read(stream *s, stream_state *state);

fan *fan_new(core *c);
void fan_free(fan *f);
int fan_add(fan *f, stream *s);
void fan_remove(fan *f, stream *s);
/* Forward to every stream of the fan; returns to how many it was sent. */
int fan_forward(fan *f, const media_packet *packet, int64_t now_us);
/* The packet carries nothing to forward: the numbers after it move up. */
void fan_drop(fan *f, const media_packet *packet);

/* A reader of the feedback on a peer's packets; the peer must outlive it. */
arrivals *arrivals_new(peer *to);
void arrivals_free(arrivals *a);
/* 0 when the body is malformed. Packets sent within the span are a probe's: `told.probed` of them
   lie in `arrivals_probed` until the next call. */
int arrivals_read(arrivals *a, const uint8_t *body, int length, double from, double until, told *out);
const packet_result *arrivals_probed(arrivals *a);
