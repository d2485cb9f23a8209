/*
 * Messages made smaller and whole again, RFC 7692, section 7.2.
 *
 * Purpose:    one message at a time with zlib; a message is never shorter or
 *             longer for what went before it (no context takeover), so that
 *             one pair of streams serves all sockets of a process.
 * Owner:      the caller owns the zip; the zip owns its streams and what it
 *             has inflated.
 * Invariants: no I/O and no nginx types; what a message inflates to is
 *             bounded before it is written; nothing is allocated before the
 *             first message.
 */

#ifndef NGX_HTTP_CHATDESK_WS_ZIP_H
#define NGX_HTTP_CHATDESK_WS_ZIP_H

#include <stddef.h>

#include <zlib.h>


/* how far back a compressor may look; powers of two */
#define NGX_HTTP_CHATDESK_WS_ZIP_SMALL  9
#define NGX_HTTP_CHATDESK_WS_ZIP_LARGE  15

/* what is shorter does not become smaller */
#define NGX_HTTP_CHATDESK_WS_ZIP_MIN    64


typedef enum {
    NGX_HTTP_CHATDESK_WS_ZIP_OK = 0,
    NGX_HTTP_CHATDESK_WS_ZIP_BROKEN = 1,    /* not what deflate writes */
    NGX_HTTP_CHATDESK_WS_ZIP_LONG = 2,      /* more than allowed */
    NGX_HTTP_CHATDESK_WS_ZIP_MEMORY = 3
} ngx_http_chatdesk_ws_zip_e;


typedef struct {
    /* what the last message inflated to; borrowed until the next */
    unsigned char  *data;
    size_t          len;

    /* all below is private */
    size_t          cap;
    z_stream        in;
    z_stream        out[2];             /* small, large window */
    unsigned        in_ready:1;
    unsigned        out_ready:2;        /* a bit for each */
} ngx_http_chatdesk_ws_zip_t;


/* Inflates the payload of a message to at most `max` bytes. */
ngx_http_chatdesk_ws_zip_e ngx_http_chatdesk_ws_inflate(
    ngx_http_chatdesk_ws_zip_t *zip, const unsigned char *payload, size_t len,
    size_t max);

/*
 * Deflates a message with a window of 2^bits bytes (SMALL or LARGE) into `to`,
 * which has room for `room` bytes.  The length, or 0: it does not fit, or
 * there is no memory.
 */
size_t ngx_http_chatdesk_ws_deflate(ngx_http_chatdesk_ws_zip_t *zip,
    unsigned bits, const unsigned char *message, size_t len,
    unsigned char *to, size_t room);

/* Gives everything back. */
void ngx_http_chatdesk_ws_zip_end(ngx_http_chatdesk_ws_zip_t *zip);


#endif /* NGX_HTTP_CHATDESK_WS_ZIP_H */
