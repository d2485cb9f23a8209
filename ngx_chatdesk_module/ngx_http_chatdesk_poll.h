/*
 * Sessions on requests (long-poll): the second of the two transports.
 *
 * Purpose:    the content handlers of chatdesk_poll.
 * Owner:      see ngx_http_chatdesk_poll_state.h.
 * Invariants: see ngx_http_chatdesk_poll_state.h.
 */

#ifndef NGX_HTTP_CHATDESK_POLL_H
#define NGX_HTTP_CHATDESK_POLL_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


ngx_int_t ngx_http_chatdesk_poll_handler(ngx_http_request_t *r);


#endif /* NGX_HTTP_CHATDESK_POLL_H */
