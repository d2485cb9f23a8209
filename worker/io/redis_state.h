/*
 * What a struct redis holds; for redis.c, redis_connect.c, redis_wire.c.
 *
 * Purpose:    shared by the three parts of a connection.
 * Owner:      see redis.c.
 * Invariants: see redis.c.
 */

#ifndef CHATDESK_IO_REDIS_STATE_H
#define CHATDESK_IO_REDIS_STATE_H

#include <sys/queue.h>

#include "io/redis.h"
#include "io/tls.h"

#define TICK_MS     250
#define READ_BYTES  65536

enum redis_state {
    REDIS_WAITING = 1,
    REDIS_CONNECTING = 2,
    REDIS_GREETING = 3,
    REDIS_UP = 4
};

struct pending {
    STAILQ_ENTRY(pending)  link;
    redis_answer           answer;
    void                  *data;
    uint64_t               ticks;       /* left, once it is the first */
};

STAILQ_HEAD(pending_queue, pending);

struct wire {
    union {
        uv_handle_t  handle;
        uv_stream_t  stream;
        uv_pipe_t    pipe;
        uv_tcp_t     tcp;
    } u;
    struct redis    *redis;             /* borrows; NULL when closing */
    redisReader     *reader;
    struct tls      *tls;               /* NULL without TLS */
    int              secured;           /* hands are shaken */
    uv_connect_t     connect;
    char             buf[READ_BYTES];
};

struct redis {
    LIST_ENTRY(redis)            user;      /* of settings->target */
    unsigned                     aimed;     /* its version */
    uv_loop_t                   *loop;
    const struct redis_settings *settings;
    const struct redis_ops      *ops;
    void                        *data;
    enum redis_state             state;
    struct wire                 *wire;
    struct pending_queue         pending;
    size_t                       pending_count;
    uint64_t                     connect_ticks;
    uint64_t                     backoff_ms;
    uv_timer_t                   tick;
    uv_timer_t                   retry;
    uv_getaddrinfo_t            *resolve;   /* owns itself while it runs */
    unsigned                     handles;   /* timers not yet closed */
    int                          closing;
};

/* How many ticks are at least so many ms. */

static inline uint64_t
redis_ticks(uint64_t ms)
{
    return ms / TICK_MS + 2;
}

/* redis_connect.c */
void redis_connect(struct redis *redis);
const char *redis_host(const struct redis *redis);
void wire_drop(struct redis *redis);

/* redis_wire.c: begins with a connected socket; ends with redis_greet() */
void wire_start(struct redis *redis);
/* takes `text`, which malloc gave; 0, or -1 when it was not taken */
int wire_send(struct wire *wire, char *text, size_t len);

/* redis.c */
void redis_greet(struct redis *redis);
void redis_reply(struct redis *redis, const redisReply *reply);

#endif /* CHATDESK_IO_REDIS_STATE_H */
