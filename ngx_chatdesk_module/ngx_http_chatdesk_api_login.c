/*
 * Logins: a call to the desk's owner and its answer.
 *
 *   body --> PUBLISH call (api_owner.c) --> `reply` on the node's channel
 *        --> cookie
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

/* an envelope of `logon`: two ids, a login, a password, a key, an address */
#define NGX_HTTP_CHATDESK_LOGON_MAX   2048


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
    ngx_str_t        *address, payload;
    ngx_uint_t        error;
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

    OPENSSL_cleanse(call->password.data, call->password.len);

    error = (payload.len == 0) ? CD_E_INTERNAL
            : ngx_http_chatdesk_owner_publish(call, &payload);

    OPENSSL_cleanse(buf, sizeof(buf));

    return error;
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

    return ngx_http_chatdesk_owner_ask(call, NGX_HTTP_CHATDESK_LOGIN_TIME,
                                       ngx_http_chatdesk_login_call);
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

    if (call == NULL || call->desk != desk
        || call->publish != ngx_http_chatdesk_login_call)
    {
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
    user.role = ngx_http_chatdesk_field(reply, CD_F_ROLE);

    if (ngx_http_chatdesk_cookie_set(call) != NGX_OK) {
        ngx_http_chatdesk_call_error(call, CD_E_INTERNAL, 0);
        return;
    }

    ngx_http_chatdesk_call_user(call, &user);
}
