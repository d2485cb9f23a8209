/*
 * A WebSocket inside an nginx worker: handshake, reading, writing, closing.
 *
 * Purpose:    turns a request into a socket that hands over whole text
 *             messages and takes shared frames.  Knows nothing of chats.
 * Owner:      the socket owns its connection from the upgrade on; `data`
 *             belongs to the user of the socket and is only passed back.
 * Invariants: ops->close is called exactly once for every socket whose
 *             upgrade returned NGX_DONE, and nothing is called after it;
 *             text messages are valid UTF-8 and within the limits; the
 *             socket is never freed inside one of its own calls (a close
 *             from within a callback is carried out afterwards).
 */

#ifndef NGX_HTTP_CHATDESK_WS_H
#define NGX_HTTP_CHATDESK_WS_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_chatdesk_buf.h"


typedef struct ngx_http_chatdesk_ws_s  ngx_http_chatdesk_ws_t;


/* codes that are only reported and never sent, RFC 6455, section 7.4.1 */
#define NGX_HTTP_CHATDESK_WS_NO_STATUS  1005
#define NGX_HTTP_CHATDESK_WS_ABNORMAL   1006


/* limits of one location, none of them 0; borrowed until the cycle's pool
   dies */

typedef struct {
    size_t       max_message;       /* bytes of one message */
    ngx_uint_t   max_fragments;     /* frames of one message */
    ngx_msec_t   fragment_timeout;  /* for all fragments of one message */
    ngx_msec_t   heartbeat;         /* silence before a ping */
    ngx_msec_t   heartbeat_timeout; /* silence after the ping before close */
    ngx_msec_t   send_timeout;      /* without progress of pending output */
    ngx_msec_t   close_timeout;     /* for the peer's half of the close */
    size_t       send_queue;        /* bytes of output queued */
    ngx_flag_t   detach;            /* give the request back at once; else it
                                       ends with the socket */
    ngx_flag_t   deflate;           /* permessage-deflate, when it is offered;
                                       max_message bounds both sizes */
} ngx_http_chatdesk_ws_conf_t;


/* what went over a socket: whole messages, and their bytes without framing */

typedef struct {
    ngx_msec_t   opened;            /* as ngx_current_msec */
    uint32_t     frames_in;
    uint32_t     frames_out;
    uint64_t     bytes_in;
    uint64_t     bytes_out;
} ngx_http_chatdesk_ws_stats_t;


/*
 * How a handshake may bring the client's first message, which saves a round
 * trip: it offers the subprotocol `protocol` as well and, as one more,
 * `prefix` with the message in base64url behind it.  A browser can say nothing
 * else in a handshake; a line of an access log has no part of it.  Where the
 * message is taken, `protocol` is agreed on.
 */

typedef struct {
    ngx_str_t    protocol;
    ngx_str_t    prefix;
} ngx_http_chatdesk_ws_first_t;


typedef struct {
    /* NULL: a handshake brings nothing */
    const ngx_http_chatdesk_ws_first_t  *first;

    /* the 101 is on its way; frames may be sent */
    void  (*open)(ngx_http_chatdesk_ws_t *ws, void *data);

    /* one whole text message; the bytes are only valid during the call */
    void  (*text)(ngx_http_chatdesk_ws_t *ws, void *data, u_char *text,
              size_t len);

    /* the socket is gone; `code` is that of the first close frame, ours or
       the peer's, 1005 when it had none, 1006 when there was no close frame */
    void  (*close)(ngx_http_chatdesk_ws_t *ws, void *data, ngx_uint_t code);

    /* as text, for a binary message; NULL: refused with 1003 */
    void  (*binary)(ngx_http_chatdesk_ws_t *ws, void *data, u_char *bytes,
              size_t len);

    /* the nginx worker is about to exit: close with CD_CLOSE_RESTART as soon
       as nothing is under way.  Called again and again while the socket is
       open; what is open when the time is over is closed.  NULL: closed at
       its turn */
    void  (*move)(ngx_http_chatdesk_ws_t *ws, void *data);
} ngx_http_chatdesk_ws_ops_t;


/*
 * Checks the handshake (RFC 6455, section 4.2.1) of a main HTTP/1.1 request
 * and answers 101.  `protocol` is the subprotocol that must be offered;
 * empty: none.  Returns NGX_DONE, or an HTTP status with nothing changed
 * (426 has the headers set that it needs), or NGX_ERROR when the connection
 * failed under the answer; unless it is NGX_DONE no op is ever called.  What
 * it returns is what a content handler returns.  `open` comes later, from the
 * event loop; nothing can be sent before.  When the handshake brought the
 * first message, `text` follows `open`, and the 101 leaves with the first
 * frame that is sent: somebody must answer, if only by a close.
 */
ngx_int_t ngx_http_chatdesk_ws_upgrade(ngx_http_request_t *r,
    ngx_http_chatdesk_ws_conf_t *conf, ngx_str_t *protocol,
    const ngx_http_chatdesk_ws_ops_t *ops, void *data);

/*
 * Queues a sealed frame; takes a reference of its own.  The frames of one
 * turn of the event loop leave in one write.  NGX_OK, or NGX_BUSY when the
 * queue is full: the frame is dropped and the socket closes with 1013;
 * or NGX_DECLINED when the socket is not open (any more).  An empty queue
 * takes a frame of any size.
 */
ngx_int_t ngx_http_chatdesk_ws_send(ngx_http_chatdesk_ws_t *ws,
    ngx_http_chatdesk_buf_t *buf);

/* Starts the close handshake with one of the codes of tbl/closes.h. */
void ngx_http_chatdesk_ws_close(ngx_http_chatdesk_ws_t *ws, ngx_uint_t code);

/* ms, unless said otherwise */
#define NGX_HTTP_CHATDESK_WS_DRAIN  10000

/* In how many ms this process, when it begins to exit, moves its sockets. */
void ngx_http_chatdesk_ws_drain_time(ngx_msec_t time);

/* How many bytes of frames may wait in this process; 0: any number.  When they
   are more, a socket that others wait behind closes as if its own queue was
   full. */
void ngx_http_chatdesk_ws_budget(size_t bytes);

/* The socket that a request became; NULL when it became none. */
ngx_http_chatdesk_ws_t *ngx_http_chatdesk_ws_of(ngx_http_request_t *r);

/* What went over it so far, and its close code, 0 before it closes. */
const ngx_http_chatdesk_ws_stats_t *ngx_http_chatdesk_ws_stats(
    ngx_http_chatdesk_ws_t *ws);
ngx_uint_t ngx_http_chatdesk_ws_code(ngx_http_chatdesk_ws_t *ws);

/* The peer's address as text and the log of the connection; borrow. */
ngx_str_t *ngx_http_chatdesk_ws_address(ngx_http_chatdesk_ws_t *ws);
ngx_log_t *ngx_http_chatdesk_ws_log(ngx_http_chatdesk_ws_t *ws);


#endif /* NGX_HTTP_CHATDESK_WS_H */
