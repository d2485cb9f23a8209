/*
 * One connection to Redis on nginx's event loop.
 *
 *   DOWN --connect--> CONNECTING --writable--> UP --ready()--> UP, ready
 *     ^                   |      (and TLS)      |                  |
 *     +---- backoff ------+------- drop --------+------------------+
 *
 * A link without an address waits for one (link_aim) before it connects.
 *
 * Purpose:    what the command and the subscriber connection have in common:
 *             connecting with backoff, reading, writing, the clock, the one
 *             log line for each change.
 * Owner:      the connection that embeds the link; the link owns its socket,
 *             reader, output and events.
 * Invariants: nothing blocks; what is written in one turn of the event loop
 *             leaves in one write; all timers are cancelable, so that the
 *             link never keeps an nginx worker from exiting; after a drop
 *             no reply of the old connection is handed over.
 */

#ifndef NGX_HTTP_CHATDESK_REDIS_LINK_H
#define NGX_HTTP_CHATDESK_REDIS_LINK_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_event_connect.h>

#include "ngx_http_chatdesk_redis.h"
#include "ngx_http_chatdesk_resp.h"


typedef struct {
    /* connecting begins: write what introduces the connection */
    void  (*hello)(void *data);
    /* an answer; whoever keeps it puts NULL in its place */
    void  (*reply)(void *data, redisReply **reply);
    /* several times within conf->timeout while there is a socket */
    void  (*tick)(void *data);
    /* the socket is gone; a new one follows after the backoff */
    void  (*down)(void *data);
    /* what this turn has written is about to leave; NULL: nothing to add */
    void  (*turn)(void *data);
} ngx_http_chatdesk_link_ops_t;


typedef struct {
    const ngx_http_chatdesk_link_ops_t  *ops;
    void                                *data;
    ngx_http_chatdesk_redis_conf_t      *conf;      /* borrowed */
    ngx_addr_t                          *addr;      /* borrowed; NULL: not
                                                       known yet */
    const char                          *what;      /* for log lines */
    const char                          *why;       /* valid in ops->down */

    ngx_connection_t                    *connection;
    redisReader                         *reader;
    ngx_http_chatdesk_resp_out_t         out;

    ngx_event_t                          flush;     /* posted */
    ngx_event_t                          timer;     /* backoff or tick */
    ngx_msec_t                           backoff;
    ngx_msec_t                           began;     /* connecting */
    ngx_msec_t                           heard;     /* last input */
    ngx_uint_t                           generation; /* of the socket */

    unsigned                             up:1;      /* connected */
    unsigned                             ready:1;   /* introduced */
    unsigned                             told:1;    /* that it is down */
    unsigned                             waiting:1; /* for an address */
    unsigned                             silent:1;  /* its owner tells */

    ngx_log_t                           *log;
    ngx_log_t                            quiet;     /* while connecting */
} ngx_http_chatdesk_link_t;


/* Sets up a link and begins to connect. */
void ngx_http_chatdesk_link_open(ngx_http_chatdesk_link_t *link);

/* Sends what can be sent, then closes for good; calls nothing back. */
void ngx_http_chatdesk_link_close(ngx_http_chatdesk_link_t *link);

/* Writes a command; it leaves at the end of this turn of the event loop.
   NGX_OK, NGX_BUSY, NGX_ERROR as ngx_http_chatdesk_resp_command(). */
ngx_int_t ngx_http_chatdesk_link_write(ngx_http_chatdesk_link_t *link,
    ngx_uint_t argc, ngx_str_t *argv);

/* From now on connects to this address, at once; a socket that there is, is
   dropped. */
void ngx_http_chatdesk_link_aim(ngx_http_chatdesk_link_t *link,
    ngx_addr_t *addr);

/* AUTH, when configured, and the connection's name; the number of replies
   that follow. */
ngx_uint_t ngx_http_chatdesk_link_introduce(ngx_http_chatdesk_link_t *link);

/* The introduction was accepted. */
void ngx_http_chatdesk_link_ready(ngx_http_chatdesk_link_t *link);

/* Gives the socket up, for this reason; connects again after the backoff.
   May be called inside any of the ops. */
void ngx_http_chatdesk_link_drop(ngx_http_chatdesk_link_t *link,
    ngx_err_t err, const char *why);

/* Milliseconds since `then`. */

static ngx_inline ngx_msec_t
ngx_http_chatdesk_link_since(ngx_msec_t then)
{
    return (ngx_msec_int_t) (ngx_current_msec - then) > 0
           ? ngx_current_msec - then : 0;
}


#endif /* NGX_HTTP_CHATDESK_REDIS_LINK_H */
