/*
 * Redis on nginx's event loop: one command and one subscriber connection
 * for each nginx worker and server.
 *
 * Purpose:    sends commands and hands over replies and published messages.
 *             hiredis formats commands and reads replies; sockets, timers
 *             and buffers are nginx's.
 * Owner:      the nginx worker; made in the first use, gone at its exit.
 * Invariants: nothing blocks; every accepted command gets exactly one
 *             reply, NULL when none will come; commands of one turn of the
 *             event loop leave in one write; replies come in order.
 */

#ifndef NGX_HTTP_CHATDESK_REDIS_H
#define NGX_HTTP_CHATDESK_REDIS_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include <hiredis/hiredis.h>


typedef struct ngx_http_chatdesk_redis_s  ngx_http_chatdesk_redis_t;

/* what chatdesk_redis says; owned by the cycle's pool */

typedef struct {
    ngx_str_t    url;               /* as configured, for messages */
    ngx_str_t    words;             /* all of the directive */
    ngx_addr_t   addr;              /* resolved when configured; unused with
                                       Sentinels */
    ngx_str_t    host;              /* that addr was resolved from */
    ngx_str_t    user;              /* empty: none */
    ngx_str_t    password;
    ngx_uint_t   database;
    ngx_msec_t   timeout;           /* for an answer */
    ngx_uint_t   replicas;          /* that must have what is stored */
    ngx_msec_t   replicas_ms;       /* they may take for it */

    ngx_str_t    primary;           /* its name; empty: no Sentinels */
    ngx_array_t  sentinels;         /* of ngx_addr_t */
    ngx_str_t    sentinel_user;
    ngx_str_t    sentinel_password;

    ngx_uint_t   used;              /* by a location */
    ngx_uint_t   tls;
    ngx_str_t    tls_ca;            /* file of certificates to trust */
    ngx_str_t    tls_name;          /* in the certificate; empty: the host */
#if (NGX_SSL)
    ngx_ssl_t   *ssl;               /* NULL without TLS */
#endif
} ngx_http_chatdesk_redis_conf_t;

/* `reply` is NULL when the connection was lost or the time ran out, and is
   borrowed for the call */
typedef void (*ngx_http_chatdesk_reply_pt)(void *data, redisReply *reply);

typedef struct {
    /* a published message */
    void  (*message)(void *data, ngx_str_t *channel, ngx_str_t *payload);
    /* the server has confirmed this channel, for the first time or again:
       everything published before may have been missed */
    void  (*subscribed)(void *data, ngx_str_t *channel);
    /* the subscriber connection is gone; it comes back by itself */
    void  (*lost)(void *data);
    /* commands are taken (again) */
    void  (*ready)(void *data);
} ngx_http_chatdesk_redis_ops_t;


/* Makes both connections and begins to connect.  NULL: no memory. */
ngx_http_chatdesk_redis_t *ngx_http_chatdesk_redis_create(
    ngx_http_chatdesk_redis_conf_t *conf,
    const ngx_http_chatdesk_redis_ops_t *ops, void *data, ngx_log_t *log);

/* Fails what is under way and closes both connections. */
void ngx_http_chatdesk_redis_destroy(ngx_http_chatdesk_redis_t **redis);

/* Whether the oldest command has waited for CD_LIMIT_LATE_MS: what is asked now
   would wait as long behind all that was asked since. */
ngx_uint_t ngx_http_chatdesk_redis_late(ngx_http_chatdesk_redis_t *redis);

/* Whether commands are taken now: while Redis is not known to be away. */
ngx_uint_t ngx_http_chatdesk_redis_ready(ngx_http_chatdesk_redis_t *redis);

/*
 * Sends a command.  NGX_OK: the handler is called once, later; `argv` is
 * copied.  NGX_BUSY: not connected, not ready or too many under way; the
 * handler is not called.  A handler of NULL drops the reply.
 */
ngx_int_t ngx_http_chatdesk_redis_command(ngx_http_chatdesk_redis_t *redis,
    ngx_http_chatdesk_reply_pt handler, void *data, ngx_uint_t argc,
    ngx_str_t *argv);

/*
 * As the command above, for one that stores: with conf->replicas its answer is
 * handed over when as many replicas have all that was stored, and NULL in
 * its place when they did not within conf->replicas_ms.
 */
ngx_int_t ngx_http_chatdesk_redis_store(ngx_http_chatdesk_redis_t *redis,
    ngx_http_chatdesk_reply_pt handler, void *data, ngx_uint_t argc,
    ngx_str_t *argv);

/*
 * Wants a channel; kept over reconnects until unsubscribed.  ops->subscribed
 * tells each time that it has become live.
 */
ngx_int_t ngx_http_chatdesk_redis_subscribe(ngx_http_chatdesk_redis_t *redis,
    ngx_str_t *channel);
void ngx_http_chatdesk_redis_unsubscribe(ngx_http_chatdesk_redis_t *redis,
    ngx_str_t *channel);


#endif /* NGX_HTTP_CHATDESK_REDIS_H */
