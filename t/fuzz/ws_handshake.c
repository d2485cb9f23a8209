/*
 * Fuzz target: the headers of a handshake.
 *
 * Each line is a header, "name: value"; a line that begins with "!" asks for
 * the subprotocol.  What is let in has the value of the RFC, and what is
 * agreed on is one of the answers that there are; a message that comes with
 * them is no longer than it may be, and ASCII.
 *
 * link: ngx_chatdesk_module/ngx_http_chatdesk_ws_handshake.c
 * link: ngx_chatdesk_module/ngx_http_chatdesk_ws_offer.c
 * link: t/unit/support/http.c
 */

#include <stdlib.h>
#include <string.h>

#include "ngx_http_chatdesk_ws_private.h"

#define MOST_HEADERS  32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ngx_table_elt_t  headers[MOST_HEADERS];


/* Each value lies in a block of its own, so that a step beyond it shows. */

static ngx_str_t
copy_of(const uint8_t *data, size_t len)
{
    ngx_str_t  str;

    str.len = len;
    str.data = malloc(len ? len : 1);

    if (str.data == NULL) {
        abort();
    }

    memcpy(str.data, data, len);

    return str;
}


static ngx_uint_t
read_headers(const uint8_t *data, size_t size)
{
    ngx_uint_t      n = 0;
    const uint8_t  *end, *colon, *value;

    while (size > 0 && n < MOST_HEADERS) {
        end = memchr(data, '\n', size);
        end = end != NULL ? end : data + size;
        colon = memchr(data, ':', (size_t) (end - data));

        if (colon != NULL) {
            value = colon + 1;
            value += value < end && *value == ' ';
            headers[n].key = copy_of(data, (size_t) (colon - data));
            headers[n++].value = copy_of(value, (size_t) (end - value));
        }

        end += end < data + size;
        size -= (size_t) (end - data);
        data = end;
    }

    return n;
}


static void
check(ngx_http_request_t *r, ngx_str_t *protocol)
{
    u_char                       accept[NGX_HTTP_CHATDESK_WS_ACCEPT];
    ngx_int_t                    rc;
    ngx_str_t                    extension, value;
    ngx_http_chatdesk_ws_pack_e  window;

    rc = ngx_http_chatdesk_ws_handshake_check(r, protocol, accept);

    if (rc != NGX_OK && rc != NGX_HTTP_BAD_REQUEST && rc != 426) {
        abort();
    }

    if (ngx_http_chatdesk_ws_handshake_offer(r, &extension, &window)
        != NGX_OK)
    {
        return;
    }

    if ((window == NGX_HTTP_CHATDESK_WS_PACK_NOT) != (extension.len == 0)
        || window > NGX_HTTP_CHATDESK_WS_PACK_LARGE)
    {
        abort();
    }

    value.data = accept;
    value.len = sizeof(accept);

    if (rc == NGX_OK
        && ngx_http_chatdesk_ws_handshake_answer(r, protocol, &extension,
                                                 &value)
           != NGX_OK)
    {
        abort();
    }
}


/* The message has a block of its own, too. */

static void
check_first(ngx_http_request_t *r)
{
    size_t                        i, len;
    u_char                       *text;
    ngx_http_chatdesk_ws_first_t  first = {
        .protocol = ngx_string("chatdesk.v1.hello"),
        .prefix = ngx_string("hello.")
    };

    text = malloc(NGX_HTTP_CHATDESK_WS_FIRST);

    if (text == NULL) {
        abort();
    }

    len = ngx_http_chatdesk_ws_handshake_first(r, &first, text);

    if (len > NGX_HTTP_CHATDESK_WS_FIRST) {
        abort();
    }

    for (i = 0; i < len; i++) {
        if (text[i] >= 0x80) {
            abort();
        }
    }

    free(text);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ngx_str_t           none = ngx_null_string;
    ngx_str_t           protocol = ngx_string("chatdesk.v1");
    ngx_uint_t          i, n;
    ngx_http_request_t  r;

    n = read_headers(data, size);
    memset(&r, 0, sizeof(r));

    r.main = &r;
    r.method = NGX_HTTP_GET;
    r.http_version = NGX_HTTP_VERSION_11;
    r.headers_in.headers.part.elts = headers;
    r.headers_in.headers.part.nelts = n;

    check(&r, size > 0 && data[0] == '!' ? &protocol : &none);
    check_first(&r);

    for (i = 0; i < n; i++) {
        free(headers[i].key.data);
        free(headers[i].value.data);
    }

    return 0;
}
