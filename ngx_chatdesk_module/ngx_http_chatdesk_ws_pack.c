/*
 * permessage-deflate on the sockets of an nginx worker.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_ws_pack.h.
 */

#include <ngx_config.h>
#include <ngx_core.h>

#include "chatdesk_tables.h"
#include "ngx_http_chatdesk_utf8.h"
#include "ngx_http_chatdesk_ws_pack.h"
#include "ngx_http_chatdesk_ws_zip.h"


#define NGX_HTTP_CHATDESK_WS_PACK_OPCODE  0x0f

/* RSV1 beside the opcode, RFC 7692, section 6.1 */
#define NGX_HTTP_CHATDESK_WS_PACK_MARK    0x40


static ngx_http_chatdesk_ws_zip_t  ngx_http_chatdesk_ws_zip;


static ngx_http_chatdesk_buf_t *
ngx_http_chatdesk_ws_pack_make(ngx_http_chatdesk_buf_t *buf, unsigned bits,
    ngx_log_t *log)
{
    size_t                    len, packed;
    ngx_http_chatdesk_buf_t  *made;

    len = buf->last - buf->payload;
    made = ngx_http_chatdesk_buf_create(len, log);

    if (made == NULL) {
        return NULL;
    }

    packed = ngx_http_chatdesk_ws_deflate(&ngx_http_chatdesk_ws_zip, bits,
                                          buf->payload, len, made->payload,
                                          len);
    if (packed == 0) {
        ngx_http_chatdesk_buf_release(&made);
        return NULL;
    }

    made->last = made->payload + packed;
    ngx_http_chatdesk_buf_seal(made, NGX_HTTP_CHATDESK_WS_PACK_MARK
                             | (*buf->pos & NGX_HTTP_CHATDESK_WS_PACK_OPCODE));

    return made;
}


ngx_http_chatdesk_buf_t *
ngx_http_chatdesk_ws_pack(ngx_http_chatdesk_buf_t *buf,
    ngx_http_chatdesk_ws_pack_e window, ngx_log_t *log)
{
    ngx_uint_t  i;

    if (window == NGX_HTTP_CHATDESK_WS_PACK_NOT
        || buf->last - buf->payload < NGX_HTTP_CHATDESK_WS_ZIP_MIN)
    {
        return buf;
    }

    i = (window == NGX_HTTP_CHATDESK_WS_PACK_LARGE);

    if (!(buf->tried & (1 << i))) {
        buf->tried |= 1 << i;
        buf->packed[i] = ngx_http_chatdesk_ws_pack_make(buf,
                                     i ? NGX_HTTP_CHATDESK_WS_ZIP_LARGE
                                       : NGX_HTTP_CHATDESK_WS_ZIP_SMALL, log);
    }

    return buf->packed[i] != NULL ? buf->packed[i] : buf;
}


ngx_uint_t
ngx_http_chatdesk_ws_unpack(u_char **data, size_t *len, size_t max,
    ngx_uint_t text)
{
    ngx_http_chatdesk_utf8_t     utf8;
    ngx_http_chatdesk_ws_zip_t  *zip = &ngx_http_chatdesk_ws_zip;

    switch (ngx_http_chatdesk_ws_inflate(zip, *data, *len, max)) {

    case NGX_HTTP_CHATDESK_WS_ZIP_OK:
        break;

    case NGX_HTTP_CHATDESK_WS_ZIP_BROKEN:
        return CD_CLOSE_PROTOCOL;

    case NGX_HTTP_CHATDESK_WS_ZIP_LONG:
        return CD_CLOSE_TOO_BIG;

    case NGX_HTTP_CHATDESK_WS_ZIP_MEMORY:
        return CD_CLOSE_INTERNAL;
    }

    *data = zip->data;
    *len = zip->len;

    if (!text) {
        return 0;
    }

    ngx_http_chatdesk_utf8_init(&utf8);

    if (ngx_http_chatdesk_utf8_feed(&utf8, zip->data, zip->len) != 0
        || !ngx_http_chatdesk_utf8_whole(&utf8))
    {
        return CD_CLOSE_BAD_UTF8;
    }

    return 0;
}
