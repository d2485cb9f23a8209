/*
 * The counters as pages: JSON for people and scripts, text for Prometheus.
 *
 * Purpose:    the content handlers of chatdesk_status and chatdesk_metrics.
 * Owner:      what is answered belongs to the request's pool.
 * Invariants: both pages have every row of tbl/metrics.h, in its order; a
 *             row is read once for a page, and no lock is taken.
 */

#include "ngx_http_chatdesk_metrics.h"
#include "ngx_http_chatdesk_module.h"

#include <hiredis/hiredis.h>


typedef struct {
    ngx_str_t    name;
    ngx_str_t    type;
    ngx_str_t    suffix;                    /* of the name at Prometheus */
    ngx_str_t    doc;
} ngx_http_chatdesk_metric_t;


#define NGX_HTTP_CHATDESK_TYPE_COUNTER                                        \
    ngx_string("counter"), ngx_string("_total")
#define NGX_HTTP_CHATDESK_TYPE_GAUGE                                          \
    ngx_string("gauge"), ngx_null_string

static const ngx_http_chatdesk_metric_t  ngx_http_chatdesk_metrics[] = {
#define CD_METRIC(id, name, type, doc)                                        \
    { ngx_string(#name), NGX_HTTP_CHATDESK_TYPE_##type, ngx_string(doc) },
#include "tbl/metrics.h"
#undef CD_METRIC
};


#define ngx_http_chatdesk_text(x)   #x
#define ngx_http_chatdesk_value(x)  ngx_http_chatdesk_text(x)

#define NGX_HTTP_CHATDESK_HIREDIS                                             \
    ngx_http_chatdesk_value(HIREDIS_MAJOR) "."                                \
    ngx_http_chatdesk_value(HIREDIS_MINOR) "."                                \
    ngx_http_chatdesk_value(HIREDIS_PATCH)

#define NGX_HTTP_CHATDESK_JSON_HEAD                                           \
    "{\"build\":{\"nginx\":\"" NGINX_VERSION                                  \
    "\",\"hiredis\":\"" NGX_HTTP_CHATDESK_HIREDIS                             \
    "\",\"protocol\":\"" NGX_HTTP_CHATDESK_PROTOCOL "\"},\"scope\":\"%s\""

#define NGX_HTTP_CHATDESK_TEXT_HEAD                                           \
    "# HELP chatdesk_build_info what the module was built with\n"             \
    "# TYPE chatdesk_build_info gauge\n"                                      \
    "chatdesk_build_info{nginx=\"" NGINX_VERSION                              \
    "\",hiredis=\"" NGX_HTTP_CHATDESK_HIREDIS                                 \
    "\",protocol=\"" NGX_HTTP_CHATDESK_PROTOCOL "\",scope=\"%s\"} 1\n"

#define NGX_HTTP_CHATDESK_TEXT_ROW                                            \
    "# HELP chatdesk_%V%V %V\n# TYPE chatdesk_%V%V %V\nchatdesk_%V%V %A\n"


static char *
ngx_http_chatdesk_scope(void)
{
    return ngx_http_chatdesk_metrics_shared() ? "zone" : "process";
}


static ngx_buf_t *
ngx_http_chatdesk_status_body(ngx_pool_t *pool)
{
    size_t       len;
    ngx_buf_t   *b;
    ngx_uint_t   i;

    len = sizeof(NGX_HTTP_CHATDESK_JSON_HEAD "process}\n");

    for (i = 0; i < NGX_HTTP_CHATDESK_METRICS; i++) {
        len += ngx_http_chatdesk_metrics[i].name.len + NGX_ATOMIC_T_LEN
               + sizeof(",\"\":");
    }

    b = ngx_create_temp_buf(pool, len);
    if (b == NULL) {
        return NULL;
    }

    b->last = ngx_sprintf(b->last, NGX_HTTP_CHATDESK_JSON_HEAD,
                          ngx_http_chatdesk_scope());

    for (i = 0; i < NGX_HTTP_CHATDESK_METRICS; i++) {
        b->last = ngx_sprintf(b->last, ",\"%V\":%A",
                              &ngx_http_chatdesk_metrics[i].name,
                              ngx_http_chatdesk_metric_get(i));
    }

    *b->last++ = '}';
    *b->last++ = '\n';

    return b;
}


static ngx_buf_t *
ngx_http_chatdesk_metrics_body(ngx_pool_t *pool)
{
    size_t                             len;
    ngx_buf_t                         *b;
    ngx_uint_t                         i;
    const ngx_http_chatdesk_metric_t  *m;

    len = sizeof(NGX_HTTP_CHATDESK_TEXT_HEAD "process");

    for (i = 0; i < NGX_HTTP_CHATDESK_METRICS; i++) {
        m = &ngx_http_chatdesk_metrics[i];
        len += sizeof(NGX_HTTP_CHATDESK_TEXT_ROW) + NGX_ATOMIC_T_LEN
               + 3 * (m->name.len + m->suffix.len) + m->doc.len + m->type.len;
    }

    b = ngx_create_temp_buf(pool, len);
    if (b == NULL) {
        return NULL;
    }

    b->last = ngx_sprintf(b->last, NGX_HTTP_CHATDESK_TEXT_HEAD,
                          ngx_http_chatdesk_scope());

    for (i = 0; i < NGX_HTTP_CHATDESK_METRICS; i++) {
        m = &ngx_http_chatdesk_metrics[i];
        b->last = ngx_sprintf(b->last, NGX_HTTP_CHATDESK_TEXT_ROW,
                              &m->name, &m->suffix, &m->doc,
                              &m->name, &m->suffix, &m->type,
                              &m->name, &m->suffix,
                              ngx_http_chatdesk_metric_get(i));
    }

    return b;
}


/* Answers a page whose body one of the functions above writes. */

static ngx_int_t
ngx_http_chatdesk_page(ngx_http_request_t *r,
    ngx_buf_t *(*body)(ngx_pool_t *pool), ngx_str_t *type)
{
    ngx_int_t    rc;
    ngx_buf_t   *b;
    ngx_chain_t  out;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    b = body(r->pool);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = b->last - b->pos;
    r->headers_out.content_type = *type;
    r->headers_out.content_type_len = type->len;

    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


ngx_int_t
ngx_http_chatdesk_status_handler(ngx_http_request_t *r)
{
    static ngx_str_t  type = ngx_string("application/json");

    return ngx_http_chatdesk_page(r, ngx_http_chatdesk_status_body, &type);
}


ngx_int_t
ngx_http_chatdesk_metrics_handler(ngx_http_request_t *r)
{
    static ngx_str_t  type = ngx_string("text/plain; version=0.0.4");

    return ngx_http_chatdesk_page(r, ngx_http_chatdesk_metrics_body, &type);
}
