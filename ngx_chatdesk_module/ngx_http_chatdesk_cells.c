/*
 * Memory for many things of one size that stay for long.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_cells.h.
 *
 * A page begins at a multiple of its size, so that a cell says which page it
 * is of.  Cells are taken in turn, so that what was never used is never
 * touched; those that came back are taken first.
 */

#include "ngx_http_chatdesk_cells.h"


#if !(NGX_DEBUG_PALLOC) && (NGX_HAVE_POSIX_MEMALIGN || NGX_HAVE_MEMALIGN)

typedef struct {
    ngx_queue_t    queue;       /* in room, while it has a free cell */
    void          *free;        /* cells that came back, by their first word */
    u_char        *fresh;       /* the first that was never used */
    ngx_uint_t     used;
} ngx_http_chatdesk_cells_page_t;


static u_char *
ngx_http_chatdesk_cells_end(ngx_http_chatdesk_cells_page_t *page)
{
    return (u_char *) page + NGX_HTTP_CHATDESK_CELLS_PAGE;
}


static ngx_uint_t
ngx_http_chatdesk_cells_full(ngx_http_chatdesk_cells_t *cells,
    ngx_http_chatdesk_cells_page_t *page)
{
    return page->free == NULL
           && page->fresh + cells->size > ngx_http_chatdesk_cells_end(page);
}


/* A page with a free cell; NULL: no memory. */

static ngx_http_chatdesk_cells_page_t *
ngx_http_chatdesk_cells_room(ngx_http_chatdesk_cells_t *cells, ngx_log_t *log)
{
    ngx_http_chatdesk_cells_page_t  *page;

    if (cells->room.next == NULL) {
        ngx_queue_init(&cells->room);
    }

    if (!ngx_queue_empty(&cells->room)) {
        return ngx_queue_data(ngx_queue_head(&cells->room),
                              ngx_http_chatdesk_cells_page_t, queue);
    }

    page = ngx_memalign(NGX_HTTP_CHATDESK_CELLS_PAGE,
                        NGX_HTTP_CHATDESK_CELLS_PAGE, log);
    if (page == NULL) {
        return NULL;
    }

    page->free = NULL;
    page->fresh = (u_char *) (page + 1);
    page->used = 0;

    ngx_queue_insert_head(&cells->room, &page->queue);
    cells->pages++;

    return page;
}


void *
ngx_http_chatdesk_cell_get(ngx_http_chatdesk_cells_t *cells, ngx_log_t *log)
{
    void                            *cell;
    ngx_http_chatdesk_cells_page_t  *page;

    page = ngx_http_chatdesk_cells_room(cells, log);
    if (page == NULL) {
        return NULL;
    }

    cell = page->free;

    if (cell != NULL) {
        page->free = *(void **) cell;

    } else {
        cell = page->fresh;
        page->fresh += cells->size;
    }

    page->used++;

    if (ngx_http_chatdesk_cells_full(cells, page)) {
        ngx_queue_remove(&page->queue);
    }

    ngx_memzero(cell, cells->size);

    return cell;
}


void
ngx_http_chatdesk_cell_free(ngx_http_chatdesk_cells_t *cells, void *cell)
{
    ngx_http_chatdesk_cells_page_t  *page;

    if (cell == NULL) {
        return;
    }

    page = (ngx_http_chatdesk_cells_page_t *)
           ((uintptr_t) cell
            & ~((uintptr_t) NGX_HTTP_CHATDESK_CELLS_PAGE - 1));

    if (ngx_http_chatdesk_cells_full(cells, page)) {
        ngx_queue_insert_head(&cells->room, &page->queue);
    }

    *(void **) cell = page->free;
    page->free = cell;
    page->used--;

    /* sockets that come one after another do not make and free a page each */

    if (page->used == 0
        && ngx_queue_head(&cells->room) != ngx_queue_last(&cells->room))
    {
        ngx_queue_remove(&page->queue);
        cells->pages--;
        ngx_free(page);
    }
}


#else

void *
ngx_http_chatdesk_cell_get(ngx_http_chatdesk_cells_t *cells, ngx_log_t *log)
{
    return ngx_calloc(cells->size, log);
}


void
ngx_http_chatdesk_cell_free(ngx_http_chatdesk_cells_t *cells, void *cell)
{
    (void) cells;

    ngx_free(cell);
}

#endif
