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
 * Purpose:    a bounded first-in first-out queue of handlers beside the
 *             stream of commands.
 * Owner:      desk.c holds the object; it owns both links and the queue.
 * Invariants: the queue has an entry for each command whose answer is
 *             outstanding, in order; each handler is called exactly once.
 */

#include "ngx_http_chatdesk_redis_link.h"
#include "ngx_http_chatdesk_redis_sentinel.h"
#include "ngx_http_chatdesk_redis_sub.h"

#include "chatdesk_tables.h"

#define NGX_HTTP_CHATDESK_REDIS_PENDING_MIN  64


typedef struct {
    ngx_http_chatdesk_reply_pt            handler;
    void                                 *data;
    ngx_msec_t                            sent;
} ngx_http_chatdesk_pending_t;


struct ngx_http_chatdesk_redis_s {
    ngx_http_chatdesk_link_t              link;
    ngx_http_chatdesk_sub_t               sub;
    ngx_http_chatdesk_sentinel_t          sentinel; /* where configured */
    const ngx_http_chatdesk_redis_ops_t  *ops;
    void                                 *data;

    ngx_http_chatdesk_pending_t          *pending;  /* ring, owned */
    ngx_uint_t                            cap;      /* power of two */
    ngx_uint_t                            first;
    ngx_uint_t                            count;

    unsigned                              fresh:1;  /* never failed yet */
    unsigned                              draining:1;
    unsigned                              closing:1;
};


static void ngx_http_chatdesk_redis_moved(void *data, ngx_addr_t *addr);
static void ngx_http_chatdesk_redis_hello(void *data);
static void ngx_http_chatdesk_redis_check(void *data, redisReply *reply);
static void ngx_http_chatdesk_redis_role(void *data, redisReply *reply);
static void ngx_http_chatdesk_redis_reply(void *data, redisReply *reply);
static ngx_uint_t ngx_http_chatdesk_redis_unable(redisReply *reply);
static void ngx_http_chatdesk_redis_tick(void *data);
static void ngx_http_chatdesk_redis_down(void *data);
static ngx_int_t ngx_http_chatdesk_redis_send(
    ngx_http_chatdesk_redis_t *redis, ngx_http_chatdesk_reply_pt handler,
    void *data, ngx_uint_t argc, ngx_str_t *argv);
static ngx_int_t ngx_http_chatdesk_redis_push(
    ngx_http_chatdesk_redis_t *redis, ngx_http_chatdesk_reply_pt handler,
    void *data);
static ngx_int_t ngx_http_chatdesk_redis_grow(
    ngx_http_chatdesk_redis_t *redis);
static ngx_http_chatdesk_pending_t ngx_http_chatdesk_redis_pop(
    ngx_http_chatdesk_redis_t *redis);


static const ngx_http_chatdesk_link_ops_t  ngx_http_chatdesk_redis_link_ops =
{
    ngx_http_chatdesk_redis_hello,
    ngx_http_chatdesk_redis_reply,
    ngx_http_chatdesk_redis_tick,
    ngx_http_chatdesk_redis_down
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

    if (redis->pending != NULL) {
        ngx_free(redis->pending);
    }

    ngx_free(redis);
}


ngx_uint_t
ngx_http_chatdesk_redis_ready(ngx_http_chatdesk_redis_t *redis)
{
    return (redis->link.ready || redis->fresh)
           && !redis->draining && !redis->closing;
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
        if (ngx_http_chatdesk_redis_push(redis, ngx_http_chatdesk_redis_check,
                                         redis)
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
ngx_http_chatdesk_redis_reply(void *data, redisReply *reply)
{
    ngx_uint_t                    generation;
    ngx_http_chatdesk_redis_t    *redis;
    ngx_http_chatdesk_pending_t   pending;

    redis = data;

    if (redis->count == 0) {
        ngx_http_chatdesk_link_drop(&redis->link, 0,
                                    "an answer that nobody asked for");
        return;
    }

    pending = ngx_http_chatdesk_redis_pop(redis);
    generation = redis->link.generation;

    if (redis->link.ready && ngx_http_chatdesk_redis_unable(reply)) {
        redis->draining = 1;
    }

    if (pending.handler != NULL) {
        pending.handler(pending.data, reply);
    }

    if (redis->draining && redis->count == 0
        && generation == redis->link.generation)
    {
        ngx_http_chatdesk_link_drop(&redis->link, 0,
                        reply->type == REDIS_REPLY_ERROR ? reply->str
                                                         : "not ready");
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
    ngx_str_t                   ping;
    ngx_msec_t                  timeout;
    ngx_http_chatdesk_redis_t  *redis;

    redis = data;
    timeout = redis->link.conf->timeout;

    if (redis->count > 0) {
        if (ngx_http_chatdesk_link_since(redis->pending[redis->first].sent)
            >= timeout)
        {
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

    if (redis->link.conf->primary.len && !redis->closing) {
        ngx_http_chatdesk_sentinel_doubt(&redis->sentinel);
    }

    while (redis->count > 0) {
        pending = ngx_http_chatdesk_redis_pop(redis);

        if (pending.handler != NULL) {
            pending.handler(pending.data, NULL);
        }
    }
}


static ngx_int_t
ngx_http_chatdesk_redis_send(ngx_http_chatdesk_redis_t *redis,
    ngx_http_chatdesk_reply_pt handler, void *data, ngx_uint_t argc,
    ngx_str_t *argv)
{
    if (ngx_http_chatdesk_redis_push(redis, handler, data) != NGX_OK) {
        return NGX_BUSY;
    }

    if (ngx_http_chatdesk_link_write(&redis->link, argc, argv) != NGX_OK) {
        redis->count--;
        return NGX_BUSY;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_chatdesk_redis_push(ngx_http_chatdesk_redis_t *redis,
    ngx_http_chatdesk_reply_pt handler, void *data)
{
    ngx_http_chatdesk_pending_t  *pending;

    if (redis->count == redis->cap
        && ngx_http_chatdesk_redis_grow(redis) != NGX_OK)
    {
        return NGX_BUSY;
    }

    pending = &redis->pending[(redis->first + redis->count)
                              & (redis->cap - 1)];
    pending->handler = handler;
    pending->data = data;
    pending->sent = ngx_current_msec;

    redis->count++;

    return NGX_OK;
}


static ngx_int_t
ngx_http_chatdesk_redis_grow(ngx_http_chatdesk_redis_t *redis)
{
    ngx_uint_t                    i, cap;
    ngx_http_chatdesk_pending_t  *pending;

    cap = redis->cap ? redis->cap * 2 : NGX_HTTP_CHATDESK_REDIS_PENDING_MIN;

    if (cap > CD_LIMIT_PENDING_PER_NODE) {
        return NGX_BUSY;
    }

    pending = ngx_alloc(cap * sizeof(ngx_http_chatdesk_pending_t),
                        redis->link.log);
    if (pending == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < redis->count; i++) {
        pending[i] = redis->pending[(redis->first + i) & (redis->cap - 1)];
    }

    if (redis->pending != NULL) {
        ngx_free(redis->pending);
    }

    redis->pending = pending;
    redis->cap = cap;
    redis->first = 0;

    return NGX_OK;
}


static ngx_http_chatdesk_pending_t
ngx_http_chatdesk_redis_pop(ngx_http_chatdesk_redis_t *redis)
{
    ngx_http_chatdesk_pending_t  pending;

    pending = redis->pending[redis->first];

    redis->first = (redis->first + 1) & (redis->cap - 1);
    redis->count--;

    return pending;
}
