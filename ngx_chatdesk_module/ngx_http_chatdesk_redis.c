/*
 * The command connection, and what the rest of the module sees of Redis.
 *
 * A connection introduces itself with AUTH, CLIENT SETNAME, SELECT, PING
 * (which a server that loads its data or has lost its primary refuses) and
 * ROLE (which tells a replica).  Commands of the first attempt to connect
 * are taken and follow the introduction; afterwards they are taken only
 * while the connection is ready.  An answer that shows that the server
 * cannot serve now (a failover) ends the taking; when everything under way
 * has been answered the connection is made anew.  With Sentinels both
 * connections go where these say; see ngx_http_chatdesk_redis_sentinel.h.
 *
 * Where replicas are asked for (chatdesk_durability), WAIT follows what was
 * stored in one turn of the event loop, at most one of them at a time; what
 * was answered before WAIT is held until that is answered.
 *
 * Purpose:    commands out, each answer to its handler.
 * Owner:      desk.c holds the object; it owns both links and the queue.
 * Invariants: the queue has an entry for each command whose answer is
 *             outstanding, in order; each handler is called exactly once;
 *             no answer overtakes another.
 */

#include "ngx_http_chatdesk_redis_link.h"
#include "ngx_http_chatdesk_redis_queue.h"
#include "ngx_http_chatdesk_redis_sentinel.h"
#include "ngx_http_chatdesk_redis_sub.h"

#include "chatdesk_tables.h"

/* while replicas are known to be missing WAIT takes this part of its time,
   because everything else waits behind it */
#define NGX_HTTP_CHATDESK_REDIS_DOUBT  10


struct ngx_http_chatdesk_redis_s {
    ngx_http_chatdesk_link_t              link;
    ngx_http_chatdesk_sub_t               sub;
    ngx_http_chatdesk_sentinel_t          sentinel; /* where configured */
    const ngx_http_chatdesk_redis_ops_t  *ops;
    void                                 *data;

    ngx_http_chatdesk_queue_t             queue;

    unsigned                              fresh:1;  /* never failed yet */
    unsigned                              draining:1;
    unsigned                              stored:1; /* and WAIT must follow */
    unsigned                              waiting:1;    /* for WAIT */
    unsigned                              doubt:1;  /* replicas are missing */
    unsigned                              closing:1;
};


static void ngx_http_chatdesk_redis_moved(void *data, ngx_addr_t *addr);
static void ngx_http_chatdesk_redis_hello(void *data);
static void ngx_http_chatdesk_redis_check(void *data, redisReply *reply);
static void ngx_http_chatdesk_redis_role(void *data, redisReply *reply);
static void ngx_http_chatdesk_redis_reply(void *data, redisReply **reply);
static ngx_uint_t ngx_http_chatdesk_redis_unable(redisReply *reply);
static void ngx_http_chatdesk_redis_tick(void *data);
static void ngx_http_chatdesk_redis_down(void *data);
static ngx_int_t ngx_http_chatdesk_redis_send(
    ngx_http_chatdesk_redis_t *redis, ngx_http_chatdesk_reply_pt handler,
    void *data, ngx_uint_t argc, ngx_str_t *argv);
static ngx_int_t ngx_http_chatdesk_redis_place(
    ngx_http_chatdesk_redis_t *redis, ngx_http_chatdesk_reply_pt handler,
    void *data);
static void ngx_http_chatdesk_redis_turn(void *data);
static void ngx_http_chatdesk_redis_waited(void *data, redisReply *reply);
static void ngx_http_chatdesk_redis_release(ngx_http_chatdesk_redis_t *redis,
    redisReply *answer);


static const ngx_http_chatdesk_link_ops_t  ngx_http_chatdesk_redis_link_ops =
{
    ngx_http_chatdesk_redis_hello,
    ngx_http_chatdesk_redis_reply,
    ngx_http_chatdesk_redis_tick,
    ngx_http_chatdesk_redis_down,
    ngx_http_chatdesk_redis_turn
};


ngx_http_chatdesk_redis_t *
ngx_http_chatdesk_redis_create(ngx_http_chatdesk_redis_conf_t *conf,
    const ngx_http_chatdesk_redis_ops_t *ops, void *data, ngx_log_t *log)
{
    ngx_http_chatdesk_redis_t  *redis;

    redis = ngx_calloc(sizeof(ngx_http_chatdesk_redis_t), log);
    if (redis == NULL) {
        return NULL;
    }

    redis->ops = ops;
    redis->data = data;
    redis->fresh = 1;

    redis->link.ops = &ngx_http_chatdesk_redis_link_ops;
    redis->link.data = redis;
    redis->link.conf = conf;
    redis->link.addr = conf->primary.len ? NULL : &conf->addr;
    redis->link.what = "chatdesk-command";
    redis->link.log = log;

    ngx_http_chatdesk_link_open(&redis->link);
    ngx_http_chatdesk_sub_open(&redis->sub, conf, ops, data, log);

    if (conf->primary.len) {
        ngx_http_chatdesk_sentinel_open(&redis->sentinel, conf,
                                        ngx_http_chatdesk_redis_moved, redis,
                                        log);
    }

    return redis;
}


/* The Sentinels name another primary, or the first one. */

static void
ngx_http_chatdesk_redis_moved(void *data, ngx_addr_t *addr)
{
    ngx_http_chatdesk_redis_t  *redis;

    redis = data;

    ngx_http_chatdesk_link_aim(&redis->link, addr);
    ngx_http_chatdesk_link_aim(&redis->sub.link, addr);
}


void
ngx_http_chatdesk_redis_destroy(ngx_http_chatdesk_redis_t **redisp)
{
    ngx_http_chatdesk_redis_t  *redis;

    redis = *redisp;
    *redisp = NULL;

    redis->closing = 1;

    if (redis->link.conf->primary.len) {
        ngx_http_chatdesk_sentinel_close(&redis->sentinel);
    }

    ngx_http_chatdesk_sub_close(&redis->sub);
    ngx_http_chatdesk_link_close(&redis->link);
    ngx_http_chatdesk_redis_down(redis);

    ngx_http_chatdesk_queue_free(&redis->queue);
    ngx_free(redis);
}


ngx_uint_t
ngx_http_chatdesk_redis_ready(ngx_http_chatdesk_redis_t *redis)
{
    return (redis->link.ready || redis->fresh)
           && !redis->draining && !redis->closing;
}


ngx_uint_t
ngx_http_chatdesk_redis_late(ngx_http_chatdesk_redis_t *redis)
{
    ngx_http_chatdesk_pending_t  *next;

    /* not the oldest: that one may be held until replicas have it */
    next = ngx_http_chatdesk_queue_next(&redis->queue);

    return next != NULL
           && ngx_http_chatdesk_link_since(next->sent) >= CD_LIMIT_LATE_MS;
}


ngx_int_t
ngx_http_chatdesk_redis_command(ngx_http_chatdesk_redis_t *redis,
    ngx_http_chatdesk_reply_pt handler, void *data, ngx_uint_t argc,
    ngx_str_t *argv)
{
    if (!ngx_http_chatdesk_redis_ready(redis)) {
        return NGX_BUSY;
    }

    return ngx_http_chatdesk_redis_send(redis, handler, data, argc, argv);
}


ngx_int_t
ngx_http_chatdesk_redis_store(ngx_http_chatdesk_redis_t *redis,
    ngx_http_chatdesk_reply_pt handler, void *data, ngx_uint_t argc,
    ngx_str_t *argv)
{
    ngx_int_t  rc;

    rc = ngx_http_chatdesk_redis_command(redis, handler, data, argc, argv);

    if (rc == NGX_OK && redis->link.conf->replicas > 0) {
        ngx_http_chatdesk_queue_last(&redis->queue)->stores = 1;
        redis->stored = 1;
    }

    return rc;
}


ngx_int_t
ngx_http_chatdesk_redis_subscribe(ngx_http_chatdesk_redis_t *redis,
    ngx_str_t *channel)
{
    return ngx_http_chatdesk_sub_add(&redis->sub, channel);
}


void
ngx_http_chatdesk_redis_unsubscribe(ngx_http_chatdesk_redis_t *redis,
    ngx_str_t *channel)
{
    ngx_http_chatdesk_sub_remove(&redis->sub, channel);
}


static void
ngx_http_chatdesk_redis_hello(void *data)
{
    u_char                      number[NGX_INT_T_LEN];
    ngx_str_t                   argv[2];
    ngx_uint_t                  i, n;
    ngx_http_chatdesk_redis_t  *redis;

    redis = data;

    /* writes AUTH and the name; here are their places in the queue */

    n = ngx_http_chatdesk_link_introduce(&redis->link);

    for (i = 0; i < n; i++) {
        if (ngx_http_chatdesk_redis_place(redis,
                                          ngx_http_chatdesk_redis_check, redis)
            != NGX_OK)
        {
            return;     /* the answers do not match; "no answer" follows */
        }
    }

    if (redis->link.conf->database) {
        ngx_str_set(&argv[0], "SELECT");
        argv[1].data = number;
        argv[1].len = ngx_sprintf(number, "%ui", redis->link.conf->database)
                      - number;

        (void) ngx_http_chatdesk_redis_send(redis,
                              ngx_http_chatdesk_redis_check, redis, 2, argv);
    }

    ngx_str_set(&argv[0], "PING");
    (void) ngx_http_chatdesk_redis_send(redis, ngx_http_chatdesk_redis_check,
                                        redis, 1, argv);

    ngx_str_set(&argv[0], "ROLE");
    (void) ngx_http_chatdesk_redis_send(redis, ngx_http_chatdesk_redis_role,
                                        redis, 1, argv);
}


/* An answer to the introduction that has to be a good one. */

static void
ngx_http_chatdesk_redis_check(void *data, redisReply *reply)
{
    ngx_http_chatdesk_redis_t  *redis;

    redis = data;

    if (reply == NULL || reply->type != REDIS_REPLY_ERROR
        || ngx_strstr(reply->str, "client|setname") != NULL)
    {
        return;
    }

    ngx_http_chatdesk_link_drop(&redis->link, 0, reply->str);
}


/* The last answer to the introduction.  A user who may not ask for the role
   is trusted to have been given a primary. */

static void
ngx_http_chatdesk_redis_role(void *data, redisReply *reply)
{
    ngx_http_chatdesk_redis_t  *redis;

    redis = data;

    if (reply == NULL) {
        return;
    }

    if (reply->type == REDIS_REPLY_ARRAY && reply->elements > 0
        && reply->element[0]->type == REDIS_REPLY_STRING
        && ngx_strcmp(reply->element[0]->str, "master") != 0)
    {
        ngx_http_chatdesk_link_drop(&redis->link, 0, "it is a replica");
        return;
    }

    if (ngx_http_chatdesk_redis_unable(reply)) {
        ngx_http_chatdesk_link_drop(&redis->link, 0, reply->str);
        return;
    }

    ngx_http_chatdesk_link_ready(&redis->link);
    redis->ops->ready(redis->data);
}


static void
ngx_http_chatdesk_redis_reply(void *data, redisReply **reply)
{
    ngx_uint_t                    generation;
    ngx_http_chatdesk_redis_t    *redis;
    ngx_http_chatdesk_queue_t    *queue;
    ngx_http_chatdesk_pending_t  *next, pending;

    redis = data;
    queue = &redis->queue;
    next = ngx_http_chatdesk_queue_next(queue);

    if (next == NULL) {
        ngx_http_chatdesk_link_drop(&redis->link, 0,
                                    "an answer that nobody asked for");
        return;
    }

    if (redis->link.ready && ngx_http_chatdesk_redis_unable(*reply)) {
        redis->draining = 1;
    }

    if (next->handler == ngx_http_chatdesk_redis_waited) {
        ngx_http_chatdesk_redis_release(redis, *reply);

    } else if (next->stores || queue->held > 0) {
        ngx_http_chatdesk_queue_hold(queue, *reply);
        *reply = NULL;
        return;
    }

    pending = ngx_http_chatdesk_queue_pop(queue);
    generation = redis->link.generation;

    if (pending.handler != NULL) {
        pending.handler(pending.data, *reply);
    }

    if (redis->draining && queue->count == 0
        && generation == redis->link.generation)
    {
        ngx_http_chatdesk_link_drop(&redis->link, 0,
                     (*reply)->type == REDIS_REPLY_ERROR ? (*reply)->str
                                                         : "not ready");
    }
}


/* WAIT has been answered: hands over what was held.  With too few replicas
   what was to be stored has no answer. */

static void
ngx_http_chatdesk_redis_release(ngx_http_chatdesk_redis_t *redis,
    redisReply *answer)
{
    ngx_uint_t                       n, enough, level;
    ngx_http_chatdesk_pending_t      pending;
    ngx_http_chatdesk_redis_conf_t  *conf = redis->link.conf;

    enough = answer->type == REDIS_REPLY_INTEGER
             && answer->integer >= (long long) conf->replicas;

    for (n = redis->queue.held; n > 0; n--) {
        pending = ngx_http_chatdesk_queue_pop(&redis->queue);

        if (pending.handler != NULL) {
            pending.handler(pending.data, enough || !pending.stores
                                          ? pending.reply : NULL);
        }

        freeReplyObject(pending.reply);
    }

    if (redis->doubt == enough) {
        redis->doubt = !enough;
        level = enough ? NGX_LOG_NOTICE : NGX_LOG_ERR;
        ngx_log_error(level, redis->link.log, 0,
                      "%ui replicas of Redis \"%V\" %s%s%s",
                      conf->replicas, &conf->url,
                      enough ? "have what is stored"
                      : "have not got what is stored, it is answered \"busy\" "
                        "until they have",
                      answer->type == REDIS_REPLY_ERROR ? ": " : "",
                      answer->type == REDIS_REPLY_ERROR ? answer->str : "");
    }
}


/* The end of a turn of the event loop: what it has stored is to be waited
   for. */

static void
ngx_http_chatdesk_redis_turn(void *data)
{
    u_char                           numbers[2][NGX_INT_T_LEN];
    ngx_str_t                        argv[3];
    ngx_msec_t                       wait;
    ngx_http_chatdesk_redis_t       *redis;
    ngx_http_chatdesk_redis_conf_t  *conf;

    redis = data;
    conf = redis->link.conf;

    if (!redis->stored || redis->waiting) {
        return;
    }

    wait = redis->doubt ? conf->replicas_ms / NGX_HTTP_CHATDESK_REDIS_DOUBT
                        : conf->replicas_ms;

    ngx_str_set(&argv[0], "WAIT");
    argv[1].data = numbers[0];
    argv[1].len = ngx_sprintf(numbers[0], "%ui", conf->replicas) - numbers[0];
    argv[2].data = numbers[1];
    argv[2].len = ngx_sprintf(numbers[1], "%M", wait) - numbers[1];

    if (ngx_http_chatdesk_redis_send(redis, ngx_http_chatdesk_redis_waited,
                                     redis, 3, argv)
        == NGX_OK)
    {
        redis->stored = 0;
        redis->waiting = 1;
    }
}


/* What was stored since is next. */

static void
ngx_http_chatdesk_redis_waited(void *data, redisReply *reply)
{
    ngx_http_chatdesk_redis_t  *redis;

    redis = data;
    redis->waiting = 0;

    if (reply != NULL) {
        ngx_http_chatdesk_redis_turn(redis);
    }
}


/* Whether the answer says that this server cannot serve anybody now. */

static ngx_uint_t
ngx_http_chatdesk_redis_unable(redisReply *reply)
{
    ngx_uint_t          i;

    static const char  *codes[] = {
        "LOADING ", "READONLY ", "MASTERDOWN ", "NOAUTH ", "CLUSTERDOWN ",
        NULL
    };

    if (reply->type != REDIS_REPLY_ERROR) {
        return 0;
    }

    for (i = 0; codes[i] != NULL; i++) {
        if (ngx_strncmp(reply->str, codes[i], ngx_strlen(codes[i])) == 0) {
            return 1;
        }
    }

    return 0;
}


static void
ngx_http_chatdesk_redis_tick(void *data)
{
    ngx_str_t                     ping;
    ngx_msec_t                    timeout;
    ngx_http_chatdesk_redis_t    *redis;
    ngx_http_chatdesk_pending_t  *oldest;

    redis = data;
    timeout = redis->link.conf->timeout;

    oldest = ngx_http_chatdesk_queue_oldest(&redis->queue);

    if (oldest != NULL) {
        if (ngx_http_chatdesk_link_since(oldest->sent) >= timeout) {
            ngx_http_chatdesk_link_drop(&redis->link, NGX_ETIMEDOUT,
                                        "no answer");
        }

        return;
    }

    if (redis->link.ready
        && ngx_http_chatdesk_link_since(redis->link.heard) >= timeout / 2)
    {
        ngx_str_set(&ping, "PING");
        (void) ngx_http_chatdesk_redis_send(redis, NULL, NULL, 1, &ping);
    }
}


/* Everything under way fails; a handler that tries again is refused. */

static void
ngx_http_chatdesk_redis_down(void *data)
{
    ngx_http_chatdesk_redis_t    *redis;
    ngx_http_chatdesk_pending_t   pending;

    redis = data;
    redis->fresh = 0;
    redis->draining = 0;
    redis->stored = 0;

    if (redis->link.conf->primary.len && !redis->closing) {
        ngx_http_chatdesk_sentinel_doubt(&redis->sentinel);
    }

    while (redis->queue.count > 0) {
        pending = ngx_http_chatdesk_queue_pop(&redis->queue);

        if (pending.handler != NULL) {
            pending.handler(pending.data, NULL);
        }

        freeReplyObject(pending.reply);
    }
}


static ngx_int_t
ngx_http_chatdesk_redis_send(ngx_http_chatdesk_redis_t *redis,
    ngx_http_chatdesk_reply_pt handler, void *data, ngx_uint_t argc,
    ngx_str_t *argv)
{
    if (ngx_http_chatdesk_redis_place(redis, handler, data) != NGX_OK) {
        return NGX_BUSY;
    }

    if (ngx_http_chatdesk_link_write(&redis->link, argc, argv) != NGX_OK) {
        ngx_http_chatdesk_queue_unpush(&redis->queue);
        return NGX_BUSY;
    }

    return NGX_OK;
}


/* A place in the queue for a command that is about to be written. */

static ngx_int_t
ngx_http_chatdesk_redis_place(ngx_http_chatdesk_redis_t *redis,
    ngx_http_chatdesk_reply_pt handler, void *data)
{
    ngx_http_chatdesk_pending_t  pending;

    ngx_memzero(&pending, sizeof(ngx_http_chatdesk_pending_t));

    pending.handler = handler;
    pending.data = data;
    pending.sent = ngx_current_msec;

    return ngx_http_chatdesk_queue_push(&redis->queue, &pending,
                                        redis->link.log);
}
