/*
 * One connection to Redis; see redis.h.
 *
 * Purpose:    the greeting, the queue of pending commands, the retries.
 * Owner:      a struct redis owns its timers and at most one struct wire (a
 *             socket with its parser); a wire that is being closed belongs
 *             to the loop and only frees itself.
 * Invariants: redis->wire is NULL between two connections; the pending
 *             queue is empty then.  Time is counted in ticks of a timer and
 *             not by the clock, so that a process that was stopped does not
 *             find all of its answers late.
 */

#include "io/redis_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chatdesk_tables.h"


static void
retry_fired(uv_timer_t *timer)
{
    redis_connect(timer->data);
}


/* Waits, longer each time until redis_settled(). */

static void
redis_retry(struct redis *redis)
{
    uv_timer_start(&redis->retry, retry_fired, redis->backoff_ms, 0);
    redis->backoff_ms *= 2;

    if (redis->backoff_ms > CD_LIMIT_REDIS_BACKOFF_MAX_MS) {
        redis->backoff_ms = CD_LIMIT_REDIS_BACKOFF_MAX_MS;
    }
}


void
redis_settled(struct redis *redis)
{
    redis->backoff_ms = CD_LIMIT_REDIS_BACKOFF_MIN_MS;
}


void
redis_fail(struct redis *redis, const char *why)
{
    struct pending        *pending;
    struct pending_queue   queue = STAILQ_HEAD_INITIALIZER(queue);

    if (redis->closing || redis->state == REDIS_WAITING) {
        return;
    }

    redis->state = REDIS_WAITING;
    wire_drop(redis);

    if (redis->settings->target != NULL) {
        redis->settings->target->doubted = 1;
    }

    STAILQ_CONCAT(&queue, &redis->pending);
    redis->pending_count = 0;

    while ((pending = STAILQ_FIRST(&queue)) != NULL) {
        STAILQ_REMOVE_HEAD(&queue, link);
        if (pending->answer != NULL && !redis->closing) {
            pending->answer(pending->data, NULL);
        }
        free(pending);
    }

    if (!redis->closing) {
        redis_retry(redis);
        redis->ops->down(redis->data, why);
    }
}


/* One that did not follow yet, NULL for none. */

static struct redis *
redis_left_behind(struct redis_target *target)
{
    struct redis  *redis;

    LIST_FOREACH(redis, &target->users, user) {
        if (redis->aimed != target->version) {
            return redis;
        }
    }

    return NULL;
}


void
redis_target_set(struct redis_target *target, const char *host,
    const char *port)
{
    struct redis  *redis;

    snprintf(target->host, sizeof(target->host), "%s", host);
    snprintf(target->port, sizeof(target->port), "%s", port);
    target->version++;

    /* each of them may close others, and open new ones */
    while ((redis = redis_left_behind(target)) != NULL) {
        redis->aimed = target->version;
        redis_settled(redis);

        if (redis->state == REDIS_WAITING) {
            uv_timer_start(&redis->retry, retry_fired, 0, 0);
        } else {
            redis_fail(redis, "the primary is another one now");
        }
    }

    target->doubted = 0;
}


/* A published message: an array of "message", channel, payload. */

static int
redis_published(struct redis *redis, const redisReply *reply)
{
    if (redis->ops->message == NULL || reply->type != REDIS_REPLY_ARRAY
        || reply->elements != 3
        || reply->element[0]->type != REDIS_REPLY_STRING
        || strcmp(reply->element[0]->str, "message") != 0)
    {
        return 0;
    }

    if (reply->element[2]->type == REDIS_REPLY_STRING) {
        redis->ops->message(redis->data, reply->element[2]->str,
                            reply->element[2]->len);
    }

    return 1;
}


void
redis_reply(struct redis *redis, const redisReply *reply)
{
    struct pending  *pending;

    if (redis_published(redis, reply)) {
        return;
    }

    pending = STAILQ_FIRST(&redis->pending);

    if (pending == NULL) {
        redis_fail(redis, "an answer that nobody asked for");
        return;
    }

    STAILQ_REMOVE_HEAD(&redis->pending, link);
    redis->pending_count--;

    if (pending->answer != NULL) {
        pending->answer(pending->data, reply);
    }

    free(pending);
}


static int
redis_send(struct redis *redis, redis_answer answer, void *data,
    uint64_t block_ms, int argc, const char **argv, const size_t *lens)
{
    int              len;
    char            *text;
    struct pending  *pending = calloc(1, sizeof(*pending));

    if (pending == NULL) {
        return -1;
    }

    len = redisFormatCommandArgv(&text, argc, argv, lens);

    if (len < 0 || wire_send(redis->wire, text, (size_t) len) != 0) {
        free(pending);
        return -1;
    }

    pending->answer = answer;
    pending->data = data;
    pending->ticks = redis_ticks(CD_LIMIT_REDIS_MS + block_ms);
    STAILQ_INSERT_TAIL(&redis->pending, pending, link);
    redis->pending_count++;

    return 0;
}


int
redis_command(struct redis *redis, redis_answer answer, void *data,
    uint64_t block_ms, int argc, const char **argv, const size_t *lens)
{
    if (redis->state != REDIS_UP || redis->pending_count >= REDIS_PENDING_MAX)
    {
        return -1;
    }

    return redis_send(redis, answer, data, block_ms, argc, argv, lens);
}


/* The first pending command has the clock; the next one starts anew. */

static void
tick_fired(uv_timer_t *timer)
{
    struct redis    *redis = timer->data;
    struct pending  *pending = STAILQ_FIRST(&redis->pending);

    if (redis->state == REDIS_CONNECTING && redis->connect_ticks-- == 0) {
        redis_fail(redis, "no connection in time");
        return;
    }

    if (pending != NULL && pending->ticks-- == 0) {
        redis_fail(redis, "no answer in time");
    }
}


static void
redis_greeted(struct redis *redis)
{
    if (redis->pending_count == 0) {
        redis->state = REDIS_UP;
        redis->ops->up(redis->data);
    }
}


/* Each answer of the greeting: AUTH, SELECT, and PING. */

static void
greeted(void *data, const redisReply *reply)
{
    struct redis  *redis = data;

    if (reply == NULL) {
        return;
    }

    if (reply->type == REDIS_REPLY_ERROR) {
        redis_fail(redis, reply->str);
        return;
    }

    redis_greeted(redis);
}


/* Where the server moves, whether it is the primary comes last.  A user who
   may not ask is trusted to have been given one. */

static void
greeted_role(void *data, const redisReply *reply)
{
    struct redis  *redis = data;

    if (reply == NULL) {
        return;
    }

    if (reply->type == REDIS_REPLY_ERROR
        && strncmp(reply->str, "NOPERM", 6) != 0)
    {
        redis_fail(redis, reply->str);

    } else if (reply->type == REDIS_REPLY_ARRAY
               && strcmp(redis_element(reply, 0), "master") != 0)
    {
        redis_fail(redis, "it is a replica");

    } else {
        redis_greeted(redis);
    }
}


void
redis_greet(struct redis *redis)
{
    int                          failed = 0;
    char                         db[16];
    const char                  *auth[3] = { "AUTH", NULL, NULL };
    const char                  *select[2] = { "SELECT", db };
    const char                  *ping[1] = { "PING" };
    const char                  *role[1] = { "ROLE" };
    const struct redis_settings *settings = redis->settings;

    redis->state = REDIS_GREETING;

    if (settings->password != NULL) {
        auth[1] = settings->user != NULL ? settings->user : "default";
        auth[2] = settings->password;
        failed |= redis_send(redis, greeted, redis, 0, 3, auth, NULL);
    }

    if (settings->db != 0) {
        snprintf(db, sizeof(db), "%d", settings->db);
        failed |= redis_send(redis, greeted, redis, 0, 2, select, NULL);
    }

    failed |= redis_send(redis, greeted, redis, 0, 1, ping, NULL);

    if (settings->target != NULL) {
        failed |= redis_send(redis, greeted_role, redis, 0, 1, role, NULL);
    }

    if (failed) {
        redis_fail(redis, "no memory");
    }
}


struct redis *
redis_open(uv_loop_t *loop, const struct redis_settings *settings,
    const struct redis_ops *ops, void *data)
{
    struct redis  *redis = calloc(1, sizeof(*redis));

    if (redis == NULL) {
        return NULL;
    }

    redis->loop = loop;
    redis->settings = settings;
    redis->ops = ops;
    redis->data = data;
    redis->state = REDIS_WAITING;
    redis->backoff_ms = CD_LIMIT_REDIS_BACKOFF_MIN_MS;
    redis->handles = 2;
    STAILQ_INIT(&redis->pending);

    if (settings->target != NULL) {
        redis->aimed = settings->target->version;
        LIST_INSERT_HEAD(&settings->target->users, redis, user);
    }

    /* neither can fail: both only fill in the handle */
    uv_timer_init(loop, &redis->tick);
    uv_timer_init(loop, &redis->retry);
    redis->tick.data = redis;
    redis->retry.data = redis;
    uv_timer_start(&redis->tick, tick_fired, TICK_MS, TICK_MS);
    uv_timer_start(&redis->retry, retry_fired, 0, 0);

    return redis;
}


static void
timer_closed(uv_handle_t *handle)
{
    struct redis  *redis = handle->data;

    if (--redis->handles == 0) {
        free(redis);
    }
}


void
redis_close(struct redis **slot)
{
    struct redis    *redis = *slot;
    struct pending  *pending;

    *slot = NULL;

    if (redis == NULL) {
        return;
    }

    if (redis->settings->target != NULL) {
        LIST_REMOVE(redis, user);
    }

    redis->closing = 1;
    redis->state = REDIS_WAITING;
    wire_drop(redis);

    while ((pending = STAILQ_FIRST(&redis->pending)) != NULL) {
        STAILQ_REMOVE_HEAD(&redis->pending, link);
        free(pending);
    }

    if (redis->resolve != NULL) {
        redis->resolve->data = NULL;
        uv_cancel((uv_req_t *) redis->resolve);
    }

    uv_close((uv_handle_t *) &redis->tick, timer_closed);
    uv_close((uv_handle_t *) &redis->retry, timer_closed);
}


int
redis_is_up(const struct redis *redis)
{
    return redis->state == REDIS_UP;
}


int
redis_is_ok(const redisReply *reply, size_t elements)
{
    return reply != NULL && reply->type == REDIS_REPLY_ARRAY
           && reply->elements >= elements && elements > 0
           && reply->element[0]->type == REDIS_REPLY_STRING
           && strcmp(reply->element[0]->str, "ok") == 0;
}


const char *
redis_element(const redisReply *reply, size_t i)
{
    return reply->type == REDIS_REPLY_ARRAY && i < reply->elements
           && reply->element[i]->type == REDIS_REPLY_STRING
           ? reply->element[i]->str : "";
}


long long
redis_number(const redisReply *reply, size_t i)
{
    return reply->type == REDIS_REPLY_ARRAY && i < reply->elements
           && reply->element[i]->type == REDIS_REPLY_INTEGER
           ? reply->element[i]->integer : 0;
}


const char *
redis_text(const redisReply *reply)
{
    if (reply->type == REDIS_REPLY_ERROR
        || reply->type == REDIS_REPLY_STRING)
    {
        return reply->str;
    }

    if (reply->type == REDIS_REPLY_ARRAY && reply->elements > 0
        && reply->element[0]->type == REDIS_REPLY_STRING)
    {
        return reply->element[0]->str;
    }

    return "an answer of another form";
}
