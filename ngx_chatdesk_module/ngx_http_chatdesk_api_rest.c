/*
 * The REST interface: what stands below v1/ is answered by the worker.
 *
 *   cookie --> cd_session --> who --+
 *                                   +--> `ask` --> owner --> `answer`
 *   Authorization: Bearer, hashed --+
 *
 * Purpose:    carries a request to the desk's owner and its answer back.
 * Owner:      see ngx_http_chatdesk_api_state.h.
 * Invariants: what a path means, and who may ask it, is the worker's alone;
 *             an API key leaves this process only as its SHA-256; a request
 *             whose answer does not come ends with 503.
 */

#include <ngx_config.h>

#include "ngx_http_chatdesk_api_state.h"


/* room for an envelope of `ask` beside path, query and body: ids, a hash, an
   address, two headers, heads of fields */
#define NGX_HTTP_CHATDESK_ASK_MORE  1024


/* What stands behind "Bearer "; empty when there is none of this form. */

static ngx_str_t
ngx_http_chatdesk_rest_bearer(ngx_http_request_t *r)
{
    ngx_str_t  key = ngx_null_string, *value;

    static const size_t  scheme = sizeof("Bearer ") - 1;

    if (r->headers_in.authorization == NULL) {
        return key;
    }

    value = &r->headers_in.authorization->value;

    if (value->len > scheme
        && ngx_strncasecmp(value->data, (u_char *) "Bearer ", scheme) == 0)
    {
        key.data = value->data + scheme;
        key.len = value->len - scheme;
    }

    return key;
}


/* The value of a header that nginx does not look for; empty: none. */

static ngx_str_t
ngx_http_chatdesk_rest_header(ngx_http_request_t *r, const char *name)
{
    ngx_str_t         none = ngx_null_string;
    ngx_uint_t        i;
    ngx_list_part_t  *part = &r->headers_in.headers.part;
    ngx_table_elt_t  *header = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                return none;
            }

            part = part->next;
            header = part->elts;
            i = 0;
        }

        if (header[i].key.len == ngx_strlen(name)
            && ngx_strncasecmp(header[i].key.data, (u_char *) name,
                               header[i].key.len)
               == 0)
        {
            return header[i].value;
        }
    }
}


static void
ngx_http_chatdesk_rest_set(struct cd_frame *ask, unsigned field,
    ngx_str_t *value)
{
    if (value->len > 0) {
        cd_frame_set_str(ask, field, (char *) value->data, value->len);
    }
}


/* Headers that the worker looks at; CD_E_OK or the error. */

static ngx_uint_t
ngx_http_chatdesk_rest_headers(ngx_http_request_t *r, struct cd_frame *ask)
{
    ngx_str_t  once, tag = ngx_null_string;

    once = ngx_http_chatdesk_rest_header(r, "Idempotency-Key");

    if (r->headers_in.if_match != NULL) {
        tag = r->headers_in.if_match->value;
    }

    if (once.len > cd_field_row(CD_F_ONCE)->max
        || tag.len > cd_field_row(CD_F_TAG)->max)
    {
        return CD_E_BAD_REQUEST;
    }

    ngx_http_chatdesk_rest_set(ask, CD_F_ONCE, &once);
    ngx_http_chatdesk_rest_set(ask, CD_F_TAG, &tag);

    return CD_E_OK;
}


/* Publishes the `ask`; CD_E_OK or the error. */

static ngx_uint_t
ngx_http_chatdesk_rest_call(ngx_http_chatdesk_call_t *call)
{
    size_t               size;
    ngx_str_t            envelope, method;
    ngx_uint_t           error;
    struct cd_frame      ask;
    ngx_http_request_t  *r = call->request;

    static ngx_str_t  get = ngx_string("GET");

    cd_frame_init(&ask, CD_T_ASK);
    ask.at_ms = ngx_http_chatdesk_now();

    error = ngx_http_chatdesk_rest_headers(r, &ask);
    if (error != CD_E_OK) {
        return error;
    }

    method = (r->method == NGX_HTTP_HEAD) ? get : r->method_name;

    cd_frame_set_str(&ask, CD_F_ID, (char *) call->id,
                     NGX_HTTP_CHATDESK_ID_LEN);
    ngx_http_chatdesk_rest_set(&ask, CD_F_NODE, &call->desk->node);
    ngx_http_chatdesk_rest_set(&ask, CD_F_METHOD, &method);
    ngx_http_chatdesk_rest_set(&ask, CD_F_PATH, &call->path);
    ngx_http_chatdesk_rest_set(&ask, CD_F_QUERY, &r->args);
    ngx_http_chatdesk_rest_set(&ask, CD_F_BODY, &call->body);
    ngx_http_chatdesk_rest_set(&ask, CD_F_ADDRESS, &r->connection->addr_text);
    ngx_http_chatdesk_rest_set(&ask, CD_F_WHO, &call->who);

    cd_frame_set_str(&ask, (call->who.len == 0) ? CD_F_KEY_HASH
                                                : CD_F_SESSION_KEY,
                     (char *) call->key, NGX_HTTP_CHATDESK_HASH_LEN);

    size = call->path.len + r->args.len + call->body.len
           + NGX_HTTP_CHATDESK_ASK_MORE;
    envelope.data = ngx_pnalloc(r->pool, size);

    if (envelope.data == NULL) {
        return CD_E_INTERNAL;
    }

    envelope.len = cd_frame_encode(&ask, (char *) envelope.data, size);

    return envelope.len > 0 ? ngx_http_chatdesk_owner_publish(call, &envelope)
                            : CD_E_INTERNAL;
}


static ngx_uint_t
ngx_http_chatdesk_rest_ask(ngx_http_chatdesk_call_t *call)
{
    return ngx_http_chatdesk_owner_ask(call, CD_LIMIT_API_MS,
                                       ngx_http_chatdesk_rest_call);
}


/* Whose login it is. */

static void
ngx_http_chatdesk_rest_who(void *data, redisReply *reply)
{
    ngx_str_t                  who;
    ngx_uint_t                 error;
    ngx_http_chatdesk_call_t  *call;

    call = ngx_http_chatdesk_call_end(data);
    if (call == NULL) {
        return;
    }

    if (ngx_http_chatdesk_desk_reply(reply, 4, &error, call->desk->log)
        != NGX_ERROR)
    {
        who = ngx_http_chatdesk_reply_str(reply, 1);
        call->who.len = who.len;
        call->who.data = ngx_pstrdup(call->request->pool, &who);

        error = (call->who.data == NULL || who.len == 0)
                ? CD_E_INTERNAL : ngx_http_chatdesk_rest_ask(call);
    }

    if (error != CD_E_OK) {
        ngx_http_chatdesk_call_error(call, error, 0);
    }
}


/* Path and body; CD_E_OK or the error. */

static ngx_uint_t
ngx_http_chatdesk_rest_take(ngx_http_chatdesk_call_t *call)
{
    ngx_str_t            name;
    ngx_http_request_t  *r = call->request;

    name = ngx_http_chatdesk_api_name(r);
    call->path.data = name.data + call->route->name.len;
    call->path.len = name.len - call->route->name.len;

    if (call->path.len > CD_LIMIT_API_PATH
        || r->args.len > CD_LIMIT_API_QUERY)
    {
        return CD_E_BAD_REQUEST;
    }

    if (!call->route->body || r->request_body == NULL
        || r->request_body->bufs == NULL)
    {
        return CD_E_OK;
    }

    return ngx_http_chatdesk_api_body(r, call->route->body_max, &call->body);
}


ngx_uint_t
ngx_http_chatdesk_rest_start(ngx_http_chatdesk_call_t *call)
{
    u_char     buf[NGX_HTTP_CHATDESK_NUMBER_LEN];
    ngx_str_t  at, key;
    ngx_uint_t error;

    error = ngx_http_chatdesk_rest_take(call);
    if (error != CD_E_OK) {
        return error;
    }

    key = ngx_http_chatdesk_rest_bearer(call->request);

    if (key.len > 0) {
        ngx_http_chatdesk_hash(call->key, key.data, key.len);
        return ngx_http_chatdesk_rest_ask(call);
    }

    if (ngx_http_chatdesk_cookie_key(call->request, call->desk, call->key)
        != NGX_OK)
    {
        return CD_E_UNAUTHORIZED;
    }

    at = ngx_http_chatdesk_number(buf, ngx_http_chatdesk_now());

    return ngx_http_chatdesk_call_redis(call, "cd_session",
                                        ngx_http_chatdesk_rest_who, 1, &at);
}


/* A field of the answer as a header; NGX_OK, NGX_ERROR. */

static ngx_int_t
ngx_http_chatdesk_rest_give(ngx_http_chatdesk_call_t *call,
    struct cd_frame *answer, unsigned field, const char *name)
{
    ngx_str_t  value;

    value = ngx_http_chatdesk_field(answer, field);

    if (value.len == 0) {
        return NGX_OK;
    }

    value.data = ngx_pstrdup(call->request->pool, &value);

    return (value.data == NULL) ? NGX_ERROR
           : ngx_http_chatdesk_api_header(call->request, name, &value);
}


static ngx_int_t
ngx_http_chatdesk_rest_retry(ngx_http_chatdesk_call_t *call,
    struct cd_frame *answer)
{
    if (!cd_frame_has(answer, CD_F_RETRY_AFTER)) {
        return NGX_OK;
    }

    return ngx_http_chatdesk_api_retry(call->request,
                                cd_frame_uint(answer, CD_F_RETRY_AFTER));
}


void
ngx_http_chatdesk_rest_answer(ngx_http_chatdesk_desk_t *desk,
    struct cd_frame *answer)
{
    ngx_str_t                  id, body;
    ngx_uint_t                 status;
    ngx_http_chatdesk_call_t  *call;

    id = ngx_http_chatdesk_field(answer, CD_F_ID);
    call = ngx_http_chatdesk_call_find(&id);

    if (call == NULL || call->desk != desk
        || call->publish != ngx_http_chatdesk_rest_call)
    {
        return;                             /* it came too late */
    }

    status = cd_frame_uint(answer, CD_F_STATUS);
    body = ngx_http_chatdesk_field(answer, CD_F_BODY);

    if (body.len > 0) {
        body.data = ngx_pstrdup(call->request->pool, &body);
    }

    /* nginx would hold If-Match against what has just been written */
    call->request->disable_not_modified = 1;

    if (status < NGX_HTTP_OK || body.data == NULL
        || ngx_http_chatdesk_rest_give(call, answer, CD_F_TAG, "ETag")
               != NGX_OK
        || ngx_http_chatdesk_rest_give(call, answer, CD_F_ALLOW, "Allow")
               != NGX_OK
        || ngx_http_chatdesk_rest_retry(call, answer) != NGX_OK)
    {
        ngx_http_chatdesk_call_error(call, CD_E_INTERNAL, 0);
        return;
    }

    ngx_http_chatdesk_call_answer(call, status, &body);
}
