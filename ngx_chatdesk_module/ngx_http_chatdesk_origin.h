/*
 * Origins: which pages may talk to a location.
 *
 * Purpose:    compares the Origin header with what chatdesk_origin allows.
 * Owner:      nothing.
 * Invariants: more than one Origin header is never allowed; one that is
 *             missing always is (no browser leaves it out across sites).
 */

#ifndef NGX_HTTP_CHATDESK_ORIGIN_H
#define NGX_HTTP_CHATDESK_ORIGIN_H

#include "ngx_http_chatdesk_module.h"


ngx_uint_t ngx_http_chatdesk_origin_allowed(ngx_http_request_t *r,
    ngx_http_chatdesk_origins_t *origins);


#endif /* NGX_HTTP_CHATDESK_ORIGIN_H */
