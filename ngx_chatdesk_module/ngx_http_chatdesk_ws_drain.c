/*
 * Moving the WebSockets of an nginx worker that exits.
 *
 *   exit begins --> LISTED --its turn--> told --nothing under way--> closed
 *                                          |  drain time is over       ^
 *                                          +---------------------------+
 *
 * Purpose:    clients leave one after the other, in random order, so that
 *             the new nginx workers are not stormed: RATE a second when they
 *             are few, else evenly over SPREAD percent of the drain time.
 * Owner:      the nginx worker owns the list, from the first socket that is
 *             asked to close to the last that has; entries borrow
 *             connections, which live as long as the process.
 * Invariants: entries [0, told) have been told and are still open, entries
 *             [next, count) wait for their turn; the timer is the only one
 *             of this file and runs while there is a list; an entry is only
 *             used when its connection still has the number that it had.
 */

#include "ngx_http_chatdesk_ws_private.h"


#define NGX_HTTP_CHATDESK_WS_DRAIN_TICK    10       /* ms */
#define NGX_HTTP_CHATDESK_WS_DRAIN_RATE    1000     /* sockets a second */
#define NGX_HTTP_CHATDESK_WS_DRAIN_SPREAD  70       /* % of the drain time */
#define NGX_HTTP_CHATDESK_WS_DRAIN_FIRST   64       /* entries */


typedef struct {
    ngx_connection_t    *connection;
    ngx_atomic_uint_t    number;
} ngx_http_chatdesk_ws_entry_t;

typedef struct {
    ngx_http_chatdesk_ws_entry_t   *entries;
    ngx_uint_t                      allocated;
    ngx_uint_t                      count;
    ngx_uint_t                      next;
    ngx_uint_t                      told;
    ngx_msec_t                      began;
    ngx_event_t                     timer;
} ngx_http_chatdesk_ws_drain_t;


static void ngx_http_chatdesk_ws_drain_handler(ngx_event_t *ev);


static ngx_msec_t  ngx_http_chatdesk_ws_drain_ms = NGX_HTTP_CHATDESK_WS_DRAIN;

static ngx_http_chatdesk_ws_drain_t  ngx_http_chatdesk_ws_drain;

/* nginx's debug log asks the owner of a timer for a descriptor */
static ngx_connection_t  ngx_http_chatdesk_ws_drain_nobody = {
    .fd = (ngx_socket_t) -1
};


void
ngx_http_chatdesk_ws_drain_time(ngx_msec_t time)
{
    ngx_http_chatdesk_ws_drain_ms = time;
}


static ngx_int_t
ngx_http_chatdesk_ws_drain_grow(ngx_http_chatdesk_ws_drain_t *drain)
{
    ngx_uint_t                     n;
    ngx_http_chatdesk_ws_entry_t  *entries;

    n = drain->allocated ? drain->allocated * 2
                         : NGX_HTTP_CHATDESK_WS_DRAIN_FIRST;

    entries = ngx_alloc(n * sizeof(ngx_http_chatdesk_ws_entry_t),
                        ngx_cycle->log);
    if (entries == NULL) {
        return NGX_ERROR;
    }

    if (drain->entries != NULL) {
        ngx_memcpy(entries, drain->entries,
                   drain->count * sizeof(ngx_http_chatdesk_ws_entry_t));
        ngx_free(drain->entries);
    }

    drain->entries = entries;
    drain->allocated = n;

    return NGX_OK;
}


void
ngx_http_chatdesk_ws_drain_add(ngx_http_chatdesk_ws_t *ws)
{
    ngx_http_chatdesk_ws_entry_t  *entry;
    ngx_http_chatdesk_ws_drain_t  *drain = &ngx_http_chatdesk_ws_drain;

    if (drain->count == drain->allocated
        && ngx_http_chatdesk_ws_drain_grow(drain) != NGX_OK)
    {
        ngx_http_chatdesk_ws_close(ws, CD_CLOSE_RESTART);
        ngx_http_chatdesk_ws_work_soon();
        return;
    }

    entry = &drain->entries[drain->count++];
    entry->connection = ws->connection;
    entry->number = ws->connection->number;

    if (!drain->timer.timer_set) {
        drain->began = ngx_current_msec;
        drain->timer.handler = ngx_http_chatdesk_ws_drain_handler;
        drain->timer.data = &ngx_http_chatdesk_ws_drain_nobody;
        drain->timer.log = ngx_cycle->log;
        ngx_add_timer(&drain->timer, NGX_HTTP_CHATDESK_WS_DRAIN_TICK);
    }
}


void
ngx_http_chatdesk_ws_drain_stop(void)
{
    ngx_http_chatdesk_ws_drain_t  *drain = &ngx_http_chatdesk_ws_drain;

    if (drain->timer.timer_set) {
        ngx_del_timer(&drain->timer);
    }

    if (drain->entries != NULL) {
        ngx_free(drain->entries);
        drain->entries = NULL;
    }

    drain->allocated = 0;
    drain->count = 0;
    drain->next = 0;
    drain->told = 0;
}


/* Tells a socket to leave, or closes it; whether it is open afterwards. */

static ngx_uint_t
ngx_http_chatdesk_ws_drain_tell(ngx_http_chatdesk_ws_entry_t *entry,
    ngx_uint_t over)
{
    ngx_connection_t        *c;
    ngx_http_chatdesk_ws_t  *ws;

    c = entry->connection;

    if (c->fd == (ngx_socket_t) -1 || c->number != entry->number) {
        return 0;
    }

    ws = c->data;

    if (ws->state != NGX_HTTP_CHATDESK_WS_OPEN) {
        return 0;
    }

    if (over || ws->ops->move == NULL) {
        ngx_http_chatdesk_ws_close(ws, CD_CLOSE_RESTART);

    } else {
        ws->ops->move(ws, ws->data);
    }

    return ws->state == NGX_HTTP_CHATDESK_WS_OPEN;
}


/* How many sockets should have been told by now. */

static ngx_uint_t
ngx_http_chatdesk_ws_drain_due(ngx_http_chatdesk_ws_drain_t *drain,
    ngx_msec_t passed)
{
    uint64_t  window;

    window = (uint64_t) drain->count * 1000
             / NGX_HTTP_CHATDESK_WS_DRAIN_RATE;
    window = ngx_min(window, (uint64_t) ngx_http_chatdesk_ws_drain_ms
                             * NGX_HTTP_CHATDESK_WS_DRAIN_SPREAD / 100);

    if (passed >= window) {
        return drain->count;
    }

    return (ngx_uint_t) ((uint64_t) drain->count * passed / window);
}


static void
ngx_http_chatdesk_ws_drain_handler(ngx_event_t *ev)
{
    ngx_uint_t                     i, due, over, open;
    ngx_msec_t                     passed;
    ngx_http_chatdesk_ws_entry_t   entry, *entries;
    ngx_http_chatdesk_ws_drain_t  *drain = &ngx_http_chatdesk_ws_drain;

    passed = ngx_current_msec - drain->began;
    over = (passed >= ngx_http_chatdesk_ws_drain_ms);
    due = over ? drain->count : ngx_http_chatdesk_ws_drain_due(drain, passed);
    entries = drain->entries;

    for (i = 0, open = 0; i < drain->told; i++) {
        if (ngx_http_chatdesk_ws_drain_tell(&entries[i], over)) {
            entries[open++] = entries[i];
        }
    }

    while (drain->next < due) {

        /* any of those that wait */

        i = drain->next
            + (ngx_uint_t) ngx_random() % (drain->count - drain->next);
        entry = entries[i];
        entries[i] = entries[drain->next++];

        if (ngx_http_chatdesk_ws_drain_tell(&entry, over)) {
            entries[open++] = entry;
        }
    }

    drain->told = open;

    if (drain->next == drain->count && open == 0) {
        ngx_http_chatdesk_ws_drain_stop();
        return;
    }

    ngx_add_timer(ev, NGX_HTTP_CHATDESK_WS_DRAIN_TICK);
}
