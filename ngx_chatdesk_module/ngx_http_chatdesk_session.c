/*
 * The life of a session, and what it does with its socket.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_session.h.
 *
 * A frame comes in here, is decoded, checked against the tables (direction,
 * role, rate class) and handed to the one function of its type.
 */

#include "ngx_http_chatdesk_log.h"
#include "ngx_http_chatdesk_metrics.h"
#include "ngx_http_chatdesk_origin.h"
#include "ngx_http_chatdesk_session_state.h"


/* size of the pool that frames are handled with, bytes */
#define NGX_HTTP_CHATDESK_SCRATCH  4096


static void ngx_http_chatdesk_session_open(ngx_http_chatdesk_ws_t *ws,
    void *data);
static void ngx_http_chatdesk_session_text(ngx_http_chatdesk_ws_t *ws,
    void *data, u_char *text, size_t len);
static void ngx_http_chatdesk_session_closed(ngx_http_chatdesk_ws_t *ws,
    void *data, ngx_uint_t code);
static void ngx_http_chatdesk_session_move(ngx_http_chatdesk_ws_t *ws,
    void *data);


static ngx_pool_t  *ngx_http_chatdesk_session_scratch;

static const ngx_http_chatdesk_ws_ops_t  ngx_http_chatdesk_session_ops = {
    .open = ngx_http_chatdesk_session_open,
    .text = ngx_http_chatdesk_session_text,
    .close = ngx_http_chatdesk_session_closed,
    .move = ngx_http_chatdesk_session_move
};

static const ngx_http_chatdesk_frame_pt
    ngx_http_chatdesk_frames[CD_FRAMES_MAX] =
{
    [CD_T_HELLO]      = ngx_http_chatdesk_hello_frame,
    [CD_T_START]      = ngx_http_chatdesk_frame_start,
    [CD_T_SEND]       = ngx_http_chatdesk_frame_send,
    [CD_T_TYPING_SET] = ngx_http_chatdesk_frame_typing,
    [CD_T_MARK_SET]   = ngx_http_chatdesk_frame_mark,
    [CD_T_END]        = ngx_http_chatdesk_frame_control,
    [CD_T_ACCEPT]     = ngx_http_chatdesk_frame_control,
    [CD_T_REJECT]     = ngx_http_chatdesk_frame_control,
    [CD_T_PRESENCE]   = ngx_http_chatdesk_frame_control,
    [CD_T_FOLLOW]     = ngx_http_chatdesk_frame_follow,
    [CD_T_UNFOLLOW]   = ngx_http_chatdesk_frame_unfollow,
    [CD_T_DISMISS]    = ngx_http_chatdesk_frame_control,
    [CD_T_PING]       = ngx_http_chatdesk_frame_ping
};


/* -- life -- */

static ngx_http_chatdesk_session_t *
ngx_http_chatdesk_session_create(ngx_http_chatdesk_loc_conf_t *conf,
    ngx_http_chatdesk_desk_t *desk, ngx_log_t *log)
{
    ngx_http_chatdesk_session_t  *session;

    session = ngx_calloc(sizeof(ngx_http_chatdesk_session_t), log);
    if (session == NULL) {
        return NULL;
    }

    session->conf = conf;
    session->desk = desk;
    session->state = NGX_HTTP_CHATDESK_NEW;
    session->agent = (conf->use == NGX_HTTP_CHATDESK_AGENT);
    ngx_queue_init(&session->followers);

    if (ngx_http_chatdesk_random_id(session->id) != NGX_OK
        || ngx_http_chatdesk_sessions_add(session, log) != NGX_OK)
    {
        ngx_free(session);
        return NULL;
    }

    return session;
}


/* Leaves feeds, desk and table; only the socket still knows the session. */

static void
ngx_http_chatdesk_session_leave(ngx_http_chatdesk_session_t *session)
{
    if (session->state == NGX_HTTP_CHATDESK_CLOSED) {
        return;
    }

    ngx_http_chatdesk_hello_free(session);
    ngx_http_chatdesk_check_stop(session);
    ngx_http_chatdesk_feed_unfollow_all(session);

    session->state = NGX_HTTP_CHATDESK_CLOSED;
    ngx_http_chatdesk_sessions_remove(session);

    if (session->online) {
        ngx_http_chatdesk_bye(session->desk, session->id);
    }

    if (session->entered) {
        ngx_http_chatdesk_desk_leave(session->desk);
    }
}


static void
ngx_http_chatdesk_session_free(ngx_http_chatdesk_session_t *session)
{
    ngx_http_chatdesk_session_leave(session);

    if (session->who.data != NULL) {
        ngx_free(session->who.data);
    }

    if (session->name.data != NULL) {
        ngx_free(session->name.data);
    }

    if (session->login.data != NULL) {
        ngx_free(session->login.data);
    }

    ngx_free(session);
}


void
ngx_http_chatdesk_session_close(ngx_http_chatdesk_session_t *session,
    ngx_uint_t code)
{
    if (session->state == NGX_HTTP_CHATDESK_CLOSED) {
        return;
    }

    ngx_http_chatdesk_session_leave(session);
    ngx_http_chatdesk_ws_close(session->ws, code);
}


ngx_int_t
ngx_http_chatdesk_session_keep(ngx_str_t *kept, const char *data, size_t len)
{
    u_char  *copy;

    copy = ngx_alloc(len + 1, ngx_cycle->log);
    if (copy == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(copy, data, len);

    if (kept->data != NULL) {
        ngx_free(kept->data);
    }

    kept->data = copy;
    kept->len = len;

    return NGX_OK;
}


ngx_pool_t *
ngx_http_chatdesk_session_pool(void)
{
    return ngx_http_chatdesk_session_scratch;
}


ngx_int_t
ngx_http_chatdesk_session_handler(ngx_http_request_t *r)
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

    rc = ngx_http_chatdesk_ws_upgrade(r, &lcf->ws, &protocol,
                                      &ngx_http_chatdesk_session_ops, session);
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
ngx_http_chatdesk_session_open(ngx_http_chatdesk_ws_t *ws, void *data)
{
    ngx_http_chatdesk_session_t  *session = data;

    session->ws = ws;

    ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_ACCEPTED, 1);
    ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_SESSIONS, 1);

    if (ngx_http_chatdesk_hello_wait(session) != NGX_OK) {
        ngx_http_chatdesk_session_close(session, CD_CLOSE_INTERNAL);
    }
}


static void
ngx_http_chatdesk_session_closed(ngx_http_chatdesk_ws_t *ws, void *data,
    ngx_uint_t code)
{
    ngx_http_chatdesk_session_t  *session = data;

    if (session->ws != NULL) {
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
ngx_http_chatdesk_session_move(ngx_http_chatdesk_ws_t *ws, void *data)
{
    ngx_http_chatdesk_session_t  *session = data;

    (void) ws;

    session->moving = 1;

    if (session->pending == 0) {
        ngx_http_chatdesk_session_close(session, CD_CLOSE_RESTART);
    }
}


/* Whether the tables let this session send this frame now; answers if not. */

static ngx_uint_t
ngx_http_chatdesk_session_may(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame)
{
    uint32_t                    wait;
    ngx_uint_t                  hello;
    const struct cd_frame_row  *row;

    static ngx_str_t  t = ngx_string("t");

    row = cd_frame_row(frame->type);
    hello = (frame->type == CD_T_HELLO);

    if (hello != (session->state == NGX_HTTP_CHATDESK_NEW)) {
        ngx_http_chatdesk_session_bad(session, frame, CD_E_BAD_REQUEST, &t);
        return 0;
    }

    if (!(row->roles & (session->agent ? CD_ROLES_A : CD_ROLES_V))) {
        ngx_http_chatdesk_session_bad(session, frame, CD_E_FORBIDDEN, &t);
        return 0;
    }

    if (hello || row->rate == CD_RATE_NONE) {
        return 1;
    }

    if (session->state != NGX_HTTP_CHATDESK_OPEN) {
        ngx_http_chatdesk_session_bad(session, frame, CD_E_BAD_REQUEST, &t);
        return 0;
    }

    wait = ngx_http_chatdesk_rate_take(&session->rate[row->rate - 1],
                                       &session->conf->rate, ngx_current_msec);
    if (wait != 0) {
        ngx_http_chatdesk_session_error(session, frame, CD_E_RATE_LIMITED,
                                        wait);
        return 0;
    }

    return 1;
}


static void
ngx_http_chatdesk_session_frame(ngx_http_chatdesk_session_t *session,
    u_char *text, size_t len, ngx_pool_t *pool)
{
    ngx_int_t                        rc;
    struct cd_frame                  frame;
    ngx_http_chatdesk_json_fault_t   fault;

    rc = ngx_http_chatdesk_json_decode(&frame, text, len, pool, &fault);

    if (rc == NGX_ERROR) {
        ngx_http_chatdesk_session_close(session, CD_CLOSE_INTERNAL);
        return;
    }

    if (rc == NGX_DECLINED) {
        ngx_http_chatdesk_session_bad(session, &frame, fault.error,
                                      &fault.field);
        return;
    }

    if (ngx_http_chatdesk_session_may(session, &frame)) {
        ngx_http_chatdesk_frames[frame.type](session, &frame);
    }
}


static void
ngx_http_chatdesk_session_text(ngx_http_chatdesk_ws_t *ws, void *data,
    u_char *text, size_t len)
{
    ngx_pool_t                   **scratch;
    ngx_http_chatdesk_session_t   *session = data;

    if (session->state == NGX_HTTP_CHATDESK_CLOSED || session->moving) {
        return;
    }

    ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_FRAMES_IN, 1);
    ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_BYTES_IN, len);

    scratch = &ngx_http_chatdesk_session_scratch;

    if (*scratch == NULL) {
        *scratch = ngx_create_pool(NGX_HTTP_CHATDESK_SCRATCH, ngx_cycle->log);
    }

    if (*scratch == NULL) {
        ngx_log_error(NGX_LOG_ERR, ngx_http_chatdesk_ws_log(ws), 0,
                      "chatdesk: no memory for a frame, session closes");
        ngx_http_chatdesk_session_close(session, CD_CLOSE_INTERNAL);
        return;
    }

    ngx_http_chatdesk_session_frame(session, text, len, *scratch);

    ngx_reset_pool(*scratch);
}


/* -- for feed.c and desk.c -- */

ngx_str_t *
ngx_http_chatdesk_session_who(ngx_http_chatdesk_session_t *session)
{
    return &session->who;
}


ngx_uint_t
ngx_http_chatdesk_session_is_agent(ngx_http_chatdesk_session_t *session)
{
    return session->agent;
}


ngx_queue_t *
ngx_http_chatdesk_session_followers(ngx_http_chatdesk_session_t *session)
{
    return &session->followers;
}


void
ngx_http_chatdesk_session_send(ngx_http_chatdesk_session_t *session,
    ngx_http_chatdesk_buf_t *buf)
{
    if (session->state == NGX_HTTP_CHATDESK_CLOSED) {
        return;
    }

    if (ngx_http_chatdesk_ws_send(session->ws, buf) == NGX_OK) {
        ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_FRAMES_OUT, 1);
        ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_BYTES_OUT,
                                     buf->last - buf->payload);
    }
}


void
ngx_http_chatdesk_session_feed_error(ngx_http_chatdesk_session_t *session,
    ngx_str_t *shown, ngx_uint_t error)
{
    ngx_http_chatdesk_request_t  request;
    ngx_http_chatdesk_refusal_t  refusal;

    ngx_memzero(&request, sizeof(ngx_http_chatdesk_request_t));
    ngx_memzero(&refusal, sizeof(ngx_http_chatdesk_refusal_t));

    request.feed_len = (uint8_t) ngx_min(shown->len, sizeof(request.feed));
    ngx_memcpy(request.feed, shown->data, request.feed_len);
    refusal.error = error;

    ngx_http_chatdesk_session_refuse(session, &request, &refusal);
}


void
ngx_http_chatdesk_session_kick(ngx_http_chatdesk_session_t *session,
    struct cd_frame *kick)
{
    struct cd_str  login;

    login = cd_frame_str(kick, CD_F_SESSION_KEY);

    if (login.len == 0 || login.len != session->login.len
        || ngx_memcmp(login.data, session->login.data, login.len) != 0)
    {
        return;
    }

    ngx_http_chatdesk_session_close(session, CD_CLOSE_SIGNED_OUT);
}


void
ngx_http_chatdesk_session_lapsed(ngx_http_chatdesk_desk_t *desk)
{
    uint32_t                      slot = 0;
    ngx_http_chatdesk_session_t  *session;

    for ( ;; ) {
        session = ngx_http_chatdesk_sessions_next(&slot);

        if (session == NULL) {
            return;
        }

        if (session->desk != desk || !session->online
            || session->state != NGX_HTTP_CHATDESK_OPEN)
        {
            continue;
        }

        if (session->agent) {
            ngx_http_chatdesk_session_close(session, CD_CLOSE_RESTART);

        } else {
            ngx_http_chatdesk_hello_repeat(session);
        }
    }
}


void
ngx_http_chatdesk_session_refused(ngx_http_chatdesk_desk_t *desk,
    struct cd_frame *refused)
{
    ngx_str_t                     id;
    struct cd_str                 code;
    struct cd_frame               about;
    ngx_http_chatdesk_session_t  *session;

    id = ngx_http_chatdesk_field(refused, CD_F_SESSION);
    session = ngx_http_chatdesk_session_find(&id);

    if (session == NULL || session->desk != desk
        || session->state != NGX_HTTP_CHATDESK_OPEN)
    {
        return;
    }

    code = cd_frame_str(refused, CD_F_CODE);
    about = *refused;

    cd_frame_set_str(&about, CD_F_ID, cd_frame_str(refused, CD_F_RE).data,
                     cd_frame_str(refused, CD_F_RE).len);

    ngx_http_chatdesk_session_error(session, &about,
                                    cd_error_find(code.data, code.len), 0);
}
