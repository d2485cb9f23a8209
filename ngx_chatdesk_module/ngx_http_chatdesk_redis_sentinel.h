/*
 * Where the primary is: one connection to one of the Sentinels.
 *
 *   connect --> ask, subscribe --> poll, once a second
 *      ^                             |
 *      +------- the next Sentinel ---+  lost, silent, does not know the
 *                                       primary, or names one that is none
 *
 * Purpose:    asks for the address of the primary and hears of its moves
 *             (`+switch-master`), so that the two connections to Redis go
 *             where it is.
 * Owner:      ngx_http_chatdesk_redis_t embeds it; it owns its link.
 * Invariants: an address that is not a numeric one is refused: nothing is
 *             resolved at run time.  When no Sentinel answers, the primary
 *             stays where it was last.
 */

#ifndef NGX_HTTP_CHATDESK_REDIS_SENTINEL_H
#define NGX_HTTP_CHATDESK_REDIS_SENTINEL_H

#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_http_chatdesk_redis_link.h"


/* The primary has this address, now or for the first time; `addr` stays
   valid, and changes with the next call. */
typedef void (*ngx_http_chatdesk_moved_pt)(void *data, ngx_addr_t *addr);

typedef struct {
    ngx_http_chatdesk_link_t         link;
    ngx_http_chatdesk_redis_conf_t   conf;      /* of this link */
    ngx_http_chatdesk_redis_conf_t  *of;        /* borrowed: the directive */
    ngx_http_chatdesk_moved_pt       moved;
    void                            *data;

    ngx_addr_t                       primary;   /* name.len 0: not known */
    ngx_sockaddr_t                   sockaddr;
    u_char                           name[NGX_SOCKADDR_STRLEN];

    ngx_uint_t                       current;   /* Sentinel */
    ngx_uint_t                       failed;    /* in a row */
    ngx_msec_t                       asked;     /* when */

    unsigned                         asking:1;
    unsigned                         doubted:1; /* the primary is none */
    unsigned                         leaving:1; /* for the next Sentinel */
    unsigned                         told:1;    /* that none answers */
} ngx_http_chatdesk_sentinel_t;


/* Sets up and begins to connect. */
void ngx_http_chatdesk_sentinel_open(ngx_http_chatdesk_sentinel_t *sentinel,
    ngx_http_chatdesk_redis_conf_t *conf, ngx_http_chatdesk_moved_pt moved,
    void *data, ngx_log_t *log);

/* Closes; calls nothing back. */
void ngx_http_chatdesk_sentinel_close(ngx_http_chatdesk_sentinel_t *sentinel);

/* The primary could not be used: when this Sentinel goes on naming it, the
   next one is asked. */
void ngx_http_chatdesk_sentinel_doubt(ngx_http_chatdesk_sentinel_t *sentinel);


#endif /* NGX_HTTP_CHATDESK_REDIS_SENTINEL_H */
