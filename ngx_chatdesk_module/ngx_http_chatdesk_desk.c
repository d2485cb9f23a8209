/*
 * Servers and their desks, as this nginx worker knows them.
 *
 * A server is one `chatdesk_redis`: equal directives share one structure,
 * which is how it is found.  All desks of a server share its two
 * connections; what is published is handed to the desk that the channel's
 * name begins with.
 *
 * Purpose:    the table of desks, what comes on their channels, the node.
 * Owner:      this file's table; servers and desks live until the nginx
 *             worker exits.
 * Invariants: nothing is set up but in a process that serves requests; a
 *             server has at most DESKS desks, whatever names clients bring.
 */

#include <ngx_config.h>

#include <sys/random.h>

#include "ngx_http_chatdesk_api.h"
#include "ngx_http_chatdesk_feed.h"
#include "ngx_http_chatdesk_module.h"
#include "ngx_http_chatdesk_session.h"

#define NGX_HTTP_CHATDESK_DESKS      10000
#define NGX_HTTP_CHATDESK_DESK_NAME  32

/* of an id, and drawn at once: as many as one call gives whole; bytes */
#define NGX_HTTP_CHATDESK_RANDOM_ID  16
#define NGX_HTTP_CHATDESK_RANDOM     256


typedef struct {
    ngx_queue_t                      queue;
    ngx_http_chatdesk_redis_conf_t  *conf;      /* borrowed */
    ngx_http_chatdesk_redis_t       *redis;     /* owned */
    ngx_rbtree_t                     desks;     /* by name */
    ngx_rbtree_node_t                sentinel;
    ngx_uint_t                       count;
} ngx_http_chatdesk_server_t;


static ngx_http_chatdesk_server_t *ngx_http_chatdesk_server_get(
    ngx_http_chatdesk_redis_conf_t *conf);
static void ngx_http_chatdesk_server_message(void *data, ngx_str_t *channel,
    ngx_str_t *payload);
static void ngx_http_chatdesk_server_subscribed(void *data,
    ngx_str_t *channel);
static void ngx_http_chatdesk_server_lost(void *data);
static void ngx_http_chatdesk_server_ready(void *data);
static ngx_http_chatdesk_desk_t *ngx_http_chatdesk_server_next(
    ngx_http_chatdesk_server_t *server, ngx_http_chatdesk_desk_t *desk);
static ngx_http_chatdesk_desk_t *ngx_http_chatdesk_server_desk(
    ngx_http_chatdesk_server_t *server, ngx_str_t *channel, ngx_str_t *rest);

static ngx_int_t ngx_http_chatdesk_desk_name(ngx_str_t *name);
static ngx_http_chatdesk_desk_t *ngx_http_chatdesk_desk_create(
    ngx_http_chatdesk_server_t *server, ngx_str_t *name);
static void ngx_http_chatdesk_desk_node_frame(ngx_http_chatdesk_desk_t *desk,
    ngx_str_t *payload);
static void ngx_http_chatdesk_desk_beat_handler(ngx_event_t *ev);


static const ngx_http_chatdesk_redis_ops_t  ngx_http_chatdesk_server_ops = {
    ngx_http_chatdesk_server_message,
    ngx_http_chatdesk_server_subscribed,
    ngx_http_chatdesk_server_lost,
    ngx_http_chatdesk_server_ready
};

/* of this process; empty before init_process */
static ngx_queue_t  ngx_http_chatdesk_servers;
static ngx_log_t   *ngx_http_chatdesk_servers_log;
static u_char       ngx_http_chatdesk_node[NGX_HTTP_CHATDESK_ID_LEN];


ngx_int_t
ngx_http_chatdesk_desk_init_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                        i;
    ngx_http_chatdesk_main_conf_t    *mcf;
    ngx_http_chatdesk_redis_conf_t  **confs;

    ngx_queue_init(&ngx_http_chatdesk_servers);
    ngx_http_chatdesk_servers_log = cycle->log;

    if (ngx_http_chatdesk_random_id(ngx_http_chatdesk_node) != NGX_OK) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno,
                      "no random bytes for the node's id");
        return NGX_ERROR;
    }

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_chatdesk_module);
    confs = mcf->redis.elts;

    for (i = 0; i < mcf->redis.nelts; i++) {
        if (confs[i]->used && ngx_http_chatdesk_server_get(confs[i]) == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


void
ngx_http_chatdesk_desk_exit_process(ngx_cycle_t *cycle)
{
    ngx_queue_t                 *q;
    ngx_http_chatdesk_desk_t    *desk;
    ngx_http_chatdesk_server_t  *server;

    (void) cycle;

    if (ngx_http_chatdesk_servers_log == NULL) {
        return;
    }

    for (q = ngx_queue_head(&ngx_http_chatdesk_servers);
         q != ngx_queue_sentinel(&ngx_http_chatdesk_servers);
         q = ngx_queue_next(q))
    {
        server = ngx_queue_data(q, ngx_http_chatdesk_server_t, queue);

        for (desk = ngx_http_chatdesk_server_next(server, NULL);
             desk;
             desk = ngx_http_chatdesk_server_next(server, desk))
        {
            if (desk->beat.timer_set) {
                ngx_del_timer(&desk->beat);
            }

            ngx_http_chatdesk_feed_exit(desk);
        }

        ngx_http_chatdesk_redis_destroy(&server->redis);
    }
}


static ngx_http_chatdesk_server_t *
ngx_http_chatdesk_server_get(ngx_http_chatdesk_redis_conf_t *conf)
{
    ngx_queue_t                 *q;
    ngx_http_chatdesk_server_t  *server;

    for (q = ngx_queue_head(&ngx_http_chatdesk_servers);
         q != ngx_queue_sentinel(&ngx_http_chatdesk_servers);
         q = ngx_queue_next(q))
    {
        server = ngx_queue_data(q, ngx_http_chatdesk_server_t, queue);

        if (server->conf == conf) {
            return server;
        }
    }

    server = ngx_calloc(sizeof(ngx_http_chatdesk_server_t),
                        ngx_http_chatdesk_servers_log);
    if (server == NULL) {
        return NULL;
    }

    server->conf = conf;
    ngx_rbtree_init(&server->desks, &server->sentinel,
                    ngx_str_rbtree_insert_value);

    server->redis = ngx_http_chatdesk_redis_create(conf,
                                             &ngx_http_chatdesk_server_ops,
                                             server,
                                             ngx_http_chatdesk_servers_log);
    if (server->redis == NULL) {
        ngx_free(server);
        return NULL;
    }

    ngx_queue_insert_tail(&ngx_http_chatdesk_servers, &server->queue);

    return server;
}


/* The desk that a channel belongs to, and the rest of the channel's name;
   NULL when we have no such desk. */

static ngx_http_chatdesk_desk_t *
ngx_http_chatdesk_server_desk(ngx_http_chatdesk_server_t *server,
    ngx_str_t *channel, ngx_str_t *rest)
{
    u_char     *p, *last;
    ngx_str_t   name;

    last = channel->data + channel->len;

    if (channel->len < 4 || ngx_memcmp(channel->data, "cd:{", 4) != 0) {
        return NULL;
    }

    name.data = channel->data + 4;
    p = ngx_strlchr(name.data, last, '}');

    if (p == NULL || last - p < 2 || p[1] != ':') {
        return NULL;
    }

    name.len = p - name.data;
    rest->data = p + 2;
    rest->len = last - rest->data;

    return (ngx_http_chatdesk_desk_t *)
           ngx_str_rbtree_lookup(&server->desks, &name,
                                 ngx_murmur_hash2(name.data, name.len));
}


static void
ngx_http_chatdesk_server_message(void *data, ngx_str_t *channel,
    ngx_str_t *payload)
{
    ngx_str_t                  name;
    ngx_http_chatdesk_desk_t  *desk;

    desk = ngx_http_chatdesk_server_desk(data, channel, &name);

    if (desk == NULL) {
        return;
    }

    if (name.len > 2 && name.data[0] == 'n') {
        ngx_http_chatdesk_desk_node_frame(desk, payload);
        return;
    }

    ngx_http_chatdesk_feed_message(desk, &name, payload);
}


static void
ngx_http_chatdesk_server_subscribed(void *data, ngx_str_t *channel)
{
    ngx_str_t                  name;
    ngx_http_chatdesk_desk_t  *desk;

    desk = ngx_http_chatdesk_server_desk(data, channel, &name);

    if (desk == NULL) {
        return;
    }

    if (name.len > 2 && name.data[0] == 'n') {
        desk->listening = 1;
        return;
    }

    ngx_http_chatdesk_feed_subscribed(desk, &name);
}


static void
ngx_http_chatdesk_server_lost(void *data)
{
    ngx_http_chatdesk_desk_t  *desk;

    for (desk = ngx_http_chatdesk_server_next(data, NULL);
         desk;
         desk = ngx_http_chatdesk_server_next(data, desk))
    {
        desk->listening = 0;
        ngx_http_chatdesk_feed_lost(desk);
    }
}


static void
ngx_http_chatdesk_server_ready(void *data)
{
    ngx_http_chatdesk_desk_t  *desk;

    for (desk = ngx_http_chatdesk_server_next(data, NULL);
         desk;
         desk = ngx_http_chatdesk_server_next(data, desk))
    {
        if (desk->sessions > 0) {
            ngx_http_chatdesk_desk_beat(desk);
        }

        ngx_http_chatdesk_feed_ready(desk);
    }
}


static ngx_http_chatdesk_desk_t *
ngx_http_chatdesk_server_next(ngx_http_chatdesk_server_t *server,
    ngx_http_chatdesk_desk_t *desk)
{
    if (desk != NULL) {
        return (ngx_http_chatdesk_desk_t *)
               ngx_rbtree_next(&server->desks, &desk->sn.node);
    }

    if (server->desks.root == &server->sentinel) {
        return NULL;
    }

    return (ngx_http_chatdesk_desk_t *)
           ngx_rbtree_min(server->desks.root, &server->sentinel);
}


ngx_http_chatdesk_desk_t *
ngx_http_chatdesk_desk_get(ngx_http_chatdesk_redis_conf_t *conf,
    ngx_str_t *name)
{
    ngx_str_node_t              *node;
    ngx_http_chatdesk_server_t  *server;

    if (ngx_http_chatdesk_desk_name(name) != NGX_OK) {
        return NULL;
    }

    server = ngx_http_chatdesk_server_get(conf);
    if (server == NULL) {
        return NULL;
    }

    node = ngx_str_rbtree_lookup(&server->desks, name,
                                 ngx_murmur_hash2(name->data, name->len));
    if (node != NULL) {
        return (ngx_http_chatdesk_desk_t *) node;
    }

    return ngx_http_chatdesk_desk_create(server, name);
}


static ngx_int_t
ngx_http_chatdesk_desk_name(ngx_str_t *name)
{
    u_char  *p;

    if (name->len == 0 || name->len > NGX_HTTP_CHATDESK_DESK_NAME) {
        return NGX_DECLINED;
    }

    for (p = name->data; p < name->data + name->len; p++) {
        if ((*p < 'a' || *p > 'z') && (*p < '0' || *p > '9') && *p != '-') {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


static ngx_http_chatdesk_desk_t *
ngx_http_chatdesk_desk_create(ngx_http_chatdesk_server_t *server,
    ngx_str_t *name)
{
    u_char                    *p;
    ngx_str_t                  channel;
    ngx_http_chatdesk_desk_t  *desk;
    u_char                     buf[NGX_HTTP_CHATDESK_DESK_KEY_MAX];

    if (server->count == NGX_HTTP_CHATDESK_DESKS) {
        ngx_log_error(NGX_LOG_ERR, ngx_http_chatdesk_servers_log, 0,
                      "desk \"%V\" refused: this nginx worker has %ui desks "
                      "of Redis \"%V\" already; give \"chatdesk_desk\" names "
                      "that clients cannot choose", name, server->count,
                      &server->conf->url);
        return NULL;
    }

    desk = ngx_calloc(sizeof(ngx_http_chatdesk_desk_t) + name->len
                      + sizeof("cd:{}:") - 1 + name->len,
                      ngx_http_chatdesk_servers_log);
    if (desk == NULL) {
        return NULL;
    }

    p = (u_char *) (desk + 1);

    desk->name.data = p;
    desk->name.len = name->len;
    desk->prefix.data = ngx_cpymem(p, name->data, name->len);
    desk->prefix.len = ngx_sprintf(desk->prefix.data, "cd:{%V}:", name)
                       - desk->prefix.data;

    desk->node.data = ngx_http_chatdesk_node;
    desk->node.len = NGX_HTTP_CHATDESK_ID_LEN;
    desk->redis = server->redis;
    desk->timeout = server->conf->timeout;
    desk->log = ngx_http_chatdesk_servers_log;

    desk->beat.handler = ngx_http_chatdesk_desk_beat_handler;
    desk->beat.data = desk;
    desk->beat.log = desk->log;
    desk->beat.cancelable = 1;

    ngx_http_chatdesk_feed_init(desk);

    channel.data = buf;
    channel.len = ngx_sprintf(buf, "%Vn:%V", &desk->prefix, &desk->node) - buf;

    if (ngx_http_chatdesk_redis_subscribe(desk->redis, &channel) != NGX_OK) {
        ngx_free(desk);
        return NULL;
    }

    desk->sn.str = desk->name;
    desk->sn.node.key = ngx_murmur_hash2(name->data, name->len);
    ngx_rbtree_insert(&server->desks, &desk->sn.node);
    server->count++;

    return desk;
}


static void
ngx_http_chatdesk_desk_node_frame(ngx_http_chatdesk_desk_t *desk,
    ngx_str_t *payload)
{
    struct cd_frame  frame;

    if (cd_frame_decode(&frame, (char *) payload->data, payload->len) != 0) {
        ngx_log_error(NGX_LOG_ERR, desk->log, 0,
                      "frame of %uz bytes for this nginx worker from desk "
                      "\"%V\" does not decode and is dropped",
                      payload->len, &desk->name);
        return;
    }

    switch (frame.type) {

    case CD_T_REPLY:
        ngx_http_chatdesk_api_reply(desk, &frame);
        return;

    case CD_T_ANSWER:
        ngx_http_chatdesk_rest_answer(desk, &frame);
        return;

    case CD_T_REFUSED:
        ngx_http_chatdesk_session_refused(desk, &frame);
        return;

    case CD_T_RENDERED:
        ngx_http_chatdesk_session_told(desk, &frame);
        return;

    default:
        return;                     /* of a newer worker */
    }
}


/* The lease goes ahead of the first session's hello. */

void
ngx_http_chatdesk_desk_enter(ngx_http_chatdesk_desk_t *desk)
{
    if (desk->sessions++ > 0) {
        return;
    }

    ngx_http_chatdesk_desk_beat(desk);
    ngx_add_timer(&desk->beat, CD_LIMIT_BEAT_MS);
}


void
ngx_http_chatdesk_desk_leave(ngx_http_chatdesk_desk_t *desk)
{
    if (--desk->sessions == 0 && desk->beat.timer_set) {
        desk->leased = 0;
        ngx_del_timer(&desk->beat);
    }
}


static void
ngx_http_chatdesk_desk_beat_handler(ngx_event_t *ev)
{
    ngx_http_chatdesk_desk_t  *desk;

    desk = ev->data;

    ngx_http_chatdesk_desk_beat(desk);
    ngx_add_timer(&desk->beat, CD_LIMIT_BEAT_MS);
}


/* Bytes for an id, of which some are drawn at once; NULL: there are none.  What
   another process has drawn is not used. */

static u_char *
ngx_http_chatdesk_random_bytes(void)
{
    static size_t     left;
    static u_char     drawn[NGX_HTTP_CHATDESK_RANDOM];
    static ngx_pid_t  owner;

    if (left == 0 || owner != ngx_pid) {

        if (getrandom(drawn, sizeof(drawn), GRND_NONBLOCK)
            != (ssize_t) sizeof(drawn))
        {
            left = 0;
            return NULL;
        }

        left = sizeof(drawn);
        owner = ngx_pid;
    }

    left -= NGX_HTTP_CHATDESK_RANDOM_ID;

    return &drawn[left];
}


ngx_int_t
ngx_http_chatdesk_random_id(u_char *id)
{
    u_char    *bytes, text[ngx_base64_encoded_length(
                               NGX_HTTP_CHATDESK_RANDOM_ID)];
    ngx_str_t  from, to;

    bytes = ngx_http_chatdesk_random_bytes();
    if (bytes == NULL) {
        return NGX_ERROR;
    }

    from.data = bytes;
    from.len = NGX_HTTP_CHATDESK_RANDOM_ID;
    to.data = text;

    ngx_encode_base64url(&to, &from);
    ngx_memcpy(id, text, NGX_HTTP_CHATDESK_ID_LEN);
    ngx_explicit_memzero(bytes, NGX_HTTP_CHATDESK_RANDOM_ID);

    return NGX_OK;
}
