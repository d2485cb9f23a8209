/*
 * Reading a WebSocket.
 *
 * Purpose:    brings bytes to the parser and its events to the user.
 * Owner:      the nginx worker owns one buffer that all sockets read into
 *             and one parser; a socket has a parser of its own only while a
 *             message has begun and not ended.
 * Invariants: no socket reads more than NGX_HTTP_CHATDESK_WS_READS buffers in
 *             a turn of the event loop; after a close by either side no
 *             message is handed over.
 */

#include "ngx_http_chatdesk_ws_private.h"


/* a message of the longest length that chats allow fits with its header */
#define NGX_HTTP_CHATDESK_WS_BUFFER  (65536 + NGX_HTTP_CHATDESK_WS_HEAD)

#define NGX_HTTP_CHATDESK_WS_READS   16


static u_char  ngx_http_chatdesk_ws_buffer[NGX_HTTP_CHATDESK_WS_BUFFER];

/* of sockets that are between messages */

static ngx_http_chatdesk_ws_parser_t  ngx_http_chatdesk_ws_own_parser;


/* nginx wants the connection closed: at its graceful exit, or at once. */

static void
ngx_http_chatdesk_ws_asked_to_close(ngx_http_chatdesk_ws_t *ws)
{
    ngx_connection_t  *c;

    c = ws->connection;

    ngx_http_chatdesk_ws_clock_pin();

    if (c->error || ws->state == NGX_HTTP_CHATDESK_WS_LINGER) {
        ngx_http_chatdesk_ws_kill(ws, NGX_HTTP_CHATDESK_WS_ABNORMAL);
        ngx_http_chatdesk_ws_work_soon();

        if (c->error) {
            ngx_http_chatdesk_ws_drain_stop();
        }

        return;
    }

    /* the flag has been seen: until its turn comes the socket goes on */

    c->close = 0;

    if (ws->state == NGX_HTTP_CHATDESK_WS_OPEN) {
        ngx_http_chatdesk_ws_drain_add(ws);
    }
}


void
ngx_http_chatdesk_ws_read_handler(ngx_event_t *rev)
{
    ssize_t                  n;
    ngx_uint_t               reads;
    ngx_connection_t        *c;
    ngx_http_chatdesk_ws_t  *ws;

    c = rev->data;
    ws = c->data;

    if (c->close) {
        ngx_http_chatdesk_ws_asked_to_close(ws);
        return;
    }

    for (reads = 0; reads < NGX_HTTP_CHATDESK_WS_READS; reads++) {

        if (ws->state == NGX_HTTP_CHATDESK_WS_DEAD) {
            return;
        }

        if (ws->state == NGX_HTTP_CHATDESK_WS_ANSWERED) {
            break;
        }

        n = c->recv(c, ngx_http_chatdesk_ws_buffer,
                    NGX_HTTP_CHATDESK_WS_BUFFER);

        if (n == 0 || n == NGX_ERROR) {
            ngx_http_chatdesk_ws_kill(ws, NGX_HTTP_CHATDESK_WS_ABNORMAL);
            return;
        }

        if (n > 0) {
            ngx_http_chatdesk_ws_feed(ws, ngx_http_chatdesk_ws_buffer,
                                      ngx_http_chatdesk_ws_buffer + n);
        }

        if (n == NGX_AGAIN || !rev->ready) {
            break;
        }
    }

    if (reads == NGX_HTTP_CHATDESK_WS_READS) {
        ngx_post_event(rev, &ngx_posted_next_events);
        return;
    }

    if (ngx_handle_read_event(rev, 0) != NGX_OK) {
        ngx_http_chatdesk_ws_kill(ws, NGX_HTTP_CHATDESK_WS_ABNORMAL);
    }
}


/* A peer that pings faster than it reads gets no answer to some: section
   5.5.3 asks only for the last one. */

static void
ngx_http_chatdesk_ws_pong(ngx_http_chatdesk_ws_t *ws,
    ngx_http_chatdesk_ws_parser_t *parser)
{
    if (ws->state != NGX_HTTP_CHATDESK_WS_OPEN
        || ws->queued >= ws->conf->send_queue)
    {
        return;
    }

    if (ngx_http_chatdesk_ws_control(ws, NGX_HTTP_CHATDESK_WS_PONG,
                                     parser->data, parser->len)
        != NGX_OK)
    {
        ngx_http_chatdesk_ws_kill(ws, CD_CLOSE_INTERNAL);
    }
}


/* A whole message for the user of the socket. */

static void
ngx_http_chatdesk_ws_message(ngx_http_chatdesk_ws_t *ws,
    ngx_http_chatdesk_ws_parser_t *parser, ngx_uint_t text)
{
    size_t       len;
    u_char      *data;
    ngx_uint_t   code;

    if (ws->state != NGX_HTTP_CHATDESK_WS_OPEN) {
        return;
    }

    data = parser->data;
    len = parser->len;

    if (parser->packed) {
        code = ngx_http_chatdesk_ws_unpack(&data, &len, ws->conf->max_message,
                                           text);
        if (code != 0) {
            ngx_http_chatdesk_ws_fail(ws, code);
            return;
        }
    }

    ws->stats.frames_in++;
    ws->stats.bytes_in += len;

    if (text) {
        ws->ops->text(ws, ws->data, data, len);

    } else {
        ws->ops->binary(ws, ws->data, data, len);
    }
}


static void
ngx_http_chatdesk_ws_got(ngx_http_chatdesk_ws_t *ws,
    ngx_http_chatdesk_ws_parser_t *parser, ngx_http_chatdesk_ws_event_e event)
{
    switch (event) {

    case NGX_HTTP_CHATDESK_WS_TEXT:
        ngx_http_chatdesk_ws_message(ws, parser, 1);
        break;

    case NGX_HTTP_CHATDESK_WS_BINARY:
        ngx_http_chatdesk_ws_message(ws, parser, 0);
        break;

    case NGX_HTTP_CHATDESK_WS_PING:
        ngx_http_chatdesk_ws_pong(ws, parser);
        break;

    case NGX_HTTP_CHATDESK_WS_CLOSE:
        ngx_http_chatdesk_ws_peer_closed(ws, parser->code);
        break;

    case NGX_HTTP_CHATDESK_WS_FAIL:
        ngx_http_chatdesk_ws_fail(ws, parser->code);
        break;

    case NGX_HTTP_CHATDESK_WS_PONG:
    case NGX_HTTP_CHATDESK_WS_MORE:
        break;
    }
}


/* The socket's own parser, or that of the nginx worker, set up for it. */

static ngx_http_chatdesk_ws_parser_t *
ngx_http_chatdesk_ws_parser_get(ngx_http_chatdesk_ws_t *ws)
{
    ngx_http_chatdesk_ws_parser_t  *parser = &ngx_http_chatdesk_ws_own_parser;

    if (ws->parser != NULL) {
        return ws->parser;
    }

    ngx_http_chatdesk_ws_parser_init(parser, ws->conf->max_message,
                                     ws->conf->max_fragments,
                                     ws->ops != NULL
                                     && ws->ops->binary != NULL);

    if (ws->window != NGX_HTTP_CHATDESK_WS_PACK_NOT) {
        ngx_http_chatdesk_ws_parser_deflate(parser);
    }

    return parser;
}


/* What was read may end inside a message: then the socket gets a parser of
   its own, and else it needs none. */

static void
ngx_http_chatdesk_ws_parser_put(ngx_http_chatdesk_ws_t *ws,
    ngx_http_chatdesk_ws_parser_t *parser)
{
    if (!ngx_http_chatdesk_ws_parser_busy(parser)) {
        ngx_http_chatdesk_ws_parser_stop(parser);

        if (ws->parser != NULL) {
            ngx_free(ws->parser);
            ws->parser = NULL;
        }

        return;
    }

    if (ws->parser != NULL) {
        return;
    }

    ws->parser = ngx_alloc(sizeof(ngx_http_chatdesk_ws_parser_t),
                           ws->connection->log);
    if (ws->parser == NULL) {
        ngx_http_chatdesk_ws_parser_stop(parser);
        ngx_http_chatdesk_ws_kill(ws, CD_CLOSE_INTERNAL);
        return;
    }

    *ws->parser = *parser;
}


void
ngx_http_chatdesk_ws_parser_free(ngx_http_chatdesk_ws_t *ws)
{
    if (ws->parser != NULL) {
        ngx_http_chatdesk_ws_parser_stop(ws->parser);
        ngx_free(ws->parser);
        ws->parser = NULL;
    }
}


void
ngx_http_chatdesk_ws_feed(ngx_http_chatdesk_ws_t *ws, u_char *pos,
    u_char *end)
{
    ngx_uint_t                      busy;
    ngx_http_chatdesk_ws_event_e    event;
    ngx_http_chatdesk_ws_parser_t  *parser;

    parser = ngx_http_chatdesk_ws_parser_get(ws);
    ws->heard = (uint32_t) ngx_current_msec;

    if (ws->ping_out) {
        ws->ping_out = 0;
        ngx_http_chatdesk_ws_clock_set(ws);
    }

    while (ws->state == NGX_HTTP_CHATDESK_WS_OPEN
           || ws->state == NGX_HTTP_CHATDESK_WS_CLOSING)
    {
        event = ngx_http_chatdesk_ws_parser_next(parser, &pos, end);

        if (event == NGX_HTTP_CHATDESK_WS_MORE) {
            break;
        }

        ngx_http_chatdesk_ws_got(ws, parser, event);

        if (!ngx_http_chatdesk_ws_parser_busy(parser)) {
            ws->partial = 0;
        }
    }

    busy = ngx_http_chatdesk_ws_parser_busy(parser);
    ngx_http_chatdesk_ws_parser_put(ws, parser);

    if (!ws->partial && busy) {
        ws->partial = 1;
        ws->began = (uint32_t) ngx_current_msec;
        ngx_http_chatdesk_ws_clock_set(ws);
    }
}
