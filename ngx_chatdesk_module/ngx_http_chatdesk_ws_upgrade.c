/*
 * From a request to a WebSocket.
 *
 * Purpose:    the upgrade, the way of the 101 to the peer, and detaching the
 *             connection from its request.
 * Owner:      until it is detached the request owns the connection and, when
 *             it ends, tells the socket so; then the socket owns it, and a
 *             request that is kept (detach is 0) as well.
 * Invariants: the request is only freed from the event loop, when nothing of
 *             its answer is left; no memory of it is used afterwards.
 */

#include "ngx_http_chatdesk_cells.h"
#include "ngx_http_chatdesk_ws_private.h"


static ngx_http_chatdesk_cells_t  ngx_http_chatdesk_ws_cells =
    ngx_http_chatdesk_cells(ngx_http_chatdesk_ws_t);

static ngx_http_chatdesk_ws_t *ngx_http_chatdesk_ws_create(
    ngx_http_request_t *r, ngx_http_chatdesk_ws_conf_t *conf);
static ngx_int_t ngx_http_chatdesk_ws_prepare(ngx_http_chatdesk_ws_t *ws,
    ngx_str_t *extension, ngx_str_t *first);
static void ngx_http_chatdesk_ws_free(void *data);
static void ngx_http_chatdesk_ws_request_gone(void *data);
static void ngx_http_chatdesk_ws_handshake_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_chatdesk_ws_handshake_begin(
    ngx_http_chatdesk_ws_t *ws);
static ngx_int_t ngx_http_chatdesk_ws_handshake_drain(ngx_http_request_t *r);
static void ngx_http_chatdesk_ws_take_over(ngx_http_chatdesk_ws_t *ws);
static void ngx_http_chatdesk_ws_free_headers(ngx_connection_t *c,
    ngx_http_connection_t *hc);


ngx_int_t
ngx_http_chatdesk_ws_upgrade(ngx_http_request_t *r,
    ngx_http_chatdesk_ws_conf_t *conf, ngx_str_t *protocol,
    const ngx_http_chatdesk_ws_ops_t *ops, void *data)
{
    u_char                   value[NGX_HTTP_CHATDESK_WS_ACCEPT];
    ngx_int_t                rc;
    ngx_str_t                accept, extension, first;
    ngx_http_chatdesk_ws_t  *ws;

    rc = ngx_http_chatdesk_ws_handshake_check(r, protocol, value);
    if (rc != NGX_OK) {
        return rc;
    }

    accept.len = sizeof(value);
    accept.data = ngx_pnalloc(r->pool, sizeof(value));
    ws = ngx_http_chatdesk_ws_create(r, conf);

    if (accept.data == NULL || ws == NULL) {
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    ngx_memcpy(accept.data, value, sizeof(value));

    ws->ops = ops;
    ws->data = data;

    rc = ngx_http_chatdesk_ws_prepare(ws, &extension, &first);
    if (rc != NGX_OK) {
        return rc;
    }

    if (ws->first) {
        protocol = &first;
    }

    if (ngx_http_chatdesk_ws_handshake_answer(r, protocol, &extension,
                                              &accept)
        == NGX_ERROR)
    {
        return NGX_ERROR;
    }

    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_chatdesk_ws_handshake_handler;

    rc = ngx_http_chatdesk_ws_handshake_begin(ws);
    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_OK) {
        ngx_http_chatdesk_ws_wake(ws);
    }

    ws->upgraded = 1;
    r->main->count++;

    return NGX_DONE;
}


/* What is agreed on beside the protocol; NGX_OK, or a status. */

static ngx_int_t
ngx_http_chatdesk_ws_prepare(ngx_http_chatdesk_ws_t *ws, ngx_str_t *extension,
    ngx_str_t *first)
{
    size_t                       len;
    u_char                       text[NGX_HTTP_CHATDESK_WS_FIRST];
    ngx_int_t                    rc;
    ngx_http_chatdesk_ws_pack_e  window;

    rc = ngx_http_chatdesk_ws_handshake_offer(ws->request, extension,
                                              &window);
    if (rc != NGX_OK) {
        return rc;
    }

    if (ws->conf->deflate) {
        ws->window = window;

    } else {
        ngx_str_null(extension);
    }

    if (ws->ops->first != NULL) {
        len = ngx_http_chatdesk_ws_handshake_first(ws->request, ws->ops->first,
                                                   text);
        ws->first = (len != 0 && len <= ws->conf->max_message);
        *first = ws->ops->first->protocol;
    }

    return NGX_OK;
}


static ngx_http_chatdesk_ws_t *
ngx_http_chatdesk_ws_create(ngx_http_request_t *r,
    ngx_http_chatdesk_ws_conf_t *conf)
{
    ngx_connection_t        *c;
    ngx_pool_cleanup_t      *last;
    ngx_http_cleanup_t      *cln;
    ngx_http_chatdesk_ws_t  *ws;

    c = r->connection;

    /* it lives as long as the connection's pool, but beside it: there it
       would take a whole second block */

    last = ngx_pool_cleanup_add(c->pool, 0);
    ws = ngx_http_chatdesk_cell_get(&ngx_http_chatdesk_ws_cells, c->log);

    if (last == NULL || ws == NULL) {
        ngx_http_chatdesk_cell_free(&ngx_http_chatdesk_ws_cells, ws);
        return NULL;
    }

    last->handler = ngx_http_chatdesk_ws_free;
    last->data = ws;

    ws->connection = c;
    ws->request = r;
    ws->conf = conf;
    ws->out_last = &ws->out;
    ws->code = NGX_HTTP_CHATDESK_WS_ABNORMAL;
    ws->state = NGX_HTTP_CHATDESK_WS_HANDSHAKE;

    /* the request's end takes it back where realip has set it */

    ws->address = ngx_palloc(c->pool, sizeof(ngx_str_t));
    if (ws->address == NULL) {
        return NULL;
    }

    ws->address->len = c->addr_text.len;
    ws->address->data = ngx_pstrdup(c->pool, &c->addr_text);
    if (ws->address->data == NULL) {
        return NULL;
    }

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_chatdesk_ws_request_gone;
    cln->data = ws;

    return ws;
}


static void
ngx_http_chatdesk_ws_free(void *data)
{
    ngx_http_chatdesk_cell_free(&ngx_http_chatdesk_ws_cells, data);
}


/* nginx ends the request, and with it the connection, before the 101 was
   written: the struct is about to be freed. */

static void
ngx_http_chatdesk_ws_request_gone(void *data)
{
    ngx_http_chatdesk_ws_t  *ws = data;

    if (ws->request == NULL) {
        return;
    }

    ws->request = NULL;

    if (ws->listed) {
        ngx_queue_remove(&ws->work);
        ws->listed = 0;
    }

    ngx_http_chatdesk_ws_set_state(ws, NGX_HTTP_CHATDESK_WS_DEAD);

    if (ws->upgraded) {
        ngx_http_chatdesk_ws_report(ws);
    }
}


/* The peer did not take the whole 101 at once. */

static void
ngx_http_chatdesk_ws_handshake_handler(ngx_http_request_t *r)
{
    ngx_int_t                rc;
    ngx_http_chatdesk_ws_t  *ws;

    if (r->connection->write->timedout) {
        r->connection->timedout = 1;
        ngx_http_finalize_request(r, NGX_HTTP_REQUEST_TIME_OUT);
        return;
    }

    rc = ngx_http_chatdesk_ws_handshake_drain(r);

    if (rc == NGX_ERROR) {
        ngx_http_finalize_request(r, NGX_ERROR);
        return;
    }

    if (rc == NGX_AGAIN) {
        return;
    }

    ws = ngx_http_chatdesk_ws_of(r);

    if (ws != NULL) {
        ngx_http_chatdesk_ws_wake(ws);
    }
}


ngx_http_chatdesk_ws_t *
ngx_http_chatdesk_ws_of(ngx_http_request_t *r)
{
    ngx_http_cleanup_t  *cln;

    for (cln = r->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_http_chatdesk_ws_request_gone) {
            return cln->data;
        }
    }

    return NULL;
}


/* Sends the 101 on its way, unless it is to go with the first frame: NGX_OK,
   NGX_AGAIN when the peer did not take all of it, NGX_ERROR. */

static ngx_int_t
ngx_http_chatdesk_ws_handshake_begin(ngx_http_chatdesk_ws_t *ws)
{
    if (ws->first) {
        return NGX_OK;
    }

    if (ngx_http_send_special(ws->request, NGX_HTTP_FLUSH) == NGX_ERROR) {
        return NGX_ERROR;
    }

    return ngx_http_chatdesk_ws_handshake_drain(ws->request);
}


static ngx_int_t
ngx_http_chatdesk_ws_handshake_drain(ngx_http_request_t *r)
{
    ngx_event_t               *wev;
    ngx_http_core_loc_conf_t  *clcf;

    wev = r->connection->write;

    if (ngx_http_output_filter(r, NULL) == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (r->out == NULL && !r->connection->buffered) {
        if (wev->timer_set) {
            ngx_del_timer(wev);
        }

        return NGX_OK;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (!wev->delayed) {
        ngx_add_timer(wev, clcf->send_timeout);
    }

    if (ngx_handle_write_event(wev, clcf->send_lowat) != NGX_OK) {
        return NGX_ERROR;
    }

    return NGX_AGAIN;
}


/* The 101, as far as nginx still has it, becomes the first of what the socket
   has to write.  NGX_OK, NGX_ERROR: no memory. */

static ngx_int_t
ngx_http_chatdesk_ws_keep_answer(ngx_http_chatdesk_ws_t *ws)
{
    size_t                    size;
    ngx_int_t                 rc;
    ngx_chain_t              *cl;
    ngx_http_request_t       *r;
    ngx_http_chatdesk_buf_t  *buf;

    r = ws->request;
    size = 0;

    for (cl = r->out; cl; cl = cl->next) {
        size += cl->buf->last - cl->buf->pos;
    }

    if (size == 0) {
        return NGX_OK;
    }

    buf = ngx_http_chatdesk_buf_create(size, ws->connection->log);
    if (buf == NULL) {
        return NGX_ERROR;
    }

    for (cl = r->out; cl; cl = cl->next) {
        buf->last = ngx_cpymem(buf->last, cl->buf->pos,
                               cl->buf->last - cl->buf->pos);
    }

    r->out = NULL;
    ws->connection->buffered &= ~NGX_HTTP_WRITE_BUFFERED;

    rc = ngx_http_chatdesk_ws_queue(ws, buf);
    ngx_http_chatdesk_buf_release(&buf);

    ws->held = (rc == NGX_OK);

    return rc;
}


/* What came with the handshake, as if it had come behind it. */

static void
ngx_http_chatdesk_ws_take_first(ngx_http_chatdesk_ws_t *ws, u_char *text,
    size_t len)
{
    if (ws->state != NGX_HTTP_CHATDESK_WS_OPEN) {
        return;
    }

    ws->stats.frames_in++;
    ws->stats.bytes_in += len;
    ws->ops->text(ws, ws->data, text, len);
}


/*
 * Gives the request's memory back, unless it shall stay to the end, and makes
 * the connection ours, as ngx_http_set_keepalive() does.  Runs from the event
 * loop only: nginx's request handlers read c->data as a request.
 */

void
ngx_http_chatdesk_ws_detach(ngx_http_chatdesk_ws_t *ws)
{
    size_t                  len;
    u_char                  first[NGX_HTTP_CHATDESK_WS_FIRST];
    ngx_buf_t              *rest;
    ngx_connection_t       *c;
    ngx_http_request_t     *r;
    ngx_http_connection_t  *hc;

    c = ws->connection;
    r = ws->request;
    hc = r->http_connection;
    rest = r->header_in;
    len = 0;

    if (ws->first) {
        len = ngx_http_chatdesk_ws_handshake_first(r, ws->ops->first, first);

        if (ngx_http_chatdesk_ws_keep_answer(ws) != NGX_OK) {
            ngx_http_chatdesk_ws_kill(ws, CD_CLOSE_INTERNAL);
            return;
        }
    }

    if (ws->conf->detach) {
        ws->request = NULL;
        ngx_http_free_request(r, 0);
    }

    ngx_http_chatdesk_ws_take_over(ws);

    ngx_http_chatdesk_ws_set_state(ws, NGX_HTTP_CHATDESK_WS_OPEN);
    ws->heard = (uint32_t) ngx_current_msec;
    ws->stats.opened = ngx_current_msec;
    ngx_http_chatdesk_ws_clock_set(ws);

    ws->ops->open(ws, ws->data);

    if (ngx_exiting) {
        ngx_http_chatdesk_ws_clock_pin();
        ngx_http_chatdesk_ws_close(ws, CD_CLOSE_RESTART);
    }

    if (ws->first) {
        ngx_http_chatdesk_ws_take_first(ws, first, len);
    }

    /* what came in one segment with the handshake */

    if (rest->pos < rest->last) {
        ngx_http_chatdesk_ws_feed(ws, rest->pos, rest->last);
    }

    if (ws->request == NULL) {
        ngx_http_chatdesk_ws_free_headers(c, hc);
    }

    /* what came since was not read; its event may be past */

    if (c->read->ready || c->close) {
        ngx_http_chatdesk_ws_read_handler(c->read);

    } else if (ngx_handle_read_event(c->read, 0) != NGX_OK) {
        ngx_http_chatdesk_ws_kill(ws, NGX_HTTP_CHATDESK_WS_ABNORMAL);
    }
}


static void
ngx_http_chatdesk_ws_take_over(ngx_http_chatdesk_ws_t *ws)
{
    ngx_connection_t  *c;

    c = ws->connection;

    c->data = ws;
    c->destroyed = 0;
    c->idle = 1;
    c->log->action = "serving a websocket";

    c->read->handler = ngx_http_chatdesk_ws_read_handler;
    c->write->handler = ngx_http_chatdesk_ws_write_handler;
    c->write->delayed = 0;

    if (c->read->timer_set) {
        ngx_del_timer(c->read);
    }

    if (c->write->timer_set) {
        ngx_del_timer(c->write);
    }

#if (NGX_SSL)
    if (c->ssl) {
        /* the request's handlers must not come back */
        c->ssl->saved_read_handler = NULL;
        c->ssl->saved_write_handler = NULL;
        ngx_ssl_free_buffer(c);
    }
#endif

    if (c->tcp_nopush == NGX_TCP_NOPUSH_SET) {
        if (ngx_tcp_push(c->fd) == -1) {
            ngx_connection_error(c, ngx_socket_errno,
                                 ngx_tcp_push_n " failed");
        }

        c->tcp_nopush = NGX_TCP_NOPUSH_UNSET;
    }
}


static void
ngx_http_chatdesk_ws_free_headers(ngx_connection_t *c,
    ngx_http_connection_t *hc)
{
    ngx_uint_t     i;
    ngx_buf_t     *b;
    ngx_chain_t   *cl, *next;
    ngx_chain_t  **chains[2];

    b = c->buffer;

    if (b != NULL && ngx_pfree(c->pool, b->start) == NGX_OK) {
        b->start = NULL;
        b->pos = NULL;
        b->last = NULL;
        b->end = NULL;
    }

    chains[0] = &hc->free;
    chains[1] = &hc->busy;

    for (i = 0; i < 2; i++) {
        for (cl = *chains[i]; cl; cl = next) {
            next = cl->next;
            ngx_pfree(c->pool, cl->buf->start);
            ngx_free_chain(c->pool, cl);
        }

        *chains[i] = NULL;
    }

    hc->nbusy = 0;
}
