/*
 * What the files of the feeds share and nobody else sees.
 *
 * Purpose:    feeds, followers, and windows that are asked for.
 * Owner:      see ngx_http_chatdesk_feed.h.
 * Invariants: 1. A feed that is entered is not freed, whatever its followers
 *                do; the last leave frees it when it has none.
 *             2. While followers are walked, next and current follow every
 *                unlinking, so that a session may close inside a send.
 *             3. The answer to a read whose serial is not the newest is
 *                dropped.
 */

#ifndef NGX_HTTP_CHATDESK_FEED_STATE_H
#define NGX_HTTP_CHATDESK_FEED_STATE_H

#include "ngx_http_chatdesk_feed.h"
#include "ngx_http_chatdesk_feed_order.h"
#include "ngx_http_chatdesk_session.h"

/* longest message id, tbl/fields.h */
#define NGX_HTTP_CHATDESK_FEED_MID  34


typedef struct ngx_http_chatdesk_feed_s  ngx_http_chatdesk_feed_t;

/* a window that is to be asked for, or was */

typedef struct {
    ngx_queue_t                    queue;       /* in desk->reads */
    uint64_t                       serial;      /* of the newest request */
    unsigned                       queued:1;
    unsigned                       fill:1;      /* a feed's, not a follower's */
} ngx_http_chatdesk_read_t;

/* a live frame, encoded once */

typedef struct {
    ngx_http_chatdesk_buf_t       *buf;         /* one reference */
    size_t                         gone_len;
    u_char                         gone[1];     /* who left, none mostly */
} ngx_http_chatdesk_live_t;

struct ngx_http_chatdesk_feed_s {
    ngx_str_node_t                 sn;          /* by name */
    ngx_str_t                      shown;       /* name for clients */
    ngx_http_chatdesk_desk_t      *desk;

    ngx_queue_t                    followers;
    ngx_queue_t                   *next;        /* of the walk */
    ngx_http_chatdesk_follower_t  *current;     /* NULL: unlinked meanwhile */
    ngx_uint_t                     entered;

    struct cd_order                order;
    ngx_http_chatdesk_read_t       fill;
    uint64_t                       era;         /* 0: no window yet */

    int64_t                        beat_last;   /* when the beat left */
    int64_t                        expected;    /* head that a beat told */
    ngx_queue_t                    behind_queue; /* in desk->behind */

    unsigned                       live:1;      /* subscribed */
    unsigned                       behind:1;    /* in desk->behind */
    unsigned                       revocable:1; /* a member may be removed:
                                                   never filled for all */
};

struct ngx_http_chatdesk_follower_s {
    ngx_queue_t                    in_feed;
    ngx_queue_t                    in_session;
    ngx_queue_t                    wait_queue;  /* in desk->waiting */
    ngx_http_chatdesk_feed_t      *feed;
    ngx_http_chatdesk_session_t   *session;

    struct cd_cursor               cursor;
    ngx_http_chatdesk_read_t       read;
    uint64_t                       era;
    ngx_msec_t                     since;

    unsigned                       allowed:1;
    unsigned                       observer:1;  /* watches, is no member */
    unsigned                       waiting:1;   /* in desk->waiting */

    size_t                         mid_len;
    u_char                         mid[NGX_HTTP_CHATDESK_FEED_MID];
};


/* Whether it has registers alone: an inbox, or a feed of the whole desk. */

static ngx_inline ngx_uint_t
ngx_http_chatdesk_feed_plain(ngx_http_chatdesk_feed_t *feed)
{
    return feed->sn.str.data[0] == 'i' || feed->sn.str.data[0] == 'g';
}


/* -- feed.c -- */

ngx_http_chatdesk_feed_t *ngx_http_chatdesk_feed_lookup(
    ngx_http_chatdesk_desk_t *desk, ngx_str_t *name);

void ngx_http_chatdesk_feed_enter(ngx_http_chatdesk_feed_t *feed);
void ngx_http_chatdesk_feed_leave(ngx_http_chatdesk_feed_t *feed);

/* Calls `each` for every follower; a follower, and its session, may go
   inside.  feed->current is the one being visited. */
void ngx_http_chatdesk_feed_walk(ngx_http_chatdesk_feed_t *feed,
    void (*each)(ngx_http_chatdesk_follower_t *follower, void *data),
    void *data);

/* Begins a read of one follower; it leaves when the feed is live. */
void ngx_http_chatdesk_follower_read(ngx_http_chatdesk_follower_t *follower);

/* Ends a following with an error to the client. */
void ngx_http_chatdesk_follower_fail(ngx_http_chatdesk_follower_t *follower,
    ngx_uint_t error);

/* A follower has its window. */
void ngx_http_chatdesk_follower_settled(
    ngx_http_chatdesk_follower_t *follower);

/* -- feed_live.c -- */

/* Passes on what is in order; starts a fill at a hole. */
void ngx_http_chatdesk_feed_advance(ngx_http_chatdesk_feed_t *feed);

/* Sends a live frame to a follower, and ends its following when the frame
   says that the follower's person has left. */
void ngx_http_chatdesk_feed_deliver(ngx_http_chatdesk_follower_t *follower,
    ngx_http_chatdesk_live_t *live);

/* Gives a live frame back; for cd_order_init(). */
void ngx_http_chatdesk_feed_live_free(void *item);

/* -- feed_read.c -- */

/* Reads the feed from where it stands, for all that are in step. */
void ngx_http_chatdesk_feed_refill(ngx_http_chatdesk_feed_t *feed);

/* Queues a read, or puts a new one in the place of one under way. */
void ngx_http_chatdesk_read_later(ngx_http_chatdesk_desk_t *desk,
    ngx_http_chatdesk_read_t *read);
void ngx_http_chatdesk_read_cancel(ngx_http_chatdesk_read_t *read);

/* Sends what is queued, as far as Redis takes it. */
void ngx_http_chatdesk_read_pump(ngx_http_chatdesk_desk_t *desk);

/* -- feed_check.c -- */

/* The desk's feeds are looked at again soon. */
void ngx_http_chatdesk_feed_check_later(ngx_http_chatdesk_desk_t *desk);
void ngx_http_chatdesk_feed_check_handler(ngx_event_t *ev);

/* For the beat: the next feed by tree order, NULL at the end; what Redis
   said of a feed's head; a new era. */
ngx_http_chatdesk_feed_t *ngx_http_chatdesk_feed_after(
    ngx_http_chatdesk_desk_t *desk, ngx_http_chatdesk_feed_t *feed);
void ngx_http_chatdesk_feed_head(ngx_http_chatdesk_desk_t *desk,
    ngx_str_t *name, int64_t head);
void ngx_http_chatdesk_feed_new_era(ngx_http_chatdesk_desk_t *desk,
    uint64_t era);


#endif /* NGX_HTTP_CHATDESK_FEED_STATE_H */
