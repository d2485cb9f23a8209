/*
 * The life of a WebSocket, once it is one, to its end.
 *
 * Purpose:    states, closing, and the list of sockets that have work to do.
 * Owner:      see ngx_http_chatdesk_ws_private.h.
 * Invariants: all that ends in a write or in a death goes through the list,
 *             which is worked off once in a turn of the event loop, so that
 *             the frames of one turn leave in one write and nothing is freed
 *             under its user.
 */

#include "ngx_http_chatdesk_ws_private.h"


static void ngx_http_chatdesk_ws_work(ngx_event_t *ev);
static void ngx_http_chatdesk_ws_work_one(ngx_http_chatdesk_ws_t *ws);
static void ngx_http_chatdesk_ws_destroy(ngx_http_chatdesk_ws_t *ws);


/* sockets of this nginx worker that have work; set up by the first of them */

static ngx_queue_t  ngx_http_chatdesk_ws_list;
static ngx_event_t  ngx_http_chatdesk_ws_event;


/* edges of the drawing in ngx_http_chatdesk_ws_private.h: bit per state */

#define EDGE(to)  (1 << NGX_HTTP_CHATDESK_WS_##to)

static const u_char  ngx_http_chatdesk_ws_edges[NGX_HTTP_CHATDESK_WS_STATES] =
{
    /* HANDSHAKE */  EDGE(OPEN) | EDGE(DEAD),
    /* OPEN */       EDGE(CLOSING) | EDGE(DEAD),
    /* CLOSING */    EDGE(ANSWERED) | EDGE(FAILING) | EDGE(DEAD),
    /* ANSWERED */   EDGE(DEAD),
    /* FAILING */    EDGE(LINGER) | EDGE(DEAD),
    /* LINGER */     EDGE(DEAD),
    /* DEAD */       0
};

static const char  *ngx_http_chatdesk_ws_names[NGX_HTTP_CHATDESK_WS_STATES] = {
    "handshake", "open", "closing", "answered", "failing", "linger", "dead"
};


void
ngx_http_chatdesk_ws_set_state(ngx_http_chatdesk_ws_t *ws,
    ngx_http_chatdesk_ws_state_e state)
{
    if (!(ngx_http_chatdesk_ws_edges[ws->state] & (1 << state))) {
        ngx_log_error(NGX_LOG_ALERT, ws->connection->log, 0,
                      "chatdesk: websocket goes from %s to %s, "
                      "which is no legal step; it stays as it is",
                      ngx_http_chatdesk_ws_names[ws->state],
                      ngx_http_chatdesk_ws_names[state]);
        return;
    }

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, ws->connection->log, 0,
                   "chatdesk: websocket %s -> %s",
                   ngx_http_chatdesk_ws_names[ws->state],
                   ngx_http_chatdesk_ws_names[state]);

    ws->state = state;
}


/* The first that wakes sets up the list. */

void
ngx_http_chatdesk_ws_wake(ngx_http_chatdesk_ws_t *ws)
{
    ngx_event_t  *ev;

    ev = &ngx_http_chatdesk_ws_event;

    if (ev->handler == NULL) {
        ngx_queue_init(&ngx_http_chatdesk_ws_list);
        ev->handler = ngx_http_chatdesk_ws_work;
        ev->log = ngx_cycle->log;
    }

    if (!ws->listed) {
        ngx_queue_insert_tail(&ngx_http_chatdesk_ws_list, &ws->work);
        ws->listed = 1;
    }

    if (!ev->posted) {
        ngx_post_event(ev, &ngx_posted_events);
    }
}


void
ngx_http_chatdesk_ws_work_soon(void)
{
    ngx_event_t  *ev;

    ev = &ngx_http_chatdesk_ws_event;

    if (ev->posted) {
        ngx_delete_posted_event(ev);
        ngx_post_event(ev, &ngx_posted_next_events);
    }
}


static void
ngx_http_chatdesk_ws_work(ngx_event_t *ev)
{
    ngx_queue_t             *q;
    ngx_http_chatdesk_ws_t  *ws;

    while (!ngx_queue_empty(&ngx_http_chatdesk_ws_list)) {
        q = ngx_queue_head(&ngx_http_chatdesk_ws_list);
        ngx_queue_remove(q);

        ws = ngx_queue_data(q, ngx_http_chatdesk_ws_t, work);
        ws->listed = 0;

        ngx_http_chatdesk_ws_work_one(ws);
    }
}


static void
ngx_http_chatdesk_ws_work_one(ngx_http_chatdesk_ws_t *ws)
{
    ngx_int_t  rc;

    if (ws->state == NGX_HTTP_CHATDESK_WS_HANDSHAKE) {
        ngx_http_chatdesk_ws_detach(ws);
        return;
    }

    if (ws->held && ws->state != NGX_HTTP_CHATDESK_WS_DEAD) {
        return;
    }

    if (ws->state != NGX_HTTP_CHATDESK_WS_DEAD) {
        rc = ngx_http_chatdesk_ws_flush(ws);

        if (rc == NGX_AGAIN) {
            return;
        }

        if (rc == NGX_ERROR || ws->state == NGX_HTTP_CHATDESK_WS_ANSWERED) {
            ngx_http_chatdesk_ws_set_state(ws, NGX_HTTP_CHATDESK_WS_DEAD);
        }
    }

    if (ws->state == NGX_HTTP_CHATDESK_WS_DEAD) {
        ngx_http_chatdesk_ws_destroy(ws);
        return;
    }

    if (ws->state == NGX_HTTP_CHATDESK_WS_FAILING) {

        /* closing now could reset the connection and take our close frame
           with it, because there may be input that nobody has read */

        ngx_http_chatdesk_ws_set_state(ws, NGX_HTTP_CHATDESK_WS_LINGER);
        (void) ngx_shutdown_socket(ws->connection->fd, NGX_WRITE_SHUTDOWN);
        ngx_http_chatdesk_ws_report(ws);
    }
}


void
ngx_http_chatdesk_ws_report(ngx_http_chatdesk_ws_t *ws)
{
    const ngx_http_chatdesk_ws_ops_t  *ops;

    ops = ws->ops;
    ws->ops = NULL;

    if (ops != NULL) {
        ops->close(ws, ws->data, ws->code);
    }
}


/* Ends a request that was kept: now its line of the access log is written,
   which may ask for the socket's figures, and limits stop to count it. */

static void
ngx_http_chatdesk_ws_end_request(ngx_http_chatdesk_ws_t *ws)
{
    ngx_http_request_t  *r;

    r = ws->request;
    ws->request = NULL;

    if (r != NULL) {
        ws->connection->data = r;
        ngx_http_free_request(r, 0);
        ws->connection->data = ws;
    }
}


static void
ngx_http_chatdesk_ws_destroy(ngx_http_chatdesk_ws_t *ws)
{
    ngx_http_chatdesk_ws_report(ws);
    ngx_http_chatdesk_ws_end_request(ws);

    if (ws->listed) {
        ngx_queue_remove(&ws->work);
    }

    ngx_http_chatdesk_ws_clock_forget(ws);
    ngx_http_chatdesk_ws_out_free(ws);
    ngx_http_chatdesk_ws_parser_free(ws);

    ws->connection->idle = 0;
    ngx_http_close_connection(ws->connection);
}


void
ngx_http_chatdesk_ws_close(ngx_http_chatdesk_ws_t *ws, ngx_uint_t code)
{
    if (ws->state != NGX_HTTP_CHATDESK_WS_OPEN) {
        return;
    }

    ws->code = (uint16_t) code;
    ws->closing = (uint32_t) ngx_current_msec;
    ngx_http_chatdesk_ws_set_state(ws, NGX_HTTP_CHATDESK_WS_CLOSING);

    if (ngx_http_chatdesk_ws_close_frame(ws, code) != NGX_OK) {
        ngx_http_chatdesk_ws_kill(ws, code);
        return;
    }

    ngx_http_chatdesk_ws_clock_set(ws);
    ngx_http_chatdesk_ws_wake(ws);
}


void
ngx_http_chatdesk_ws_peer_closed(ngx_http_chatdesk_ws_t *ws, ngx_uint_t code)
{
    ngx_http_chatdesk_ws_close(ws, code);

    if (ws->state == NGX_HTTP_CHATDESK_WS_CLOSING) {
        ngx_http_chatdesk_ws_set_state(ws, NGX_HTTP_CHATDESK_WS_ANSWERED);
        ngx_http_chatdesk_ws_wake(ws);
    }
}


void
ngx_http_chatdesk_ws_fail(ngx_http_chatdesk_ws_t *ws, ngx_uint_t code)
{
    ngx_log_error(NGX_LOG_INFO, ws->connection->log, 0,
                  "chatdesk: client broke the rules of websockets, "
                  "closing with %ui", code);

    ngx_http_chatdesk_ws_close(ws, code);

    if (ws->state == NGX_HTTP_CHATDESK_WS_CLOSING) {
        ngx_http_chatdesk_ws_set_state(ws, NGX_HTTP_CHATDESK_WS_FAILING);
        ngx_http_chatdesk_ws_wake(ws);
    }
}


void
ngx_http_chatdesk_ws_kill(ngx_http_chatdesk_ws_t *ws, ngx_uint_t code)
{
    if (ws->state == NGX_HTTP_CHATDESK_WS_DEAD) {
        return;
    }

    if (ws->code == NGX_HTTP_CHATDESK_WS_ABNORMAL) {
        ws->code = (uint16_t) code;
    }

    ngx_http_chatdesk_ws_set_state(ws, NGX_HTTP_CHATDESK_WS_DEAD);
    ngx_http_chatdesk_ws_wake(ws);
}


const ngx_http_chatdesk_ws_stats_t *
ngx_http_chatdesk_ws_stats(ngx_http_chatdesk_ws_t *ws)
{
    return &ws->stats;
}


ngx_uint_t
ngx_http_chatdesk_ws_code(ngx_http_chatdesk_ws_t *ws)
{
    switch (ws->state) {

    case NGX_HTTP_CHATDESK_WS_HANDSHAKE:
    case NGX_HTTP_CHATDESK_WS_OPEN:
        return 0;

    default:
        return ws->code;
    }
}


ngx_str_t *
ngx_http_chatdesk_ws_address(ngx_http_chatdesk_ws_t *ws)
{
    return ws->address;
}


ngx_log_t *
ngx_http_chatdesk_ws_log(ngx_http_chatdesk_ws_t *ws)
{
    return ws->connection->log;
}
