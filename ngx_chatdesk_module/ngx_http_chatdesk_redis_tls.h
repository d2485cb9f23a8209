/*
 * TLS on a connection to Redis, as its client.
 *
 * Purpose:    nginx's own TLS on the socket of a link, and the check that
 *             the server is the one that was meant.
 * Owner:      the configuration's pool owns the context; a connection's TLS
 *             state is gone after ngx_http_chatdesk_tls_close().
 * Invariants: nothing of the application is sent before the certificate has
 *             been verified.
 */

#ifndef NGX_HTTP_CHATDESK_REDIS_TLS_H
#define NGX_HTTP_CHATDESK_REDIS_TLS_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "ngx_http_chatdesk_redis.h"


/* Makes conf->ssl; NGX_CONF_OK, or NGX_CONF_ERROR with the reason logged. */
char *ngx_http_chatdesk_tls_conf(ngx_conf_t *cf,
    ngx_http_chatdesk_redis_conf_t *conf);

#if (NGX_SSL)

/* NGX_OK: hands are shaken; NGX_AGAIN: `done` is called when they are or
   when it has failed; NGX_ERROR. */
ngx_int_t ngx_http_chatdesk_tls_start(ngx_connection_t *c,
    ngx_http_chatdesk_redis_conf_t *conf, ngx_connection_handler_pt done);

/* After the handshake: NULL, or what is wrong with the server. */
const char *ngx_http_chatdesk_tls_verify(ngx_connection_t *c,
    ngx_http_chatdesk_redis_conf_t *conf);

/* Frees what TLS holds of a connection; without TLS it does nothing. */
void ngx_http_chatdesk_tls_close(ngx_connection_t *c);

#endif


#endif /* NGX_HTTP_CHATDESK_REDIS_TLS_H */
