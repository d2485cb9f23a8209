/*
 * Counters and gauges: the table, its shared zone, the status page.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_metrics.h.
 *
 * The layout is versioned by `magic`, which is derived from its size and a
 * number that changes with its meaning.  A zone with another layout keeps
 * serving the processes that know it; new ones get a table of their own in
 * the same zone.
 */

#include "ngx_http_chatdesk_metrics.h"


#define NGX_HTTP_CHATDESK_LAYOUT  1


typedef struct {
    ngx_atomic_uint_t  magic;
    ngx_atomic_t       counters[NGX_HTTP_CHATDESK_METRICS];
    /* by process slot: sessions, feeds */
    ngx_atomic_t       gauges[NGX_MAX_PROCESSES][2];
} ngx_http_chatdesk_table_t;


/* column of `gauges` and 1 */

enum {
    NGX_HTTP_CHATDESK_GAUGE_COUNTER = 0,
    NGX_HTTP_CHATDESK_GAUGE_SESSIONS = 1,
    NGX_HTTP_CHATDESK_GAUGE_FEEDS = 2
};


static ngx_http_chatdesk_table_t   ngx_http_chatdesk_own_table;
static ngx_http_chatdesk_table_t  *ngx_http_chatdesk_table =
                                                &ngx_http_chatdesk_own_table;


static ngx_uint_t
ngx_http_chatdesk_metric_gauge(ngx_http_chatdesk_metric_e metric)
{
    switch (metric) {

    case NGX_HTTP_CHATDESK_SESSIONS:
        return NGX_HTTP_CHATDESK_GAUGE_SESSIONS;

    case NGX_HTTP_CHATDESK_FEEDS:
        return NGX_HTTP_CHATDESK_GAUGE_FEEDS;

    default:
        return NGX_HTTP_CHATDESK_GAUGE_COUNTER;
    }
}


void
ngx_http_chatdesk_metric_add(ngx_http_chatdesk_metric_e metric,
    ngx_atomic_int_t n)
{
    ngx_uint_t                  gauge;
    ngx_http_chatdesk_table_t  *table;

    table = ngx_http_chatdesk_table;
    gauge = ngx_http_chatdesk_metric_gauge(metric);

    if (gauge == NGX_HTTP_CHATDESK_GAUGE_COUNTER) {
        (void) ngx_atomic_fetch_add(&table->counters[metric], n);
        return;
    }

    (void) ngx_atomic_fetch_add(&table->gauges[ngx_process_slot][gauge - 1],
                                n);
}


ngx_atomic_int_t
ngx_http_chatdesk_metric_get(ngx_http_chatdesk_metric_e metric)
{
    ngx_uint_t                  i, gauge;
    ngx_atomic_int_t            sum;
    ngx_http_chatdesk_table_t  *table;

    table = ngx_http_chatdesk_table;
    gauge = ngx_http_chatdesk_metric_gauge(metric);

    if (gauge == NGX_HTTP_CHATDESK_GAUGE_COUNTER) {
        return (ngx_atomic_int_t) table->counters[metric];
    }

    sum = 0;

    for (i = 0; i < NGX_MAX_PROCESSES; i++) {
        sum += (ngx_atomic_int_t) table->gauges[i][gauge - 1];
    }

    return sum;
}


ngx_int_t
ngx_http_chatdesk_metrics_init_zone(ngx_shm_zone_t *zone, void *data)
{
    ngx_slab_pool_t            *pool;
    ngx_atomic_uint_t           magic;
    ngx_http_chatdesk_table_t  *table;

    pool = (ngx_slab_pool_t *) zone->shm.addr;
    magic = sizeof(ngx_http_chatdesk_table_t) * 256 + NGX_HTTP_CHATDESK_LAYOUT;

    table = (data != NULL || zone->shm.exists) ? pool->data : NULL;

    if (table == NULL || table->magic != magic) {
        table = ngx_slab_calloc(pool, sizeof(ngx_http_chatdesk_table_t));

        if (table == NULL) {
            ngx_log_error(NGX_LOG_EMERG, zone->shm.log, 0,
                          "chatdesk_zone \"%V\" has no room for %uz bytes of "
                          "counters; make it larger or rename it",
                          &zone->shm.name, sizeof(ngx_http_chatdesk_table_t));
            return NGX_ERROR;
        }

        table->magic = magic;
        pool->data = table;
    }

    zone->data = table;

    return NGX_OK;
}


void
ngx_http_chatdesk_metrics_attach(ngx_shm_zone_t *zone)
{
    ngx_http_chatdesk_table_t  *table;

    table = (zone != NULL) ? zone->data : &ngx_http_chatdesk_own_table;

    table->gauges[ngx_process_slot][0] = 0;
    table->gauges[ngx_process_slot][1] = 0;

    ngx_http_chatdesk_table = table;
}


static ngx_buf_t *
ngx_http_chatdesk_status_body(ngx_pool_t *pool)
{
    size_t       len;
    ngx_buf_t   *b;
    ngx_uint_t   i;

    static const ngx_str_t  names[] = {
#define CD_METRIC(id, name, type, doc)  ngx_string(#name),
#include "tbl/metrics.h"
#undef CD_METRIC
    };

    len = sizeof("{\"scope\":\"process\"}\n");

    for (i = 0; i < NGX_HTTP_CHATDESK_METRICS; i++) {
        len += names[i].len + NGX_ATOMIC_T_LEN + sizeof(",\"\":");
    }

    b = ngx_create_temp_buf(pool, len);
    if (b == NULL) {
        return NULL;
    }

    b->last = ngx_sprintf(b->last, "{\"scope\":\"%s\"",
                          ngx_http_chatdesk_table
                              == &ngx_http_chatdesk_own_table
                          ? "process" : "zone");

    for (i = 0; i < NGX_HTTP_CHATDESK_METRICS; i++) {
        b->last = ngx_sprintf(b->last, ",\"%V\":%A", &names[i],
                              ngx_http_chatdesk_metric_get(i));
    }

    *b->last++ = '}';
    *b->last++ = '\n';

    return b;
}


ngx_int_t
ngx_http_chatdesk_status_handler(ngx_http_request_t *r)
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

    b = ngx_http_chatdesk_status_body(r->pool);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = b->last - b->pos;
    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;

    rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}
