/*
 * Live frames: decoded once, encoded once, shared by all followers.
 *
 * Purpose:    from a published message to the followers' sockets.
 * Owner:      a live frame belongs to the feed's order from the moment that
 *             it is taken.
 * Invariants: see ngx_http_chatdesk_feed_order.h.
 */

#include "ngx_http_chatdesk_feed_state.h"
#include "ngx_http_chatdesk_json.h"
#include "ngx_http_chatdesk_metrics.h"


static void ngx_http_chatdesk_feed_numbered(ngx_http_chatdesk_feed_t *feed,
    struct cd_frame *frame);
static void ngx_http_chatdesk_feed_passing(ngx_http_chatdesk_feed_t *feed,
    struct cd_frame *frame);
static ngx_http_chatdesk_live_t *ngx_http_chatdesk_feed_live_create(
    ngx_http_chatdesk_feed_t *feed, struct cd_frame *frame);
static ngx_str_t *ngx_http_chatdesk_feed_member(
    ngx_http_chatdesk_feed_t *feed);
static void ngx_http_chatdesk_feed_each_kick(
    ngx_http_chatdesk_follower_t *follower, void *data);
static void ngx_http_chatdesk_feed_each_passing(
    ngx_http_chatdesk_follower_t *follower, void *data);
static void ngx_http_chatdesk_feed_each_live(
    ngx_http_chatdesk_follower_t *follower, void *data);


/* a live frame on its way to each follower */

typedef struct {
    ngx_http_chatdesk_live_t  *live;
    uint32_t                   n;
} ngx_http_chatdesk_feed_pass_t;


void
ngx_http_chatdesk_feed_message(ngx_http_chatdesk_desk_t *desk,
    ngx_str_t *name, ngx_str_t *payload)
{
    int                        rc;
    struct cd_frame            frame;
    ngx_http_chatdesk_feed_t  *feed;

    feed = ngx_http_chatdesk_feed_lookup(desk, name);

    if (feed == NULL || !feed->live) {
        return;
    }

    rc = cd_frame_decode(&frame, (char *) payload->data, payload->len);

    if (rc == CD_WIRE_MEMORY) {
        ngx_log_error(NGX_LOG_ERR, desk->log, 0,
                      "chatdesk: no memory for a frame on feed \"%V\" of desk "
                      "\"%V\", its window is read", name, &desk->name);
        ngx_http_chatdesk_feed_refill(feed);
        return;
    }

    if (rc != 0) {
        ngx_log_error(NGX_LOG_ERR, desk->log, 0,
                      "frame of %uz bytes on feed \"%V\" of desk \"%V\" does "
                      "not decode and is dropped",
                      payload->len, name, &desk->name);
        return;
    }

    ngx_http_chatdesk_feed_enter(feed);

    if (frame.type == CD_T_KICK) {
        ngx_http_chatdesk_feed_walk(feed, ngx_http_chatdesk_feed_each_kick,
                                    &frame);

    } else if (frame.n == 0) {
        ngx_http_chatdesk_feed_passing(feed, &frame);

    } else if (frame.n > feed->order.last) {
        ngx_http_chatdesk_feed_numbered(feed, &frame);
    }

    ngx_http_chatdesk_feed_leave(feed);
}


static void
ngx_http_chatdesk_feed_numbered(ngx_http_chatdesk_feed_t *feed,
    struct cd_frame *frame)
{
    int                        taken;
    ngx_http_chatdesk_live_t  *live;

    taken = -1;
    live = ngx_http_chatdesk_feed_live_create(feed, frame);

    if (live != NULL) {
        taken = cd_order_live(&feed->order, frame->n, live);

        if (taken != 1) {
            ngx_http_chatdesk_feed_live_free(live);
        }
    }

    if (taken == -1) {

        /* no memory: the frame is in Redis and comes with the next window */

        ngx_http_chatdesk_feed_refill(feed);
        return;
    }

    ngx_http_chatdesk_feed_advance(feed);
}


static void
ngx_http_chatdesk_feed_passing(ngx_http_chatdesk_feed_t *feed,
    struct cd_frame *frame)
{
    ngx_http_chatdesk_buf_t  *buf;

    buf = ngx_http_chatdesk_json_encode(frame,
                                        ngx_http_chatdesk_feed_member(feed),
                                        feed->desk->log);
    if (buf == NULL) {
        return;
    }

    ngx_http_chatdesk_feed_walk(feed, ngx_http_chatdesk_feed_each_passing,
                                buf);
    ngx_http_chatdesk_buf_release(&buf);
}


/* Frames of a conversation are known by it, all others name their feed. */

static ngx_str_t *
ngx_http_chatdesk_feed_member(ngx_http_chatdesk_feed_t *feed)
{
    return ngx_http_chatdesk_feed_plain(feed) ? &feed->shown : NULL;
}


static ngx_http_chatdesk_live_t *
ngx_http_chatdesk_feed_live_create(ngx_http_chatdesk_feed_t *feed,
    struct cd_frame *frame)
{
    struct cd_str              who;
    ngx_http_chatdesk_live_t  *live;

    who.data = "";
    who.len = 0;

    if (feed->revocable && frame->type == CD_T_MEMBER
        && cd_frame_uint(frame, CD_F_GONE))
    {
        who = cd_frame_str(frame, CD_F_WHO);
    }

    live = ngx_alloc(sizeof(ngx_http_chatdesk_live_t) + who.len,
                     feed->desk->log);
    if (live == NULL) {
        return NULL;
    }

    live->gone_len = who.len;
    ngx_memcpy(live->gone, who.data, who.len);

    live->buf = ngx_http_chatdesk_json_encode(frame,
                                          ngx_http_chatdesk_feed_member(feed),
                                          feed->desk->log);
    if (live->buf == NULL) {
        ngx_free(live);
        return NULL;
    }

    return live;
}


void
ngx_http_chatdesk_feed_live_free(void *item)
{
    ngx_http_chatdesk_live_t  *live = item;

    ngx_http_chatdesk_buf_release(&live->buf);
    ngx_free(live);
}


void
ngx_http_chatdesk_feed_advance(ngx_http_chatdesk_feed_t *feed)
{
    ngx_http_chatdesk_feed_pass_t  pass;

    ngx_http_chatdesk_feed_enter(feed);

    for ( ;; ) {
        pass.live = cd_order_next(&feed->order, &pass.n);

        if (pass.live == NULL) {
            break;
        }

        ngx_http_chatdesk_feed_walk(feed, ngx_http_chatdesk_feed_each_live,
                                    &pass);
    }

    if (cd_order_hole(&feed->order)) {
        ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_HOLES, 1);
        ngx_http_chatdesk_feed_refill(feed);
    }

    cd_order_trim(&feed->order);

    ngx_http_chatdesk_feed_leave(feed);
}


static void
ngx_http_chatdesk_feed_each_kick(ngx_http_chatdesk_follower_t *follower,
    void *data)
{
    ngx_http_chatdesk_session_kick(follower->session, data);
}


/* A follower that has no window yet has no use for what passes. */

static void
ngx_http_chatdesk_feed_each_passing(ngx_http_chatdesk_follower_t *follower,
    void *data)
{
    if (follower->allowed && !follower->cursor.reading) {
        ngx_http_chatdesk_session_send(follower->session, data);
    }
}


static void
ngx_http_chatdesk_feed_each_live(ngx_http_chatdesk_follower_t *follower,
    void *data)
{
    ngx_http_chatdesk_feed_pass_t  *pass = data;

    if (cd_cursor_takes(&follower->cursor, pass->n)) {
        ngx_http_chatdesk_feed_deliver(follower, pass->live);
    }
}


void
ngx_http_chatdesk_feed_deliver(ngx_http_chatdesk_follower_t *follower,
    ngx_http_chatdesk_live_t *live)
{
    ngx_str_t                 *who;
    ngx_http_chatdesk_feed_t  *feed;

    feed = follower->feed;
    feed->current = follower;

    ngx_http_chatdesk_session_send(follower->session, live->buf);

    if (feed->current != follower || live->gone_len == 0) {
        return;
    }

    who = ngx_http_chatdesk_session_who(follower->session);

    if (who->len == live->gone_len
        && ngx_memcmp(who->data, live->gone, who->len) == 0)
    {
        ngx_http_chatdesk_feed_unfollow(&follower);
    }
}
