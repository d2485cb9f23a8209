/*
 * Messages made smaller and whole again, RFC 7692, section 7.2.
 *
 * Purpose:    see the header.
 * Owner:      see the header.
 * Invariants: output grows by doubling up to the bound and one byte, which
 *             tells a message that is too long from one that just fits; what
 *             a long message took is given back with the next one.
 */

#include <stdlib.h>

#include "ngx_http_chatdesk_ws_zip.h"


#define ZIP_FIRST  4096
#define ZIP_KEEP   (256 * 1024)
#define ZIP_LEVEL  6
#define ZIP_MEM    8            /* zlib's default */
#define ZIP_TAIL   4


/* what a sender leaves away, section 7.2.1 */

static const unsigned char  ngx_http_chatdesk_ws_zip_tail[ZIP_TAIL] = {
    0x00, 0x00, 0xff, 0xff
};


/* Room for one more byte at least; 0, or -1: no memory. */

static int
ngx_http_chatdesk_ws_zip_grow(ngx_http_chatdesk_ws_zip_t *zip, size_t most)
{
    size_t          cap;
    unsigned char  *p;

    cap = zip->cap ? zip->cap * 2 : ZIP_FIRST;

    if (cap > most) {
        cap = most;
    }

    p = realloc(zip->data, cap);
    if (p == NULL) {
        return -1;
    }

    zip->data = p;
    zip->cap = cap;

    return 0;
}


static int
ngx_http_chatdesk_ws_zip_begin(ngx_http_chatdesk_ws_zip_t *zip)
{
    zip->len = 0;

    if (zip->cap > ZIP_KEEP) {
        free(zip->data);
        zip->data = NULL;
        zip->cap = 0;
    }

    if (zip->in_ready) {
        return inflateReset(&zip->in) == Z_OK ? 0 : -1;
    }

    zip->in_ready = inflateInit2(&zip->in, -NGX_HTTP_CHATDESK_WS_ZIP_LARGE)
                    == Z_OK;

    return zip->in_ready ? 0 : -1;
}


/* Inflates these bytes to the last of them; *whole says whether a block ends
   there. */

static ngx_http_chatdesk_ws_zip_e
ngx_http_chatdesk_ws_zip_feed(ngx_http_chatdesk_ws_zip_t *zip,
    const unsigned char *data, size_t len, size_t max, int *whole)
{
    int        rc;
    z_stream  *in = &zip->in;

    in->next_in = (unsigned char *) data;
    in->avail_in = (uInt) len;

    for ( ;; ) {

        if (zip->len == zip->cap) {
            if (zip->len > max) {
                return NGX_HTTP_CHATDESK_WS_ZIP_LONG;
            }

            if (ngx_http_chatdesk_ws_zip_grow(zip, max + 1) != 0) {
                return NGX_HTTP_CHATDESK_WS_ZIP_MEMORY;
            }
        }

        in->next_out = zip->data + zip->len;
        in->avail_out = (uInt) (zip->cap - zip->len);

        rc = inflate(in, Z_SYNC_FLUSH);
        zip->len = (size_t) (in->next_out - zip->data);

        if (rc == Z_STREAM_END) {

            /* a last block may be followed by others, section 7.2.3.5 */

            if (inflateReset(in) != Z_OK) {
                return NGX_HTTP_CHATDESK_WS_ZIP_BROKEN;
            }

        } else if (rc == Z_MEM_ERROR) {
            return NGX_HTTP_CHATDESK_WS_ZIP_MEMORY;

        } else if (rc != Z_OK && rc != Z_BUF_ERROR) {
            return NGX_HTTP_CHATDESK_WS_ZIP_BROKEN;
        }

        if (in->avail_in == 0 && in->avail_out > 0) {
            *whole = (rc == Z_STREAM_END || (in->data_type & 128));
            return zip->len > max ? NGX_HTTP_CHATDESK_WS_ZIP_LONG
                                  : NGX_HTTP_CHATDESK_WS_ZIP_OK;
        }
    }
}


ngx_http_chatdesk_ws_zip_e
ngx_http_chatdesk_ws_inflate(ngx_http_chatdesk_ws_zip_t *zip,
    const unsigned char *payload, size_t len, size_t max)
{
    int                         whole;
    ngx_http_chatdesk_ws_zip_e  rc;

    if (ngx_http_chatdesk_ws_zip_begin(zip) != 0) {
        return NGX_HTTP_CHATDESK_WS_ZIP_MEMORY;
    }

    rc = ngx_http_chatdesk_ws_zip_feed(zip, payload, len, max, &whole);

    if (rc != NGX_HTTP_CHATDESK_WS_ZIP_OK) {
        return rc;
    }

    rc = ngx_http_chatdesk_ws_zip_feed(zip, ngx_http_chatdesk_ws_zip_tail,
                                       ZIP_TAIL, max, &whole);

    return rc == NGX_HTTP_CHATDESK_WS_ZIP_OK && !whole
           ? NGX_HTTP_CHATDESK_WS_ZIP_BROKEN : rc;
}


static z_stream *
ngx_http_chatdesk_ws_zip_out(ngx_http_chatdesk_ws_zip_t *zip, unsigned bits)
{
    unsigned   large, bit;
    z_stream  *out;

    large = (bits == NGX_HTTP_CHATDESK_WS_ZIP_LARGE);
    bit = 1u << large;
    out = &zip->out[large];

    if (zip->out_ready & bit) {
        return deflateReset(out) == Z_OK ? out : NULL;
    }

    if (deflateInit2(out, ZIP_LEVEL, Z_DEFLATED, -(int) bits, ZIP_MEM,
                     Z_DEFAULT_STRATEGY)
        != Z_OK)
    {
        return NULL;
    }

    zip->out_ready |= bit;

    return out;
}


size_t
ngx_http_chatdesk_ws_deflate(ngx_http_chatdesk_ws_zip_t *zip, unsigned bits,
    const unsigned char *message, size_t len, unsigned char *to, size_t room)
{
    size_t     n;
    z_stream  *out;

    out = ngx_http_chatdesk_ws_zip_out(zip, bits);
    if (out == NULL) {
        return 0;
    }

    out->next_in = (unsigned char *) message;
    out->avail_in = (uInt) len;
    out->next_out = to;
    out->avail_out = (uInt) room;

    if (deflate(out, Z_SYNC_FLUSH) != Z_OK || out->avail_in > 0
        || out->avail_out == 0)
    {
        return 0;
    }

    n = (size_t) (out->next_out - to);

    return n > ZIP_TAIL ? n - ZIP_TAIL : 0;
}


void
ngx_http_chatdesk_ws_zip_end(ngx_http_chatdesk_ws_zip_t *zip)
{
    if (zip->in_ready) {
        (void) inflateEnd(&zip->in);
    }

    if (zip->out_ready & 1) {
        (void) deflateEnd(&zip->out[0]);
    }

    if (zip->out_ready & 2) {
        (void) deflateEnd(&zip->out[1]);
    }

    free(zip->data);
    zip->data = NULL;
    zip->len = 0;
    zip->cap = 0;
    zip->in_ready = 0;
    zip->out_ready = 0;
}
