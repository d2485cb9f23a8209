/*
 * Memory for many things of one size that stay for long: sockets, sessions.
 *
 * Purpose:    what stays does not lie between what comes and goes.  Out of
 *             malloc() a socket that idles takes a piece of the block that a
 *             request has just given back, and what is left of that block
 *             is too small for the next request.
 * Owner:      whoever got a cell frees it, to the cells it came from; pages
 *             belong to this file and go back when their last cell is free.
 * Invariants: one page that is empty may be kept, not two; a cell that was
 *             got is all zero.  With NGX_DEBUG_PALLOC, and where memory
 *             cannot be aligned, each cell is an allocation of its own: a
 *             sanitizer sees an overrun.
 */

#ifndef NGX_HTTP_CHATDESK_CELLS_H
#define NGX_HTTP_CHATDESK_CELLS_H

#include <ngx_config.h>
#include <ngx_core.h>


/* of a page, and where it begins; bytes */
#define NGX_HTTP_CHATDESK_CELLS_PAGE  16384

typedef struct {
    size_t        size;         /* of a cell */
    ngx_uint_t    pages;
    ngx_queue_t   room;         /* pages with a free cell; empty when its
                                   `next` is NULL */
} ngx_http_chatdesk_cells_t;

/* what a static one begins as */
#define ngx_http_chatdesk_cells(type)                                         \
    { ngx_align(sizeof(type), sizeof(uint64_t)), 0, { NULL, NULL } }


/* NULL: no memory, which has been logged. */
void *ngx_http_chatdesk_cell_get(ngx_http_chatdesk_cells_t *cells,
    ngx_log_t *log);

/* `cell` may be NULL. */
void ngx_http_chatdesk_cell_free(ngx_http_chatdesk_cells_t *cells,
    void *cell);


#endif /* NGX_HTTP_CHATDESK_CELLS_H */
