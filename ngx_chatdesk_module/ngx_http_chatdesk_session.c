/*
 * The life of a session, whatever carries it.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_session.h.
 *
 * A frame comes in here, is decoded, checked against the tables (direction,
 * role, rate class) and handed to the one function of its type.
 */

#include "ngx_http_chatdesk_cells.h"
#include "ngx_http_chatdesk_census.h"
#include "ngx_http_chatdesk_lease.h"
#include "ngx_http_chatdesk_metrics.h"
#include "ngx_http_chatdesk_session_state.h"


/* size of the pool that frames are handled with, bytes */
#define NGX_HTTP_CHATDESK_SCRATCH  4096

/* of frames: messages, requests, hints */
#define NGX_HTTP_CHATDESK_RATE_CLASSES  3


static ngx_pool_t  *ngx_http_chatdesk_session_scratch;

static ngx_http_chatdesk_cells_t  ngx_http_chatdesk_session_cells =
    ngx_http_chatdesk_cells(ngx_http_chatdesk_session_t);

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
    [CD_T_INVITE]     = ngx_http_chatdesk_frame_control,
    [CD_T_TRANSFER]   = ngx_http_chatdesk_frame_control,
    [CD_T_LEAVE]      = ngx_http_chatdesk_frame_control,
    [CD_T_WRAP]       = ngx_http_chatdesk_frame_control,
    [CD_T_MONITOR]    = ngx_http_chatdesk_frame_control,
    [CD_T_BARGE]      = ngx_http_chatdesk_frame_control,
    [CD_T_TAKEOVER]   = ngx_http_chatdesk_frame_control,
    [CD_T_HAND]       = ngx_http_chatdesk_frame_control,
    [CD_T_VIEW]       = ngx_http_chatdesk_frame_view,
    [CD_T_RENDER]     = ngx_http_chatdesk_frame_control,
    [CD_T_PING]       = ngx_http_chatdesk_frame_ping,
    [CD_T_FOCUS]      = ngx_http_chatdesk_frame_focus,
    [CD_T_PUSH_AT]    = ngx_http_chatdesk_frame_focus,
    [CD_T_NOTIFY_SET] = ngx_http_chatdesk_frame_control,
    [CD_T_FLOW_ASK]   = ngx_http_chatdesk_frame_flow
};


/* -- life -- */

ngx_http_chatdesk_session_t *
ngx_http_chatdesk_session_create(ngx_http_chatdesk_loc_conf_t *conf,
    ngx_http_chatdesk_desk_t *desk, ngx_log_t *log)
{
    ngx_http_chatdesk_session_t  *session;

    session = ngx_http_chatdesk_cell_get(&ngx_http_chatdesk_session_cells,
                                         log);
    if (session == NULL) {
        return NULL;
    }

    session->conf = conf;
    session->desk = desk;
    session->state = NGX_HTTP_CHATDESK_NEW;
    session->log = log;
    ngx_queue_init(&session->followers);

    if (ngx_http_chatdesk_random_id(session->id) != NGX_OK
        || ngx_http_chatdesk_sessions_add(session, log) != NGX_OK)
    {
        ngx_http_chatdesk_cell_free(&ngx_http_chatdesk_session_cells,
                                    session);
        return NULL;
    }

    return session;
}


/* Leaves feeds, desk and table; only the transport still knows the session. */

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

    if (session->online
        && (!session->linger || session->lapsed
            || ngx_http_chatdesk_lease_keep(session) != NGX_OK))
    {
        ngx_http_chatdesk_bye(session->desk, session->id);
    }

    if (session->entered) {
        ngx_http_chatdesk_desk_leave(session->desk);
    }

    ngx_http_chatdesk_census_leave(&session->counted[0]);
    ngx_http_chatdesk_census_leave(&session->counted[1]);
}


void
ngx_http_chatdesk_session_free(ngx_http_chatdesk_session_t *session)
{
    ngx_http_chatdesk_session_leave(session);

    if (session->who.data != session->visitor) {
        ngx_free(session->who.data);
    }

    if (session->name.data != NULL) {
        ngx_free(session->name.data);
    }

    if (session->login.data != NULL) {
        ngx_free(session->login.data);
    }

    if (session->own_rate) {
        ngx_free(session->rate);
    }

    ngx_http_chatdesk_cell_free(&ngx_http_chatdesk_session_cells, session);
}


void
ngx_http_chatdesk_session_close(ngx_http_chatdesk_session_t *session,
    ngx_uint_t code)
{
    if (session->state == NGX_HTTP_CHATDESK_CLOSED) {
        return;
    }

    ngx_http_chatdesk_session_leave(session);
    session->transport->close(session, code);
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


ngx_int_t
ngx_http_chatdesk_session_is(ngx_http_chatdesk_session_t *session,
    const char *who, size_t len)
{
    if (session->who.data == session->visitor) {
        ngx_str_null(&session->who);
    }

    if (len > NGX_HTTP_CHATDESK_ID_LEN) {
        return ngx_http_chatdesk_session_keep(&session->who, who, len);
    }

    ngx_free(session->who.data);
    ngx_memcpy(session->visitor, who, len);
    session->who.data = session->visitor;
    session->who.len = len;

    return NGX_OK;
}


ngx_pool_t *
ngx_http_chatdesk_session_pool(void)
{
    ngx_pool_t  **scratch = &ngx_http_chatdesk_session_scratch;

    if (*scratch == NULL) {
        *scratch = ngx_create_pool(NGX_HTTP_CHATDESK_SCRATCH, ngx_cycle->log);
    }

    return *scratch;
}


/* -- frames -- */

/* The session's buckets, made with its first frame: an idle one has none;
   NULL: no memory. */

static ngx_http_chatdesk_rate_t *
ngx_http_chatdesk_session_rate(ngx_http_chatdesk_session_t *session)
{
    if (session->rate == NULL) {
        session->rate = ngx_calloc(NGX_HTTP_CHATDESK_RATE_CLASSES
                                   * sizeof(ngx_http_chatdesk_rate_t),
                                   session->log);
        session->own_rate = (session->rate != NULL);
    }

    return session->rate;
}


/* Whether the tables let this session send this frame now; answers if not. */

static ngx_uint_t
ngx_http_chatdesk_session_may(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame)
{
    uint32_t                    wait;
    ngx_uint_t                  hello;
    const struct cd_frame_row  *row;
    ngx_http_chatdesk_rate_t   *rate;

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

    rate = ngx_http_chatdesk_session_rate(session);

    if (rate == NULL) {
        ngx_http_chatdesk_session_error(session, frame, CD_E_BUSY, 0);
        return 0;
    }

    wait = ngx_http_chatdesk_rate_take(&rate[row->rate - 1],
                                       &session->conf->rate, ngx_current_msec);
    if (wait != 0) {
        ngx_http_chatdesk_session_error(session, frame, CD_E_RATE_LIMITED,
                                        wait);
        return 0;
    }

    return 1;
}


void
ngx_http_chatdesk_session_frame(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame, ngx_int_t rc,
    ngx_http_chatdesk_json_fault_t *fault)
{
    if (session->state == NGX_HTTP_CHATDESK_CLOSED) {
        return;
    }

    if (rc == NGX_ERROR) {
        ngx_http_chatdesk_session_close(session, CD_CLOSE_INTERNAL);
        return;
    }

    if (rc == NGX_DECLINED) {
        ngx_http_chatdesk_session_bad(session, frame, fault->error,
                                      &fault->field);
        return;
    }

    if (ngx_http_chatdesk_session_may(session, frame)) {
        ngx_http_chatdesk_frames[frame->type](session, frame);
    }
}


void
ngx_http_chatdesk_session_text(ngx_http_chatdesk_session_t *session,
    u_char *text, size_t len)
{
    ngx_int_t                       rc;
    ngx_pool_t                     *pool;
    struct cd_frame                 frame;
    ngx_http_chatdesk_json_fault_t  fault;

    if (session->state == NGX_HTTP_CHATDESK_CLOSED || session->moving) {
        return;
    }

    ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_FRAMES_IN, 1);
    ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_BYTES_IN, len);

    pool = ngx_http_chatdesk_session_pool();

    if (pool == NULL) {
        ngx_log_error(NGX_LOG_ERR, session->log, 0,
                      "chatdesk: no memory for a frame, session closes");
        ngx_http_chatdesk_session_close(session, CD_CLOSE_INTERNAL);
        return;
    }

    rc = ngx_http_chatdesk_json_decode(&frame, text, len, pool, &fault);
    ngx_http_chatdesk_session_frame(session, &frame, rc, &fault);

    ngx_reset_pool(pool);
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

    if (session->transport->send(session, buf) == NGX_OK) {
        ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_FRAMES_OUT, 1);
        ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_BYTES_OUT,
                                     buf->last - buf->payload);
    }
}


void
ngx_http_chatdesk_session_window(ngx_http_chatdesk_session_t *session,
    ngx_http_chatdesk_buf_t *buf, ngx_uint_t asked, ngx_uint_t news)
{
    if (news || (asked && !session->quiet)) {
        ngx_http_chatdesk_session_send(session, buf);
    }

    ngx_http_chatdesk_session_progress(session);
}


void
ngx_http_chatdesk_session_progress(ngx_http_chatdesk_session_t *session)
{
    if (session->state != NGX_HTTP_CHATDESK_CLOSED
        && session->transport->progress != NULL)
    {
        session->transport->progress(session);
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

    /* without a login all of the agent's are meant */

    if (cd_frame_has(kick, CD_F_SESSION_KEY)
        && (login.len == 0 || login.len != session->login.len
            || ngx_memcmp(login.data, session->login.data, login.len) != 0))
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

    ngx_http_chatdesk_lease_end(desk);

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
            session->lapsed = 1;
            ngx_http_chatdesk_session_close(session, CD_CLOSE_RESTART);

        } else {
            ngx_http_chatdesk_hello_repeat(session);
        }
    }
}


/* The open session that a frame of the node's channel is for; NULL for
   none. */

static ngx_http_chatdesk_session_t *
ngx_http_chatdesk_session_named(ngx_http_chatdesk_desk_t *desk,
    struct cd_frame *frame)
{
    ngx_str_t                     id;
    ngx_http_chatdesk_session_t  *session;

    id = ngx_http_chatdesk_field(frame, CD_F_SESSION);
    session = ngx_http_chatdesk_session_find(&id);

    return (session != NULL && session->desk == desk
            && session->state == NGX_HTTP_CHATDESK_OPEN)
           ? session : NULL;
}


void
ngx_http_chatdesk_session_told(ngx_http_chatdesk_desk_t *desk,
    struct cd_frame *answer)
{
    ngx_http_chatdesk_session_t  *session;

    session = ngx_http_chatdesk_session_named(desk, answer);

    if (session != NULL) {
        ngx_http_chatdesk_session_answer(session, answer);
    }
}



void
ngx_http_chatdesk_session_refused(ngx_http_chatdesk_desk_t *desk,
    struct cd_frame *refused)
{
    struct cd_str                 code;
    struct cd_frame               about;
    ngx_http_chatdesk_session_t  *session;

    session = ngx_http_chatdesk_session_named(desk, refused);
    if (session == NULL) {
        return;
    }

    code = cd_frame_str(refused, CD_F_CODE);
    about = *refused;

    cd_frame_set_str(&about, CD_F_ID, cd_frame_str(refused, CD_F_RE).data,
                     cd_frame_str(refused, CD_F_RE).len);

    ngx_http_chatdesk_session_error(session, &about,
                                    cd_error_find(code.data, code.len), 0);
}
