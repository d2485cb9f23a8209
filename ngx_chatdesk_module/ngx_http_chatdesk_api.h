/*
 * The HTTP interface for agents: login, session, ticket, logout, and the
 * REST interface below v1/.
 *
 * Purpose:    JSON requests that a Redis function or the worker answers.
 * Owner:      a request under way is held by its own entry in a table of
 *             the nginx worker, by id; the request's cleanup removes it.
 * Invariants: an answer that comes after its request has gone is dropped.
 */

#ifndef NGX_HTTP_CHATDESK_API_H
#define NGX_HTTP_CHATDESK_API_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "chatdesk_wire.h"
#include "ngx_http_chatdesk_desk.h"


ngx_int_t ngx_http_chatdesk_api_handler(ngx_http_request_t *r);

/* What the worker answered on the node's channel. */
void ngx_http_chatdesk_api_reply(ngx_http_chatdesk_desk_t *desk,
    struct cd_frame *reply);
void ngx_http_chatdesk_rest_answer(ngx_http_chatdesk_desk_t *desk,
    struct cd_frame *answer);


#endif /* NGX_HTTP_CHATDESK_API_H */
