/*
 * Hello: who is there, checked, and the welcome.
 *
 *   hello --> (Redis ready?) --> cd_hello_visitor --> [cd_follow] --> welcome
 *                            \-> cd_hello_agent ------------------/
 *
 * Purpose:    turns a token or a ticket into a session that is OPEN.
 * Owner:      the session owns its ngx_http_chatdesk_hello_t until it is
 *             OPEN; the timer dies with it.
 * Invariants: nothing is followed before the welcome was sent; a session
 *             that may stand in the desk's `online` owes a cd_bye from the
 *             moment the call leaves.
 */

#include <ngx_config.h>

#include <openssl/sha.h>

#include "ngx_http_chatdesk_metrics.h"
#include "ngx_http_chatdesk_session_state.h"


/* how often and how long a hello waits for Redis, ms */
#define NGX_HTTP_CHATDESK_HELLO_RETRY  50
#define NGX_HTTP_CHATDESK_HELLO_PATIENCE  1000


static void ngx_http_chatdesk_hello_timer(ngx_event_t *ev);
static void ngx_http_chatdesk_hello_visitor(void *data, redisReply *reply);
static void ngx_http_chatdesk_hello_agent(void *data, redisReply *reply);
static ngx_int_t ngx_http_chatdesk_hello_check(
    ngx_http_chatdesk_session_t *session, ngx_str_t *conv);
static void ngx_http_chatdesk_hello_readable(void *data, redisReply *reply);


ngx_int_t
ngx_http_chatdesk_hello_wait(ngx_http_chatdesk_session_t *session)
{
    ngx_http_chatdesk_hello_t  *hello;

    hello = ngx_calloc(sizeof(ngx_http_chatdesk_hello_t),
                       session->log);
    if (hello == NULL) {
        return NGX_ERROR;
    }

    hello->timer.handler = ngx_http_chatdesk_hello_timer;
    hello->timer.data = session;
    hello->timer.log = session->log;
    hello->timer.cancelable = 1;

    session->hello = hello;
    ngx_add_timer(&hello->timer, session->conf->hello_timeout);

    return NGX_OK;
}


void
ngx_http_chatdesk_hello_free(ngx_http_chatdesk_session_t *session)
{
    ngx_http_chatdesk_hello_t  *hello = session->hello;

    if (hello == NULL) {
        return;
    }

    if (hello->timer.timer_set) {
        ngx_del_timer(&hello->timer);
    }

    if (hello->envelope.data != NULL) {
        ngx_free(hello->envelope.data);
    }

    if (hello->known.data != NULL) {
        ngx_free(hello->known.data);
    }

    session->hello = NULL;
    ngx_free(hello);
}


void
ngx_http_chatdesk_hello_refuse(ngx_http_chatdesk_session_t *session,
    ngx_uint_t error, uint64_t retry_ms)
{
    ngx_http_chatdesk_refusal_t  refusal;

    ngx_memzero(&refusal, sizeof(ngx_http_chatdesk_refusal_t));
    refusal.error = error;
    refusal.retry_ms = (error == CD_E_NO_DESK) ? CD_LIMIT_RETRY_MS : retry_ms;

    ngx_log_error(NGX_LOG_INFO, session->log, 0,
                  "chatdesk: hello of session %*s at desk \"%V\" refused: %s",
                  (size_t) NGX_HTTP_CHATDESK_ID_LEN, session->id,
                  &session->desk->name,
                  cd_error_row((enum cd_error) error)->code);

    ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_REFUSED, 1);

    session->transport->refuse(session, &refusal);
}


static void
ngx_http_chatdesk_hello_timer(ngx_event_t *ev)
{
    ngx_http_chatdesk_session_t  *session = ev->data;

    if (session->state == NGX_HTTP_CHATDESK_ASKED) {
        ngx_http_chatdesk_hello_ask(session);
        return;
    }

    ngx_log_error(NGX_LOG_INFO, ev->log, 0,
                  "chatdesk: session %*s said no hello in %M ms, closes",
                  (size_t) NGX_HTTP_CHATDESK_ID_LEN, session->id,
                  session->conf->hello_timeout);

    ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_REFUSED, 1);
    ngx_http_chatdesk_session_close(session, CD_CLOSE_POLICY);
}


/* A visitor's token, or a new visitor: NGX_OK, NGX_ERROR. */

static ngx_int_t
ngx_http_chatdesk_hello_token(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame)
{
    int                          rc = -1;
    u_char                       id[NGX_HTTP_CHATDESK_ID_LEN];
    uint64_t                     now;
    struct cd_str                text, desk;
    ngx_http_chatdesk_hello_t   *hello = session->hello;
    ngx_http_chatdesk_token_t    token;

    now = ngx_http_chatdesk_now();
    text = cd_frame_str(frame, CD_F_TOKEN);
    desk.data = (char *) session->desk->name.data;
    desk.len = session->desk->name.len;

    if (text.len != 0) {
        rc = ngx_http_chatdesk_token_check(&token, session->conf->secrets,
                                           desk, text, now);
    }

    /* whose token cannot be checked does not become somebody else */

    if (rc == -2) {
        return NGX_ERROR;
    }

    if (rc == 0) {
        hello->born_ms = token.born_ms;
        hello->token_new = (token.renewed_ms + CD_LIMIT_TOKEN_RENEW_MS < now);

        return ngx_http_chatdesk_session_is(session, token.visitor.data,
                                            token.visitor.len);
    }

    hello->born_ms = now;
    hello->token_new = 1;
    hello->visitor_new = 1;

    if (ngx_http_chatdesk_random_id(id) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_chatdesk_session_is(session, (char *) id,
                                        NGX_HTTP_CHATDESK_ID_LEN);
}


void
ngx_http_chatdesk_hash(u_char *hex, const void *secret, size_t len)
{
    u_char  digest[SHA256_DIGEST_LENGTH];

    (void) SHA256(secret, len, digest);
    (void) ngx_hex_dump(hex, digest, SHA256_DIGEST_LENGTH);
}


/* Where the client says it stands. */

static void
ngx_http_chatdesk_hello_resume(ngx_http_chatdesk_hello_t *hello,
    struct cd_frame *frame)
{
    ngx_str_t  conv, mid;

    conv = ngx_http_chatdesk_field(frame, CD_F_CONV);
    mid = ngx_http_chatdesk_field(frame, CD_F_MID);

    hello->conv_len = conv.len;
    ngx_memcpy(hello->conv, conv.data, conv.len);

    hello->mid_len = mid.len;
    ngx_memcpy(hello->mid, mid.data, mid.len);

    hello->era = cd_frame_uint(frame, CD_F_ERA);
    hello->n = cd_frame_has(frame, CD_F_N)
               ? (int64_t) cd_frame_uint(frame, CD_F_N) : -1;
}


void
ngx_http_chatdesk_hello_frame(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame)
{
    struct cd_str  device, ticket;

    static ngx_str_t  field = ngx_string("device");

    device = cd_frame_str(frame, CD_F_DEVICE);

    if (device.len != NGX_HTTP_CHATDESK_ID_LEN
        || ngx_strlchr((u_char *) device.data,
                       (u_char *) device.data + device.len, '.')
           != NULL)
    {
        ngx_http_chatdesk_session_bad(session, frame, CD_E_BAD_REQUEST,
                                      &field);
        return;
    }

    ngx_memcpy(session->device, device.data, device.len);
    session->plain = cd_frame_has(frame, CD_F_MENUS)
                     && !cd_frame_uint(frame, CD_F_MENUS);
    ngx_http_chatdesk_hello_resume(session->hello, frame);
    ngx_http_chatdesk_hello_flow(session->hello, frame);

    if (session->agent && session->login.len == 0) {
        ticket = cd_frame_str(frame, CD_F_TICKET);
        ngx_http_chatdesk_hash(session->hello->ticket, ticket.data,
                               ticket.len);

        if (ticket.len == 0) {
            ngx_http_chatdesk_hello_refuse(session, CD_E_UNAUTHORIZED, 0);
            return;
        }

    } else if (!session->agent
               && ngx_http_chatdesk_hello_token(session, frame) != NGX_OK)
    {
        ngx_http_chatdesk_hello_refuse(session, CD_E_INTERNAL, 0);
        return;
    }

    session->state = NGX_HTTP_CHATDESK_ASKED;
    session->hello->deadline = ngx_current_msec
                               + NGX_HTTP_CHATDESK_HELLO_PATIENCE;

    ngx_http_chatdesk_hello_ask(session);
}


ngx_int_t
ngx_http_chatdesk_hello_call(ngx_http_chatdesk_session_t *session)
{
    u_char                        at[NGX_HTTP_CHATDESK_NUMBER_LEN];
    ngx_int_t                     rc;
    ngx_str_t                     ticket, argv[6];
    struct cd_frame               frame;
    ngx_http_chatdesk_request_t  *request;

    cd_frame_init(&frame, CD_T_HELLO);

    request = ngx_http_chatdesk_session_begin(session, &frame);
    if (request == NULL) {
        return NGX_ERROR;
    }

    argv[0] = session->who;
    argv[1] = session->sn.str;
    argv[2] = session->desk->node;
    argv[3] = ngx_http_chatdesk_number(at, ngx_http_chatdesk_now());
    argv[4].data = session->hello->flow;
    argv[4].len = session->hello->flow_len;
    argv[5].data = session->hello->lang;
    argv[5].len = session->hello->lang_len;

    if (session->agent) {
        ticket.data = session->hello->ticket;
        ticket.len = sizeof(session->hello->ticket);

        rc = ngx_http_chatdesk_desk_call(session->desk, "cd_hello_agent",
                                         "t:", &ticket,
                                         ngx_http_chatdesk_hello_agent,
                                         request, 3, &argv[1]);
    } else {
        rc = ngx_http_chatdesk_desk_call(session->desk, "cd_hello_visitor",
                                         "u:", &session->who,
                                         ngx_http_chatdesk_hello_visitor,
                                         request, 6, argv);
    }

    if (rc != NGX_OK) {
        ngx_free(request);
        session->pending--;
        return NGX_ERROR;
    }

    session->hello->owed = session->online;
    session->online = 1;

    return NGX_OK;
}


/* Just after nginx has started nobody is connected to Redis yet. */

void
ngx_http_chatdesk_hello_ask(ngx_http_chatdesk_session_t *session)
{
    ngx_int_t                   rc;
    ngx_http_chatdesk_hello_t  *hello = session->hello;

    if (hello->timer.timer_set) {
        ngx_del_timer(&hello->timer);
    }

    if (ngx_http_chatdesk_redis_ready(session->desk->redis)) {

        if (!session->entered) {
            session->entered = 1;
            ngx_http_chatdesk_desk_enter(session->desk);
        }

        rc = (session->transport->ask != NULL)
             ? session->transport->ask(session)
             : ngx_http_chatdesk_hello_call(session);

        if (rc == NGX_OK) {
            return;
        }
    }

    if ((ngx_msec_int_t) (ngx_current_msec - hello->deadline) >= 0) {
        ngx_http_chatdesk_hello_refuse(session, CD_E_UNAVAILABLE, 0);
        return;
    }

    ngx_add_timer(&hello->timer, NGX_HTTP_CHATDESK_HELLO_RETRY);
}


ngx_http_chatdesk_session_t *
ngx_http_chatdesk_hello_end(void *data, redisReply *reply, ngx_uint_t min)
{
    ngx_uint_t                    error;
    ngx_http_chatdesk_request_t   request;
    ngx_http_chatdesk_session_t  *session;

    session = ngx_http_chatdesk_session_end(data, &request);

    if (session == NULL || session->state != NGX_HTTP_CHATDESK_ASKED) {
        return NULL;
    }

    if (ngx_http_chatdesk_desk_reply(reply, min, &error,
                                     session->log)
        == NGX_ERROR)
    {
        ngx_http_chatdesk_hello_refuse(session, error, 0);
        return NULL;
    }

    return session;
}


static void
ngx_http_chatdesk_hello_agent(void *data, redisReply *reply)
{
    ngx_str_t                     who, name, login, conv = ngx_null_string;
    ngx_http_chatdesk_session_t  *session;

    session = ngx_http_chatdesk_hello_end(data, reply, 5);
    if (session == NULL) {
        return;
    }

    session->hello->server_era = ngx_http_chatdesk_reply_uint(reply, 1);
    who = ngx_http_chatdesk_reply_str(reply, 2);
    name = ngx_http_chatdesk_reply_str(reply, 3);
    login = ngx_http_chatdesk_reply_str(reply, 4);

    if (who.len == 0 || who.len > cd_field_row(CD_F_WHO)->max
        || ngx_http_chatdesk_session_is(session, (char *) who.data, who.len)
           != NGX_OK
        || ngx_http_chatdesk_session_keep(&session->name, (char *) name.data,
                                          name.len)
           != NGX_OK
        || ngx_http_chatdesk_session_keep(&session->login,
                                          (char *) login.data, login.len)
           != NGX_OK)
    {
        ngx_http_chatdesk_hello_refuse(session, CD_E_INTERNAL, 0);
        return;
    }

    ngx_http_chatdesk_hello_welcome(session, &conv);
}


static void
ngx_http_chatdesk_hello_visitor(void *data, redisReply *reply)
{
    ngx_str_t                     conv;
    ngx_http_chatdesk_hello_t    *hello;
    ngx_http_chatdesk_session_t  *session;

    session = ngx_http_chatdesk_hello_end(data, reply, 3);
    if (session == NULL) {
        return;
    }

    hello = session->hello;
    hello->server_era = ngx_http_chatdesk_reply_uint(reply, 1);
    conv = ngx_http_chatdesk_reply_str(reply, 2);

    session->online = hello->owed || conv.len != 0;
    ngx_http_chatdesk_hello_flow_keep(session, reply);

    if (conv.len != 0 || hello->conv_len == 0) {
        ngx_http_chatdesk_hello_welcome(session, &conv);
        return;
    }

    /* no open conversation, but one that may still be read */

    conv.data = hello->conv;
    conv.len = hello->conv_len;

    if (ngx_http_chatdesk_hello_check(session, &conv) != NGX_OK) {
        ngx_http_chatdesk_hello_refuse(session, CD_E_BUSY, 0);
    }
}


/* Asks whether the visitor may still read a conversation. */

static ngx_int_t
ngx_http_chatdesk_hello_check(ngx_http_chatdesk_session_t *session,
    ngx_str_t *conv)
{
    u_char                        era[NGX_HTTP_CHATDESK_NUMBER_LEN];
    u_char                        n[NGX_HTTP_CHATDESK_NUMBER_LEN];
    u_char                        name[2 + NGX_HTTP_CHATDESK_ID_LEN];
    ngx_str_t                     argv[5];
    struct cd_frame               frame;
    ngx_http_chatdesk_hello_t    *hello = session->hello;
    ngx_http_chatdesk_request_t  *request;

    cd_frame_init(&frame, CD_T_HELLO);

    request = ngx_http_chatdesk_session_begin(session, &frame);
    if (request == NULL) {
        return NGX_ERROR;
    }

    argv[0].data = name;
    argv[0].len = ngx_sprintf(name, "v:%V", conv) - name;
    argv[1] = session->who;
    argv[2] = ngx_http_chatdesk_number(era, hello->era);
    argv[3] = ngx_http_chatdesk_number(n, hello->n);
    argv[4].data = hello->mid;
    argv[4].len = hello->mid_len;

    if (ngx_http_chatdesk_desk_call(session->desk, "cd_follow", "v:", conv,
                                    ngx_http_chatdesk_hello_readable, request,
                                    5, argv)
        == NGX_OK)
    {
        return NGX_OK;
    }

    ngx_free(request);
    session->pending--;

    return NGX_ERROR;
}


static void
ngx_http_chatdesk_hello_readable(void *data, redisReply *reply)
{
    ngx_str_t                     conv;
    ngx_uint_t                    error;
    ngx_http_chatdesk_request_t   request;
    ngx_http_chatdesk_session_t  *session;

    session = ngx_http_chatdesk_session_end(data, &request);

    if (session == NULL || session->state != NGX_HTTP_CHATDESK_ASKED) {
        return;
    }

    conv.data = session->hello->conv;
    conv.len = session->hello->conv_len;

    if (ngx_http_chatdesk_desk_reply(reply, 4, &error,
                                     session->log)
        == NGX_ERROR)
    {
        if (error == CD_E_BUSY || error == CD_E_UNAVAILABLE) {
            ngx_http_chatdesk_hello_refuse(session, error, 0);
            return;
        }

        conv.len = 0;                       /* gone, or somebody else's */
    }

    ngx_http_chatdesk_hello_welcome(session, &conv);
}


void
ngx_http_chatdesk_hello_repeat(ngx_http_chatdesk_session_t *session)
{
    u_char     at[NGX_HTTP_CHATDESK_NUMBER_LEN];
    ngx_str_t  argv[4];

    argv[0] = session->who;
    argv[1] = session->sn.str;
    argv[2] = session->desk->node;
    argv[3] = ngx_http_chatdesk_number(at, ngx_http_chatdesk_now());

    (void) ngx_http_chatdesk_desk_call(session->desk, "cd_hello_visitor",
                                       "u:", &session->who, NULL, NULL, 4,
                                       argv);
}
