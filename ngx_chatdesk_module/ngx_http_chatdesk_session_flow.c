/*
 * Flows: what a visitor is told before it starts.
 *
 *   hello with a flow --> cd_hello_visitor --> kept --> after the welcome
 *   flow request      --> cd_flow ------------------> at once
 *
 * Purpose:    hands over the envelope that the worker has left in Redis, with
 *             the keys of the form that this visitor has answered.
 * Owner:      the hello owns what is kept for it, until it is freed.
 * Invariants: a frame that does not decode is not told; the rest of hello
 *             does not depend on it.
 */

#include "ngx_http_chatdesk_session_state.h"


static void ngx_http_chatdesk_flow_answer(void *data, redisReply *reply);


void
ngx_http_chatdesk_hello_flow(ngx_http_chatdesk_hello_t *hello,
    struct cd_frame *frame)
{
    ngx_str_t  flow, lang;

    flow = ngx_http_chatdesk_field(frame, CD_F_FLOW);
    lang = ngx_http_chatdesk_field(frame, CD_F_LANG);

    hello->flow_len = flow.len;
    ngx_memcpy(hello->flow, flow.data, flow.len);

    hello->lang_len = lang.len;
    ngx_memcpy(hello->lang, lang.data, lang.len);
}


void
ngx_http_chatdesk_hello_flow_keep(ngx_http_chatdesk_session_t *session,
    redisReply *reply)
{
    ngx_str_t                   envelope, known;
    ngx_http_chatdesk_hello_t  *hello = session->hello;

    if (reply->elements < 5) {
        return;
    }

    envelope = ngx_http_chatdesk_reply_str(reply, 3);
    known = ngx_http_chatdesk_reply_str(reply, 4);

    if (envelope.len == 0) {
        return;
    }

    if (ngx_http_chatdesk_session_keep(&hello->envelope,
                                       (char *) envelope.data, envelope.len)
        != NGX_OK
        || ngx_http_chatdesk_session_keep(&hello->known, (char *) known.data,
                                          known.len)
           != NGX_OK)
    {
        ngx_log_error(NGX_LOG_ERR, session->log, 0,
                      "chatdesk: no memory for a flow of session %*s, which "
                      "is not told of it",
                      (size_t) NGX_HTTP_CHATDESK_ID_LEN, session->id);
        ngx_str_null(&hello->envelope);
    }
}


/* Sends the `flow` frame of an envelope; `re` may be empty. */

static ngx_int_t
ngx_http_chatdesk_flow_send(ngx_http_chatdesk_session_t *session,
    ngx_str_t *envelope, ngx_str_t *known, ngx_str_t *re)
{
    struct cd_frame  frame;

    if (cd_frame_decode(&frame, (char *) envelope->data, envelope->len) != 0
        || frame.type != CD_T_FLOW)
    {
        ngx_log_error(NGX_LOG_ERR, session->log, 0,
                      "chatdesk: a flow of desk \"%V\" does not decode and "
                      "is not told", &session->desk->name);
        return NGX_ERROR;
    }

    if (re->len != 0) {
        cd_frame_set_str(&frame, CD_F_RE, (char *) re->data, re->len);
    }

    if (known->len != 0) {
        cd_frame_set_str(&frame, CD_F_KNOWN, (char *) known->data,
                         known->len);
    }

    ngx_http_chatdesk_session_answer(session, &frame);

    return NGX_OK;
}


void
ngx_http_chatdesk_hello_flow_send(ngx_http_chatdesk_session_t *session)
{
    ngx_str_t  re = ngx_null_string;

    if (session->hello->envelope.len != 0) {
        (void) ngx_http_chatdesk_flow_send(session, &session->hello->envelope,
                                           &session->hello->known, &re);
    }
}


void
ngx_http_chatdesk_frame_flow(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame)
{
    ngx_str_t                     argv[3];
    ngx_http_chatdesk_request_t  *request;

    static ngx_str_t  web = ngx_string("web");

    request = ngx_http_chatdesk_session_begin(session, frame);
    if (request == NULL) {
        return;
    }

    argv[0] = ngx_http_chatdesk_field(frame, CD_F_FLOW);
    argv[1] = ngx_http_chatdesk_field(frame, CD_F_LANG);
    argv[2] = session->who;

    if (argv[0].len == 0) {
        argv[0] = web;
    }

    if (ngx_http_chatdesk_desk_call(session->desk, "cd_flow", "flows", NULL,
                                    ngx_http_chatdesk_flow_answer, request,
                                    3, argv)
        != NGX_OK)
    {
        ngx_http_chatdesk_session_fail(session, request, frame);
    }
}


static void
ngx_http_chatdesk_flow_answer(void *data, redisReply *reply)
{
    ngx_str_t                     envelope, known, re;
    ngx_http_chatdesk_refusal_t   refusal;
    ngx_http_chatdesk_request_t   request;
    ngx_http_chatdesk_session_t  *session;

    session = ngx_http_chatdesk_session_end(data, &request);

    if (session == NULL
        || ngx_http_chatdesk_session_replied(session, &request, reply, 3)
           == NGX_ERROR)
    {
        return;
    }

    envelope = ngx_http_chatdesk_reply_str(reply, 1);
    known = ngx_http_chatdesk_reply_str(reply, 2);
    re.data = request.id;
    re.len = request.id_len;

    if (ngx_http_chatdesk_flow_send(session, &envelope, &known, &re)
        != NGX_OK)
    {
        ngx_memzero(&refusal, sizeof(ngx_http_chatdesk_refusal_t));
        refusal.error = CD_E_INTERNAL;
        ngx_http_chatdesk_session_refuse(session, &request, &refusal);
    }
}
