/*
 * The subscriber connection: the set of channels wanted, kept subscribed.
 *
 * Purpose:    SUBSCRIBE and UNSUBSCRIBE in batches, confirmations counted,
 *             everything subscribed again on a fresh connection.
 * Owner:      ngx_http_chatdesk_redis_t embeds it; it owns its channels.
 * Invariants: a channel is live only when every command about it that was
 *             sent on this socket has been confirmed and the last one was a
 *             SUBSCRIBE; messages of channels that are not live are dropped.
 */

#ifndef NGX_HTTP_CHATDESK_REDIS_SUB_H
#define NGX_HTTP_CHATDESK_REDIS_SUB_H

#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_http_chatdesk_redis_link.h"


typedef struct {
    ngx_http_chatdesk_link_t              link;
    const ngx_http_chatdesk_redis_ops_t  *ops;      /* borrowed */
    void                                 *data;

    ngx_rbtree_t                          channels; /* by name */
    ngx_rbtree_node_t                     sentinel;
    ngx_queue_t                           todo;     /* channels to look at */
    ngx_event_t                           work;     /* posted */
    ngx_uint_t                            unconfirmed;

    ngx_queue_t                           lingering; /* oldest first */
    ngx_uint_t                            lingers;  /* their number */
    ngx_event_t                           linger;   /* timer of the oldest */

    unsigned                              asked:1;  /* a PING is under way */
    unsigned                              told:1;   /* ops->lost is owed */
} ngx_http_chatdesk_sub_t;


/* Sets up and begins to connect. */
void ngx_http_chatdesk_sub_open(ngx_http_chatdesk_sub_t *sub,
    ngx_http_chatdesk_redis_conf_t *conf,
    const ngx_http_chatdesk_redis_ops_t *ops, void *data, ngx_log_t *log);

/* Closes and frees the channels; calls nothing back. */
void ngx_http_chatdesk_sub_close(ngx_http_chatdesk_sub_t *sub);

/* NGX_OK, NGX_ERROR: no memory. */
ngx_int_t ngx_http_chatdesk_sub_add(ngx_http_chatdesk_sub_t *sub,
    ngx_str_t *name);
void ngx_http_chatdesk_sub_remove(ngx_http_chatdesk_sub_t *sub,
    ngx_str_t *name);


#endif /* NGX_HTTP_CHATDESK_REDIS_SUB_H */
