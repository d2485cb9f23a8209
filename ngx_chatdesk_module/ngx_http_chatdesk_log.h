/*
 * What an operator can log of a session.
 *
 * Purpose:    the variables $chatdesk_... for log_format, and chatdesk_log,
 *             a line of JSON for each session that ends.
 * Owner:      files belong to the cycle, which opens them again when nginx
 *             is told to.
 * Invariants: only figures and ids are logged, never a text, a name or a
 *             token; nothing here keeps a session or a socket alive.
 */

#ifndef NGX_HTTP_CHATDESK_LOG_H
#define NGX_HTTP_CHATDESK_LOG_H

#include "ngx_http_chatdesk_module.h"


/* Adds the variables; NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_chatdesk_log_variables(ngx_conf_t *cf);

/* The handler of chatdesk_log. */
char *ngx_http_chatdesk_log_conf(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* A request has become this socket: its variables have values from now on,
   for as long as the request lives. */
void ngx_http_chatdesk_log_request(ngx_http_request_t *r);

/* Writes the line of a session that ends with this code, if the location
   wants one. */
void ngx_http_chatdesk_log_session(ngx_http_chatdesk_session_t *session,
    ngx_http_chatdesk_ws_t *ws, ngx_uint_t code);


#endif /* NGX_HTTP_CHATDESK_LOG_H */
