/*
 * UTF-8 that arrives in pieces.
 *
 * Purpose:    says at the first wrong byte that a text is not UTF-8
 *             (RFC 3629: no overlong forms, no surrogates, none above
 *             U+10FFFF), wherever the text is cut.
 * Owner:      the caller owns the state: three bytes, nothing to free.
 * Invariants: no nginx types, no allocation, no look beyond the bytes given.
 */

#ifndef NGX_HTTP_CHATDESK_UTF8_H
#define NGX_HTTP_CHATDESK_UTF8_H

#include <stddef.h>
#include <stdint.h>


typedef struct {
    uint8_t   left;             /* continuation bytes still to come */
    uint8_t   low;              /* bounds of the next one */
    uint8_t   high;
} ngx_http_chatdesk_utf8_t;


void ngx_http_chatdesk_utf8_init(ngx_http_chatdesk_utf8_t *utf8);

/* 0, or -1 when these bytes cannot follow what came before. */
int ngx_http_chatdesk_utf8_feed(ngx_http_chatdesk_utf8_t *utf8,
    const unsigned char *data, size_t len);

/* Whether the text may end here: not inside a character. */
int ngx_http_chatdesk_utf8_whole(const ngx_http_chatdesk_utf8_t *utf8);

/* Whether a code point is white space or cannot be seen. */
int ngx_http_chatdesk_utf8_blank(uint32_t point);


#endif /* NGX_HTTP_CHATDESK_UTF8_H */
