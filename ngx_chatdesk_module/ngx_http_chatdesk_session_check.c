/*
 * The login behind an agent's socket, looked up now and then.
 *
 * Purpose:    a login that has ended in a way that nobody published still
 *             ends its sockets; one that is in use does not run out.
 * Owner:      the session owns the timer, which dies with it; the look-up
 *             under way carries the session's reference.
 * Invariants: only `unauthorized` ends a session: that Redis is away is no
 *             reason to sign somebody out.
 */

#include "ngx_http_chatdesk_session_state.h"


static void ngx_http_chatdesk_check_timer(ngx_event_t *ev);
static void ngx_http_chatdesk_check_reply(void *data, redisReply *reply);


ngx_int_t
ngx_http_chatdesk_check_start(ngx_http_chatdesk_session_t *session)
{
    ngx_event_t  *ev;

    ev = ngx_calloc(sizeof(ngx_event_t),
                    session->log);
    if (ev == NULL) {
        return NGX_ERROR;
    }

    ev->handler = ngx_http_chatdesk_check_timer;
    ev->data = session;
    ev->log = session->log;
    ev->cancelable = 1;

    session->check = ev;
    ngx_add_timer(ev, session->conf->recheck);

    return NGX_OK;
}


void
ngx_http_chatdesk_check_stop(ngx_http_chatdesk_session_t *session)
{
    ngx_event_t  *ev = session->check;

    if (ev == NULL) {
        return;
    }

    if (ev->timer_set) {
        ngx_del_timer(ev);
    }

    session->check = NULL;
    ngx_free(ev);
}


static void
ngx_http_chatdesk_check_timer(ngx_event_t *ev)
{
    u_char                        buf[NGX_HTTP_CHATDESK_NUMBER_LEN];
    ngx_str_t                     at;
    ngx_http_chatdesk_ref_t      *ref;
    ngx_http_chatdesk_session_t  *session = ev->data;

    ngx_add_timer(ev, session->conf->recheck);

    ref = ngx_alloc(sizeof(ngx_http_chatdesk_ref_t), ev->log);
    if (ref == NULL) {
        return;
    }

    *ref = session->ref;
    at = ngx_http_chatdesk_number(buf, ngx_http_chatdesk_now());

    if (ngx_http_chatdesk_desk_call(session->desk, "cd_session", "s:",
                                    &session->login,
                                    ngx_http_chatdesk_check_reply, ref, 1,
                                    &at)
        != NGX_OK)
    {
        ngx_free(ref);
    }
}


static void
ngx_http_chatdesk_check_reply(void *data, redisReply *reply)
{
    ngx_uint_t                    error;
    ngx_http_chatdesk_ref_t      *ref = data;
    ngx_http_chatdesk_session_t  *session;

    session = ngx_http_chatdesk_session_get(*ref);
    ngx_free(ref);

    if (session == NULL
        || ngx_http_chatdesk_desk_reply(reply, 1, &error,
                                     session->log)
           != NGX_ERROR
        || error != CD_E_UNAUTHORIZED)
    {
        return;
    }

    ngx_log_error(NGX_LOG_INFO, session->log, 0,
                  "chatdesk: login of session %*s has ended, closes",
                  (size_t) NGX_HTTP_CHATDESK_ID_LEN, session->id);

    ngx_http_chatdesk_session_close(session, CD_CLOSE_SIGNED_OUT);
}
