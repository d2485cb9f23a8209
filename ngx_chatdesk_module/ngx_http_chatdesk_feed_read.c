/*
 * Windows: asking Redis for what a follower or a whole feed lacks.
 *
 * A read is queued, leaves when Redis takes it, and is answered; a newer
 * read of the same follower or feed makes the older answer worthless.  A
 * feed whose members may be removed (the desk side) is never read for all:
 * each follower reads for itself, so that Redis checks its right again.
 *
 * Purpose:    the calls of cd_follow and their answers.
 * Owner:      a request under way owns its context: a session's reference
 *             and a feed's name.
 * Invariants: at most FEED_READS windows are under way for a desk; after an
 *             answer that was no window a desk asks nothing for
 *             CD_LIMIT_RETRY_MS.
 */

#include "ngx_http_chatdesk_feed_state.h"
#include "ngx_http_chatdesk_json.h"

#define NGX_HTTP_CHATDESK_FEED_READS  256

/* elements in front of the envelopes: ok, era, head, reset */
#define NGX_HTTP_CHATDESK_FEED_HEAD   4


typedef struct {
    ngx_http_chatdesk_desk_t  *desk;
    ngx_http_chatdesk_ref_t    ref;         /* of a follower's session */
    uint64_t                   serial;
    ngx_uint_t                 fill;
    ngx_str_t                  name;        /* bytes follow the struct */
} ngx_http_chatdesk_read_ctx_t;

typedef struct {
    uint64_t                   era;
    uint32_t                   head;
    ngx_uint_t                 reset;
    ngx_uint_t                 count;       /* envelopes */
    ngx_http_chatdesk_buf_t   *buf;
} ngx_http_chatdesk_window_t;

/* a fill on its way to each follower */

typedef struct {
    ngx_http_chatdesk_window_t  *window;
    int64_t                      from;
} ngx_http_chatdesk_filled_t;


static ngx_int_t ngx_http_chatdesk_read_send(ngx_http_chatdesk_desk_t *desk,
    ngx_http_chatdesk_read_t *read);
static ngx_int_t ngx_http_chatdesk_read_call(
    ngx_http_chatdesk_read_ctx_t *ctx, ngx_str_t *person, uint64_t era,
    int64_t n, ngx_str_t *mid);
static ngx_http_chatdesk_read_ctx_t *ngx_http_chatdesk_read_ctx(
    ngx_http_chatdesk_feed_t *feed, ngx_http_chatdesk_read_t *read);
static void ngx_http_chatdesk_read_reply(void *data, redisReply *reply);
static void ngx_http_chatdesk_read_own(ngx_http_chatdesk_feed_t *feed,
    ngx_http_chatdesk_follower_t *follower, redisReply *reply);
static void ngx_http_chatdesk_read_replay(ngx_http_chatdesk_feed_t *feed,
    ngx_http_chatdesk_follower_t *follower, ngx_uint_t anew);
static void ngx_http_chatdesk_read_fill(ngx_http_chatdesk_feed_t *feed,
    redisReply *reply);
static ngx_int_t ngx_http_chatdesk_read_window(ngx_http_chatdesk_feed_t *feed,
    redisReply *reply, ngx_http_chatdesk_window_t *window, ngx_uint_t *error);
static ngx_int_t ngx_http_chatdesk_read_head(redisReply *reply,
    ngx_http_chatdesk_window_t *window);
static ngx_uint_t ngx_http_chatdesk_read_passes(ngx_uint_t error);
static void ngx_http_chatdesk_read_again(ngx_http_chatdesk_desk_t *desk,
    ngx_http_chatdesk_read_t *read);
static void ngx_http_chatdesk_read_each_refill(
    ngx_http_chatdesk_follower_t *follower, void *data);
static void ngx_http_chatdesk_read_each_filled(
    ngx_http_chatdesk_follower_t *follower, void *data);
static void ngx_http_chatdesk_read_each_failed(
    ngx_http_chatdesk_follower_t *follower, void *data);


void
ngx_http_chatdesk_feed_refill(ngx_http_chatdesk_feed_t *feed)
{
    if (feed->order.last == CD_ORDER_UNKNOWN) {
        return;                 /* every follower reads anyway */
    }

    if (feed->revocable) {
        cd_order_forget(&feed->order);
        ngx_http_chatdesk_feed_walk(feed, ngx_http_chatdesk_read_each_refill,
                                    NULL);
        return;
    }

    cd_order_fill(&feed->order);

    if (feed->live) {
        ngx_http_chatdesk_read_later(feed->desk, &feed->fill);
    }
}


static void
ngx_http_chatdesk_read_each_refill(ngx_http_chatdesk_follower_t *follower,
    void *data)
{
    (void) data;

    if (!follower->cursor.reading) {
        ngx_http_chatdesk_follower_read(follower);
    }
}


void
ngx_http_chatdesk_read_later(ngx_http_chatdesk_desk_t *desk,
    ngx_http_chatdesk_read_t *read)
{
    static uint64_t  serial;

    read->serial = ++serial;

    if (!read->queued) {
        read->queued = 1;
        ngx_queue_insert_tail(&desk->reads, &read->queue);
    }

    ngx_http_chatdesk_read_pump(desk);
}


void
ngx_http_chatdesk_read_cancel(ngx_http_chatdesk_read_t *read)
{
    read->serial = 0;

    if (read->queued) {
        read->queued = 0;
        ngx_queue_remove(&read->queue);
    }
}


void
ngx_http_chatdesk_read_pump(ngx_http_chatdesk_desk_t *desk)
{
    ngx_queue_t               *q;
    ngx_http_chatdesk_read_t  *read;

    while (!ngx_queue_empty(&desk->reads) && !desk->paused
           && desk->reading < NGX_HTTP_CHATDESK_FEED_READS)
    {
        q = ngx_queue_head(&desk->reads);
        read = ngx_queue_data(q, ngx_http_chatdesk_read_t, queue);

        if (ngx_http_chatdesk_read_send(desk, read) != NGX_OK) {
            ngx_http_chatdesk_feed_check_later(desk);
            return;
        }

        ngx_queue_remove(q);
        read->queued = 0;
    }
}


static ngx_int_t
ngx_http_chatdesk_read_send(ngx_http_chatdesk_desk_t *desk,
    ngx_http_chatdesk_read_t *read)
{
    ngx_int_t                      rc;
    ngx_str_t                      none, mid;
    ngx_http_chatdesk_feed_t      *feed;
    ngx_http_chatdesk_follower_t  *follower;
    ngx_http_chatdesk_read_ctx_t  *ctx;

    if (!ngx_http_chatdesk_redis_ready(desk->redis)) {
        return NGX_BUSY;
    }

    ngx_str_set(&none, "");

    if (read->fill) {
        feed = ngx_queue_data(read, ngx_http_chatdesk_feed_t, fill);
        follower = NULL;

    } else {
        follower = ngx_queue_data(read, ngx_http_chatdesk_follower_t, read);
        feed = follower->feed;
    }

    ctx = ngx_http_chatdesk_read_ctx(feed, read);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (follower == NULL) {
        cd_order_sent(&feed->order);

        rc = ngx_http_chatdesk_read_call(ctx, &none, feed->era,
                                         feed->order.last, &none);

    } else {
        ctx->ref = ngx_http_chatdesk_session_ref(follower->session);
        cd_cursor_sent(&feed->order, &follower->cursor);

        mid.data = follower->mid;
        mid.len = follower->mid_len;

        rc = ngx_http_chatdesk_read_call(ctx,
                             ngx_http_chatdesk_session_who(follower->session),
                             follower->era, follower->cursor.last, &mid);
    }

    if (rc != NGX_OK) {
        ngx_free(ctx);
        return rc;
    }

    desk->reading++;

    return NGX_OK;
}


static ngx_http_chatdesk_read_ctx_t *
ngx_http_chatdesk_read_ctx(ngx_http_chatdesk_feed_t *feed,
    ngx_http_chatdesk_read_t *read)
{
    ngx_http_chatdesk_read_ctx_t  *ctx;

    ctx = ngx_calloc(sizeof(ngx_http_chatdesk_read_ctx_t) + feed->sn.str.len,
                     feed->desk->log);
    if (ctx == NULL) {
        return NULL;
    }

    ctx->desk = feed->desk;
    ctx->serial = read->serial;
    ctx->fill = read->fill;
    ctx->name.data = (u_char *) (ctx + 1);
    ctx->name.len = feed->sn.str.len;
    ngx_memcpy(ctx->name.data, feed->sn.str.data, feed->sn.str.len);

    return ctx;
}


static ngx_int_t
ngx_http_chatdesk_read_call(ngx_http_chatdesk_read_ctx_t *ctx,
    ngx_str_t *person, uint64_t era, int64_t n, ngx_str_t *mid)
{
    u_char     era_text[NGX_INT64_LEN], n_text[NGX_INT64_LEN];
    ngx_str_t  argv[5];

    argv[0] = ctx->name;
    argv[1] = *person;
    argv[2].data = era_text;
    argv[2].len = ngx_sprintf(era_text, "%uL", era) - era_text;
    argv[3].data = n_text;
    argv[3].len = ngx_sprintf(n_text, "%L", n) - n_text;
    argv[4] = *mid;

    return ngx_http_chatdesk_desk_call(ctx->desk, "cd_follow", "", &ctx->name,
                                       ngx_http_chatdesk_read_reply, ctx, 5,
                                       argv);
}


static void
ngx_http_chatdesk_read_reply(void *data, redisReply *reply)
{
    ngx_http_chatdesk_desk_t      *desk;
    ngx_http_chatdesk_feed_t      *feed;
    ngx_http_chatdesk_session_t   *session;
    ngx_http_chatdesk_follower_t  *follower;
    ngx_http_chatdesk_read_ctx_t  *ctx;

    ctx = data;
    desk = ctx->desk;
    desk->reading--;

    feed = ngx_http_chatdesk_feed_lookup(desk, &ctx->name);

    if (feed != NULL) {
        ngx_http_chatdesk_feed_enter(feed);

        if (ctx->fill) {
            if (feed->fill.serial == ctx->serial) {
                ngx_http_chatdesk_read_fill(feed, reply);
            }

        } else {
            session = ngx_http_chatdesk_session_get(ctx->ref);
            follower = session == NULL
                     ? NULL : ngx_http_chatdesk_feed_find(session, &ctx->name);

            if (follower != NULL && follower->read.serial == ctx->serial) {
                ngx_http_chatdesk_read_own(feed, follower, reply);
            }
        }

        ngx_http_chatdesk_feed_leave(feed);
    }

    ngx_free(ctx);
    ngx_http_chatdesk_read_pump(desk);
}


/* Whether a window brings what its follower does not have.  A feed of
   registers alone is always read anew. */

static ngx_uint_t
ngx_http_chatdesk_read_news(ngx_http_chatdesk_follower_t *follower,
    ngx_http_chatdesk_window_t *window)
{
    if (follower->cursor.last != (int64_t) window->head) {
        return 1;
    }

    if (ngx_http_chatdesk_feed_plain(follower->feed)) {
        return follower->era != window->era;
    }

    return window->reset || window->count > 0;
}


/* The window of one follower. */

static void
ngx_http_chatdesk_read_own(ngx_http_chatdesk_feed_t *feed,
    ngx_http_chatdesk_follower_t *follower, redisReply *reply)
{
    ngx_uint_t                  error, anew, asked, news;
    ngx_http_chatdesk_window_t  window;

    if (ngx_http_chatdesk_read_window(feed, reply, &window, &error)
        != NGX_OK)
    {
        if (ngx_http_chatdesk_read_passes(error) && follower->allowed) {
            ngx_http_chatdesk_read_again(feed->desk, &follower->read);
            return;
        }

        ngx_http_chatdesk_follower_fail(follower, error);
        return;
    }

    /* a read that only looks whether something is new was not asked for */

    asked = follower->waiting;
    news = ngx_http_chatdesk_read_news(follower, &window);

    /* a numbering that has begun anew is everybody's concern; the fill is
       asked for with the old era, which resets the others */

    anew = cd_cursor_window(&feed->order, &follower->cursor, window.head);

    if (feed->era == 0) {
        feed->era = window.era;

    } else if (feed->era != window.era) {
        anew = 1;
    }

    follower->era = window.era;
    follower->observer = reply->element[3]->integer > 1;
    ngx_http_chatdesk_follower_settled(follower);

    feed->current = follower;

    if (asked || news) {
        ngx_http_chatdesk_session_window(follower->session, window.buf, asked,
                                         news);
    }

    ngx_http_chatdesk_buf_release(&window.buf);

    ngx_http_chatdesk_read_replay(feed, feed->current, anew);
}


/* What was passed on while the window was read, then what follows it.  The
   follower is NULL when its session has closed. */

static void
ngx_http_chatdesk_read_replay(ngx_http_chatdesk_feed_t *feed,
    ngx_http_chatdesk_follower_t *follower, ngx_uint_t anew)
{
    ngx_http_chatdesk_live_t  *live;

    feed->current = follower;

    while (feed->current != NULL && !anew) {
        live = cd_cursor_next(&feed->order, &follower->cursor);

        if (live == NULL) {
            if (cd_cursor_hole(&feed->order, &follower->cursor)) {
                ngx_http_chatdesk_follower_read(follower);
            }

            break;
        }

        ngx_http_chatdesk_feed_deliver(follower, live);
    }

    feed->current = NULL;

    if (anew) {
        ngx_http_chatdesk_feed_refill(feed);

        if (feed->revocable) {
            feed->era = 0;
        }
    }

    ngx_http_chatdesk_feed_advance(feed);
}


/* The window of everybody who is in step with the feed. */

static void
ngx_http_chatdesk_read_fill(ngx_http_chatdesk_feed_t *feed, redisReply *reply)
{
    int                         again, back;
    ngx_uint_t                  error;
    ngx_http_chatdesk_filled_t  filled;
    ngx_http_chatdesk_window_t  window;

    if (ngx_http_chatdesk_read_window(feed, reply, &window, &error)
        != NGX_OK)
    {
        if (ngx_http_chatdesk_read_passes(error)) {
            ngx_http_chatdesk_read_again(feed->desk, &feed->fill);
            return;
        }

        ngx_http_chatdesk_feed_walk(feed, ngx_http_chatdesk_read_each_failed,
                                    &error);
        return;
    }

    filled.window = &window;
    filled.from = feed->order.last;

    back = (int64_t) window.head < filled.from || window.era != feed->era;
    again = cd_order_filled(&feed->order, window.head, back);
    feed->era = window.era;

    ngx_http_chatdesk_feed_walk(feed, ngx_http_chatdesk_read_each_filled,
                                &filled);
    ngx_http_chatdesk_buf_release(&window.buf);

    if (again) {
        ngx_http_chatdesk_feed_refill(feed);
    }

    ngx_http_chatdesk_feed_advance(feed);
}


static void
ngx_http_chatdesk_read_each_filled(ngx_http_chatdesk_follower_t *follower,
    void *data)
{
    ngx_http_chatdesk_filled_t  *filled = data;
    ngx_http_chatdesk_window_t  *window = filled->window;

    switch (cd_cursor_filled(&follower->cursor, filled->from, window->head,
                             (int) window->reset))
    {
    case CD_CURSOR_READ:
        ngx_http_chatdesk_follower_read(follower);
        return;

    case CD_CURSOR_SEND:
        follower->era = window->era;

        /* a fill that found nothing is nobody's news */

        if (window->reset || window->count > 0
            || filled->from != (int64_t) window->head)
        {
            ngx_http_chatdesk_session_send(follower->session, window->buf);
        }
        return;

    case CD_CURSOR_SKIP:
        return;
    }
}


static void
ngx_http_chatdesk_read_each_failed(ngx_http_chatdesk_follower_t *follower,
    void *data)
{
    ngx_http_chatdesk_follower_fail(follower, *(ngx_uint_t *) data);
}


/* Checks an answer and encodes its window.  NGX_OK, or NGX_ERROR with *error
   set. */

static ngx_int_t
ngx_http_chatdesk_read_window(ngx_http_chatdesk_feed_t *feed,
    redisReply *reply, ngx_http_chatdesk_window_t *window, ngx_uint_t *error)
{
    ngx_str_t   *envelopes;
    ngx_uint_t   i;
    redisReply  *element;

    if (ngx_http_chatdesk_desk_reply(reply, NGX_HTTP_CHATDESK_FEED_HEAD,
                                     error, feed->desk->log)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    *error = CD_E_BUSY;

    if (ngx_http_chatdesk_read_head(reply, window) != NGX_OK) {
        *error = CD_E_INTERNAL;
        return NGX_ERROR;
    }

    envelopes = ngx_alloc((window->count + 1) * sizeof(ngx_str_t),
                          feed->desk->log);
    if (envelopes == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < window->count; i++) {
        element = reply->element[NGX_HTTP_CHATDESK_FEED_HEAD + i];
        envelopes[i].data = (u_char *) element->str;
        envelopes[i].len = element->type == REDIS_REPLY_STRING
                         ? (size_t) element->len : 0;
    }

    window->buf = ngx_http_chatdesk_json_window(&feed->shown, window->era,
                                                window->head, window->reset,
                                                envelopes, window->count,
                                                feed->desk->log);
    ngx_free(envelopes);

    return window->buf == NULL ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
ngx_http_chatdesk_read_head(redisReply *reply,
    ngx_http_chatdesk_window_t *window)
{
    redisReply  *era, *head, *reset;

    era = reply->element[1];
    head = reply->element[2];
    reset = reply->element[3];

    if (era->type != REDIS_REPLY_INTEGER || era->integer < 0
        || head->type != REDIS_REPLY_INTEGER || head->integer < 0
        || head->integer > NGX_MAX_UINT32_VALUE
        || reset->type != REDIS_REPLY_INTEGER)
    {
        return NGX_ERROR;
    }

    window->era = (uint64_t) era->integer;
    window->head = (uint32_t) head->integer;
    window->reset = reset->integer & 1;
    window->count = reply->elements - NGX_HTTP_CHATDESK_FEED_HEAD;

    return NGX_OK;
}


/* Whether this refusal is worth waiting for its end. */

static ngx_uint_t
ngx_http_chatdesk_read_passes(ngx_uint_t error)
{
    return error == CD_E_BUSY || error == CD_E_UNAVAILABLE
           || error == CD_E_INTERNAL || error == CD_E_NO_DESK;
}


/* Once more, but not at once. */

static void
ngx_http_chatdesk_read_again(ngx_http_chatdesk_desk_t *desk,
    ngx_http_chatdesk_read_t *read)
{
    desk->paused = 1;
    desk->pause = ngx_current_msec;

    ngx_http_chatdesk_read_later(desk, read);
    ngx_http_chatdesk_feed_check_later(desk);
}
