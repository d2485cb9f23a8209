/*
 * Sessions on WebSockets.
 *
 * Purpose:    the content handler of chatdesk_socket.
 * Owner:      see ngx_http_chatdesk_socket.c.
 * Invariants: returns what ngx_http_chatdesk_ws_upgrade() returns, or the
 *             status of a refusal.
 */

#ifndef NGX_HTTP_CHATDESK_SOCKET_H
#define NGX_HTTP_CHATDESK_SOCKET_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


ngx_int_t ngx_http_chatdesk_socket_handler(ngx_http_request_t *r);


#endif /* NGX_HTTP_CHATDESK_SOCKET_H */
