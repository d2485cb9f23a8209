/*
 * Logins: a call to the desk's owner and its answer.
 *
 *   body --> wait until this node can be answered --> PUBLISH call
 *        --> `reply` on the node's channel --> cookie
 *
 * Purpose:    hands login and password to the worker without storing them
 *             anywhere.
 * Owner:      see ngx_http_chatdesk_api_state.h.
 * Invariants: ends within NGX_HTTP_CHATDESK_LOGIN_TIME whatever happens;
 *             the password is wiped as soon as it has left and never logged.
 */

#include <ngx_config.h>

#include <openssl/crypto.h>

#include "ngx_http_chatdesk_api_state.h"


#define NGX_HTTP_CHATDESK_LOGIN_TIME  5000      /* ms */
#define NGX_HTTP_CHATDESK_LOGIN_LOOK  20        /* ms */

/* an envelope of `logon`: two ids, a login, a password, a key, an address */
#define NGX_HTTP_CHATDESK_LOGON_MAX   2048


static void ngx_http_chatdesk_login_timer(ngx_event_t *ev);
static void ngx_http_chatdesk_login_called(void *data, redisReply *reply);


/* Login and password from the body; CD_E_OK or the error. */

static ngx_uint_t
ngx_http_chatdesk_login_parse(ngx_http_chatdesk_call_t *call)
{
    ngx_int_t                        rc;
    ngx_str_t                        body;
    ngx_uint_t                       error;
    struct cd_frame                  frame;
    ngx_http_chatdesk_json_fault_t   fault;

    static const uint8_t  fields[] = { CD_F_LOGIN, CD_F_PASSWORD, 0 };

    error = ngx_http_chatdesk_api_body(call->request, CD_LIMIT_LOGIN_BODY,
                                       &body);
    if (error != CD_E_OK) {
        return error;
    }

    rc = ngx_http_chatdesk_json_fields(&frame, fields, body.data, body.len,
                                       call->request->pool, &fault);

    OPENSSL_cleanse(body.data, body.len);

    if (rc != NGX_OK) {
        return (rc == NGX_ERROR) ? CD_E_INTERNAL : CD_E_BAD_REQUEST;
    }

    call->login = ngx_http_chatdesk_field(&frame, CD_F_LOGIN);
    call->password = ngx_http_chatdesk_field(&frame, CD_F_PASSWORD);

    return CD_E_OK;
}


/* Publishes the `logon`; CD_E_OK or the error. */

static ngx_uint_t
ngx_http_chatdesk_login_call(ngx_http_chatdesk_call_t *call)
{
    char              buf[NGX_HTTP_CHATDESK_LOGON_MAX];
    void             *data;
    ngx_int_t         rc;
    ngx_str_t        *address, payload;
    struct cd_frame   logon;

    address = &call->request->connection->addr_text;

    cd_frame_init(&logon, CD_T_LOGON);
    logon.at_ms = ngx_http_chatdesk_now();

    cd_frame_set_str(&logon, CD_F_ID, (char *) call->id,
                     NGX_HTTP_CHATDESK_ID_LEN);
    cd_frame_set_str(&logon, CD_F_NODE, (char *) call->desk->node.data,
                     call->desk->node.len);
    cd_frame_set_str(&logon, CD_F_LOGIN, (char *) call->login.data,
                     call->login.len);
    cd_frame_set_str(&logon, CD_F_PASSWORD, (char *) call->password.data,
                     call->password.len);
    cd_frame_set_str(&logon, CD_F_SESSION_KEY, (char *) call->key,
                     NGX_HTTP_CHATDESK_HASH_LEN);
    cd_frame_set_str(&logon, CD_F_ADDRESS, (char *) address->data,
                     address->len);

    payload.data = (u_char *) buf;
    payload.len = cd_frame_encode(&logon, buf, sizeof(buf));
    data = ngx_http_chatdesk_call_data(call);

    OPENSSL_cleanse(call->password.data, call->password.len);

    if (payload.len == 0 || data == NULL) {
        OPENSSL_cleanse(buf, sizeof(buf));
        ngx_free(data);
        return CD_E_INTERNAL;
    }

    rc = ngx_http_chatdesk_desk_publish(call->desk, "call", NULL, &payload,
                                        ngx_http_chatdesk_login_called, data);

    OPENSSL_cleanse(buf, sizeof(buf));

    if (rc != NGX_OK) {
        ngx_free(data);
        return CD_E_UNAVAILABLE;
    }

    return CD_E_OK;
}


/* Calls when the answer can come, or waits on. */

static ngx_uint_t
ngx_http_chatdesk_login_try(ngx_http_chatdesk_call_t *call)
{
    ngx_msec_t      wait;
    ngx_msec_int_t  left;

    left = (ngx_msec_int_t) (call->deadline - ngx_current_msec);

    if (left <= 0) {
        return CD_E_UNAVAILABLE;
    }

    wait = NGX_HTTP_CHATDESK_LOGIN_LOOK;

    if (call->desk->listening
        && ngx_http_chatdesk_redis_ready(call->desk->redis))
    {
        wait = (ngx_msec_t) left;
    }

    ngx_add_timer(&call->timer, wait);

    return (wait == (ngx_msec_t) left) ? ngx_http_chatdesk_login_call(call)
                                       : CD_E_OK;
}


ngx_uint_t
ngx_http_chatdesk_login_start(ngx_http_chatdesk_call_t *call)
{
    ngx_uint_t  error;

    error = ngx_http_chatdesk_login_parse(call);
    if (error != CD_E_OK) {
        return error;
    }

    if (ngx_http_chatdesk_secret_draw(call->secret) != NGX_OK) {
        return CD_E_INTERNAL;
    }

    ngx_http_chatdesk_hash(call->key, call->secret,
                           NGX_HTTP_CHATDESK_SECRET_LEN);

    call->deadline = ngx_current_msec + NGX_HTTP_CHATDESK_LOGIN_TIME;
    call->timer.handler = ngx_http_chatdesk_login_timer;
    call->timer.data = call;
    call->timer.log = call->request->connection->log;

    return ngx_http_chatdesk_login_try(call);
}


static void
ngx_http_chatdesk_login_timer(ngx_event_t *ev)
{
    ngx_uint_t                 error;
    ngx_connection_t          *c;
    ngx_http_chatdesk_call_t  *call = ev->data;

    c = call->request->connection;
    error = ngx_http_chatdesk_login_try(call);

    if (error != CD_E_OK) {
        ngx_http_chatdesk_call_error(call, error, 0);
        ngx_http_run_posted_requests(c);
    }
}


/* How many heard the call: one owner, or nobody. */

static void
ngx_http_chatdesk_login_called(void *data, redisReply *reply)
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
                  "chatdesk: a login at desk \"%V\" was answered with "
                  "unavailable because no worker serves the desk",
                  &call->desk->name);

    ngx_http_chatdesk_call_error(call, CD_E_UNAVAILABLE, 0);
}


void
ngx_http_chatdesk_api_reply(ngx_http_chatdesk_desk_t *desk,
    struct cd_frame *reply)
{
    ngx_str_t                  id;
    struct cd_str              code;
    ngx_http_chatdesk_call_t  *call;
    ngx_http_chatdesk_user_t   user;

    id = ngx_http_chatdesk_field(reply, CD_F_ID);
    call = ngx_http_chatdesk_call_find(&id);

    if (call == NULL || call->desk != desk) {
        return;                             /* it came too late */
    }

    if (cd_frame_uint(reply, CD_F_STATUS) != NGX_HTTP_OK) {
        code = cd_frame_str(reply, CD_F_CODE);
        ngx_http_chatdesk_call_error(call, cd_error_find(code.data, code.len),
                                     cd_frame_uint(reply, CD_F_RETRY_AFTER));
        return;
    }

    user.who = ngx_http_chatdesk_field(reply, CD_F_WHO);
    user.name = ngx_http_chatdesk_field(reply, CD_F_NAME);
    ngx_str_set(&user.role, "agent");

    if (ngx_http_chatdesk_cookie_set(call) != NGX_OK) {
        ngx_http_chatdesk_call_error(call, CD_E_INTERNAL, 0);
        return;
    }

    ngx_http_chatdesk_call_user(call, &user);
}
