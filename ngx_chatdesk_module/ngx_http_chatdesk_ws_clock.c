/*
 * The time limits of all WebSockets of an nginx worker.
 *
 * Purpose:    heartbeat, slow messages, stalled output, close handshake; one
 *             timer for all sockets instead of several in each.
 * Owner:      the nginx worker owns tree and timer; a socket owns its node.
 * Invariants: what happens on a socket only changes fields; the tree is
 *             touched when a deadline comes nearer or is due, so traffic
 *             costs nothing here; limits are kept to within
 *             NGX_HTTP_CHATDESK_WS_TICK; the timer never keeps an nginx
 *             worker from exiting before clock_pin().
 */

#include "ngx_http_chatdesk_ws_private.h"


#define NGX_HTTP_CHATDESK_WS_TICK  100      /* ms */


static void ngx_http_chatdesk_ws_clock_handler(ngx_event_t *ev);
static void ngx_http_chatdesk_ws_clock_due(ngx_http_chatdesk_ws_t *ws);


static ngx_rbtree_t       ngx_http_chatdesk_ws_tree;
static ngx_rbtree_node_t  ngx_http_chatdesk_ws_sentinel;
static ngx_event_t        ngx_http_chatdesk_ws_timer;


static void
ngx_http_chatdesk_ws_clock_init(void)
{
    static ngx_connection_t  dumb;      /* nginx's debug log asks for an fd */

    dumb.fd = (ngx_socket_t) -1;

    ngx_rbtree_init(&ngx_http_chatdesk_ws_tree,
                    &ngx_http_chatdesk_ws_sentinel,
                    ngx_rbtree_insert_timer_value);

    ngx_http_chatdesk_ws_timer.handler = ngx_http_chatdesk_ws_clock_handler;
    ngx_http_chatdesk_ws_timer.log = ngx_cycle->log;
    ngx_http_chatdesk_ws_timer.data = &dumb;
    ngx_http_chatdesk_ws_timer.cancelable = 1;
}


/* The nearer of two points in time. */

static ngx_msec_t
ngx_http_chatdesk_ws_nearer(ngx_msec_t a, ngx_msec_t b)
{
    return (ngx_msec_int_t) (a - b) < 0 ? a : b;
}


/* Milliseconds since a point in time that is at most 49 days back. */

static ngx_msec_t
ngx_http_chatdesk_ws_since(uint32_t then)
{
    return (uint32_t) ((uint32_t) ngx_current_msec - then);
}


static ngx_uint_t
ngx_http_chatdesk_ws_is_due(uint32_t since, ngx_msec_t limit)
{
    return ngx_http_chatdesk_ws_since(since) >= limit;
}


/* When a limit will be reached that began to run then. */

static ngx_msec_t
ngx_http_chatdesk_ws_due_at(uint32_t then, ngx_msec_t limit)
{
    return ngx_current_msec - ngx_http_chatdesk_ws_since(then) + limit;
}


static ngx_msec_t
ngx_http_chatdesk_ws_clock_next(ngx_http_chatdesk_ws_t *ws)
{
    ngx_msec_t                    next;
    ngx_http_chatdesk_ws_conf_t  *conf;

    conf = ws->conf;

    if (ws->state != NGX_HTTP_CHATDESK_WS_OPEN) {
        next = ngx_http_chatdesk_ws_due_at(ws->closing, conf->close_timeout);

    } else if (ws->ping_out) {
        next = ngx_http_chatdesk_ws_due_at(ws->pinged,
                                           conf->heartbeat_timeout);

    } else {
        next = ngx_http_chatdesk_ws_due_at(ws->heard, conf->heartbeat);
    }

    if (ws->stalled) {
        next = ngx_http_chatdesk_ws_nearer(next,
                   ngx_http_chatdesk_ws_due_at(ws->progress,
                                               conf->send_timeout));
    }

    if (ws->partial && ws->state == NGX_HTTP_CHATDESK_WS_OPEN) {
        next = ngx_http_chatdesk_ws_nearer(next,
                   ngx_http_chatdesk_ws_due_at(ws->began,
                                               conf->fragment_timeout));
    }

    return next;
}


/* Sets the timer to the first deadline. */

static void
ngx_http_chatdesk_ws_clock_arm(void)
{
    ngx_event_t        *ev;
    ngx_msec_t          wait;
    ngx_rbtree_node_t  *node, *root, *sentinel;

    ev = &ngx_http_chatdesk_ws_timer;
    root = ngx_http_chatdesk_ws_tree.root;
    sentinel = &ngx_http_chatdesk_ws_sentinel;

    if (root == sentinel) {
        if (ev->timer_set) {
            ngx_del_timer(ev);
        }
        return;
    }

    node = ngx_rbtree_min(root, sentinel);
    wait = node->key - ngx_current_msec;

    if ((ngx_msec_int_t) wait < NGX_HTTP_CHATDESK_WS_TICK) {
        wait = NGX_HTTP_CHATDESK_WS_TICK;
    }

    if (!ev->timer_set
        || (ngx_msec_int_t) (ev->timer.key - ngx_current_msec - wait) > 0)
    {
        ngx_add_timer(ev, wait);
    }
}


void
ngx_http_chatdesk_ws_clock_set(ngx_http_chatdesk_ws_t *ws)
{
    ngx_msec_t  next;

    if (ngx_http_chatdesk_ws_timer.handler == NULL) {
        ngx_http_chatdesk_ws_clock_init();
    }

    next = ngx_http_chatdesk_ws_clock_next(ws);

    if (ws->timed) {
        if ((ngx_msec_int_t) (next - ws->deadline.key) >= 0) {
            return;
        }

        ngx_rbtree_delete(&ngx_http_chatdesk_ws_tree, &ws->deadline);
    }

    ws->deadline.key = next;
    ws->timed = 1;
    ngx_rbtree_insert(&ngx_http_chatdesk_ws_tree, &ws->deadline);

    ngx_http_chatdesk_ws_clock_arm();
}


void
ngx_http_chatdesk_ws_clock_forget(ngx_http_chatdesk_ws_t *ws)
{
    if (!ws->timed) {
        return;
    }

    ngx_rbtree_delete(&ngx_http_chatdesk_ws_tree, &ws->deadline);
    ws->timed = 0;

    ngx_http_chatdesk_ws_clock_arm();
}


void
ngx_http_chatdesk_ws_clock_pin(void)
{
    ngx_http_chatdesk_ws_timer.cancelable = 0;
}


static void
ngx_http_chatdesk_ws_clock_handler(ngx_event_t *ev)
{
    ngx_rbtree_node_t       *node, *sentinel;
    ngx_http_chatdesk_ws_t  *ws;

    sentinel = &ngx_http_chatdesk_ws_sentinel;

    while (ngx_http_chatdesk_ws_tree.root != sentinel) {
        node = ngx_rbtree_min(ngx_http_chatdesk_ws_tree.root, sentinel);

        if ((ngx_msec_int_t) (node->key - ngx_current_msec) > 0) {
            break;
        }

        ngx_rbtree_delete(&ngx_http_chatdesk_ws_tree, node);
        ws = (ngx_http_chatdesk_ws_t *)
             ((u_char *) node - offsetof(ngx_http_chatdesk_ws_t, deadline));
        ws->timed = 0;

        ngx_http_chatdesk_ws_clock_due(ws);

        if (ws->state != NGX_HTTP_CHATDESK_WS_DEAD) {
            ngx_http_chatdesk_ws_clock_set(ws);
        }
    }

    ngx_http_chatdesk_ws_clock_arm();
}


static void
ngx_http_chatdesk_ws_clock_late(ngx_http_chatdesk_ws_t *ws, const char *what)
{
    ngx_log_error(NGX_LOG_INFO, ws->connection->log, NGX_ETIMEDOUT,
                  "chatdesk: client %s in time, closing its websocket", what);

    ngx_http_chatdesk_ws_kill(ws, NGX_HTTP_CHATDESK_WS_ABNORMAL);
}


/* Some deadline may be due; those that have moved are not. */

static void
ngx_http_chatdesk_ws_clock_due(ngx_http_chatdesk_ws_t *ws)
{
    ngx_http_chatdesk_ws_conf_t  *conf;

    conf = ws->conf;

    if (ws->stalled
        && ngx_http_chatdesk_ws_is_due(ws->progress, conf->send_timeout))
    {
        ngx_http_chatdesk_ws_clock_late(ws, "takes nothing");
        return;
    }

    if (ws->state != NGX_HTTP_CHATDESK_WS_OPEN) {
        if (ngx_http_chatdesk_ws_is_due(ws->closing, conf->close_timeout)) {
            ngx_http_chatdesk_ws_kill(ws, NGX_HTTP_CHATDESK_WS_ABNORMAL);
        }
        return;
    }

    if (ws->partial
        && ngx_http_chatdesk_ws_is_due(ws->began, conf->fragment_timeout))
    {
        ngx_log_error(NGX_LOG_INFO, ws->connection->log, NGX_ETIMEDOUT,
                      "chatdesk: client did not finish a message in time, "
                      "closing with %d", CD_CLOSE_POLICY);
        ngx_http_chatdesk_ws_close(ws, CD_CLOSE_POLICY);
        return;
    }

    if (ws->ping_out) {
        if (ngx_http_chatdesk_ws_is_due(ws->pinged, conf->heartbeat_timeout)) {
            ngx_http_chatdesk_ws_clock_late(ws, "does not answer a ping");
        }
        return;
    }

    if (ngx_http_chatdesk_ws_is_due(ws->heard, conf->heartbeat)) {
        ws->ping_out = 1;
        ws->pinged = (uint32_t) ngx_current_msec;

        if (ngx_http_chatdesk_ws_control(ws, NGX_HTTP_CHATDESK_WS_PING,
                                         (u_char *) "", 0)
            != NGX_OK)
        {
            ngx_http_chatdesk_ws_kill(ws, CD_CLOSE_INTERNAL);
        }
    }
}
