/*
 * The subscriber connection; see the header.
 *
 * A channel that changes is put into `todo`; at the end of the turn of the
 * event loop the difference between what is wanted and what was last asked
 * of the server is sent, so that a channel that is dropped and wanted again
 * in one turn costs nothing.  At most SUB_UNCONFIRMED channels are asked for
 * at a time, which bounds the output after a reconnect.
 *
 * A live channel that nobody wants any more stays subscribed for a while: a
 * visitor who goes from page to page wants the same one again, and has it at
 * once.  What it brings meanwhile is dropped by whoever is told of messages.
 *
 * Purpose:    see the header.
 * Owner:      a channel is freed when nobody wants it and the server has
 *             confirmed everything about it, or the socket has gone.
 * Invariants: `waiting` counts the confirmations of one channel that are
 *             outstanding, `unconfirmed` those of all.  A channel is in
 *             `todo` or among those that linger, never in both; of the latter
 *             there are at most LINGER, the oldest goes for a new one.
 */

#include "ngx_http_chatdesk_redis_sub.h"

#include "chatdesk_tables.h"

#define NGX_HTTP_CHATDESK_SUB_BATCH        256
#define NGX_HTTP_CHATDESK_SUB_UNCONFIRMED  2048



typedef struct {
    ngx_str_node_t   sn;            /* the name follows the struct */
    ngx_queue_t      queue;         /* `todo`, or those that linger */
    ngx_uint_t       waiting;
    ngx_msec_t       since;         /* if it lingers */

    unsigned         wanted:1;
    unsigned         asked:1;       /* the last command was a SUBSCRIBE */
    unsigned         live:1;
    unsigned         announce:1;    /* ops->subscribed is owed */
    unsigned         queued:1;      /* in `todo` */
    unsigned         lingers:1;
} ngx_http_chatdesk_channel_t;

/* one command in the making; argv[0] is its name */

typedef struct {
    ngx_uint_t       argc;
    ngx_str_t        argv[NGX_HTTP_CHATDESK_SUB_BATCH + 1];
} ngx_http_chatdesk_sub_batch_t;


static void ngx_http_chatdesk_sub_hello(void *data);
static void ngx_http_chatdesk_sub_reply(void *data, redisReply **answer);
static void ngx_http_chatdesk_sub_status(ngx_http_chatdesk_sub_t *sub,
    redisReply *reply);
static void ngx_http_chatdesk_sub_confirmed(ngx_http_chatdesk_sub_t *sub,
    ngx_str_t *name);
static void ngx_http_chatdesk_sub_tick(void *data);
static void ngx_http_chatdesk_sub_down(void *data);
static void ngx_http_chatdesk_sub_work_handler(ngx_event_t *ev);
static ngx_int_t ngx_http_chatdesk_sub_ask(ngx_http_chatdesk_sub_t *sub,
    ngx_http_chatdesk_channel_t *ch, ngx_http_chatdesk_sub_batch_t *batch);
static ngx_int_t ngx_http_chatdesk_sub_batch(ngx_http_chatdesk_sub_t *sub,
    ngx_http_chatdesk_sub_batch_t *batch);
static void ngx_http_chatdesk_sub_settle(ngx_http_chatdesk_sub_t *sub,
    ngx_http_chatdesk_channel_t *ch);
static ngx_http_chatdesk_channel_t *ngx_http_chatdesk_sub_find(
    ngx_http_chatdesk_sub_t *sub, ngx_str_t *name);
static void ngx_http_chatdesk_sub_queue(ngx_http_chatdesk_sub_t *sub,
    ngx_http_chatdesk_channel_t *ch);
static void ngx_http_chatdesk_sub_linger(ngx_http_chatdesk_sub_t *sub,
    ngx_http_chatdesk_channel_t *ch);
static void ngx_http_chatdesk_sub_linger_end(ngx_http_chatdesk_sub_t *sub,
    ngx_http_chatdesk_channel_t *ch);
static void ngx_http_chatdesk_sub_linger_handler(ngx_event_t *ev);
static void ngx_http_chatdesk_sub_free(ngx_http_chatdesk_sub_t *sub,
    ngx_http_chatdesk_channel_t *ch);


static const ngx_http_chatdesk_link_ops_t  ngx_http_chatdesk_sub_link_ops = {
    ngx_http_chatdesk_sub_hello,
    ngx_http_chatdesk_sub_reply,
    ngx_http_chatdesk_sub_tick,
    ngx_http_chatdesk_sub_down,
    NULL
};


void
ngx_http_chatdesk_sub_open(ngx_http_chatdesk_sub_t *sub,
    ngx_http_chatdesk_redis_conf_t *conf,
    const ngx_http_chatdesk_redis_ops_t *ops, void *data, ngx_log_t *log)
{
    sub->ops = ops;
    sub->data = data;

    ngx_rbtree_init(&sub->channels, &sub->sentinel,
                    ngx_str_rbtree_insert_value);
    ngx_queue_init(&sub->todo);
    ngx_queue_init(&sub->lingering);

    sub->linger.handler = ngx_http_chatdesk_sub_linger_handler;
    sub->linger.data = sub;
    sub->linger.log = log;
    sub->linger.cancelable = 1;

    sub->work.handler = ngx_http_chatdesk_sub_work_handler;
    sub->work.data = sub;
    sub->work.log = log;

    sub->link.ops = &ngx_http_chatdesk_sub_link_ops;
    sub->link.data = sub;
    sub->link.conf = conf;
    sub->link.addr = conf->primary.len ? NULL : &conf->addr;
    sub->link.what = "chatdesk-subscriber";
    sub->link.log = log;

    ngx_http_chatdesk_link_open(&sub->link);
}


void
ngx_http_chatdesk_sub_close(ngx_http_chatdesk_sub_t *sub)
{
    ngx_http_chatdesk_link_close(&sub->link);

    if (sub->work.posted) {
        ngx_delete_posted_event(&sub->work);
    }

    if (sub->linger.timer_set) {
        ngx_del_timer(&sub->linger);
    }

    while (sub->channels.root != &sub->sentinel) {
        ngx_http_chatdesk_sub_free(sub,
                       (ngx_http_chatdesk_channel_t *) sub->channels.root);
    }
}


ngx_int_t
ngx_http_chatdesk_sub_add(ngx_http_chatdesk_sub_t *sub, ngx_str_t *name)
{
    ngx_http_chatdesk_channel_t  *ch;

    ch = ngx_http_chatdesk_sub_find(sub, name);

    if (ch == NULL) {
        ch = ngx_alloc(sizeof(ngx_http_chatdesk_channel_t) + name->len,
                       sub->link.log);
        if (ch == NULL) {
            return NGX_ERROR;
        }

        ngx_memzero(ch, sizeof(ngx_http_chatdesk_channel_t));

        ch->sn.str.data = (u_char *) (ch + 1);
        ch->sn.str.len = name->len;
        ngx_memcpy(ch->sn.str.data, name->data, name->len);

        ch->sn.node.key = ngx_murmur_hash2(name->data, name->len);
        ngx_rbtree_insert(&sub->channels, &ch->sn.node);
    }

    ch->wanted = 1;
    ch->announce = 1;

    ngx_http_chatdesk_sub_linger_end(sub, ch);
    ngx_http_chatdesk_sub_queue(sub, ch);

    return NGX_OK;
}


void
ngx_http_chatdesk_sub_remove(ngx_http_chatdesk_sub_t *sub, ngx_str_t *name)
{
    ngx_http_chatdesk_channel_t  *ch;

    ch = ngx_http_chatdesk_sub_find(sub, name);
    if (ch == NULL) {
        return;
    }

    ch->wanted = 0;
    ch->announce = 0;

    if (ch->live && !ch->queued) {
        ngx_http_chatdesk_sub_linger(sub, ch);
        return;
    }

    ngx_http_chatdesk_sub_queue(sub, ch);
}


static void
ngx_http_chatdesk_sub_hello(void *data)
{
    ngx_str_t                 ping;
    ngx_http_chatdesk_sub_t  *sub;

    sub = data;
    sub->asked = 0;

    ngx_str_set(&ping, "PING");

    (void) ngx_http_chatdesk_link_introduce(&sub->link);
    (void) ngx_http_chatdesk_link_write(&sub->link, 1, &ping);
}


static void
ngx_http_chatdesk_sub_reply(void *data, redisReply **answer)
{
    ngx_str_t                     name, payload;
    redisReply                   *reply = *answer;
    ngx_http_chatdesk_sub_t      *sub;
    ngx_http_chatdesk_channel_t  *ch;

    sub = data;
    sub->asked = 0;

    if (reply->type != REDIS_REPLY_ARRAY) {
        ngx_http_chatdesk_sub_status(sub, reply);
        return;
    }

    if (reply->elements != 3
        || reply->element[0]->type != REDIS_REPLY_STRING
        || reply->element[1]->type != REDIS_REPLY_STRING)
    {
        return;         /* a pong while subscribed; or nothing we asked for */
    }

    name.data = (u_char *) reply->element[1]->str;
    name.len = reply->element[1]->len;

    if (ngx_strcmp(reply->element[0]->str, "message") != 0) {
        ngx_http_chatdesk_sub_confirmed(sub, &name);
        return;
    }

    ch = ngx_http_chatdesk_sub_find(sub, &name);

    if (ch != NULL && ch->live
        && reply->element[2]->type == REDIS_REPLY_STRING)
    {
        payload.data = (u_char *) reply->element[2]->str;
        payload.len = reply->element[2]->len;

        sub->ops->message(sub->data, &name, &payload);
    }
}


/* Answers to the introduction, and errors. */

static void
ngx_http_chatdesk_sub_status(ngx_http_chatdesk_sub_t *sub, redisReply *reply)
{
    if (reply->type == REDIS_REPLY_ERROR) {

        /* a user who may not name the connection may still subscribe */

        if (ngx_strstr(reply->str, "client|setname") == NULL) {
            ngx_http_chatdesk_link_drop(&sub->link, 0, reply->str);
        }

        return;
    }

    if (sub->link.ready || reply->type != REDIS_REPLY_STATUS
        || ngx_strcmp(reply->str, "PONG") != 0)
    {
        return;
    }

    sub->told = 1;
    ngx_http_chatdesk_link_ready(&sub->link);
    ngx_post_event(&sub->work, &ngx_posted_events);
}


static void
ngx_http_chatdesk_sub_confirmed(ngx_http_chatdesk_sub_t *sub, ngx_str_t *name)
{
    ngx_http_chatdesk_channel_t  *ch;

    ch = ngx_http_chatdesk_sub_find(sub, name);

    if (ch == NULL || ch->waiting == 0) {
        return;
    }

    ch->waiting--;
    sub->unconfirmed--;

    if (!ngx_queue_empty(&sub->todo)) {
        ngx_post_event(&sub->work, &ngx_posted_events);
    }

    if (ch->waiting == 0 && ch->wanted == ch->asked) {
        ngx_http_chatdesk_sub_settle(sub, ch);
    }
}


/* All that was asked is confirmed and is what is wanted. */

static void
ngx_http_chatdesk_sub_settle(ngx_http_chatdesk_sub_t *sub,
    ngx_http_chatdesk_channel_t *ch)
{
    if (!ch->wanted) {
        ngx_http_chatdesk_sub_free(sub, ch);
        return;
    }

    ch->live = 1;

    if (ch->announce) {
        ch->announce = 0;
        sub->ops->subscribed(sub->data, &ch->sn.str);
    }
}


/* PING is answered on a subscriber too; silence for the whole timeout means
   that the connection is dead though nobody has closed it. */

static void
ngx_http_chatdesk_sub_tick(void *data)
{
    ngx_str_t                 ping;
    ngx_msec_t                silence;
    ngx_http_chatdesk_sub_t  *sub;

    sub = data;
    silence = ngx_http_chatdesk_link_since(sub->link.heard);

    if (silence >= sub->link.conf->timeout) {
        ngx_http_chatdesk_link_drop(&sub->link, NGX_ETIMEDOUT, "no answer");
        return;
    }

    if (silence >= sub->link.conf->timeout / 2 && !sub->asked) {
        ngx_str_set(&ping, "PING");
        sub->asked = 1;
        (void) ngx_http_chatdesk_link_write(&sub->link, 1, &ping);
    }
}


static void
ngx_http_chatdesk_sub_down(void *data)
{
    ngx_rbtree_node_t            *node, *next;
    ngx_http_chatdesk_sub_t      *sub;
    ngx_http_chatdesk_channel_t  *ch;

    sub = data;
    sub->unconfirmed = 0;

    node = sub->channels.root == &sub->sentinel
           ? NULL : ngx_rbtree_min(sub->channels.root, &sub->sentinel);

    for ( /* void */ ; node; node = next) {
        next = ngx_rbtree_next(&sub->channels, node);
        ch = (ngx_http_chatdesk_channel_t *) node;

        ch->waiting = 0;
        ch->asked = 0;
        ch->live = 0;
        ch->announce = ch->wanted;

        if (ch->wanted) {
            ngx_http_chatdesk_sub_queue(sub, ch);

        } else {
            ngx_http_chatdesk_sub_free(sub, ch);
        }
    }

    if (sub->told) {
        sub->told = 0;
        sub->ops->lost(sub->data);
    }
}


static void
ngx_http_chatdesk_sub_work_handler(ngx_event_t *ev)
{
    ngx_queue_t                  *q;
    ngx_http_chatdesk_sub_t      *sub;
    ngx_http_chatdesk_channel_t  *ch;

    static ngx_http_chatdesk_sub_batch_t  add, drop;

    sub = ev->data;

    add.argc = 1;
    ngx_str_set(&add.argv[0], "SUBSCRIBE");
    drop.argc = 1;
    ngx_str_set(&drop.argv[0], "UNSUBSCRIBE");

    while (sub->link.ready && !ngx_queue_empty(&sub->todo)
           && sub->unconfirmed < NGX_HTTP_CHATDESK_SUB_UNCONFIRMED)
    {
        q = ngx_queue_head(&sub->todo);
        ngx_queue_remove(q);

        ch = ngx_queue_data(q, ngx_http_chatdesk_channel_t, queue);
        ch->queued = 0;

        if (ch->wanted == ch->asked) {
            if (ch->waiting == 0) {
                ngx_http_chatdesk_sub_settle(sub, ch);
            }

            continue;
        }

        if (ngx_http_chatdesk_sub_ask(sub, ch, ch->wanted ? &add : &drop)
            != NGX_OK)
        {
            return;
        }
    }

    if (ngx_http_chatdesk_sub_batch(sub, &drop) == NGX_OK) {
        (void) ngx_http_chatdesk_sub_batch(sub, &add);
    }
}


static ngx_int_t
ngx_http_chatdesk_sub_ask(ngx_http_chatdesk_sub_t *sub,
    ngx_http_chatdesk_channel_t *ch, ngx_http_chatdesk_sub_batch_t *batch)
{
    ch->asked = ch->wanted;
    ch->live = 0;
    ch->waiting++;
    sub->unconfirmed++;

    batch->argv[batch->argc++] = ch->sn.str;

    if (batch->argc <= NGX_HTTP_CHATDESK_SUB_BATCH) {
        return NGX_OK;
    }

    return ngx_http_chatdesk_sub_batch(sub, batch);
}


/* Sends a command; one that cannot be sent costs the connection, because
   confirmations are counted. */

static ngx_int_t
ngx_http_chatdesk_sub_batch(ngx_http_chatdesk_sub_t *sub,
    ngx_http_chatdesk_sub_batch_t *batch)
{
    ngx_uint_t  argc;

    argc = batch->argc;
    batch->argc = 1;

    if (argc == 1) {
        return NGX_OK;
    }

    if (ngx_http_chatdesk_link_write(&sub->link, argc, batch->argv)
        != NGX_OK)
    {
        ngx_http_chatdesk_link_drop(&sub->link, 0, "output refused");
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_http_chatdesk_channel_t *
ngx_http_chatdesk_sub_find(ngx_http_chatdesk_sub_t *sub, ngx_str_t *name)
{
    return (ngx_http_chatdesk_channel_t *)
           ngx_str_rbtree_lookup(&sub->channels, name,
                                 ngx_murmur_hash2(name->data, name->len));
}


static void
ngx_http_chatdesk_sub_queue(ngx_http_chatdesk_sub_t *sub,
    ngx_http_chatdesk_channel_t *ch)
{
    if (!ch->queued) {
        ch->queued = 1;
        ngx_queue_insert_tail(&sub->todo, &ch->queue);
    }

    if (sub->link.ready) {
        ngx_post_event(&sub->work, &ngx_posted_events);
    }
}


/* Leaves a channel subscribed for a while. */

static void
ngx_http_chatdesk_sub_linger(ngx_http_chatdesk_sub_t *sub,
    ngx_http_chatdesk_channel_t *ch)
{
    ngx_queue_t                  *q;
    ngx_http_chatdesk_channel_t  *oldest;

    if (ch->lingers) {
        return;
    }

    if (sub->lingers == CD_LIMIT_LINGER) {
        q = ngx_queue_head(&sub->lingering);
        oldest = ngx_queue_data(q, ngx_http_chatdesk_channel_t, queue);
        ngx_http_chatdesk_sub_linger_end(sub, oldest);
        ngx_http_chatdesk_sub_queue(sub, oldest);
    }

    ch->lingers = 1;
    ch->since = ngx_current_msec;
    ngx_queue_insert_tail(&sub->lingering, &ch->queue);
    sub->lingers++;

    if (!sub->linger.timer_set) {
        ngx_add_timer(&sub->linger, CD_LIMIT_LINGER_MS);
    }
}


static void
ngx_http_chatdesk_sub_linger_end(ngx_http_chatdesk_sub_t *sub,
    ngx_http_chatdesk_channel_t *ch)
{
    if (ch->lingers) {
        ch->lingers = 0;
        ngx_queue_remove(&ch->queue);
        sub->lingers--;
    }
}


/* Gives up those whose time is over. */

static void
ngx_http_chatdesk_sub_linger_handler(ngx_event_t *ev)
{
    ngx_msec_t                    age;
    ngx_queue_t                  *q;
    ngx_http_chatdesk_sub_t      *sub;
    ngx_http_chatdesk_channel_t  *ch;

    sub = ev->data;

    while (!ngx_queue_empty(&sub->lingering)) {
        q = ngx_queue_head(&sub->lingering);
        ch = ngx_queue_data(q, ngx_http_chatdesk_channel_t, queue);
        age = ngx_http_chatdesk_link_since(ch->since);

        if (age < CD_LIMIT_LINGER_MS) {
            ngx_add_timer(ev, CD_LIMIT_LINGER_MS - age);
            return;
        }

        ngx_http_chatdesk_sub_linger_end(sub, ch);
        ngx_http_chatdesk_sub_queue(sub, ch);
    }
}


static void
ngx_http_chatdesk_sub_free(ngx_http_chatdesk_sub_t *sub,
    ngx_http_chatdesk_channel_t *ch)
{
    ngx_http_chatdesk_sub_linger_end(sub, ch);

    if (ch->queued) {
        ngx_queue_remove(&ch->queue);
    }

    ngx_rbtree_delete(&sub->channels, &ch->sn.node);
    ngx_free(ch);
}
