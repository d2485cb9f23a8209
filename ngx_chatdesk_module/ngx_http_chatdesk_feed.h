/*
 * Feeds inside one nginx worker: subscribe once, number, fill, fan out.
 *
 *            subscribe            subscribed          window read
 *   (new) ------------> WANTED ------------> LIVE ------------> followers
 *                          ^                  |                 get frames
 *                          +---- lost --------+
 *
 * Purpose:    each feed is subscribed once, whatever the number of local
 *             sessions; each live frame is decoded and encoded once.
 * Owner:      the desk owns its feeds, a feed lives while it has followers;
 *             a follower belongs to its session and to its feed at once and
 *             is unlinked from both together.  Whatever waits for Redis holds
 *             a session's reference and a feed's name.
 * Invariants: a follower sees every number after its window exactly once
 *             and in order; frames that arrive while a window is read are
 *             held (at most CD_LIMIT_HELD, then the window is read again).
 */

#ifndef NGX_HTTP_CHATDESK_FEED_H
#define NGX_HTTP_CHATDESK_FEED_H

#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_http_chatdesk_desk.h"


/* where a client says it stands; n is -1 for nowhere */

typedef struct {
    uint64_t    era;
    int64_t     n;
    ngx_str_t   mid;
} ngx_http_chatdesk_resume_t;


/*
 * Follows a feed ("v:...", "d:...", "i:...") for a session: subscribes when
 * nobody does yet, then reads the window with the session's rights and
 * sends it as a `window` frame whose member feed is `shown` ("inbox" or the
 * conversation's id).  Following again reads again.  A refusal goes to
 * ngx_http_chatdesk_session_feed_error() and ends the following.
 * `subscribed` may have happened long ago or never; the session need not
 * care.  NULL: no memory.
 */
ngx_http_chatdesk_follower_t *ngx_http_chatdesk_feed_follow(
    ngx_http_chatdesk_desk_t *desk, ngx_http_chatdesk_session_t *session,
    ngx_str_t *name, ngx_str_t *shown, ngx_http_chatdesk_resume_t *resume);

/* The session's follower of this feed, NULL when it does not follow it. */
ngx_http_chatdesk_follower_t *ngx_http_chatdesk_feed_find(
    ngx_http_chatdesk_session_t *session, ngx_str_t *name);

/* Whether any window of the session is still to come. */
ngx_uint_t ngx_http_chatdesk_feed_waiting(
    ngx_http_chatdesk_session_t *session);

/* Whether a window has been given: the session's right was checked. */
ngx_uint_t ngx_http_chatdesk_feed_allowed(
    ngx_http_chatdesk_follower_t *follower);

/* Whether it was given to one who watches: what that one does is asked for
   anew, it may have become a member. */
ngx_uint_t ngx_http_chatdesk_feed_observes(
    ngx_http_chatdesk_follower_t *follower);

void ngx_http_chatdesk_feed_unfollow(ngx_http_chatdesk_follower_t **follower);

/* Ends everything that a session follows. */
void ngx_http_chatdesk_feed_unfollow_all(
    ngx_http_chatdesk_session_t *session);

/* For desk.c: the life of a desk's feeds, what came on a channel of the
   desk, what became live, what Redis said of its readiness. */
void ngx_http_chatdesk_feed_init(ngx_http_chatdesk_desk_t *desk);
void ngx_http_chatdesk_feed_exit(ngx_http_chatdesk_desk_t *desk);
void ngx_http_chatdesk_feed_message(ngx_http_chatdesk_desk_t *desk,
    ngx_str_t *name, ngx_str_t *payload);
void ngx_http_chatdesk_feed_subscribed(ngx_http_chatdesk_desk_t *desk,
    ngx_str_t *name);
void ngx_http_chatdesk_feed_lost(ngx_http_chatdesk_desk_t *desk);
void ngx_http_chatdesk_feed_ready(ngx_http_chatdesk_desk_t *desk);


#endif /* NGX_HTTP_CHATDESK_FEED_H */
