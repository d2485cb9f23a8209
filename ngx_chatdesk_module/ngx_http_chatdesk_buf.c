/*
 * Shared output buffers.
 *
 * Purpose:    see the header.
 * Owner:      whoever holds a reference; the last one frees the memory.
 * Invariants: struct, room for the frame's header and payload are one block
 *             of memory, so that a frame costs one allocation.
 */

#include "ngx_http_chatdesk_buf.h"


/* first byte of a frame that is not fragmented, RFC 6455, section 5.2 */
#define NGX_HTTP_CHATDESK_BUF_FIN  0x80


static size_t  ngx_http_chatdesk_buf_bytes;


ngx_http_chatdesk_buf_t *
ngx_http_chatdesk_buf_create(size_t cap, ngx_log_t *log)
{
    size_t                    room;
    ngx_http_chatdesk_buf_t  *buf;

    room = sizeof(ngx_http_chatdesk_buf_t) + NGX_HTTP_CHATDESK_BUF_ROOM;

    if (cap > NGX_MAX_SIZE_T_VALUE - room) {
        return NULL;
    }

    buf = ngx_alloc(room + cap, log);
    if (buf == NULL) {
        return NULL;
    }

    ngx_http_chatdesk_buf_bytes += room + cap;

    buf->refs = 1;
    buf->cap = cap;
    buf->packed[0] = NULL;
    buf->packed[1] = NULL;
    buf->tried = 0;
    buf->payload = (u_char *) buf + room;
    buf->pos = buf->payload;
    buf->last = buf->payload;

    return buf;
}


void
ngx_http_chatdesk_buf_seal(ngx_http_chatdesk_buf_t *buf, ngx_uint_t opcode)
{
    size_t   len;
    u_char  *p;

    len = buf->last - buf->payload;

    if (len < 126) {
        p = buf->payload - 2;
        p[1] = (u_char) len;

    } else if (len < 65536) {
        p = buf->payload - 4;
        p[1] = 126;
        p[2] = (u_char) (len >> 8);
        p[3] = (u_char) len;

    } else {
        p = buf->payload - 10;
        p[1] = 127;
        p[2] = (u_char) ((uint64_t) len >> 56);
        p[3] = (u_char) ((uint64_t) len >> 48);
        p[4] = (u_char) ((uint64_t) len >> 40);
        p[5] = (u_char) ((uint64_t) len >> 32);
        p[6] = (u_char) (len >> 24);
        p[7] = (u_char) (len >> 16);
        p[8] = (u_char) (len >> 8);
        p[9] = (u_char) len;
    }

    p[0] = (u_char) (NGX_HTTP_CHATDESK_BUF_FIN | opcode);
    buf->pos = p;
}


ngx_http_chatdesk_buf_t *
ngx_http_chatdesk_buf_share(ngx_http_chatdesk_buf_t *buf)
{
    buf->refs++;

    return buf;
}


void
ngx_http_chatdesk_buf_release(ngx_http_chatdesk_buf_t **buf)
{
    ngx_http_chatdesk_buf_t  *b;

    b = *buf;
    *buf = NULL;

    if (b != NULL && --b->refs == 0) {
        ngx_http_chatdesk_buf_release(&b->packed[0]);
        ngx_http_chatdesk_buf_release(&b->packed[1]);

        ngx_http_chatdesk_buf_bytes -= sizeof(ngx_http_chatdesk_buf_t)
                                       + NGX_HTTP_CHATDESK_BUF_ROOM + b->cap;
        ngx_free(b);
    }
}


size_t
ngx_http_chatdesk_buf_total(void)
{
    return ngx_http_chatdesk_buf_bytes;
}
