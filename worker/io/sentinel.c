/*
 * Where the primary is; see sentinel.h.
 *
 * RESP2 allows no questions while subscribed, so a question is UNSUBSCRIBE,
 * SENTINEL and SUBSCRIBE together: a move in between is in the answer.
 *
 * Purpose:    see sentinel.h.
 * Owner:      `settings` are those of the connection; their strings are
 *             borrowed from the process' settings.
 * Invariants: one question is under way at a time.
 */

#include "io/sentinel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/log.h"

#define POLL_MS     1000
#define CHANNEL     "+switch-master"
#define PAYLOAD_MAX 512

struct sentinel {
    const struct redis_settings *of;        /* borrows */
    struct redis_settings        settings;
    struct redis_target          target;
    struct redis                *redis;
    uv_timer_t                   poll;
    size_t                       current;
    size_t                       failed;    /* in a row */
    int                          asking;
    int                          subscribed;
    int                          leaving;   /* for the next one */
    int                          told;      /* that none answers */
    int                          stopped;
};


static void
sentinel_aim(struct sentinel *sentinel)
{
    const struct address  *address = &sentinel->of->sentinels[
                                                        sentinel->current];

    sentinel->settings.host = address->host;
    sentinel->settings.port = address->port;
}


/* The primary is there; whether this is news. */

static int
sentinel_take(struct sentinel *sentinel, const char *host, const char *port)
{
    struct redis_target  *target = &sentinel->target;

    if (strcmp(host, target->host) == 0 && strcmp(port, target->port) == 0) {
        return 0;
    }

    log_event(LOG_LEVEL_NOTICE, NULL, "primary",
              "Sentinel %s:%s names %s:%s as the primary %s",
              sentinel->settings.host, sentinel->settings.port, host, port,
              sentinel->of->primary);
    redis_target_set(target, host, port);

    return 1;
}


static void
sentinel_answer(void *data, const redisReply *reply)
{
    int               moved;
    struct sentinel  *sentinel = data;

    sentinel->asking = 0;

    if (reply == NULL) {
        return;
    }

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2
        || redis_element(reply, 0)[0] == '\0'
        || redis_element(reply, 1)[0] == '\0'
        || strlen(redis_element(reply, 0)) >= sizeof(sentinel->target.host)
        || strlen(redis_element(reply, 1)) >= sizeof(sentinel->target.port))
    {
        redis_fail(sentinel->redis,
                   reply->type == REDIS_REPLY_NIL
                   ? "it knows no primary of this name" : redis_text(reply));
        return;
    }

    redis_settled(sentinel->redis);
    sentinel->failed = 0;

    if (sentinel->told) {
        sentinel->told = 0;
        log_event(LOG_LEVEL_NOTICE, NULL, "sentinel",
                  "%s:%s answers for the primary %s", sentinel->settings.host,
                  sentinel->settings.port, sentinel->of->primary);
    }

    moved = sentinel_take(sentinel, redis_element(reply, 0),
                          redis_element(reply, 1));

    if (!moved && sentinel->target.doubted
        && sentinel->of->sentinel_count > 1)
    {
        sentinel->target.doubted = 0;
        sentinel->leaving = 1;
        redis_fail(sentinel->redis, "another is asked");
        sentinel->leaving = 0;
    }
}


static void
sentinel_subscribed(void *data, const redisReply *reply)
{
    struct sentinel  *sentinel = data;

    if (reply != NULL && reply->type == REDIS_REPLY_ERROR) {
        redis_fail(sentinel->redis, reply->str);
    }
}


static void
sentinel_ask(struct sentinel *sentinel)
{
    const char  *leave[2] = { "UNSUBSCRIBE", CHANNEL };
    const char  *ask[3] = {
        "SENTINEL", "get-master-addr-by-name", sentinel->of->primary
    };
    const char  *enter[2] = { "SUBSCRIBE", CHANNEL };

    if (sentinel->subscribed) {
        redis_command(sentinel->redis, NULL, NULL, 0, 2, leave, NULL);
    }

    sentinel->asking = redis_command(sentinel->redis, sentinel_answer,
                                     sentinel, 0, 3, ask, NULL) == 0;
    sentinel->subscribed = redis_command(sentinel->redis, sentinel_subscribed,
                                         sentinel, 0, 2, enter, NULL) == 0;
}


static void
sentinel_up(void *data)
{
    struct sentinel  *sentinel = data;

    sentinel->subscribed = 0;
    sentinel_ask(sentinel);
}


/* On to the next one; that none of them answers is told once. */

static void
sentinel_down(void *data, const char *why)
{
    struct sentinel  *sentinel = data;

    sentinel->failed += !sentinel->leaving;

    if (sentinel->failed >= sentinel->of->sentinel_count && !sentinel->told) {
        sentinel->told = 1;
        log_event(LOG_LEVEL_ERROR, NULL, "sentinel",
                  "none answers for the primary %s, the last one was %s:%s: "
                  "%s", sentinel->of->primary, sentinel->settings.host,
                  sentinel->settings.port, why);
    }

    sentinel->current = (sentinel->current + 1)
                        % sentinel->of->sentinel_count;
    sentinel_aim(sentinel);
}


/* "<name> <old host> <old port> <new host> <new port>" */

static void
sentinel_message(void *data, const char *payload, size_t len)
{
    char              text[PAYLOAD_MAX];
    char              name[PAYLOAD_MAX], host[256], port[8];
    struct sentinel  *sentinel = data;

    if (len >= sizeof(text)) {
        return;
    }

    memcpy(text, payload, len);
    text[len] = '\0';

    if (sscanf(text, "%511s %*s %*s %255s %7s", name, host, port) == 3
        && strcmp(name, sentinel->of->primary) == 0)
    {
        sentinel_take(sentinel, host, port);
    }
}


static void
sentinel_poll(uv_timer_t *timer)
{
    struct sentinel  *sentinel = timer->data;

    if (redis_is_up(sentinel->redis) && !sentinel->asking) {
        sentinel_ask(sentinel);
    }
}


struct sentinel *
sentinel_new(uv_loop_t *loop, const struct redis_settings *settings)
{
    static const struct redis_ops  ops = {
        sentinel_up, sentinel_down, sentinel_message
    };
    struct sentinel  *sentinel = calloc(1, sizeof(*sentinel));

    if (sentinel == NULL) {
        return NULL;
    }

    LIST_INIT(&sentinel->target.users);
    sentinel->of = settings;
    sentinel->settings.user = settings->sentinel_user;
    sentinel->settings.password = settings->sentinel_password;
    sentinel->settings.tls_name = settings->tls_name;
    sentinel->settings.secure = settings->secure;
    sentinel_aim(sentinel);
    sentinel->redis = redis_open(loop, &sentinel->settings, &ops, sentinel);

    if (sentinel->redis == NULL) {
        free(sentinel);
        return NULL;
    }

    uv_timer_init(loop, &sentinel->poll);
    sentinel->poll.data = sentinel;
    uv_timer_start(&sentinel->poll, sentinel_poll, POLL_MS, POLL_MS);

    return sentinel;
}


struct redis_target *
sentinel_target(struct sentinel *sentinel)
{
    return &sentinel->target;
}


void
sentinel_stop(struct sentinel *sentinel)
{
    if (sentinel != NULL && !sentinel->stopped) {
        sentinel->stopped = 1;
        redis_close(&sentinel->redis);
        uv_close((uv_handle_t *) &sentinel->poll, NULL);
    }
}


void
sentinel_free(struct sentinel **slot)
{
    free(*slot);
    *slot = NULL;
}
