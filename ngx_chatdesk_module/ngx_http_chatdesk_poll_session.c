/*
 * What a poll does with its session.
 *
 * Purpose:    hello by token or cookie, presence taken over from the
 *             request before, feeds, frames.
 * Owner:      see ngx_http_chatdesk_poll_state.h.
 * Invariants: a request that does not hold registers nobody; the id of a
 *             session is taken over only once it is known who asks.
 */

#include "ngx_http_chatdesk_api_state.h"
#include "ngx_http_chatdesk_census.h"
#include "ngx_http_chatdesk_metrics.h"
#include "ngx_http_chatdesk_poll_state.h"


static ngx_int_t ngx_http_chatdesk_poll_send(
    ngx_http_chatdesk_session_t *session, ngx_http_chatdesk_buf_t *buf);
static void ngx_http_chatdesk_poll_close(ngx_http_chatdesk_session_t *session,
    ngx_uint_t code);
static void ngx_http_chatdesk_poll_refused(
    ngx_http_chatdesk_session_t *session,
    ngx_http_chatdesk_refusal_t *refusal);
static ngx_int_t ngx_http_chatdesk_poll_ask(
    ngx_http_chatdesk_session_t *session);
static ngx_int_t ngx_http_chatdesk_poll_opened(
    ngx_http_chatdesk_session_t *session, ngx_str_t *conv);
static void ngx_http_chatdesk_poll_progress(
    ngx_http_chatdesk_session_t *session);
static void ngx_http_chatdesk_poll_agent(void *data, redisReply *reply);


static const ngx_http_chatdesk_transport_t  ngx_http_chatdesk_poll = {
    .send = ngx_http_chatdesk_poll_send,
    .close = ngx_http_chatdesk_poll_close,
    .refuse = ngx_http_chatdesk_poll_refused,
    .ask = ngx_http_chatdesk_poll_ask,
    .opened = ngx_http_chatdesk_poll_opened,
    .progress = ngx_http_chatdesk_poll_progress
};


/* -- the session's calls -- */

static ngx_int_t
ngx_http_chatdesk_poll_send(ngx_http_chatdesk_session_t *session,
    ngx_http_chatdesk_buf_t *buf)
{
    size_t                          len;
    ngx_http_chatdesk_poll_t       *poll = session->peer;
    ngx_http_chatdesk_poll_link_t  *link = NULL;

    len = buf->last - buf->payload;

    /* what comes behind a frame that was left out is left out too, so that
       the numbers of the client have no hole */

    if (poll->out != NULL
        && poll->bytes + len > session->conf->ws.send_queue)
    {
        poll->full = 1;
    }

    if (!poll->full) {
        link = ngx_palloc(poll->request->pool,
                          sizeof(ngx_http_chatdesk_poll_link_t));
    }

    ngx_http_chatdesk_poll_wake(poll);

    if (link == NULL) {
        poll->full = 1;
        return NGX_BUSY;
    }

    link->next = NULL;
    link->buf = ngx_http_chatdesk_buf_share(buf);
    *poll->out_last = link;
    poll->out_last = &link->next;
    poll->bytes += len;

    return NGX_OK;
}


static void
ngx_http_chatdesk_poll_close(ngx_http_chatdesk_session_t *session,
    ngx_uint_t code)
{
    ngx_http_chatdesk_poll_t  *poll = session->peer;

    if (code == CD_CLOSE_SIGNED_OUT) {
        ngx_http_chatdesk_poll_refuse(poll, CD_E_UNAUTHORIZED, 0);
        return;
    }

    if (code == CD_CLOSE_INTERNAL) {
        ngx_http_chatdesk_poll_refuse(poll, CD_E_INTERNAL, 0);
        return;
    }

    poll->over = 1;
    ngx_http_chatdesk_poll_wake(poll);
}


static void
ngx_http_chatdesk_poll_refused(ngx_http_chatdesk_session_t *session,
    ngx_http_chatdesk_refusal_t *refusal)
{
    ngx_http_chatdesk_poll_refuse(session->peer, refusal->error,
                                  refusal->retry_ms);
    ngx_http_chatdesk_session_close(session, CD_CLOSE_TRY_LATER);
}


static void
ngx_http_chatdesk_poll_progress(ngx_http_chatdesk_session_t *session)
{
    ngx_http_chatdesk_poll_wake(session->peer);
}


/* -- hello -- */

static ngx_uint_t
ngx_http_chatdesk_poll_parse(ngx_http_chatdesk_poll_t *poll,
    struct cd_frame *hello)
{
    ngx_int_t                       rc;
    ngx_http_chatdesk_json_poll_t  *body;

    body = ngx_palloc(poll->request->pool,
                      sizeof(ngx_http_chatdesk_json_poll_t));
    if (body == NULL) {
        return CD_E_INTERNAL;
    }

    rc = ngx_http_chatdesk_json_poll(body, poll->body.data, poll->body.len,
                                     poll->request->pool);
    if (rc != NGX_OK) {
        return (rc == NGX_ERROR) ? CD_E_INTERNAL : CD_E_BAD_REQUEST;
    }

    *hello = body->hello;
    poll->hold = (body->hold != 0);
    poll->asked = ngx_http_chatdesk_field(&body->member, CD_F_SESSION);

    (void) ngx_pfree(poll->request->pool, body);

    return CD_E_OK;
}


/* The login that the cookie names, as the session's; CD_E_OK or the error. */

static ngx_uint_t
ngx_http_chatdesk_poll_login(ngx_http_chatdesk_poll_t *poll)
{
    u_char  key[NGX_HTTP_CHATDESK_HASH_LEN];

    if (ngx_http_chatdesk_cookie_key(poll->request, poll->desk, key)
        != NGX_OK)
    {
        return CD_E_UNAUTHORIZED;
    }

    return ngx_http_chatdesk_session_keep(&poll->session->login, (char *) key,
                                          sizeof(key))
           == NGX_OK ? CD_E_OK : CD_E_INTERNAL;
}


ngx_uint_t
ngx_http_chatdesk_poll_begin(ngx_http_chatdesk_poll_t *poll)
{
    ngx_uint_t                     error;
    struct cd_frame                hello;
    ngx_http_chatdesk_session_t   *session;
    ngx_http_chatdesk_loc_conf_t  *lcf;

    error = ngx_http_chatdesk_poll_parse(poll, &hello);
    if (error != CD_E_OK) {
        return error;
    }

    lcf = ngx_http_get_module_loc_conf(poll->request,
                                       ngx_http_chatdesk_module);

    session = ngx_http_chatdesk_session_create(lcf, poll->desk,
                                            poll->request->connection->log);
    if (session == NULL) {
        return CD_E_BUSY;
    }

    poll->session = session;
    session->transport = &ngx_http_chatdesk_poll;
    session->peer = poll;
    session->agent = (lcf->use == NGX_HTTP_CHATDESK_POLL_AGENT);
    session->request = 1;
    session->quiet = (poll->asked.len != 0);
    session->known = !poll->hold || poll->asked.len != 0;

    if (ngx_http_chatdesk_census_address(session,
                                   poll->request->connection->sockaddr)
        == NGX_BUSY)
    {
        ngx_http_chatdesk_poll_refuse(poll, CD_E_RATE_LIMITED,
                                      CD_LIMIT_CENSUS_RETRY_MS);
        return CD_E_RATE_LIMITED;
    }

    if (session->agent) {
        error = ngx_http_chatdesk_poll_login(poll);
        if (error != CD_E_OK) {
            return error;
        }
    }

    if (ngx_http_chatdesk_hello_wait(session) != NGX_OK) {
        return CD_E_BUSY;
    }

    ngx_add_timer(&poll->timer, poll->hold ? lcf->poll_hold
                                           : CD_LIMIT_POLL_CARRY_MS);

    ngx_http_chatdesk_hello_frame(session, &hello);

    return (session->state == NGX_HTTP_CHATDESK_NEW) ? CD_E_BAD_REQUEST
                                                     : CD_E_OK;
}


/* It is known who asks: rates from now on, and the registration of the
   request before.  NGX_OK, or NGX_DONE: refused. */

static ngx_int_t
ngx_http_chatdesk_poll_known(ngx_http_chatdesk_poll_t *poll)
{
    uint32_t                      wait;
    ngx_http_chatdesk_rate_t     *rate;
    ngx_http_chatdesk_session_t  *session = poll->session, *other;

    if (poll->person != NULL) {
        return NGX_OK;                      /* asked once more */
    }

    poll->person = ngx_http_chatdesk_person_get(session);
    if (poll->person == NULL) {
        ngx_http_chatdesk_hello_refuse(session, CD_E_BUSY, 0);
        return NGX_DONE;
    }

    rate = ngx_http_chatdesk_person_rate(poll->person);
    session->rate = rate;

    wait = ngx_http_chatdesk_rate_take(&rate[NGX_HTTP_CHATDESK_RATE_REQUEST],
                                       &session->conf->rate,
                                       ngx_current_msec);
    if (wait != 0) {
        ngx_http_chatdesk_hello_refuse(session, CD_E_RATE_LIMITED, wait);
        return NGX_DONE;
    }

    if (!poll->hold || poll->asked.len == 0) {
        return NGX_OK;
    }

    /* a request of the same session that still waits returns at once */

    other = ngx_http_chatdesk_session_find(&poll->asked);

    if (other != NULL && other->transport == &ngx_http_chatdesk_poll
        && other->desk == session->desk && other->agent == session->agent
        && other->who.len == session->who.len
        && ngx_memcmp(other->who.data, session->who.data, other->who.len) == 0)
    {
        other->linger = 1;
        ngx_http_chatdesk_session_close(other, CD_CLOSE_RESTART);
    }

    (void) ngx_http_chatdesk_lease_take(session, &poll->asked);

    return NGX_OK;
}


/* A visitor is known by its token.  One that holds asks each time which
   conversation is open, which enters it again if that was lost. */

static ngx_int_t
ngx_http_chatdesk_poll_ask_visitor(ngx_http_chatdesk_session_t *session)
{
    ngx_str_t                   conv = ngx_null_string;
    ngx_http_chatdesk_hello_t  *hello = session->hello;
    ngx_http_chatdesk_poll_t   *poll = session->peer;

    if (ngx_http_chatdesk_poll_known(poll) != NGX_OK) {
        return NGX_OK;
    }

    if (!poll->hold && hello->visitor_new) {
        ngx_http_chatdesk_hello_refuse(session, CD_E_UNAUTHORIZED, 0);
        return NGX_OK;
    }

    if (!poll->hold) {
        hello->token_new = 0;               /* the next that holds brings it */
        ngx_http_chatdesk_hello_welcome(session, &conv);
        return NGX_OK;
    }

    return ngx_http_chatdesk_hello_call(session);
}


/* An agent's cookie is exchanged for who it is; one that holds may have to
   be registered then, with a ticket as on a socket. */

static ngx_int_t
ngx_http_chatdesk_poll_ask(ngx_http_chatdesk_session_t *session)
{
    u_char                         secret[NGX_HTTP_CHATDESK_SECRET_LEN];
    u_char                         at[NGX_HTTP_CHATDESK_NUMBER_LEN];
    ngx_int_t                      rc;
    ngx_str_t                      argv[2];
    struct cd_frame                frame;
    ngx_http_chatdesk_poll_t      *poll = session->peer;
    ngx_http_chatdesk_request_t   *request;

    if (!session->agent) {
        return ngx_http_chatdesk_poll_ask_visitor(session);
    }

    if (ngx_http_chatdesk_secret_draw(secret) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_chatdesk_hash(session->hello->ticket, secret, sizeof(secret));

    argv[0].data = session->hello->ticket;
    argv[0].len = sizeof(session->hello->ticket);
    argv[1] = ngx_http_chatdesk_number(at, ngx_http_chatdesk_now());

    cd_frame_init(&frame, CD_T_HELLO);
    request = ngx_http_chatdesk_session_begin(session, &frame);

    if (request == NULL) {
        return NGX_ERROR;
    }

    if (poll->hold) {
        rc = ngx_http_chatdesk_desk_call(session->desk, "cd_ticket", "s:",
                                         &session->login,
                                         ngx_http_chatdesk_poll_agent,
                                         request, 2, argv);
    } else {
        rc = ngx_http_chatdesk_desk_call(session->desk, "cd_session", "s:",
                                         &session->login,
                                         ngx_http_chatdesk_poll_agent,
                                         request, 1, &argv[1]);
    }

    if (rc != NGX_OK) {
        ngx_free(request);
        session->pending--;
    }

    return rc;
}


static void
ngx_http_chatdesk_poll_agent(void *data, redisReply *reply)
{
    ngx_str_t                     who, name, conv = ngx_null_string;
    ngx_http_chatdesk_poll_t     *poll;
    ngx_http_chatdesk_session_t  *session;

    session = ngx_http_chatdesk_hello_end(data, reply, 4);
    if (session == NULL) {
        return;
    }

    poll = session->peer;
    who = ngx_http_chatdesk_reply_str(reply, 1);
    name = ngx_http_chatdesk_reply_str(reply, 2);

    if (who.len == 0 || who.len > cd_field_row(CD_F_WHO)->max
        || ngx_http_chatdesk_session_is(session, (char *) who.data, who.len)
           != NGX_OK
        || ngx_http_chatdesk_session_keep(&session->name, (char *) name.data,
                                          name.len)
           != NGX_OK)
    {
        ngx_http_chatdesk_hello_refuse(session, CD_E_INTERNAL, 0);
        return;
    }

    if (ngx_http_chatdesk_poll_known(poll) != NGX_OK) {
        return;
    }

    if (!poll->hold || session->online) {
        ngx_http_chatdesk_hello_welcome(session, &conv);

    } else if (ngx_http_chatdesk_hello_call(session) != NGX_OK) {
        ngx_http_chatdesk_hello_refuse(session, CD_E_BUSY, 0);
    }
}


/* -- feeds and frames -- */

static void
ngx_http_chatdesk_poll_at(void *data, struct cd_frame *frame, ngx_int_t rc,
    ngx_http_chatdesk_json_fault_t *fault)
{
    ngx_http_chatdesk_poll_t     *poll = data;
    ngx_http_chatdesk_session_t  *session = poll->session;

    if (session->state == NGX_HTTP_CHATDESK_CLOSED) {
        return;
    }

    if (rc != NGX_OK) {
        ngx_http_chatdesk_session_frame(session, frame, rc, fault);
        return;
    }

    if (cd_str_is(cd_frame_str(frame, CD_F_FEED), "inbox")) {
        poll->inbox = 1;
    }

    ngx_http_chatdesk_frame_follow(session, frame);
}


static void
ngx_http_chatdesk_poll_frame(void *data, struct cd_frame *frame, ngx_int_t rc,
    ngx_http_chatdesk_json_fault_t *fault)
{
    ngx_http_chatdesk_poll_t  *poll = data;

    static ngx_str_t  t = ngx_string("t");

    ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_FRAMES_IN, 1);

    if (rc == NGX_OK
        && (frame->type == CD_T_FOLLOW || frame->type == CD_T_UNFOLLOW))
    {
        rc = NGX_DECLINED;
        fault->error = CD_E_BAD_REQUEST;
        fault->field = t;
    }

    ngx_http_chatdesk_session_frame(poll->session, frame, rc, fault);
}


/* Follows what the client is to be told of; NGX_OK, NGX_ERROR. */

static ngx_int_t
ngx_http_chatdesk_poll_follow(ngx_http_chatdesk_poll_t *poll,
    ngx_str_t *conv, ngx_pool_t *pool)
{
    ngx_http_chatdesk_session_t  *session = poll->session;

    if (session->agent
        && ngx_http_chatdesk_json_each(poll->body.data, poll->body.len, "at",
                                       CD_T_FOLLOW, pool,
                                       ngx_http_chatdesk_poll_at, poll)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (poll->inbox || session->state == NGX_HTTP_CHATDESK_CLOSED) {
        return NGX_OK;
    }

    return ngx_http_chatdesk_hello_follow(session, conv);
}


static ngx_int_t
ngx_http_chatdesk_poll_opened(ngx_http_chatdesk_session_t *session,
    ngx_str_t *conv)
{
    ngx_int_t                  rc = NGX_OK;
    ngx_pool_t                *pool;
    ngx_http_chatdesk_poll_t  *poll = session->peer;

    pool = ngx_http_chatdesk_session_pool();
    if (pool == NULL) {
        return NGX_ERROR;
    }

    if (poll->hold) {
        rc = ngx_http_chatdesk_poll_follow(poll, conv, pool);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_chatdesk_json_each(poll->body.data, poll->body.len,
                                         "frames", 0, pool,
                                         ngx_http_chatdesk_poll_frame, poll);
    }

    ngx_reset_pool(pool);
    ngx_http_chatdesk_poll_wake(poll);

    return rc;
}
