/*
 * Sessions on WebSockets: the first of the two transports.
 *
 * Purpose:    the content handler of chatdesk_socket, and what a session
 *             does with its socket.
 * Owner:      the connection owns the socket; the session ends when the
 *             socket tells of its close.
 * Invariants: a session of an upgrade that was refused was never told of;
 *             see ngx_http_chatdesk_ws.h for the calls of a socket.
 */

#include "ngx_http_chatdesk_census.h"
#include "ngx_http_chatdesk_log.h"
#include "ngx_http_chatdesk_metrics.h"
#include "ngx_http_chatdesk_origin.h"
#include "ngx_http_chatdesk_session_state.h"
#include "ngx_http_chatdesk_socket.h"


static void ngx_http_chatdesk_socket_open(ngx_http_chatdesk_ws_t *ws,
    void *data);
static void ngx_http_chatdesk_socket_text(ngx_http_chatdesk_ws_t *ws,
    void *data, u_char *text, size_t len);
static void ngx_http_chatdesk_socket_closed(ngx_http_chatdesk_ws_t *ws,
    void *data, ngx_uint_t code);
static void ngx_http_chatdesk_socket_move(ngx_http_chatdesk_ws_t *ws,
    void *data);
static ngx_int_t ngx_http_chatdesk_socket_send(
    ngx_http_chatdesk_session_t *session, ngx_http_chatdesk_buf_t *buf);
static void ngx_http_chatdesk_socket_close(
    ngx_http_chatdesk_session_t *session, ngx_uint_t code);
static void ngx_http_chatdesk_socket_refuse(
    ngx_http_chatdesk_session_t *session,
    ngx_http_chatdesk_refusal_t *refusal);
static ngx_int_t ngx_http_chatdesk_socket_opened(
    ngx_http_chatdesk_session_t *session, ngx_str_t *conv);


/* a hello that comes with the handshake */

static const ngx_http_chatdesk_ws_first_t  ngx_http_chatdesk_socket_first = {
    .protocol = ngx_string(NGX_HTTP_CHATDESK_PROTOCOL ".hello"),
    .prefix = ngx_string("hello.")
};

static const ngx_http_chatdesk_ws_ops_t  ngx_http_chatdesk_socket_ops = {
    .first = &ngx_http_chatdesk_socket_first,
    .open = ngx_http_chatdesk_socket_open,
    .text = ngx_http_chatdesk_socket_text,
    .close = ngx_http_chatdesk_socket_closed,
    .move = ngx_http_chatdesk_socket_move
};

static const ngx_http_chatdesk_transport_t  ngx_http_chatdesk_socket = {
    .send = ngx_http_chatdesk_socket_send,
    .close = ngx_http_chatdesk_socket_close,
    .refuse = ngx_http_chatdesk_socket_refuse,
    .opened = ngx_http_chatdesk_socket_opened
};


ngx_int_t
ngx_http_chatdesk_socket_handler(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_http_chatdesk_desk_t      *desk;
    ngx_http_chatdesk_session_t   *session;
    ngx_http_chatdesk_loc_conf_t  *lcf;

    static ngx_str_t  protocol = ngx_string(NGX_HTTP_CHATDESK_PROTOCOL);

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_chatdesk_module);

    if (!ngx_http_chatdesk_origin_allowed(r, lcf->origins)) {
        rc = NGX_HTTP_FORBIDDEN;
        goto refused;
    }

    rc = ngx_http_chatdesk_desk_of(r, &desk);
    if (rc != NGX_OK) {
        goto refused;
    }

    session = ngx_http_chatdesk_session_create(lcf, desk, r->connection->log);
    if (session == NULL) {
        rc = NGX_HTTP_SERVICE_UNAVAILABLE;
        goto refused;
    }

    session->agent = (lcf->use == NGX_HTTP_CHATDESK_AGENT);
    session->transport = &ngx_http_chatdesk_socket;
    session->crowded = (ngx_http_chatdesk_census_address(session,
                                              r->connection->sockaddr)
                        == NGX_BUSY);

    rc = ngx_http_chatdesk_ws_upgrade(r, &lcf->ws, &protocol,
                                      &ngx_http_chatdesk_socket_ops, session);
    if (rc == NGX_DONE) {
        ngx_http_chatdesk_log_request(r);
        return NGX_DONE;
    }

    ngx_http_chatdesk_session_free(session);

refused:

    ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_REFUSED, 1);

    return rc;
}


/* -- the socket's calls -- */

static void
ngx_http_chatdesk_socket_open(ngx_http_chatdesk_ws_t *ws, void *data)
{
    ngx_http_chatdesk_session_t  *session = data;

    session->peer = ws;
    session->log = ngx_http_chatdesk_ws_log(ws);

    ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_ACCEPTED, 1);
    ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_SESSIONS, 1);

    /* a handshake that is refused tells a page nothing: it is told why */

    if (session->crowded) {
        ngx_http_chatdesk_hello_refuse(session, CD_E_RATE_LIMITED,
                                       CD_LIMIT_CENSUS_RETRY_MS);
        return;
    }

    if (ngx_http_chatdesk_hello_wait(session) != NGX_OK) {
        ngx_http_chatdesk_session_close(session, CD_CLOSE_INTERNAL);
    }
}


static void
ngx_http_chatdesk_socket_text(ngx_http_chatdesk_ws_t *ws, void *data,
    u_char *text, size_t len)
{
    (void) ws;

    ngx_http_chatdesk_session_text(data, text, len);
}


static void
ngx_http_chatdesk_socket_closed(ngx_http_chatdesk_ws_t *ws, void *data,
    ngx_uint_t code)
{
    ngx_http_chatdesk_session_t  *session = data;

    if (session->peer != NULL) {
        ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_SESSIONS, -1);
    }

    ngx_log_error(NGX_LOG_INFO, ngx_http_chatdesk_ws_log(ws), 0,
                  "chatdesk: session %*s of desk \"%V\" closed with %ui",
                  (size_t) NGX_HTTP_CHATDESK_ID_LEN, session->id,
                  &session->desk->name, code);

    ngx_http_chatdesk_log_session(session, ws, code);
    ngx_http_chatdesk_session_free(session);
}


/* The nginx worker exits and this session's turn has come: what it asked for
   is answered, what it asks from now on is left to its next connection. */

static void
ngx_http_chatdesk_socket_move(ngx_http_chatdesk_ws_t *ws, void *data)
{
    ngx_http_chatdesk_session_t  *session = data;

    (void) ws;

    session->moving = 1;

    if (session->pending == 0) {
        ngx_http_chatdesk_session_close(session, CD_CLOSE_RESTART);
    }
}


/* -- the session's calls -- */

static ngx_int_t
ngx_http_chatdesk_socket_send(ngx_http_chatdesk_session_t *session,
    ngx_http_chatdesk_buf_t *buf)
{
    return ngx_http_chatdesk_ws_send(session->peer, buf);
}


static void
ngx_http_chatdesk_socket_close(ngx_http_chatdesk_session_t *session,
    ngx_uint_t code)
{
    ngx_http_chatdesk_ws_close(session->peer, code);
}


static void
ngx_http_chatdesk_socket_refuse(ngx_http_chatdesk_session_t *session,
    ngx_http_chatdesk_refusal_t *refusal)
{
    ngx_uint_t  code;

    code = (refusal->error == CD_E_UNAUTHORIZED) ? CD_CLOSE_SIGNED_OUT
           : (refusal->error == CD_E_INTERNAL) ? CD_CLOSE_INTERNAL
           : CD_CLOSE_TRY_LATER;

    ngx_http_chatdesk_session_refuse(session, NULL, refusal);
    ngx_http_chatdesk_session_close(session, code);
}


static ngx_int_t
ngx_http_chatdesk_socket_opened(ngx_http_chatdesk_session_t *session,
    ngx_str_t *conv)
{
    if (ngx_http_chatdesk_hello_follow(session, conv) != NGX_OK) {
        return NGX_ERROR;
    }

    return session->agent ? ngx_http_chatdesk_check_start(session) : NGX_OK;
}
