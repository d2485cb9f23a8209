/*
 * Shared output buffers: one WebSocket frame, encoded once, sent to many.
 *
 * Purpose:    a frame's bytes with a count of the sockets that still need
 *             them.
 * Owner:      whoever holds a reference; the last one frees the memory.
 * Invariants: bytes are never changed after ngx_http_chatdesk_buf_seal();
 *             pos..last is a whole WebSocket frame; the same frame made
 *             smaller lives as long as the one that it was made from.
 */

#ifndef NGX_HTTP_CHATDESK_BUF_H
#define NGX_HTTP_CHATDESK_BUF_H

#include <ngx_config.h>
#include <ngx_core.h>

/* the longest header of a server's frame, RFC 6455, section 5.2 */
#define NGX_HTTP_CHATDESK_BUF_ROOM  10


typedef struct ngx_http_chatdesk_buf_s  ngx_http_chatdesk_buf_t;

struct ngx_http_chatdesk_buf_s {
    ngx_uint_t                refs;
    size_t                    cap;      /* payload bytes that fit */
    u_char                   *pos;      /* first byte of the frame, by seal */
    u_char                   *payload;  /* where the payload begins */
    u_char                   *last;     /* end of the payload so far */
    ngx_http_chatdesk_buf_t  *packed[2]; /* owned; NULL: not made */
    unsigned                  tried:2;  /* to make them, a bit for each */
};


/* A buffer with room for `cap` bytes of payload, one reference; or NULL. */
ngx_http_chatdesk_buf_t *ngx_http_chatdesk_buf_create(size_t cap,
    ngx_log_t *log);

/* Writes the frame header in front of payload..last; opcode of RFC 6455. */
void ngx_http_chatdesk_buf_seal(ngx_http_chatdesk_buf_t *buf,
    ngx_uint_t opcode);

ngx_http_chatdesk_buf_t *ngx_http_chatdesk_buf_share(
    ngx_http_chatdesk_buf_t *buf);

/* Gives one reference back and sets the pointer to NULL. */
void ngx_http_chatdesk_buf_release(ngx_http_chatdesk_buf_t **buf);

/* Bytes that all buffers of this process take. */
size_t ngx_http_chatdesk_buf_total(void);


#endif /* NGX_HTTP_CHATDESK_BUF_H */
