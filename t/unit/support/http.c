/*
 * What the WebSocket handshake calls of nginx, for the fuzz target.
 *
 * Purpose:    parsers that take a request are run without nginx, whose
 *             sources the development package does not have.
 * Owner:      headers that are added belong to a fixed list that begins
 *             anew with each request.
 * Invariants: base64 and comparison are nginx's by contract; nothing is
 *             sent.
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_ws_handshake.c
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_sha1.h>

#define HEADERS  16

ngx_uint_t  ngx_exiting;
sig_atomic_t  ngx_terminate;


void *
ngx_list_push(ngx_list_t *list)
{
    static ngx_table_elt_t  headers[HEADERS];

    if (list->part.nelts == HEADERS) {
        return NULL;
    }

    return &headers[list->part.nelts++];
}


ngx_int_t
ngx_strncasecmp(u_char *a, u_char *b, size_t n)
{
    return strncasecmp((char *) a, (char *) b, n);
}


void
ngx_sha1_init(ngx_sha1_t *ctx)
{
    memset(ctx, 0, sizeof(*ctx));
}


/* Reads all that it is given, as a sanitizer wants to see. */

void
ngx_sha1_update(ngx_sha1_t *ctx, const void *data, size_t size)
{
    const u_char  *p = data;

    while (size-- > 0) {
        ctx->bytes = ctx->bytes * 31 + *p++;
    }
}


void
ngx_sha1_final(u_char result[20], ngx_sha1_t *ctx)
{
    memset(result, (int) ctx->bytes, 20);
}


void
ngx_encode_base64(ngx_str_t *dst, ngx_str_t *src)
{
    dst->len = ngx_base64_encoded_length(src->len);
    memset(dst->data, 'A', dst->len);
}


/* `last` are the two digits in which the alphabets differ. */

static int
base64_value(u_char c, const char *last)
{
    return c >= 'A' && c <= 'Z' ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == last[0] ? 62 : c == last[1] ? 63 : -1;
}


static ngx_int_t
base64_decode(ngx_str_t *dst, ngx_str_t *src, const char *last)
{
    size_t    i, len;
    unsigned  bits = 0, word = 0;

    for (len = 0; len < src->len && src->data[len] != '='; len++) {
        if (base64_value(src->data[len], last) < 0) {
            return NGX_ERROR;
        }
    }

    if (len % 4 == 1) {
        return NGX_ERROR;
    }

    dst->len = 0;

    for (i = 0; i < len; i++) {
        word = word << 6 | (unsigned) base64_value(src->data[i], last);
        bits += 6;

        if (bits >= 8) {
            bits -= 8;
            dst->data[dst->len++] = (u_char) (word >> bits);
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_decode_base64(ngx_str_t *dst, ngx_str_t *src)
{
    return base64_decode(dst, src, "+/");
}


ngx_int_t
ngx_decode_base64url(ngx_str_t *dst, ngx_str_t *src)
{
    return base64_decode(dst, src, "-_");
}


ngx_int_t
ngx_http_send_header(ngx_http_request_t *r)
{
    return r->headers_out.status == NGX_HTTP_SWITCHING_PROTOCOLS
           ? NGX_OK : NGX_ERROR;
}


ngx_int_t
ngx_http_send_special(ngx_http_request_t *r, ngx_uint_t flags)
{
    (void) r;
    (void) flags;

    return NGX_OK;
}
