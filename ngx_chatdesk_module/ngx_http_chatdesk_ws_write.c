/*
 * Writing a WebSocket.
 *
 * Purpose:    a queue of references to shared frames, written once in a turn
 *             of the event loop.
 * Owner:      a socket owns its links, and with each a reference to a frame;
 *             the nginx worker has a budget for all frames.
 * Invariants: `queued` is what the links still have to send; the first
 *             `out_sent` bytes of the first frame are sent; a frame of which
 *             a byte has been sent is sent to its end; only bytes that the
 *             peer took count as progress.
 */

#include "ngx_http_chatdesk_ws_private.h"


/* frames in one call, as many as nginx puts into one writev() */
#define NGX_HTTP_CHATDESK_WS_BATCH  64

/* bytes that the kernel may hold without having sent them */
#define NGX_HTTP_CHATDESK_WS_UNSENT  65536


static size_t  ngx_http_chatdesk_ws_most;


void
ngx_http_chatdesk_ws_budget(size_t bytes)
{
    ngx_http_chatdesk_ws_most = bytes;
}


/* Whether another frame of this size is too much for what waits already. */

static ngx_uint_t
ngx_http_chatdesk_ws_over(ngx_http_chatdesk_ws_t *ws, size_t size)
{
    if (ws->queued == 0) {
        return 0;
    }

    return ws->queued + size > ws->conf->send_queue
           || (ngx_http_chatdesk_ws_most != 0
               && ngx_http_chatdesk_buf_total() > ngx_http_chatdesk_ws_most);
}


/* Whether the frame is over a bound, after what can go has gone: one turn of
   the event loop may bring more than the bound to a reader that keeps up. */

static ngx_uint_t
ngx_http_chatdesk_ws_full(ngx_http_chatdesk_ws_t *ws, size_t size)
{
    if (!ngx_http_chatdesk_ws_over(ws, size)) {
        return 0;
    }

    if (ngx_http_chatdesk_ws_flush(ws) == NGX_ERROR) {
        ngx_http_chatdesk_ws_kill(ws, NGX_HTTP_CHATDESK_WS_ABNORMAL);
    }

    return ngx_http_chatdesk_ws_over(ws, size);
}


ngx_int_t
ngx_http_chatdesk_ws_send(ngx_http_chatdesk_ws_t *ws,
    ngx_http_chatdesk_buf_t *buf)
{
    size_t      len;
    ngx_uint_t  full;

    if (ws->state != NGX_HTTP_CHATDESK_WS_OPEN) {
        return NGX_DECLINED;
    }

    len = buf->last - buf->payload;
    buf = ngx_http_chatdesk_ws_pack(buf, ws->window, ws->connection->log);
    full = ngx_http_chatdesk_ws_full(ws, buf->last - buf->pos);

    if (ws->state != NGX_HTTP_CHATDESK_WS_OPEN) {
        return NGX_DECLINED;
    }

    if (full) {
        ngx_log_error(NGX_LOG_INFO, ws->connection->log, 0,
                      "chatdesk: client reads too slowly, %uz bytes wait, "
                      "%uz are allowed; all frames take %uz; closing with %d",
                      (size_t) ws->queued, ws->conf->send_queue,
                      ngx_http_chatdesk_buf_total(), CD_CLOSE_TRY_LATER);

        ngx_http_chatdesk_ws_cut(ws);
        ngx_http_chatdesk_ws_close(ws, CD_CLOSE_TRY_LATER);
        return NGX_BUSY;
    }

    if (ngx_http_chatdesk_ws_queue(ws, buf) != NGX_OK) {
        ngx_http_chatdesk_ws_kill(ws, CD_CLOSE_INTERNAL);
        return NGX_DECLINED;
    }

    ws->stats.frames_out++;
    ws->stats.bytes_out += len;

    return NGX_OK;
}


ngx_int_t
ngx_http_chatdesk_ws_queue(ngx_http_chatdesk_ws_t *ws,
    ngx_http_chatdesk_buf_t *buf)
{
    ngx_http_chatdesk_ws_link_t  *link;

    link = ngx_alloc(sizeof(ngx_http_chatdesk_ws_link_t),
                     ws->connection->log);
    if (link == NULL) {
        return NGX_ERROR;
    }

    link->next = NULL;
    link->buf = ngx_http_chatdesk_buf_share(buf);

    *ws->out_last = link;
    ws->out_last = &link->next;
    ws->queued += buf->last - buf->pos;
    ws->held = 0;

    ngx_http_chatdesk_ws_wake(ws);

    return NGX_OK;
}


ngx_int_t
ngx_http_chatdesk_ws_control(ngx_http_chatdesk_ws_t *ws, ngx_uint_t opcode,
    u_char *payload, size_t len)
{
    ngx_int_t                 rc;
    ngx_http_chatdesk_buf_t  *buf;

    buf = ngx_http_chatdesk_buf_create(len, ws->connection->log);
    if (buf == NULL) {
        return NGX_ERROR;
    }

    buf->last = ngx_cpymem(buf->payload, payload, len);
    ngx_http_chatdesk_buf_seal(buf, opcode);

    rc = ngx_http_chatdesk_ws_queue(ws, buf);
    ngx_http_chatdesk_buf_release(&buf);

    return rc;
}


static const char *
ngx_http_chatdesk_ws_reason(ngx_uint_t code)
{
    switch (code) {
#define CD_CLOSE(id, number, reason, doc)  case number: return reason;
#include "tbl/closes.h"
#undef CD_CLOSE
    default:
        return "";
    }
}


ngx_int_t
ngx_http_chatdesk_ws_close_frame(ngx_http_chatdesk_ws_t *ws, ngx_uint_t code)
{
    u_char      *last;
    u_char       payload[NGX_HTTP_CHATDESK_WS_CONTROL];
    const char  *reason;

    last = payload;

    if (code != NGX_HTTP_CHATDESK_WS_NO_STATUS) {
        reason = ngx_http_chatdesk_ws_reason(code);

        *last++ = (u_char) (code >> 8);
        *last++ = (u_char) code;
        last = ngx_cpymem(last, reason, ngx_strlen(reason));
    }

    return ngx_http_chatdesk_ws_control(ws, NGX_HTTP_CHATDESK_WS_CLOSE,
                                        payload, last - payload);
}


void
ngx_http_chatdesk_ws_cut(ngx_http_chatdesk_ws_t *ws)
{
    ngx_http_chatdesk_ws_link_t  *link, *next;

    ws->out_last = &ws->out;

    if (ws->out != NULL && ws->out_sent > 0) {
        ws->out_last = &ws->out->next;
    }

    for (link = *ws->out_last; link; link = next) {
        next = link->next;
        ws->queued -= link->buf->last - link->buf->pos;

        ngx_http_chatdesk_buf_release(&link->buf);
        ngx_free(link);
    }

    *ws->out_last = NULL;
}


void
ngx_http_chatdesk_ws_out_free(ngx_http_chatdesk_ws_t *ws)
{
    ws->out_sent = 0;
    ngx_http_chatdesk_ws_cut(ws);
    ws->queued = 0;
}


/* Takes `sent` bytes off the front of the queue. */

static void
ngx_http_chatdesk_ws_sent(ngx_http_chatdesk_ws_t *ws, size_t sent)
{
    size_t                        rest;
    ngx_http_chatdesk_ws_link_t  *link;

    ws->queued -= sent;

    while ((link = ws->out) != NULL) {
        rest = link->buf->last - link->buf->pos - ws->out_sent;

        if (sent < rest) {
            ws->out_sent += sent;
            return;
        }

        sent -= rest;
        ws->out_sent = 0;
        ws->out = link->next;

        ngx_http_chatdesk_buf_release(&link->buf);
        ngx_free(link);
    }

    ws->out_last = &ws->out;
}


/*
 * Keeps the kernel from taking megabytes for a peer that reads slowly: it
 * would hold them beside our queue, and would say that the socket can be
 * written again only when a third of them has gone, which looks as if the
 * peer made no progress.  Before all that was ever sent is as much as the
 * bound, there is nothing to set, and most sockets never send that.
 */

static void
ngx_http_chatdesk_ws_limit_unsent(ngx_http_chatdesk_ws_t *ws)
{
#if (defined TCP_NOTSENT_LOWAT)
    int                bytes = NGX_HTTP_CHATDESK_WS_UNSENT;
    ngx_connection_t  *c = ws->connection;

    if (ws->limited || c->sent + ws->queued < bytes) {
        return;
    }

    ws->limited = 1;

    if (c->sockaddr->sa_family != AF_UNIX
        && setsockopt(c->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT,
                      (const void *) &bytes, sizeof(int)) == -1)
    {
        ngx_connection_error(c, ngx_socket_errno,
                             "setsockopt(TCP_NOTSENT_LOWAT) failed");
    }
#endif
}


/*
 * Nagle's algorithm holds a small write back until all before it has been
 * acknowledged, so it has to be off.  But with the first frame there is
 * nothing to turn off: it answers one of the client's, which has acknowledged
 * the 101; and many sockets get no second one.
 */

static void
ngx_http_chatdesk_ws_no_delay(ngx_http_chatdesk_ws_t *ws)
{
    if (ws->wrote) {
        (void) ngx_tcp_nodelay(ws->connection);
    }

    ws->wrote = 1;
}


/* One call of send_chain(); with TLS it may also empty TLS's own buffer.
   NGX_OK: the batch is gone. */

static ngx_int_t
ngx_http_chatdesk_ws_write_batch(ngx_http_chatdesk_ws_t *ws)
{
    off_t                         before;
    size_t                        sent;
    ngx_uint_t                    i, n;
    ngx_buf_t                     bufs[NGX_HTTP_CHATDESK_WS_BATCH];
    ngx_chain_t                   chain[NGX_HTTP_CHATDESK_WS_BATCH];
    ngx_chain_t                  *rest;
    ngx_connection_t             *c;
    ngx_http_chatdesk_ws_link_t  *link;

    c = ws->connection;
    n = 0;

    for (link = ws->out; link && n < NGX_HTTP_CHATDESK_WS_BATCH;
         link = link->next)
    {
        ngx_memzero(&bufs[n], sizeof(ngx_buf_t));
        bufs[n].start = link->buf->pos;
        bufs[n].pos = link->buf->pos + (n == 0 ? ws->out_sent : 0);
        bufs[n].last = link->buf->last;
        bufs[n].memory = 1;

        chain[n].buf = &bufs[n];
        chain[n].next = NULL;

        if (n > 0) {
            chain[n - 1].next = &chain[n];
        }

        n++;
    }

    if (n > 0) {
        bufs[n - 1].flush = 1;
    }

    ngx_http_chatdesk_ws_no_delay(ws);
    ngx_http_chatdesk_ws_limit_unsent(ws);
    before = c->sent;
    rest = c->send_chain(c, n > 0 ? chain : NULL, 0);

    if (rest == NGX_CHAIN_ERROR) {
        return NGX_ERROR;
    }

    if (c->sent != before) {
        ws->progress = (uint32_t) ngx_current_msec;
    }

    sent = 0;

    for (i = 0; i < n; i++) {
        sent += bufs[i].pos - bufs[i].start;
    }

    ngx_http_chatdesk_ws_sent(ws, sent - ws->out_sent);

    return rest == NULL && !c->buffered ? NGX_OK : NGX_AGAIN;
}


ngx_int_t
ngx_http_chatdesk_ws_flush(ngx_http_chatdesk_ws_t *ws)
{
    ngx_int_t          rc;
    ngx_connection_t  *c;

    c = ws->connection;
    rc = NGX_OK;

    while (rc == NGX_OK && (ws->out != NULL || c->buffered)) {

        if (!c->write->ready) {
            rc = NGX_AGAIN;
            break;
        }

        rc = ngx_http_chatdesk_ws_write_batch(ws);
    }

    if (rc == NGX_OK) {
        ws->stalled = 0;

#if (NGX_SSL)
        if (c->ssl) {
            ngx_ssl_free_buffer(c);
        }
#endif

    } else if (rc == NGX_AGAIN && !ws->stalled) {
        ws->stalled = 1;
        ws->progress = (uint32_t) ngx_current_msec;
        ngx_http_chatdesk_ws_clock_set(ws);
    }

    if (rc != NGX_ERROR && ngx_handle_write_event(c->write, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    return rc;
}


void
ngx_http_chatdesk_ws_write_handler(ngx_event_t *wev)
{
    ngx_connection_t  *c;

    c = wev->data;

    ngx_http_chatdesk_ws_wake(c->data);
}
