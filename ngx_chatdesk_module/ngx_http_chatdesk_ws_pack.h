/*
 * permessage-deflate on the sockets of an nginx worker, RFC 7692.
 *
 * Purpose:    agrees on the extension in the handshake; packs frames and
 *             unpacks messages.
 * Owner:      the nginx worker owns one pair of zlib streams; a packed frame
 *             belongs to the one it was made from.
 * Invariants: neither side looks back beyond a message, so that a frame is
 *             packed once for all its receivers and an idle socket keeps
 *             nothing; a frame that would not get smaller goes as it is.
 */

#ifndef NGX_HTTP_CHATDESK_WS_PACK_H
#define NGX_HTTP_CHATDESK_WS_PACK_H

#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_http_chatdesk_buf.h"


/* how far back a client lets us look; 0: it takes nothing packed */

typedef enum {
    NGX_HTTP_CHATDESK_WS_PACK_NOT = 0,
    NGX_HTTP_CHATDESK_WS_PACK_SMALL = 1,
    NGX_HTTP_CHATDESK_WS_PACK_LARGE = 2
} ngx_http_chatdesk_ws_pack_e;


/* The frame to send, which is sealed: packed, or itself; borrows. */
ngx_http_chatdesk_buf_t *ngx_http_chatdesk_ws_pack(
    ngx_http_chatdesk_buf_t *buf, ngx_http_chatdesk_ws_pack_e window,
    ngx_log_t *log);

/*
 * A packed message whole again, at most `max` bytes; valid until the next
 * one.  0, or the close code that it deserves.
 */
ngx_uint_t ngx_http_chatdesk_ws_unpack(u_char **data, size_t *len, size_t max,
    ngx_uint_t text);


#endif /* NGX_HTTP_CHATDESK_WS_PACK_H */
