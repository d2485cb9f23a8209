/*
 * What is found by looking: heads from the beat, followers that wait too
 * long, reads that could not leave.
 *
 * Purpose:    a lost publish leaves no hole and a lost answer no client
 *             without an error.
 * Owner:      the desk; the check's timer runs only while there is something
 *             to look at, and never keeps an nginx worker from exiting.
 * Invariants: a head that Redis told is compared again after CHECK_MS, since
 *             the frames may be on their way on the other connection.
 */

#include "ngx_http_chatdesk_feed_state.h"
#include "ngx_http_chatdesk_metrics.h"

#define NGX_HTTP_CHATDESK_FEED_CHECK_MS  500


static void ngx_http_chatdesk_feed_check_behind(
    ngx_http_chatdesk_desk_t *desk);
static void ngx_http_chatdesk_feed_check_waiting(
    ngx_http_chatdesk_desk_t *desk);
static void ngx_http_chatdesk_feed_each_subscribed(
    ngx_http_chatdesk_follower_t *follower, void *data);


void
ngx_http_chatdesk_feed_check_later(ngx_http_chatdesk_desk_t *desk)
{
    if (!desk->check.timer_set) {
        ngx_add_timer(&desk->check, NGX_HTTP_CHATDESK_FEED_CHECK_MS);
    }
}


void
ngx_http_chatdesk_feed_check_handler(ngx_event_t *ev)
{
    ngx_http_chatdesk_desk_t  *desk;

    desk = ev->data;

    if (desk->paused && ngx_current_msec - desk->pause >= CD_LIMIT_RETRY_MS) {
        desk->paused = 0;
    }

    ngx_http_chatdesk_feed_check_behind(desk);
    ngx_http_chatdesk_feed_check_waiting(desk);
    ngx_http_chatdesk_read_pump(desk);

    if (desk->paused || !ngx_queue_empty(&desk->waiting)) {
        ngx_http_chatdesk_feed_check_later(desk);
    }
}


static void
ngx_http_chatdesk_feed_check_behind(ngx_http_chatdesk_desk_t *desk)
{
    ngx_queue_t               *q;
    ngx_http_chatdesk_feed_t  *feed;

    while (!ngx_queue_empty(&desk->behind)) {
        q = ngx_queue_head(&desk->behind);
        ngx_queue_remove(q);

        feed = ngx_queue_data(q, ngx_http_chatdesk_feed_t, behind_queue);
        feed->behind = 0;

        if (feed->live && !feed->order.filling
            && feed->order.last != CD_ORDER_UNKNOWN
            && feed->order.last < feed->expected)
        {
            ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_HOLES, 1);
            ngx_http_chatdesk_feed_refill(feed);
        }
    }
}


/* The queue is in the order of waiting; while Redis is known to be away
   nobody has to wait for the timeout. */

static void
ngx_http_chatdesk_feed_check_waiting(ngx_http_chatdesk_desk_t *desk)
{
    ngx_queue_t                   *q;
    ngx_http_chatdesk_follower_t  *follower;

    while (!ngx_queue_empty(&desk->waiting)) {
        q = ngx_queue_head(&desk->waiting);
        follower = ngx_queue_data(q, ngx_http_chatdesk_follower_t,
                                  wait_queue);

        if (ngx_http_chatdesk_redis_ready(desk->redis)
            && ngx_current_msec - follower->since < desk->timeout)
        {
            return;
        }

        ngx_http_chatdesk_follower_fail(follower, CD_E_BUSY);
    }
}


/* Everything published before may have been missed: all that follow the
   feed are read from where they stand, and what is under way is asked
   again. */

void
ngx_http_chatdesk_feed_subscribed(ngx_http_chatdesk_desk_t *desk,
    ngx_str_t *name)
{
    ngx_http_chatdesk_feed_t  *feed;

    feed = ngx_http_chatdesk_feed_lookup(desk, name);
    if (feed == NULL) {
        return;
    }

    feed->live = 1;

    ngx_http_chatdesk_feed_walk(feed, ngx_http_chatdesk_feed_each_subscribed,
                                NULL);
    ngx_http_chatdesk_feed_refill(feed);
}


static void
ngx_http_chatdesk_feed_each_subscribed(ngx_http_chatdesk_follower_t *follower,
    void *data)
{
    (void) data;

    if (follower->cursor.reading) {
        ngx_http_chatdesk_follower_read(follower);
    }
}


void
ngx_http_chatdesk_feed_lost(ngx_http_chatdesk_desk_t *desk)
{
    ngx_http_chatdesk_feed_t  *feed;

    for (feed = ngx_http_chatdesk_feed_after(desk, NULL);
         feed;
         feed = ngx_http_chatdesk_feed_after(desk, feed))
    {
        feed->live = 0;
        cd_order_clear(&feed->order);
    }
}


void
ngx_http_chatdesk_feed_ready(ngx_http_chatdesk_desk_t *desk)
{
    desk->paused = 0;
    ngx_http_chatdesk_read_pump(desk);
}


ngx_http_chatdesk_feed_t *
ngx_http_chatdesk_feed_after(ngx_http_chatdesk_desk_t *desk,
    ngx_http_chatdesk_feed_t *feed)
{
    if (feed != NULL) {
        return (ngx_http_chatdesk_feed_t *)
               ngx_rbtree_next(&desk->feeds, &feed->sn.node);
    }

    if (desk->feeds.root == &desk->feeds_sentinel) {
        return NULL;
    }

    return (ngx_http_chatdesk_feed_t *)
           ngx_rbtree_min(desk->feeds.root, &desk->feeds_sentinel);
}


/*
 * `head` is from the moment when the beat was answered.  Frames since then
 * may have been passed on already; but what had been passed on when the beat
 * left cannot be above it, unless Redis has lost it.
 */

void
ngx_http_chatdesk_feed_head(ngx_http_chatdesk_desk_t *desk, ngx_str_t *name,
    int64_t head)
{
    ngx_http_chatdesk_feed_t  *feed;

    feed = ngx_http_chatdesk_feed_lookup(desk, name);

    if (feed == NULL || !feed->live || feed->order.filling
        || feed->order.last == CD_ORDER_UNKNOWN || head < 0)
    {
        return;
    }

    if (head < feed->beat_last) {
        ngx_http_chatdesk_feed_refill(feed);
        return;
    }

    if (head > feed->order.last) {
        feed->expected = head;

        if (!feed->behind) {
            feed->behind = 1;
            ngx_queue_insert_tail(&desk->behind, &feed->behind_queue);
        }

        ngx_http_chatdesk_feed_check_later(desk);
    }
}


void
ngx_http_chatdesk_feed_new_era(ngx_http_chatdesk_desk_t *desk, uint64_t era)
{
    ngx_http_chatdesk_feed_t  *feed;

    for (feed = ngx_http_chatdesk_feed_after(desk, NULL);
         feed;
         feed = ngx_http_chatdesk_feed_after(desk, feed))
    {
        if (feed->live && feed->era != 0 && feed->era != era) {
            ngx_http_chatdesk_feed_refill(feed);

            if (feed->revocable) {
                feed->era = 0;
            }
        }
    }
}
