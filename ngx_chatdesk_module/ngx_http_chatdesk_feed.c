/*
 * Feeds and their followers: who follows what.
 *
 * Purpose:    the table of a desk's feeds, following and unfollowing.  Live
 *             frames are in feed_live.c, windows in feed_read.c, what the
 *             beat finds in feed_check.c, numbering in feed_order.c.
 * Owner:      see ngx_http_chatdesk_feed.h.
 * Invariants: see ngx_http_chatdesk_feed_state.h.
 */

#include "ngx_http_chatdesk_feed_state.h"
#include "ngx_http_chatdesk_metrics.h"


static ngx_http_chatdesk_feed_t *ngx_http_chatdesk_feed_create(
    ngx_http_chatdesk_desk_t *desk, ngx_str_t *name, ngx_str_t *shown);
static ngx_int_t ngx_http_chatdesk_feed_listen(ngx_http_chatdesk_feed_t *feed,
    ngx_uint_t on);
static void ngx_http_chatdesk_feed_free(ngx_http_chatdesk_feed_t *feed);
static ngx_http_chatdesk_follower_t *ngx_http_chatdesk_follower_create(
    ngx_http_chatdesk_feed_t *feed, ngx_http_chatdesk_session_t *session);
static void ngx_http_chatdesk_follower_resume(
    ngx_http_chatdesk_follower_t *follower,
    ngx_http_chatdesk_resume_t *resume);
static void ngx_http_chatdesk_follower_free(
    ngx_http_chatdesk_follower_t *follower);


void
ngx_http_chatdesk_feed_init(ngx_http_chatdesk_desk_t *desk)
{
    ngx_rbtree_init(&desk->feeds, &desk->feeds_sentinel,
                    ngx_str_rbtree_insert_value);

    ngx_queue_init(&desk->reads);
    ngx_queue_init(&desk->waiting);
    ngx_queue_init(&desk->behind);

    desk->check.handler = ngx_http_chatdesk_feed_check_handler;
    desk->check.data = desk;
    desk->check.log = desk->log;
    desk->check.cancelable = 1;
}


void
ngx_http_chatdesk_feed_exit(ngx_http_chatdesk_desk_t *desk)
{
    if (desk->check.timer_set) {
        ngx_del_timer(&desk->check);
    }
}


ngx_http_chatdesk_feed_t *
ngx_http_chatdesk_feed_lookup(ngx_http_chatdesk_desk_t *desk, ngx_str_t *name)
{
    return (ngx_http_chatdesk_feed_t *)
           ngx_str_rbtree_lookup(&desk->feeds, name,
                                 ngx_murmur_hash2(name->data, name->len));
}


static ngx_http_chatdesk_feed_t *
ngx_http_chatdesk_feed_create(ngx_http_chatdesk_desk_t *desk, ngx_str_t *name,
    ngx_str_t *shown)
{
    u_char                    *p;
    ngx_http_chatdesk_feed_t  *feed;

    feed = ngx_calloc(sizeof(ngx_http_chatdesk_feed_t) + name->len
                      + shown->len, desk->log);
    if (feed == NULL) {
        return NULL;
    }

    p = (u_char *) (feed + 1);

    feed->sn.str.data = p;
    feed->sn.str.len = name->len;
    feed->shown.data = ngx_cpymem(p, name->data, name->len);
    feed->shown.len = shown->len;
    ngx_memcpy(feed->shown.data, shown->data, shown->len);

    feed->desk = desk;
    feed->fill.fill = 1;
    feed->revocable = name->len > 2 && name->data[0] == 'd';

    ngx_queue_init(&feed->followers);
    cd_order_init(&feed->order, ngx_http_chatdesk_feed_live_free);

    if (ngx_http_chatdesk_feed_listen(feed, 1) != NGX_OK) {
        ngx_free(feed);
        return NULL;
    }

    feed->sn.node.key = ngx_murmur_hash2(name->data, name->len);
    ngx_rbtree_insert(&desk->feeds, &feed->sn.node);

    ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_FEEDS, 1);

    return feed;
}


/* Subscribes the feed's channel, or gives it up. */

static ngx_int_t
ngx_http_chatdesk_feed_listen(ngx_http_chatdesk_feed_t *feed, ngx_uint_t on)
{
    u_char                    *p;
    ngx_str_t                  channel;
    ngx_http_chatdesk_desk_t  *desk;
    u_char                     buf[NGX_HTTP_CHATDESK_DESK_KEY_MAX];

    desk = feed->desk;

    if (desk->prefix.len + feed->sn.str.len > sizeof(buf)) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(buf, desk->prefix.data, desk->prefix.len);
    p = ngx_cpymem(p, feed->sn.str.data, feed->sn.str.len);

    channel.data = buf;
    channel.len = p - buf;

    if (on) {
        return ngx_http_chatdesk_redis_subscribe(desk->redis, &channel);
    }

    ngx_http_chatdesk_redis_unsubscribe(desk->redis, &channel);

    return NGX_OK;
}


static void
ngx_http_chatdesk_feed_free(ngx_http_chatdesk_feed_t *feed)
{
    (void) ngx_http_chatdesk_feed_listen(feed, 0);

    ngx_http_chatdesk_read_cancel(&feed->fill);

    if (feed->behind) {
        ngx_queue_remove(&feed->behind_queue);
    }

    cd_order_clear(&feed->order);

    ngx_rbtree_delete(&feed->desk->feeds, &feed->sn.node);
    ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_FEEDS, -1);

    ngx_free(feed);
}


void
ngx_http_chatdesk_feed_enter(ngx_http_chatdesk_feed_t *feed)
{
    feed->entered++;
}


void
ngx_http_chatdesk_feed_leave(ngx_http_chatdesk_feed_t *feed)
{
    feed->entered--;

    if (feed->entered == 0 && ngx_queue_empty(&feed->followers)) {
        ngx_http_chatdesk_feed_free(feed);
    }
}


void
ngx_http_chatdesk_feed_walk(ngx_http_chatdesk_feed_t *feed,
    void (*each)(ngx_http_chatdesk_follower_t *follower, void *data),
    void *data)
{
    ngx_queue_t  *q;

    ngx_http_chatdesk_feed_enter(feed);

    feed->next = ngx_queue_head(&feed->followers);

    while (feed->next != ngx_queue_sentinel(&feed->followers)) {
        q = feed->next;
        feed->next = ngx_queue_next(q);

        feed->current = ngx_queue_data(q, ngx_http_chatdesk_follower_t,
                                       in_feed);
        each(feed->current, data);
    }

    feed->next = NULL;
    feed->current = NULL;

    ngx_http_chatdesk_feed_leave(feed);
}


ngx_http_chatdesk_follower_t *
ngx_http_chatdesk_feed_follow(ngx_http_chatdesk_desk_t *desk,
    ngx_http_chatdesk_session_t *session, ngx_str_t *name, ngx_str_t *shown,
    ngx_http_chatdesk_resume_t *resume)
{
    ngx_http_chatdesk_feed_t      *feed;
    ngx_http_chatdesk_follower_t  *follower;

    follower = ngx_http_chatdesk_feed_find(session, name);

    if (follower == NULL) {
        feed = ngx_http_chatdesk_feed_lookup(desk, name);

        if (feed == NULL) {
            feed = ngx_http_chatdesk_feed_create(desk, name, shown);
            if (feed == NULL) {
                return NULL;
            }
        }

        ngx_http_chatdesk_feed_enter(feed);
        follower = ngx_http_chatdesk_follower_create(feed, session);
        ngx_http_chatdesk_feed_leave(feed);

        if (follower == NULL) {
            return NULL;
        }
    }

    ngx_http_chatdesk_follower_resume(follower, resume);
    ngx_http_chatdesk_follower_read(follower);

    return follower;
}


static ngx_http_chatdesk_follower_t *
ngx_http_chatdesk_follower_create(ngx_http_chatdesk_feed_t *feed,
    ngx_http_chatdesk_session_t *session)
{
    ngx_http_chatdesk_follower_t  *follower;

    follower = ngx_calloc(sizeof(ngx_http_chatdesk_follower_t),
                          feed->desk->log);
    if (follower == NULL) {
        return NULL;
    }

    follower->feed = feed;
    follower->session = session;

    ngx_queue_insert_tail(&feed->followers, &follower->in_feed);
    ngx_queue_insert_tail(ngx_http_chatdesk_session_followers(session),
                          &follower->in_session);

    return follower;
}


/* Notes where the client stands, and that it waits for its window. */

static void
ngx_http_chatdesk_follower_resume(ngx_http_chatdesk_follower_t *follower,
    ngx_http_chatdesk_resume_t *resume)
{
    ngx_http_chatdesk_desk_t  *desk;

    desk = follower->feed->desk;

    if (follower->waiting) {
        ngx_queue_remove(&follower->wait_queue);
    }

    follower->waiting = 1;
    follower->since = ngx_current_msec;
    ngx_queue_insert_tail(&desk->waiting, &follower->wait_queue);
    ngx_http_chatdesk_feed_check_later(desk);

    follower->era = resume->era;
    follower->cursor.last = resume->n;
    follower->mid_len = 0;

    if (resume->mid.len > 0 && resume->mid.len <= NGX_HTTP_CHATDESK_FEED_MID) {
        ngx_memcpy(follower->mid, resume->mid.data, resume->mid.len);
        follower->mid_len = resume->mid.len;
    }
}


void
ngx_http_chatdesk_follower_read(ngx_http_chatdesk_follower_t *follower)
{
    ngx_http_chatdesk_feed_t  *feed;

    feed = follower->feed;

    cd_cursor_read(&feed->order, &follower->cursor);

    if (feed->live) {
        ngx_http_chatdesk_read_later(feed->desk, &follower->read);
    }
}


void
ngx_http_chatdesk_follower_settled(ngx_http_chatdesk_follower_t *follower)
{
    follower->allowed = 1;
    follower->mid_len = 0;

    if (follower->waiting) {
        follower->waiting = 0;
        ngx_queue_remove(&follower->wait_queue);
    }
}


void
ngx_http_chatdesk_follower_fail(ngx_http_chatdesk_follower_t *follower,
    ngx_uint_t error)
{
    ngx_http_chatdesk_feed_t     *feed;
    ngx_http_chatdesk_session_t  *session;

    feed = follower->feed;
    session = follower->session;

    ngx_http_chatdesk_feed_enter(feed);

    ngx_http_chatdesk_follower_free(follower);
    ngx_http_chatdesk_session_feed_error(session, &feed->shown, error);

    ngx_http_chatdesk_feed_leave(feed);
}


/* Unlinks a follower from everything at once. */

static void
ngx_http_chatdesk_follower_free(ngx_http_chatdesk_follower_t *follower)
{
    ngx_http_chatdesk_feed_t  *feed;

    feed = follower->feed;

    ngx_http_chatdesk_feed_enter(feed);

    if (feed->next == &follower->in_feed) {
        feed->next = ngx_queue_next(&follower->in_feed);
    }

    if (feed->current == follower) {
        feed->current = NULL;
    }

    ngx_queue_remove(&follower->in_feed);
    ngx_queue_remove(&follower->in_session);

    if (follower->waiting) {
        ngx_queue_remove(&follower->wait_queue);
    }

    ngx_http_chatdesk_read_cancel(&follower->read);
    cd_cursor_stop(&feed->order, &follower->cursor);

    ngx_free(follower);

    ngx_http_chatdesk_feed_leave(feed);
}


ngx_http_chatdesk_follower_t *
ngx_http_chatdesk_feed_find(ngx_http_chatdesk_session_t *session,
    ngx_str_t *name)
{
    ngx_str_t                     *str;
    ngx_queue_t                   *q, *head;
    ngx_http_chatdesk_follower_t  *follower;

    head = ngx_http_chatdesk_session_followers(session);

    for (q = ngx_queue_head(head);
         q != ngx_queue_sentinel(head);
         q = ngx_queue_next(q))
    {
        follower = ngx_queue_data(q, ngx_http_chatdesk_follower_t,
                                  in_session);
        str = &follower->feed->sn.str;

        if (str->len == name->len
            && ngx_memcmp(str->data, name->data, name->len) == 0)
        {
            return follower;
        }
    }

    return NULL;
}


ngx_uint_t
ngx_http_chatdesk_feed_observes(ngx_http_chatdesk_follower_t *follower)
{
    return follower->observer;
}


ngx_uint_t
ngx_http_chatdesk_feed_allowed(ngx_http_chatdesk_follower_t *follower)
{
    return follower->allowed;
}


ngx_uint_t
ngx_http_chatdesk_feed_waiting(ngx_http_chatdesk_session_t *session)
{
    ngx_queue_t                   *q, *head;
    ngx_http_chatdesk_follower_t  *follower;

    head = ngx_http_chatdesk_session_followers(session);

    for (q = ngx_queue_head(head);
         q != ngx_queue_sentinel(head);
         q = ngx_queue_next(q))
    {
        follower = ngx_queue_data(q, ngx_http_chatdesk_follower_t,
                                  in_session);

        if (follower->waiting) {
            return 1;
        }
    }

    return 0;
}


void
ngx_http_chatdesk_feed_unfollow(ngx_http_chatdesk_follower_t **follower)
{
    if (*follower != NULL) {
        ngx_http_chatdesk_follower_free(*follower);
        *follower = NULL;
    }
}


void
ngx_http_chatdesk_feed_unfollow_all(ngx_http_chatdesk_session_t *session)
{
    ngx_queue_t  *q, *head;

    head = ngx_http_chatdesk_session_followers(session);

    while (!ngx_queue_empty(head)) {
        q = ngx_queue_head(head);

        ngx_http_chatdesk_follower_free(
            ngx_queue_data(q, ngx_http_chatdesk_follower_t, in_session));
    }
}
