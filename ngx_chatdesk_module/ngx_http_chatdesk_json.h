/*
 * Frames as the browser's JSON, in both directions; jsmn stays in here.
 *
 * Purpose:    one checked decode of what a client sent, one encode of what
 *             it gets.
 * Owner:      a decoded frame borrows its strings from the pool it was
 *             decoded with.
 * Invariants: a decoded frame has every required field, each within its
 *             type and bound of tbl/fields.h; encoding never fails for a
 *             frame that cd_frame_decode() accepted, but for memory.
 */

#ifndef NGX_HTTP_CHATDESK_JSON_H
#define NGX_HTTP_CHATDESK_JSON_H

#include <ngx_config.h>
#include <ngx_core.h>

#include "chatdesk_wire.h"
#include "ngx_http_chatdesk_buf.h"


typedef struct {
    ngx_uint_t   error;     /* enum cd_error */
    ngx_str_t    field;     /* at fault; empty when none; constant text */
} ngx_http_chatdesk_json_fault_t;


/*
 * Decodes one client frame.  NGX_OK; NGX_DECLINED with *fault set; NGX_ERROR
 * for memory.  `id`, `conv` and `k` are set in the frame when they were
 * readable even if it is declined, so that the answer can name them.
 */
ngx_int_t ngx_http_chatdesk_json_decode(struct cd_frame *frame, u_char *text,
    size_t len, ngx_pool_t *pool, ngx_http_chatdesk_json_fault_t *fault);

/*
 * Decodes an object that must carry the fields of a list that ends with 0,
 * as the bodies of HTTP requests do.  Returns as the above.
 */
ngx_int_t ngx_http_chatdesk_json_fields(struct cd_frame *frame,
    const uint8_t *fields, u_char *text, size_t len, ngx_pool_t *pool,
    ngx_http_chatdesk_json_fault_t *fault);

/* the body of a long-poll, but for its lists */

typedef struct {
    struct cd_frame   hello;
    struct cd_frame   member;   /* CD_F_SESSION, if it was there */
    ngx_uint_t        hold;
} ngx_http_chatdesk_json_poll_t;

/* Decodes it; NGX_OK, NGX_DECLINED for anything that is not one, or NGX_ERROR
   for memory. */
ngx_int_t ngx_http_chatdesk_json_poll(ngx_http_chatdesk_json_poll_t *poll,
    u_char *text, size_t len, ngx_pool_t *pool);

/* One item of a list, as ngx_http_chatdesk_json_decode() returns it. */
typedef void (*ngx_http_chatdesk_json_each_pt)(void *data,
    struct cd_frame *frame, ngx_int_t rc,
    ngx_http_chatdesk_json_fault_t *fault);

/*
 * Decodes the items of a member of such a body, each as a frame of `type`,
 * 0: of the type that it names.  Returns as the above; the items that came
 * before a lack of memory have been handed over.
 */
ngx_int_t ngx_http_chatdesk_json_each(u_char *text, size_t len,
    const char *list, unsigned type, ngx_pool_t *pool,
    ngx_http_chatdesk_json_each_pt each, void *data);

/*
 * A sealed text frame with this frame as JSON.  Bus-only fields are left
 * out.  `feed` is put in as member "feed" when it is not NULL.  NULL: memory.
 */
ngx_http_chatdesk_buf_t *ngx_http_chatdesk_json_encode(
    const struct cd_frame *frame, ngx_str_t *feed, ngx_log_t *log);

/*
 * A sealed `window` frame around `count` envelopes; an envelope that does
 * not decode is left out and logged.  NULL: memory.
 */
ngx_http_chatdesk_buf_t *ngx_http_chatdesk_json_window(ngx_str_t *feed,
    uint64_t era, uint32_t head, ngx_uint_t reset, ngx_str_t *envelopes,
    ngx_uint_t count, ngx_log_t *log);


#endif /* NGX_HTTP_CHATDESK_JSON_H */
