/*
 * A session: one client on one transport, from hello to close.
 *
 *   handshake        hello          checked
 *   ---------> NEW --------> ASKED ---------> OPEN --------> CLOSED
 *               |              |  refused       |  close       ^
 *               +--------------+----------------+--------------+
 *
 * Purpose:    who the client is, what it follows, what it asked for.
 * Owner:      the table of sessions of the nginx worker; the transport
 *             only holds a reference to pass back.
 * Invariants: whatever outlives a turn of the event loop refers to a session
 *             by ngx_http_chatdesk_ref_t, never by pointer.
 */

#ifndef NGX_HTTP_CHATDESK_SESSION_H
#define NGX_HTTP_CHATDESK_SESSION_H

#include <ngx_config.h>
#include <ngx_core.h>

#include "chatdesk_wire.h"
#include "ngx_http_chatdesk_buf.h"
#include "ngx_http_chatdesk_desk.h"


/* slot in the worker's table and the slot's generation */

typedef struct {
    uint32_t   slot;
    uint32_t   generation;
} ngx_http_chatdesk_ref_t;


ngx_http_chatdesk_ref_t ngx_http_chatdesk_session_ref(
    ngx_http_chatdesk_session_t *session);

/* NULL when that session has gone. */
ngx_http_chatdesk_session_t *ngx_http_chatdesk_session_get(
    ngx_http_chatdesk_ref_t ref);

/* who it is; empty before welcome; borrow */
ngx_str_t *ngx_http_chatdesk_session_who(ngx_http_chatdesk_session_t *session);
ngx_uint_t ngx_http_chatdesk_session_is_agent(
    ngx_http_chatdesk_session_t *session);

/* head of the session's followers, kept by feed.c */
ngx_queue_t *ngx_http_chatdesk_session_followers(
    ngx_http_chatdesk_session_t *session);

/* Queues a sealed frame to the client; takes its own reference. */
void ngx_http_chatdesk_session_send(ngx_http_chatdesk_session_t *session,
    ngx_http_chatdesk_buf_t *buf);

/* The window of one feed: `asked` for by the client, `news` when it brings
   anything that the client did not have. */
void ngx_http_chatdesk_session_window(ngx_http_chatdesk_session_t *session,
    ngx_http_chatdesk_buf_t *buf, ngx_uint_t asked, ngx_uint_t news);

/* A feed was refused: tells the client with an `error` frame. */
void ngx_http_chatdesk_session_feed_error(
    ngx_http_chatdesk_session_t *session, ngx_str_t *shown,
    ngx_uint_t error);

/* Closes the session when its login is this one (frame `kick`). */
void ngx_http_chatdesk_session_kick(ngx_http_chatdesk_session_t *session,
    struct cd_frame *kick);

/* The node's lease had run out, so that the desk ended its sessions: visitors
   are entered again, agents are closed and come back with a new ticket. */
void ngx_http_chatdesk_session_lapsed(ngx_http_chatdesk_desk_t *desk);

/* What came on the node's channel: `refused` and answers that are shown as
   they are here, `reply` in api.c. */
void ngx_http_chatdesk_session_refused(ngx_http_chatdesk_desk_t *desk,
    struct cd_frame *refused);
void ngx_http_chatdesk_session_told(ngx_http_chatdesk_desk_t *desk,
    struct cd_frame *answer);


#endif /* NGX_HTTP_CHATDESK_SESSION_H */
