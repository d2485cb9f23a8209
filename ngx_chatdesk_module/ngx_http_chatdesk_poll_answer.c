/*
 * When a poll is answered, and with what.
 *
 * Purpose:    one answer for all that a turn of the event loop brought.
 * Owner:      see ngx_http_chatdesk_poll_state.h.
 * Invariants: an answer is written once the session has left, so that
 *             nothing can be added behind it; the frames of the batch are
 *             the very bytes that a socket would have got.
 */

#include "ngx_http_chatdesk_api_state.h"
#include "ngx_http_chatdesk_poll_state.h"


/* Whether the answer can leave. */

static ngx_uint_t
ngx_http_chatdesk_poll_ready(ngx_http_chatdesk_poll_t *poll)
{
    ngx_http_chatdesk_session_t  *session = poll->session;

    if (poll->over || poll->refusal.error != CD_E_OK) {
        return 1;
    }

    if (session == NULL || session->state != NGX_HTTP_CHATDESK_OPEN
        || session->pending != 0)
    {
        return 0;
    }

    if (!poll->hold || ngx_exiting) {
        return 1;
    }

    /* windows that are under way belong to the news */

    return poll->out != NULL && !ngx_http_chatdesk_feed_waiting(session);
}


/* {"session":"..","frames":[..]} in the request's pool. */

static ngx_int_t
ngx_http_chatdesk_poll_batch(ngx_http_chatdesk_poll_t *poll, ngx_str_t *body)
{
    u_char                         *p;
    size_t                          len;
    ngx_str_t                       id = ngx_null_string;
    ngx_http_chatdesk_poll_link_t  *link;

    /* a session that was not registered is nobody's to take over */

    id = poll->asked;

    if (poll->session != NULL && (poll->hold || poll->session->online)) {
        id = poll->session->sn.str;
    }

    len = sizeof("{\"session\":\"\",\"frames\":[]}\n") + id.len + poll->bytes;

    for (link = poll->out; link != NULL; link = link->next) {
        len++;
    }

    p = ngx_pnalloc(poll->request->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    body->data = p;
    *p++ = '{';

    if (id.len != 0) {
        p = ngx_sprintf(p, "\"session\":\"%V\",", &id);
    }

    p = ngx_cpymem(p, "\"frames\":[", sizeof("\"frames\":[") - 1);

    for (link = poll->out; link != NULL; link = link->next) {
        p = ngx_cpymem(p, link->buf->payload,
                       link->buf->last - link->buf->payload);

        if (link->next != NULL) {
            *p++ = ',';
        }
    }

    p = ngx_cpymem(p, "]}\n", 3);
    body->len = p - body->data;

    return NGX_OK;
}


/* The poll is gone afterwards. */

static void
ngx_http_chatdesk_poll_answer(ngx_http_chatdesk_poll_t *poll)
{
    ngx_int_t            rc;
    ngx_str_t            body;
    ngx_connection_t    *c;
    ngx_http_request_t  *r = poll->request;

    c = r->connection;

    poll->answered = 1;

    if (poll->timer.timer_set) {
        ngx_del_timer(&poll->timer);
    }

    if (poll->refusal.error == CD_E_OK && poll->session != NULL
        && poll->session->state == NGX_HTTP_CHATDESK_ASKED)
    {
        /* a client that was not told who it is cannot go on */
        poll->refusal.error = CD_E_UNAVAILABLE;
    }

    if (poll->refusal.error != CD_E_OK) {
        ngx_http_chatdesk_poll_leave(poll);
        rc = ngx_http_chatdesk_api_error(r, poll->refusal.error,
                                         poll->refusal.retry_ms);

    } else {
        rc = ngx_http_chatdesk_poll_batch(poll, &body);
        ngx_http_chatdesk_poll_leave(poll);

        rc = (rc == NGX_OK) ? ngx_http_chatdesk_api_send(r, NGX_HTTP_OK, &body)
                            : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_finalize_request(r, rc);
    ngx_http_run_posted_requests(c);
}


void
ngx_http_chatdesk_poll_work(ngx_event_t *ev)
{
    ngx_http_chatdesk_poll_t  *poll = ev->data;

    if (!poll->answered && ngx_http_chatdesk_poll_ready(poll)) {
        ngx_http_chatdesk_poll_answer(poll);
    }
}
