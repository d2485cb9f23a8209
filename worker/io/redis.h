/*
 * One connection to Redis on the event loop, that comes back by itself.
 *
 *             open            connected        AUTH, SELECT, PING answered
 *   (new) --------> WAITING ------------> GREETING ------------------> UP
 *                      ^                      |                        |
 *                      +------ backoff -------+------ lost, failed ----+
 *
 * Purpose:    sends commands, hands over answers and published messages.
 *             hiredis formats and parses; the socket and the timers are
 *             libuv's.
 * Owner:      whoever opened it; gone some turns of the loop after
 *             redis_close(), without calling anybody any more.
 * Invariants: every command that was taken gets exactly one answer, NULL
 *             when none will come; answers come in order; an answer that is
 *             late fails the connection.
 */

#ifndef CHATDESK_IO_REDIS_H
#define CHATDESK_IO_REDIS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <hiredis/hiredis.h>
#include <uv.h>

#include "io/settings.h"

#define REDIS_PENDING_MAX  4096

struct redis;

/*
 * A server that moves: where the connections whose settings name this target
 * go.  Its owner outlives them; see sentinel.h.
 */
struct redis_target {
    char      host[256];                /* empty: not known yet */
    char      port[8];
    unsigned  version;                  /* counts the moves */
    int       doubted;                  /* a connection to it has failed */
    LIST_HEAD(redis_users, redis) users;
};

/* The server has moved: its connections follow. */
void redis_target_set(struct redis_target *target, const char *host,
    const char *port);

/* `reply` borrows during the call; NULL: the connection was lost */
typedef void (*redis_answer)(void *data, const redisReply *reply);

struct redis_ops {
    /* commands are taken from now */
    void  (*up)(void *data);
    /* after all pending commands have been answered with NULL; `why` is for
       people */
    void  (*down)(void *data, const char *why);
    /* a published message; NULL where nothing is subscribed */
    void  (*message)(void *data, const char *payload, size_t len);
};

/* `settings` and `ops` are borrowed for the life of the connection.  NULL:
   no memory. */
struct redis *redis_open(uv_loop_t *loop,
    const struct redis_settings *settings, const struct redis_ops *ops,
    void *data);
void redis_close(struct redis **redis);

int redis_is_up(const struct redis *redis);

/*
 * Sends a command; 0, or -1 when it was not taken and `answer` will not be
 * called.  `block_ms` is how long Redis may take on purpose (XREAD BLOCK),
 * on top of CD_LIMIT_REDIS_MS.  `answer` may be NULL.
 */
int redis_command(struct redis *redis, redis_answer answer, void *data,
    uint64_t block_ms, int argc, const char **argv, const size_t *lens);

/* Gives the connection up and makes a new one after the backoff. */
void redis_fail(struct redis *redis, const char *why);

/* What came before was good: the next backoff is the shortest again. */
void redis_settled(struct redis *redis);

/* Whether an answer is an array that begins with "ok" and has so many
   elements at least. */
int redis_is_ok(const redisReply *reply, size_t elements);

/* An element's text or number; "" and 0 when it is of another type. */
const char *redis_element(const redisReply *reply, size_t i);
long long redis_number(const redisReply *reply, size_t i);

/* What an answer that is not ok says, for a log line; borrows. */
const char *redis_text(const redisReply *reply);

#endif /* CHATDESK_IO_REDIS_H */
