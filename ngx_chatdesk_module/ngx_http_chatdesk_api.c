/*
 * The HTTP interface for agents: its routes, and calls under way.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_api.h and
 * ngx_http_chatdesk_api_state.h.
 *
 *   request --> route, method, origin, desk --> start --> Redis --> answer
 *                                                \--> (login) the owner
 */

#include <ngx_config.h>

#include <openssl/rand.h>

#include "ngx_http_chatdesk_api_state.h"
#include "ngx_http_chatdesk_origin.h"


static ngx_uint_t ngx_http_chatdesk_session_start(
    ngx_http_chatdesk_call_t *call);
static ngx_uint_t ngx_http_chatdesk_ticket_start(
    ngx_http_chatdesk_call_t *call);
static ngx_uint_t ngx_http_chatdesk_logout_start(
    ngx_http_chatdesk_call_t *call);


static const ngx_http_chatdesk_route_t  ngx_http_chatdesk_routes[] = {
    { ngx_string("login"), NGX_HTTP_POST, ngx_string("POST"), 1, 0,
      CD_LIMIT_LOGIN_BODY, ngx_http_chatdesk_login_start },
    { ngx_string("session"), NGX_HTTP_GET, ngx_string("GET"), 0, 1, 0,
      ngx_http_chatdesk_session_start },
    { ngx_string("ticket"), NGX_HTTP_POST, ngx_string("POST"), 0, 1, 0,
      ngx_http_chatdesk_ticket_start },
    { ngx_string("logout"), NGX_HTTP_POST, ngx_string("POST"), 0, 0, 0,
      ngx_http_chatdesk_logout_start }
};

/* everything below v1/: the worker knows what there is */

static const ngx_http_chatdesk_route_t  ngx_http_chatdesk_rest_read = {
    ngx_string("v1/"), NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_DELETE,
    ngx_string("GET, HEAD, POST, PUT, PATCH, DELETE"), 0, 0, 0,
    ngx_http_chatdesk_rest_start
};

static const ngx_http_chatdesk_route_t  ngx_http_chatdesk_rest_write = {
    ngx_string("v1/"), NGX_HTTP_POST|NGX_HTTP_PUT|NGX_HTTP_PATCH,
    ngx_string("GET, HEAD, POST, PUT, PATCH, DELETE"), 1, 0,
    CD_LIMIT_API_BODY, ngx_http_chatdesk_rest_start
};

static ngx_rbtree_t        ngx_http_chatdesk_calls;
static ngx_rbtree_node_t   ngx_http_chatdesk_calls_sentinel;


/* -- calls -- */

ngx_http_chatdesk_call_t *
ngx_http_chatdesk_call_find(ngx_str_t *id)
{
    if (ngx_http_chatdesk_calls.root == NULL) {
        return NULL;
    }

    return (ngx_http_chatdesk_call_t *)
               ngx_str_rbtree_lookup(&ngx_http_chatdesk_calls, id,
                                     ngx_crc32_short(id->data, id->len));
}


/* The request's end. */

static void
ngx_http_chatdesk_call_cleanup(void *data)
{
    ngx_http_chatdesk_call_t  *call = data;

    ngx_rbtree_delete(&ngx_http_chatdesk_calls, &call->sn.node);

    if (call->timer.timer_set) {
        ngx_del_timer(&call->timer);
    }

    ngx_http_chatdesk_desk_leave(call->desk);
}


static ngx_http_chatdesk_call_t *
ngx_http_chatdesk_call_create(ngx_http_request_t *r,
    const ngx_http_chatdesk_route_t *route, ngx_http_chatdesk_desk_t *desk)
{
    ngx_pool_cleanup_t        *cln;
    ngx_http_chatdesk_call_t  *call;

    call = ngx_pcalloc(r->pool, sizeof(ngx_http_chatdesk_call_t));
    cln = ngx_pool_cleanup_add(r->pool, 0);

    if (call == NULL || cln == NULL
        || ngx_http_chatdesk_random_id(call->id) != NGX_OK)
    {
        return NULL;
    }

    if (ngx_http_chatdesk_calls.root == NULL) {
        ngx_rbtree_init(&ngx_http_chatdesk_calls,
                        &ngx_http_chatdesk_calls_sentinel,
                        ngx_str_rbtree_insert_value);
    }

    call->request = r;
    call->route = route;
    call->desk = desk;

    call->sn.str.data = call->id;
    call->sn.str.len = NGX_HTTP_CHATDESK_ID_LEN;
    call->sn.node.key = ngx_crc32_short(call->id, NGX_HTTP_CHATDESK_ID_LEN);
    ngx_rbtree_insert(&ngx_http_chatdesk_calls, &call->sn.node);

    cln->handler = ngx_http_chatdesk_call_cleanup;
    cln->data = call;

    ngx_http_chatdesk_desk_enter(desk);

    return call;
}


void *
ngx_http_chatdesk_call_data(ngx_http_chatdesk_call_t *call)
{
    u_char  *id;

    id = ngx_alloc(NGX_HTTP_CHATDESK_ID_LEN, call->request->connection->log);

    if (id != NULL) {
        ngx_memcpy(id, call->id, NGX_HTTP_CHATDESK_ID_LEN);
    }

    return id;
}


ngx_http_chatdesk_call_t *
ngx_http_chatdesk_call_end(void *data)
{
    ngx_str_t                  id;
    ngx_http_chatdesk_call_t  *call;

    id.data = data;
    id.len = NGX_HTTP_CHATDESK_ID_LEN;

    call = ngx_http_chatdesk_call_find(&id);
    ngx_free(data);

    return call;
}


ngx_uint_t
ngx_http_chatdesk_call_redis(ngx_http_chatdesk_call_t *call,
    const char *function, ngx_http_chatdesk_reply_pt handler,
    ngx_uint_t argc, ngx_str_t *argv)
{
    void       *data;
    ngx_str_t   key;

    data = ngx_http_chatdesk_call_data(call);
    if (data == NULL) {
        return CD_E_INTERNAL;
    }

    key.data = call->key;
    key.len = NGX_HTTP_CHATDESK_HASH_LEN;

    if (ngx_http_chatdesk_desk_call(call->desk, function, "s:", &key, handler,
                                    data, argc, argv)
        != NGX_OK)
    {
        ngx_free(data);
        return CD_E_UNAVAILABLE;
    }

    return CD_E_OK;
}


ngx_int_t
ngx_http_chatdesk_secret_draw(u_char *text)
{
    u_char     bytes[32], padded[ngx_base64_encoded_length(32) + 1];
    ngx_str_t  from, to;

    if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
        return NGX_ERROR;
    }

    from.data = bytes;
    from.len = sizeof(bytes);
    to.data = padded;

    ngx_encode_base64url(&to, &from);
    ngx_memcpy(text, to.data, NGX_HTTP_CHATDESK_SECRET_LEN);

    return NGX_OK;
}


/* -- routes -- */

static void
ngx_http_chatdesk_session_reply(void *data, redisReply *reply)
{
    ngx_uint_t                  error;
    ngx_http_chatdesk_call_t   *call;
    ngx_http_chatdesk_user_t    user;

    call = ngx_http_chatdesk_call_end(data);
    if (call == NULL) {
        return;
    }

    if (ngx_http_chatdesk_desk_reply(reply, 4, &error, call->desk->log)
        == NGX_ERROR)
    {
        ngx_http_chatdesk_call_error(call, error, 0);
        return;
    }

    user.who = ngx_http_chatdesk_reply_str(reply, 1);
    user.name = ngx_http_chatdesk_reply_str(reply, 2);
    user.role = ngx_http_chatdesk_reply_str(reply, 3);

    ngx_http_chatdesk_call_user(call, &user);
}


static ngx_uint_t
ngx_http_chatdesk_session_start(ngx_http_chatdesk_call_t *call)
{
    u_char     buf[NGX_HTTP_CHATDESK_NUMBER_LEN];
    ngx_str_t  at;

    at = ngx_http_chatdesk_number(buf, ngx_http_chatdesk_now());

    return ngx_http_chatdesk_call_redis(call, "cd_session",
                                        ngx_http_chatdesk_session_reply,
                                        1, &at);
}


static void
ngx_http_chatdesk_ticket_reply(void *data, redisReply *reply)
{
    ngx_uint_t                 error;
    ngx_http_chatdesk_call_t  *call;

    call = ngx_http_chatdesk_call_end(data);
    if (call == NULL) {
        return;
    }

    if (ngx_http_chatdesk_desk_reply(reply, 1, &error, call->desk->log)
        == NGX_ERROR)
    {
        ngx_http_chatdesk_call_error(call, error, 0);
        return;
    }

    ngx_http_chatdesk_call_ticket(call);
}


static ngx_uint_t
ngx_http_chatdesk_ticket_start(ngx_http_chatdesk_call_t *call)
{
    u_char     buf[NGX_HTTP_CHATDESK_NUMBER_LEN];
    u_char     hash[NGX_HTTP_CHATDESK_HASH_LEN];
    ngx_str_t  argv[2];

    if (ngx_http_chatdesk_secret_draw(call->secret) != NGX_OK) {
        return CD_E_INTERNAL;
    }

    ngx_http_chatdesk_hash(hash, call->secret, NGX_HTTP_CHATDESK_SECRET_LEN);

    argv[0].data = hash;
    argv[0].len = sizeof(hash);
    argv[1] = ngx_http_chatdesk_number(buf, ngx_http_chatdesk_now());

    return ngx_http_chatdesk_call_redis(call, "cd_ticket",
                                        ngx_http_chatdesk_ticket_reply,
                                        2, argv);
}


static void
ngx_http_chatdesk_logout_reply(void *data, redisReply *reply)
{
    ngx_uint_t                 error;
    ngx_http_chatdesk_call_t  *call;

    call = ngx_http_chatdesk_call_end(data);
    if (call == NULL) {
        return;
    }

    /* a login that is not there any more has ended as well */

    if (ngx_http_chatdesk_desk_reply(reply, 1, &error, call->desk->log)
            == NGX_ERROR
        && error != CD_E_UNAUTHORIZED)
    {
        ngx_http_chatdesk_call_error(call, error, 0);
        return;
    }

    ngx_http_chatdesk_call_gone(call);
}


static ngx_uint_t
ngx_http_chatdesk_logout_start(ngx_http_chatdesk_call_t *call)
{
    u_char     buf[NGX_HTTP_CHATDESK_NUMBER_LEN];
    ngx_str_t  at;

    if (ngx_http_chatdesk_cookie_key(call->request, call->desk, call->key)
        != NGX_OK)
    {
        ngx_http_chatdesk_call_gone(call);
        return CD_E_OK;
    }

    at = ngx_http_chatdesk_number(buf, ngx_http_chatdesk_now());

    return ngx_http_chatdesk_call_redis(call, "cd_logout",
                                        ngx_http_chatdesk_logout_reply,
                                        1, &at);
}


/* -- the handler -- */

ngx_str_t
ngx_http_chatdesk_api_name(ngx_http_request_t *r)
{
    ngx_str_t                  name = ngx_null_string;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (r->uri.len < clcf->name.len) {
        return name;
    }

    name.data = r->uri.data + clcf->name.len;
    name.len = r->uri.len - clcf->name.len;

    if (name.len > 0 && name.data[0] == '/'
        && clcf->name.data[clcf->name.len - 1] != '/')
    {
        name.data++;
        name.len--;
    }

    return name;
}


static const ngx_http_chatdesk_route_t *
ngx_http_chatdesk_route_find(ngx_http_request_t *r)
{
    ngx_str_t                         name;
    ngx_uint_t                        i;
    const ngx_http_chatdesk_route_t  *route;

    name = ngx_http_chatdesk_api_name(r);
    route = &ngx_http_chatdesk_rest_read;

    if (name.len > route->name.len
        && ngx_memcmp(name.data, route->name.data, route->name.len) == 0)
    {
        return (r->method & ngx_http_chatdesk_rest_write.methods)
               ? &ngx_http_chatdesk_rest_write : route;
    }

    for (i = 0; i < sizeof(ngx_http_chatdesk_routes)
                    / sizeof(ngx_http_chatdesk_routes[0]); i++)
    {
        route = &ngx_http_chatdesk_routes[i];

        if (name.len == route->name.len
            && ngx_memcmp(name.data, route->name.data, name.len) == 0)
        {
            return route;
        }
    }

    return NULL;
}


/* Starts a call whose body, if it has one, is there. */

static void
ngx_http_chatdesk_call_start(ngx_http_chatdesk_call_t *call)
{
    ngx_uint_t           error;
    ngx_http_request_t  *r = call->request;

    /* a client that leaves ends the request */

    if (!r->discard_body) {
        r->read_event_handler = ngx_http_test_reading;
    }

    r->write_event_handler = ngx_http_request_empty_handler;

    if (call->route->cookie
        && ngx_http_chatdesk_cookie_key(r, call->desk, call->key) != NGX_OK)
    {
        ngx_http_chatdesk_call_error(call, CD_E_UNAUTHORIZED, 0);
        return;
    }

    error = call->route->start(call);

    if (error != CD_E_OK) {
        ngx_http_chatdesk_call_error(call, error, 0);
    }
}


static void
ngx_http_chatdesk_call_body(ngx_http_request_t *r)
{
    ngx_http_chatdesk_call_start(ngx_http_get_module_ctx(r,
                                                  ngx_http_chatdesk_module));
}


/* Everything that is known without the body; CD_E_OK or the error. */

static ngx_uint_t
ngx_http_chatdesk_api_check(ngx_http_request_t *r,
    const ngx_http_chatdesk_route_t *route)
{
    ngx_http_chatdesk_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_chatdesk_module);

    if (route == NULL) {
        return CD_E_NO_ROUTE;
    }

    if (!(r->method & route->methods)) {
        return ngx_http_chatdesk_api_header(r, "Allow",
                                            (ngx_str_t *) &route->allow)
               == NGX_OK ? CD_E_BAD_METHOD : CD_E_INTERNAL;
    }

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))
        && !ngx_http_chatdesk_origin_allowed(r, lcf->origins))
    {
        return CD_E_BAD_ORIGIN;
    }

    if (route->body
        && r->headers_in.content_length_n > (off_t) route->body_max)
    {
        return CD_E_TOO_LONG;
    }

    return CD_E_OK;
}


ngx_int_t
ngx_http_chatdesk_api_refuse(ngx_http_request_t *r, ngx_uint_t error)
{
    ngx_int_t  rc;

    rc = ngx_http_discard_request_body(r);

    return (rc == NGX_OK) ? ngx_http_chatdesk_api_error(r, error, 0) : rc;
}


ngx_uint_t
ngx_http_chatdesk_api_desk(ngx_http_request_t *r,
    ngx_http_chatdesk_desk_t **desk)
{
    switch (ngx_http_chatdesk_desk_of(r, desk)) {

    case NGX_OK:
        return CD_E_OK;

    case NGX_HTTP_NOT_FOUND:
        return CD_E_NO_DESK;

    case NGX_HTTP_SERVICE_UNAVAILABLE:
        return CD_E_UNAVAILABLE;

    default:
        return CD_E_INTERNAL;
    }
}


ngx_int_t
ngx_http_chatdesk_api_handler(ngx_http_request_t *r)
{
    ngx_int_t                         rc;
    ngx_uint_t                        error;
    ngx_http_chatdesk_call_t         *call;
    ngx_http_chatdesk_desk_t         *desk;
    const ngx_http_chatdesk_route_t  *route;

    if (r != r->main) {
        return NGX_HTTP_NOT_FOUND;
    }

    route = ngx_http_chatdesk_route_find(r);
    error = ngx_http_chatdesk_api_check(r, route);

    if (error != CD_E_OK) {
        return ngx_http_chatdesk_api_refuse(r, error);
    }

    error = ngx_http_chatdesk_api_desk(r, &desk);

    if (error != CD_E_OK) {
        return ngx_http_chatdesk_api_refuse(r, error);
    }

    call = ngx_http_chatdesk_call_create(r, route, desk);
    if (call == NULL) {
        return ngx_http_chatdesk_api_refuse(r, CD_E_INTERNAL);
    }

    if (route->body) {
        ngx_http_set_ctx(r, call, ngx_http_chatdesk_module);
        r->request_body_in_single_buf = 1;

        rc = ngx_http_read_client_request_body(r, ngx_http_chatdesk_call_body);

        return (rc >= NGX_HTTP_SPECIAL_RESPONSE) ? rc : NGX_DONE;
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    r->main->count++;
    ngx_http_chatdesk_call_start(call);

    return NGX_DONE;
}
