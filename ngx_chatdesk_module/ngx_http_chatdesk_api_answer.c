/*
 * Answers of the HTTP interface: JSON, headers, the session cookie; and the
 * body of a request.
 *
 * Purpose:    one place that writes what a client of the interface sees.
 * Owner:      everything is made in the request's pool.
 * Invariants: no answer may be cached; a cookie is never readable by
 *             scripts, and over TLS bound to this host; every error says
 *             what to do, in the words of tbl/errors.h.
 */

#include "ngx_http_chatdesk_api_state.h"
#include "ngx_http_chatdesk_metrics.h"


ngx_int_t
ngx_http_chatdesk_api_header(ngx_http_request_t *r, const char *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value = *value;

    return NGX_OK;
}


ngx_int_t
ngx_http_chatdesk_api_send(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *body)
{
    ngx_int_t    rc;
    ngx_buf_t   *b;
    ngx_chain_t  out;

    static ngx_str_t  no_store = ngx_string("no-store");

    if (ngx_http_chatdesk_api_header(r, "Cache-Control", &no_store)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = status;
    r->headers_out.content_length_n = body->len;

    if (body->len == 0) {
        r->header_only = 1;

    } else {
        ngx_str_set(&r->headers_out.content_type, "application/json");
        r->headers_out.content_type_len = r->headers_out.content_type.len;
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = body->data;
    b->last = body->data + body->len;
    b->memory = 1;
    b->last_buf = 1;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


/* Ends the request of a call.  The call is gone afterwards. */

static void
ngx_http_chatdesk_call_finish(ngx_http_chatdesk_call_t *call, ngx_int_t rc)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = call->request;
    c = r->connection;

    ngx_http_finalize_request(r, rc);
    ngx_http_run_posted_requests(c);
}


/* {"a":"..","b":".."}: pairs of name and value, at most `count` of them. */

static ngx_int_t
ngx_http_chatdesk_api_object(ngx_pool_t *pool, ngx_str_t *body,
    const char **names, ngx_str_t *values, ngx_uint_t count)
{
    size_t       len;
    u_char      *p;
    ngx_uint_t   i;

    len = sizeof("{}\n");

    for (i = 0; i < count; i++) {
        len += sizeof("\"\":\"\",") + ngx_strlen(names[i]) + values[i].len
               + ngx_escape_json(NULL, values[i].data, values[i].len);
    }

    p = ngx_pnalloc(pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    body->data = p;
    *p++ = '{';

    for (i = 0; i < count; i++) {
        p = ngx_sprintf(p, "%s\"%s\":\"", i == 0 ? "" : ",", names[i]);
        p = (u_char *) ngx_escape_json(p, values[i].data, values[i].len);
        *p++ = '"';
    }

    *p++ = '}';
    *p++ = '\n';
    body->len = p - body->data;

    return NGX_OK;
}


/* -- errors -- */

ngx_int_t
ngx_http_chatdesk_api_retry(ngx_http_request_t *r, uint64_t retry_ms)
{
    ngx_str_t  seconds;

    seconds.data = ngx_pnalloc(r->pool, NGX_INT64_LEN);
    if (seconds.data == NULL) {
        return NGX_ERROR;
    }

    seconds.len = ngx_sprintf(seconds.data, "%uL", (retry_ms + 999) / 1000)
                  - seconds.data;

    return ngx_http_chatdesk_api_header(r, "Retry-After", &seconds);
}


ngx_int_t
ngx_http_chatdesk_api_error(ngx_http_request_t *r, ngx_uint_t error,
    uint64_t retry_ms)
{
    ngx_str_t                   body;
    const struct cd_error_row  *row;

    row = cd_error_row((enum cd_error) error);

    if (error == CD_E_BUSY || error == CD_E_UNAVAILABLE) {
        ngx_http_chatdesk_metric_add(NGX_HTTP_CHATDESK_BUSY, 1);
        retry_ms = ngx_max(retry_ms, CD_LIMIT_RETRY_MS);
    }

    body.data = ngx_pnalloc(r->pool, ngx_strlen(row->code)
                                     + ngx_strlen(row->text) + NGX_INT64_LEN
                                     + sizeof("{\"code\":\"\",\"text\":\"\","
                                              "\"retry_after\":}\n"));
    if (body.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (retry_ms != 0) {
        body.len = ngx_sprintf(body.data, "{\"code\":\"%s\",\"text\":\"%s\","
                               "\"retry_after\":%uL}\n",
                               row->code, row->text, retry_ms)
                   - body.data;

        if (ngx_http_chatdesk_api_retry(r, retry_ms) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

    } else {
        body.len = ngx_sprintf(body.data, "{\"code\":\"%s\",\"text\":\"%s\"}\n",
                               row->code, row->text)
                   - body.data;
    }

    return ngx_http_chatdesk_api_send(r, row->http, &body);
}


void
ngx_http_chatdesk_call_error(ngx_http_chatdesk_call_t *call,
    ngx_uint_t error, uint64_t retry_ms)
{
    ngx_http_chatdesk_call_finish(call,
             ngx_http_chatdesk_api_error(call->request, error, retry_ms));
}


/* -- successes -- */

void
ngx_http_chatdesk_call_answer(ngx_http_chatdesk_call_t *call,
    ngx_uint_t status, ngx_str_t *body)
{
    ngx_http_chatdesk_call_finish(call,
             ngx_http_chatdesk_api_send(call->request, status, body));
}


void
ngx_http_chatdesk_call_user(ngx_http_chatdesk_call_t *call,
    ngx_http_chatdesk_user_t *user)
{
    ngx_int_t            rc;
    ngx_str_t            body, values[3];
    ngx_http_request_t  *r = call->request;

    static const char  *names[] = { "who", "name", "role" };

    values[0] = user->who;
    values[1] = user->name;
    values[2] = user->role;

    rc = NGX_HTTP_INTERNAL_SERVER_ERROR;

    if (ngx_http_chatdesk_api_object(r->pool, &body, names, values, 3)
        == NGX_OK)
    {
        rc = ngx_http_chatdesk_api_send(r, NGX_HTTP_OK, &body);
    }

    ngx_http_chatdesk_call_finish(call, rc);
}


void
ngx_http_chatdesk_call_ticket(ngx_http_chatdesk_call_t *call)
{
    ngx_int_t            rc;
    ngx_str_t            body, ticket;
    ngx_http_request_t  *r = call->request;

    static const char  *names[] = { "ticket" };

    ticket.data = call->secret;
    ticket.len = NGX_HTTP_CHATDESK_SECRET_LEN;

    rc = NGX_HTTP_INTERNAL_SERVER_ERROR;

    if (ngx_http_chatdesk_api_object(r->pool, &body, names, &ticket, 1)
        == NGX_OK)
    {
        rc = ngx_http_chatdesk_api_send(r, NGX_HTTP_OK, &body);
    }

    ngx_http_chatdesk_call_finish(call, rc);
}


void
ngx_http_chatdesk_call_gone(ngx_http_chatdesk_call_t *call)
{
    ngx_int_t  rc;
    ngx_str_t  none = ngx_null_string;

    rc = NGX_HTTP_INTERNAL_SERVER_ERROR;

    if (ngx_http_chatdesk_cookie_clear(call) == NGX_OK) {
        rc = ngx_http_chatdesk_api_send(call->request, NGX_HTTP_NO_CONTENT,
                                        &none);
    }

    ngx_http_chatdesk_call_finish(call, rc);
}


/* -- the body of a request -- */

ngx_uint_t
ngx_http_chatdesk_api_body(ngx_http_request_t *r, size_t max,
    ngx_str_t *body)
{
    u_char       *p;
    ngx_chain_t  *cl;

    if (r->request_body == NULL || r->request_body->bufs == NULL) {
        return CD_E_BAD_REQUEST;
    }

    if (r->request_body->temp_file != NULL) {
        return CD_E_TOO_LONG;
    }

    cl = r->request_body->bufs;
    body->data = cl->buf->pos;
    body->len = 0;

    for ( /* void */ ; cl != NULL; cl = cl->next) {
        body->len += cl->buf->last - cl->buf->pos;
    }

    if (body->len > max) {
        return CD_E_TOO_LONG;
    }

    cl = r->request_body->bufs;

    if (cl->next == NULL) {
        return CD_E_OK;
    }

    /* a part came with the header, or in chunks; there is one copy only, for
       whoever must wipe it */

    p = ngx_pnalloc(r->pool, body->len);
    if (p == NULL) {
        return CD_E_INTERNAL;
    }

    body->data = p;

    for ( /* void */ ; cl != NULL; cl = cl->next) {
        p = ngx_cpymem(p, cl->buf->pos, cl->buf->last - cl->buf->pos);
        ngx_explicit_memzero(cl->buf->pos, cl->buf->last - cl->buf->pos);
    }

    return CD_E_OK;
}


/* -- the cookie -- */

static ngx_uint_t
ngx_http_chatdesk_cookie_secure(ngx_http_request_t *r)
{
#if (NGX_HTTP_SSL)
    return r->connection->ssl != NULL;
#else
    (void) r;
    return 0;
#endif
}


/* __Host-chatdesk-<desk>, without the prefix where it would be refused. */

static ngx_int_t
ngx_http_chatdesk_cookie_name(ngx_http_request_t *r,
    ngx_http_chatdesk_desk_t *desk, ngx_str_t *name)
{
    name->data = ngx_pnalloc(r->pool, sizeof("__Host-chatdesk-")
                                      + desk->name.len);
    if (name->data == NULL) {
        return NGX_ERROR;
    }

    name->len = ngx_sprintf(name->data, "%schatdesk-%V",
                            ngx_http_chatdesk_cookie_secure(r) ? "__Host-"
                                                               : "",
                            &desk->name)
                - name->data;

    return NGX_OK;
}


/* Set-Cookie with this value and lifetime ("" for the browser's session). */

static ngx_int_t
ngx_http_chatdesk_cookie_send(ngx_http_chatdesk_call_t *call,
    ngx_str_t *value, const char *lifetime)
{
    ngx_str_t            name, cookie;
    ngx_http_request_t  *r = call->request;

    if (ngx_http_chatdesk_cookie_name(r, call->desk, &name) != NGX_OK) {
        return NGX_ERROR;
    }

    cookie.data = ngx_pnalloc(r->pool, name.len + value->len
                                       + ngx_strlen(lifetime)
                                       + sizeof("=; Path=/; HttpOnly; "
                                                "SameSite=Strict; Secure"));
    if (cookie.data == NULL) {
        return NGX_ERROR;
    }

    cookie.len = ngx_sprintf(cookie.data,
                             "%V=%V; Path=/; HttpOnly; SameSite=Strict%s%s",
                             &name, value,
                             ngx_http_chatdesk_cookie_secure(r) ? "; Secure"
                                                                : "",
                             lifetime)
                 - cookie.data;

    return ngx_http_chatdesk_api_header(r, "Set-Cookie", &cookie);
}


ngx_int_t
ngx_http_chatdesk_cookie_set(ngx_http_chatdesk_call_t *call)
{
    ngx_str_t  value;

    value.data = call->secret;
    value.len = NGX_HTTP_CHATDESK_SECRET_LEN;

    return ngx_http_chatdesk_cookie_send(call, &value, "");
}


ngx_int_t
ngx_http_chatdesk_cookie_clear(ngx_http_chatdesk_call_t *call)
{
    ngx_str_t  none = ngx_string("");

    return ngx_http_chatdesk_cookie_send(call, &none, "; Max-Age=0");
}


ngx_int_t
ngx_http_chatdesk_cookie_key(ngx_http_request_t *r,
    ngx_http_chatdesk_desk_t *desk, u_char *key)
{
    ngx_str_t  name, value;

    if (ngx_http_chatdesk_cookie_name(r, desk, &name) != NGX_OK) {
        return NGX_DECLINED;
    }

#if (nginx_version >= 1029006)
    /* from here on the other one takes only commas for separators */
    if (ngx_http_parse_cookie_lines(r, r->headers_in.cookie, &name, &value)
        == NULL)
    {
        return NGX_DECLINED;
    }
#elif (nginx_version >= 1023000)
    if (ngx_http_parse_multi_header_lines(r, r->headers_in.cookie, &name,
                                          &value)
        == NULL)
    {
        return NGX_DECLINED;
    }
#else
    if (ngx_http_parse_multi_header_lines(&r->headers_in.cookies, &name,
                                          &value)
        == NGX_DECLINED)
    {
        return NGX_DECLINED;
    }
#endif

    if (value.len != NGX_HTTP_CHATDESK_SECRET_LEN) {
        return NGX_DECLINED;
    }

    ngx_http_chatdesk_hash(key, value.data, value.len);

    return NGX_OK;
}
