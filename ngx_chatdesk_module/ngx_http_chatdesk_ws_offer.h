/*
 * The header Sec-WebSocket-Extensions, RFC 6455, section 9.1, and the one
 * extension that is known: permessage-deflate, RFC 7692, section 7.1.
 *
 * Purpose:    takes the first offer that can be kept.
 * Owner:      the caller owns the text and the result; nothing is kept.
 * Invariants: no nginx types, no allocation, no look beyond the bytes; an
 *             offer is taken whole or not at all.
 */

#ifndef NGX_HTTP_CHATDESK_WS_OFFER_H
#define NGX_HTTP_CHATDESK_WS_OFFER_H

#include <stddef.h>


typedef enum {
    NGX_HTTP_CHATDESK_WS_OFFER_NONE = 0,    /* none that can be kept */
    NGX_HTTP_CHATDESK_WS_OFFER_TAKEN = 1,
    NGX_HTTP_CHATDESK_WS_OFFER_BROKEN = 2   /* not such a header */
} ngx_http_chatdesk_ws_offer_e;


/*
 * Reads one value of the header.  When an offer is taken *window is how far
 * back the client lets us look, 9 to 15, and *asked whether it said so.
 */
ngx_http_chatdesk_ws_offer_e ngx_http_chatdesk_ws_offer(
    const unsigned char *text, size_t len, unsigned *window, unsigned *asked);


#endif /* NGX_HTTP_CHATDESK_WS_OFFER_H */
