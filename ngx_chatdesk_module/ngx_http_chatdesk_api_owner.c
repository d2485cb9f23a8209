/*
 * Calls of the HTTP interface that the desk's owner answers.
 *
 *   start --> wait until this node can be answered --> PUBLISH call
 *         --> `reply` or `answer` on the node's channel
 *
 * Purpose:    what logins and REST requests share: patience, and an end.
 * Owner:      see ngx_http_chatdesk_api_state.h.
 * Invariants: a call ends within its time whatever happens to Redis, to the
 *             worker or to the answer.
 */

#include "ngx_http_chatdesk_api_state.h"


#define NGX_HTTP_CHATDESK_OWNER_LOOK  20        /* ms */


static void ngx_http_chatdesk_owner_timer(ngx_event_t *ev);
static void ngx_http_chatdesk_owner_called(void *data, redisReply *reply);


/* Calls when the answer can come, or waits on. */

static ngx_uint_t
ngx_http_chatdesk_owner_try(ngx_http_chatdesk_call_t *call)
{
    ngx_msec_t      wait;
    ngx_msec_int_t  left;

    left = (ngx_msec_int_t) (call->deadline - ngx_current_msec);

    if (left <= 0) {
        return CD_E_UNAVAILABLE;
    }

    wait = NGX_HTTP_CHATDESK_OWNER_LOOK;

    if (call->desk->listening
        && ngx_http_chatdesk_redis_ready(call->desk->redis))
    {
        wait = (ngx_msec_t) left;
    }

    ngx_add_timer(&call->timer, wait);

    return (wait == (ngx_msec_t) left) ? call->publish(call) : CD_E_OK;
}


static void
ngx_http_chatdesk_owner_timer(ngx_event_t *ev)
{
    ngx_uint_t                 error;
    ngx_connection_t          *c;
    ngx_http_chatdesk_call_t  *call = ev->data;

    c = call->request->connection;
    error = ngx_http_chatdesk_owner_try(call);

    if (error != CD_E_OK) {
        ngx_http_chatdesk_call_error(call, error, 0);
        ngx_http_run_posted_requests(c);
    }
}


ngx_uint_t
ngx_http_chatdesk_owner_ask(ngx_http_chatdesk_call_t *call, ngx_msec_t time,
    ngx_uint_t (*publish)(ngx_http_chatdesk_call_t *call))
{
    call->publish = publish;
    call->deadline = ngx_current_msec + time;
    call->timer.handler = ngx_http_chatdesk_owner_timer;
    call->timer.data = call;
    call->timer.log = call->request->connection->log;

    return ngx_http_chatdesk_owner_try(call);
}


ngx_uint_t
ngx_http_chatdesk_owner_publish(ngx_http_chatdesk_call_t *call,
    ngx_str_t *envelope)
{
    void  *data;

    data = ngx_http_chatdesk_call_data(call);
    if (data == NULL) {
        return CD_E_INTERNAL;
    }

    if (ngx_http_chatdesk_desk_publish(call->desk, "call", NULL, envelope,
                                       ngx_http_chatdesk_owner_called, data)
        != NGX_OK)
    {
        ngx_free(data);
        return CD_E_UNAVAILABLE;
    }

    return CD_E_OK;
}


/* How many heard the call: one owner, or nobody. */

static void
ngx_http_chatdesk_owner_called(void *data, redisReply *reply)
{
    ngx_http_chatdesk_call_t  *call;

    call = ngx_http_chatdesk_call_end(data);

    if (call == NULL
        || (reply != NULL && reply->type == REDIS_REPLY_INTEGER
            && reply->integer > 0))
    {
        return;
    }

    ngx_log_error(NGX_LOG_ERR, call->desk->log, 0,
                  "chatdesk: \"%V\" at desk \"%V\" was answered with "
                  "unavailable because no worker serves the desk",
                  &call->route->name, &call->desk->name);

    ngx_http_chatdesk_call_error(call, CD_E_UNAVAILABLE, 0);
}
