/*
 * The inside of a WebSocket, shared by the files ngx_http_chatdesk_ws*.c.
 *
 *   HANDSHAKE -- 101 written, detached -------> OPEN
 *   OPEN      -- our close frame is queued ---> CLOSING   whoever began it
 *   CLOSING   -- the peer's has come ---------> ANSWERED
 *   CLOSING   -- the peer broke the rules ----> FAILING   input is discarded
 *   FAILING   -- output written --------------> LINGER    write side is shut
 *   ANSWERED  -- output written --------------> DEAD
 *   any       -- end of input, error, time ---> DEAD
 *
 * Purpose:    the struct, its states and what the files give each other.
 * Owner:      the connection's pool owns the struct; the nginx worker owns
 *             the list of sockets with work to do, the deadlines, and the
 *             parser of those that are between messages.
 * Invariants: a socket dies only in ngx_http_chatdesk_ws_work(), which runs
 *             from the event loop and never inside a call of its user;
 *             a socket that has work is in the list, a socket with a
 *             deadline is in the tree, and leaves both before it is freed;
 *             the tree's key is never later than the true deadline.
 */

#ifndef NGX_HTTP_CHATDESK_WS_PRIVATE_H
#define NGX_HTTP_CHATDESK_WS_PRIVATE_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "chatdesk_tables.h"
#include "ngx_http_chatdesk_ws.h"
#include "ngx_http_chatdesk_ws_pack.h"
#include "ngx_http_chatdesk_ws_parser.h"


typedef enum {
    NGX_HTTP_CHATDESK_WS_HANDSHAKE = 0,
    NGX_HTTP_CHATDESK_WS_OPEN = 1,
    NGX_HTTP_CHATDESK_WS_CLOSING = 2,
    NGX_HTTP_CHATDESK_WS_ANSWERED = 3,
    NGX_HTTP_CHATDESK_WS_FAILING = 4,
    NGX_HTTP_CHATDESK_WS_LINGER = 5,
    NGX_HTTP_CHATDESK_WS_DEAD = 6,
    NGX_HTTP_CHATDESK_WS_STATES = 7
} ngx_http_chatdesk_ws_state_e;


/* one frame in a socket's output */

typedef struct ngx_http_chatdesk_ws_link_s  ngx_http_chatdesk_ws_link_t;

struct ngx_http_chatdesk_ws_link_s {
    ngx_http_chatdesk_ws_link_t        *next;
    ngx_http_chatdesk_buf_t            *buf;    /* a reference */
};


struct ngx_http_chatdesk_ws_s {
    ngx_connection_t                   *connection;
    ngx_http_request_t                 *request;    /* NULL: detached, freed */

    ngx_http_chatdesk_ws_conf_t        *conf;
    const ngx_http_chatdesk_ws_ops_t   *ops;        /* NULL: told of close */
    void                               *data;

    ngx_http_chatdesk_ws_link_t        *out;
    ngx_http_chatdesk_ws_link_t       **out_last;
    uint32_t                            out_sent;   /* of the first frame */
    uint32_t                            queued;     /* bytes still to send */

    /* as ngx_current_msec, its lower half */
    uint32_t                            heard;      /* last bytes read */
    uint32_t                            pinged;     /* if ping_out */
    uint32_t                            began;      /* if partial */
    uint32_t                            progress;   /* if stalled */
    uint32_t                            closing;    /* close began */

    ngx_queue_t                         work;       /* in the worker's list */
    ngx_rbtree_node_t                   deadline;   /* in its tree */

    ngx_http_chatdesk_ws_stats_t        stats;
    ngx_str_t                          *address;    /* in the pool */
    ngx_http_chatdesk_ws_parser_t      *parser;     /* owns; NULL between
                                                       messages */

    uint16_t                            code;       /* of the first close */
    unsigned                            state:4;
    unsigned                            window:2;   /* ..._ws_pack_e */
    unsigned                            listed:1;   /* has work */
    unsigned                            timed:1;    /* has a deadline */
    unsigned                            upgraded:1; /* upgrade said DONE */
    unsigned                            ping_out:1; /* no life since a ping */
    unsigned                            partial:1;  /* a message has begun */
    unsigned                            stalled:1;  /* output waits */
    unsigned                            wrote:1;    /* a frame, or tried to */
    unsigned                            first:1;    /* the handshake brought
                                                       the first message */
    unsigned                            held:1;     /* the 101 waits for a
                                                       frame to go with */
    unsigned                            limited:1;  /* what the kernel may
                                                       hold of it */
};


/* ngx_http_chatdesk_ws_handshake.c */

/* Checks a request; NGX_OK and the accept value, or a status. */
ngx_int_t ngx_http_chatdesk_ws_handshake_check(ngx_http_request_t *r,
    ngx_str_t *protocol, u_char *accept);

/* The length of the accept value: base64 of a SHA-1. */
#define NGX_HTTP_CHATDESK_WS_ACCEPT  28

/* bytes of a message that comes with the handshake */
#define NGX_HTTP_CHATDESK_WS_FIRST   2048

/* Looks for an offer of permessage-deflate that can be kept.  NGX_OK and what
   to answer, empty and window 0 for nothing; or a status. */
ngx_int_t ngx_http_chatdesk_ws_handshake_offer(ngx_http_request_t *r,
    ngx_str_t *extension, ngx_http_chatdesk_ws_pack_e *window);

/* The first message that a handshake brings, at `text`, which has room for
   NGX_HTTP_CHATDESK_WS_FIRST bytes; returns its length, 0: none that can be
   taken. */
size_t ngx_http_chatdesk_ws_handshake_first(ngx_http_request_t *r,
    const ngx_http_chatdesk_ws_first_t *first, u_char *text);

/* Makes the 101, which nginx may keep for a flush; `protocol`, `extension` and
   `accept` live as long as the request; the first two may be empty. */
ngx_int_t ngx_http_chatdesk_ws_handshake_answer(ngx_http_request_t *r,
    ngx_str_t *protocol, ngx_str_t *extension, ngx_str_t *accept);

/* ngx_http_chatdesk_ws_upgrade.c */

/* The 101 has been written: from now on the connection is the socket's. */
void ngx_http_chatdesk_ws_detach(ngx_http_chatdesk_ws_t *ws);

/* ngx_http_chatdesk_ws.c */

/* Tells the user that the socket is gone; nothing is told twice. */
void ngx_http_chatdesk_ws_report(ngx_http_chatdesk_ws_t *ws);

void ngx_http_chatdesk_ws_set_state(ngx_http_chatdesk_ws_t *ws,
    ngx_http_chatdesk_ws_state_e state);

/* Puts the socket into the list of those that have work; it is done later
   in this turn of the event loop. */
void ngx_http_chatdesk_ws_wake(ngx_http_chatdesk_ws_t *ws);

/* For what runs outside of a turn of the event loop: the next turn begins
   with the list instead of waiting for an event first. */
void ngx_http_chatdesk_ws_work_soon(void);

/* Ends the socket, later, without a further byte; `code` is reported unless
   a close frame came first. */
void ngx_http_chatdesk_ws_kill(ngx_http_chatdesk_ws_t *ws, ngx_uint_t code);

/* The peer's close frame has come. */
void ngx_http_chatdesk_ws_peer_closed(ngx_http_chatdesk_ws_t *ws,
    ngx_uint_t code);

/* The peer broke the rules: close frame, then discard its input. */
void ngx_http_chatdesk_ws_fail(ngx_http_chatdesk_ws_t *ws, ngx_uint_t code);

/* ngx_http_chatdesk_ws_read.c */

void ngx_http_chatdesk_ws_read_handler(ngx_event_t *rev);

/* Bytes of the peer, wherever they came from; they change. */
void ngx_http_chatdesk_ws_feed(ngx_http_chatdesk_ws_t *ws, u_char *pos,
    u_char *end);

/* Frees what was kept of a message that is not whole. */
void ngx_http_chatdesk_ws_parser_free(ngx_http_chatdesk_ws_t *ws);

/* ngx_http_chatdesk_ws_write.c */

void ngx_http_chatdesk_ws_write_handler(ngx_event_t *wev);

/* Queues behind what is queued, whatever the state and the bound.  NGX_OK,
   NGX_ERROR: no memory. */
ngx_int_t ngx_http_chatdesk_ws_queue(ngx_http_chatdesk_ws_t *ws,
    ngx_http_chatdesk_buf_t *buf);

/* Queues a control frame of at most 125 bytes of payload.  As above. */
ngx_int_t ngx_http_chatdesk_ws_control(ngx_http_chatdesk_ws_t *ws,
    ngx_uint_t opcode, u_char *payload, size_t len);

/* Queues a close frame with a code and its reason; 1005: without. */
ngx_int_t ngx_http_chatdesk_ws_close_frame(ngx_http_chatdesk_ws_t *ws,
    ngx_uint_t code);

/* Drops all frames of which no byte has been sent. */
void ngx_http_chatdesk_ws_cut(ngx_http_chatdesk_ws_t *ws);

/* Writes what the peer takes.  NGX_OK: all of it; NGX_AGAIN; NGX_ERROR. */
ngx_int_t ngx_http_chatdesk_ws_flush(ngx_http_chatdesk_ws_t *ws);

void ngx_http_chatdesk_ws_out_free(ngx_http_chatdesk_ws_t *ws);

/* ngx_http_chatdesk_ws_clock.c */

/* Makes sure that the socket is looked at when its next deadline is due. */
void ngx_http_chatdesk_ws_clock_set(ngx_http_chatdesk_ws_t *ws);
void ngx_http_chatdesk_ws_clock_forget(ngx_http_chatdesk_ws_t *ws);

/* From now on the deadlines keep the nginx worker from exiting. */
void ngx_http_chatdesk_ws_clock_pin(void);

/* ngx_http_chatdesk_ws_drain.c */

/* The nginx worker begins to exit: the socket, which is open, will be moved
   when its turn comes. */
void ngx_http_chatdesk_ws_drain_add(ngx_http_chatdesk_ws_t *ws);

/* Nobody is moved any more. */
void ngx_http_chatdesk_ws_drain_stop(void);


#endif /* NGX_HTTP_CHATDESK_WS_PRIVATE_H */
