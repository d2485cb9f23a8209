/*
 * Answers of a session, and the requests that wait for Redis.
 *
 * Purpose:    every request ends in an ack or an error that names it.
 * Owner:      a request belongs to the Redis command that carries it; the
 *             session only counts it.
 * Invariants: begin and end come in pairs, whether or not the session lives
 *             that long; errors take their texts from tbl/errors.h.
 */

#include "ngx_http_chatdesk_metrics.h"
#include "ngx_http_chatdesk_session_state.h"


void
ngx_http_chatdesk_session_answer(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame)
{
    ngx_http_chatdesk_buf_t  *buf;

    if (session->state == NGX_HTTP_CHATDESK_CLOSED) {
        return;
    }

    buf = ngx_http_chatdesk_json_encode(frame, NULL,
                                   session->log);
    if (buf == NULL) {
        ngx_http_chatdesk_session_close(session, CD_CLOSE_INTERNAL);
        return;
    }

    ngx_http_chatdesk_session_send(session, buf);
    ngx_http_chatdesk_buf_release(&buf);
}


/* Copies a string field of at most NGX_HTTP_CHATDESK_ID_LEN; its length. */

static uint8_t
ngx_http_chatdesk_request_copy(u_char *to, const struct cd_frame *frame,
    unsigned field)
{
    struct cd_str  s = cd_frame_str(frame, field);

    if (s.len > NGX_HTTP_CHATDESK_ID_LEN) {
        return 0;
    }

    ngx_memcpy(to, s.data, s.len);

    return (uint8_t) s.len;
}


static void
ngx_http_chatdesk_request_set(ngx_http_chatdesk_request_t *request,
    ngx_http_chatdesk_session_t *session, const struct cd_frame *frame)
{
    request->ref = session->ref;
    request->type = frame->type;
    request->k = (uint32_t) cd_frame_uint(frame, CD_F_K);
    request->id_len = ngx_http_chatdesk_request_copy(request->id, frame,
                                                     CD_F_ID);
    request->conv_len = ngx_http_chatdesk_request_copy(request->conv, frame,
                                                       CD_F_CONV);
    request->feed_len = ngx_http_chatdesk_request_copy(request->feed, frame,
                                                       CD_F_FEED);
}


/* Fields that name the request in its answer. */

static void
ngx_http_chatdesk_request_name(struct cd_frame *answer,
    const ngx_http_chatdesk_request_t *request)
{
    if (request->id_len != 0) {
        cd_frame_set_str(answer, CD_F_RE, (char *) request->id,
                         request->id_len);
    }

    if (request->conv_len != 0) {
        cd_frame_set_str(answer, CD_F_CONV, (char *) request->conv,
                         request->conv_len);
    }

    if (request->k != 0) {
        cd_frame_set_uint(answer, CD_F_K, request->k);
    }

    if (request->feed_len != 0) {
        cd_frame_set_str(answer, CD_F_FEED, (char *) request->feed,
                         request->feed_len);
    }
}


void
ngx_http_chatdesk_session_refuse(ngx_http_chatdesk_session_t *session,
    const ngx_http_chatdesk_request_t *request,
    ngx_http_chatdesk_refusal_t *refusal)
{
    uint64_t                    retry_ms;
    struct cd_frame             answer;
    const struct cd_error_row  *row;

    row = cd_error_row((enum cd_error) refusal->error);
    retry_ms = refusal->retry_ms;

    if (refusal->error == CD_E_BUSY || refusal->error == CD_E_UNAVAILABLE) {
        ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_BUSY, 1);
        retry_ms = ngx_max(retry_ms, CD_LIMIT_RETRY_MS);
    }

    cd_frame_init(&answer, CD_T_ERROR);
    cd_frame_set_str(&answer, CD_F_CODE, row->code, ngx_strlen(row->code));
    cd_frame_set_str(&answer, CD_F_TEXT, row->text, ngx_strlen(row->text));

    if (request != NULL) {
        ngx_http_chatdesk_request_name(&answer, request);
    }

    if (refusal->field.len != 0) {
        cd_frame_set_str(&answer, CD_F_FIELD, (char *) refusal->field.data,
                         refusal->field.len);
    }

    if (retry_ms != 0) {
        cd_frame_set_uint(&answer, CD_F_RETRY_AFTER, retry_ms);
    }

    if (refusal->expected != 0) {
        cd_frame_set_uint(&answer, CD_F_EXPECTED, refusal->expected);
    }

    ngx_http_chatdesk_session_answer(session, &answer);
}


void
ngx_http_chatdesk_session_error(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame, ngx_uint_t error, uint64_t retry_ms)
{
    ngx_http_chatdesk_request_t  request;
    ngx_http_chatdesk_refusal_t  refusal;

    ngx_http_chatdesk_request_set(&request, session, frame);

    ngx_memzero(&refusal, sizeof(ngx_http_chatdesk_refusal_t));
    refusal.error = error;
    refusal.field = ngx_http_chatdesk_field(frame, CD_F_FIELD);
    refusal.retry_ms = retry_ms;

    ngx_http_chatdesk_session_refuse(session, &request, &refusal);
}


void
ngx_http_chatdesk_session_bad(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame, ngx_uint_t error, ngx_str_t *field)
{
    ngx_http_chatdesk_request_t  request;
    ngx_http_chatdesk_refusal_t  refusal;

    ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_BAD, 1);

    ngx_http_chatdesk_request_set(&request, session, frame);

    ngx_memzero(&refusal, sizeof(ngx_http_chatdesk_refusal_t));
    refusal.error = error;
    refusal.field = *field;

    ngx_http_chatdesk_session_refuse(session, &request, &refusal);

    /* a text that is too long is a person's mistake, not a client's */

    if (error == CD_E_TOO_LONG || ++session->bad < CD_LIMIT_BAD_REQUESTS) {
        return;
    }

    ngx_http_chatdesk_session_close(session, CD_CLOSE_POLICY);
}


ngx_http_chatdesk_request_t *
ngx_http_chatdesk_session_begin(ngx_http_chatdesk_session_t *session,
    struct cd_frame *frame)
{
    ngx_http_chatdesk_request_t  *request = NULL;

    if (session->pending < CD_LIMIT_PENDING_PER_SESSION) {
        request = ngx_alloc(sizeof(ngx_http_chatdesk_request_t),
                            session->log);
    }

    if (request == NULL) {
        ngx_http_chatdesk_session_error(session, frame, CD_E_BUSY, 0);
        return NULL;
    }

    ngx_http_chatdesk_request_set(request, session, frame);
    session->pending++;

    return request;
}


void
ngx_http_chatdesk_session_fail(ngx_http_chatdesk_session_t *session,
    ngx_http_chatdesk_request_t *request, struct cd_frame *frame)
{
    ngx_free(request);
    session->pending--;
    ngx_http_chatdesk_session_progress(session);

    ngx_http_chatdesk_session_error(session, frame, CD_E_BUSY, 0);
}


ngx_http_chatdesk_session_t *
ngx_http_chatdesk_session_end(void *data,
    ngx_http_chatdesk_request_t *request)
{
    ngx_http_chatdesk_session_t  *session;

    ngx_memcpy(request, data, sizeof(ngx_http_chatdesk_request_t));
    ngx_free(data);

    session = ngx_http_chatdesk_session_get(request->ref);

    if (session != NULL) {
        session->pending--;
        ngx_http_chatdesk_session_progress(session);
    }

    return session;
}


uint64_t
ngx_http_chatdesk_reply_uint(redisReply *reply, size_t i)
{
    if (i >= reply->elements
        || reply->element[i]->type != REDIS_REPLY_INTEGER
        || reply->element[i]->integer < 0)
    {
        return 0;
    }

    return (uint64_t) reply->element[i]->integer;
}


ngx_str_t
ngx_http_chatdesk_reply_str(redisReply *reply, size_t i)
{
    ngx_str_t  str = ngx_null_string;

    if (i < reply->elements
        && reply->element[i]->type == REDIS_REPLY_STRING)
    {
        str.data = (u_char *) reply->element[i]->str;
        str.len = (size_t) reply->element[i]->len;
    }

    return str;
}


ngx_int_t
ngx_http_chatdesk_session_replied(ngx_http_chatdesk_session_t *session,
    ngx_http_chatdesk_request_t *request, redisReply *reply, ngx_uint_t min)
{
    ngx_int_t                     n;
    ngx_http_chatdesk_refusal_t   refusal;

    ngx_memzero(&refusal, sizeof(ngx_http_chatdesk_refusal_t));

    n = ngx_http_chatdesk_desk_reply(reply, min, &refusal.error,
                                     session->log);
    if (n != NGX_ERROR) {
        return n;
    }

    if (refusal.error == CD_E_GAP) {
        refusal.expected = (uint32_t) ngx_http_chatdesk_reply_uint(reply, 1);

    } else if (refusal.error == CD_E_BAD_REQUEST) {
        refusal.field = ngx_http_chatdesk_reply_str(reply, 1);
    }

    ngx_http_chatdesk_session_refuse(session, request, &refusal);

    return NGX_ERROR;
}
