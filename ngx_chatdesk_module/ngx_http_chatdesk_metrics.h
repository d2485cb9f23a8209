/*
 * Counters and gauges of the module (tbl/metrics.h).
 *
 * Purpose:    counts what the module does, for chatdesk_status and
 *             chatdesk_metrics.
 * Owner:      the shared zone when chatdesk_zone names one, else a table of
 *             this process.
 * Invariants: counters only grow and survive reloads; the gauges of a
 *             process stand in its own row, which a process that takes over
 *             the slot clears and which no longer counts when the
 *             process is gone; no lock is ever taken to count.
 */

#ifndef NGX_HTTP_CHATDESK_METRICS_H
#define NGX_HTTP_CHATDESK_METRICS_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


typedef enum {
#define CD_METRIC(id, name, type, doc)  NGX_HTTP_CHATDESK_##id,
#include "tbl/metrics.h"
#undef CD_METRIC
    NGX_HTTP_CHATDESK_METRICS
} ngx_http_chatdesk_metric_e;

/* smallest zone that holds the table, bytes */
#define NGX_HTTP_CHATDESK_ZONE_MIN  65536


void ngx_http_chatdesk_metric_add(ngx_http_chatdesk_metric_e metric,
    ngx_atomic_int_t n);

/* The value over all processes; one process' without a zone. */
ngx_atomic_int_t ngx_http_chatdesk_metric_get(
    ngx_http_chatdesk_metric_e metric);

/* The callback of the shared zone. */
ngx_int_t ngx_http_chatdesk_metrics_init_zone(ngx_shm_zone_t *zone,
    void *data);

/* Points this process to the zone, NULL for none, and clears its gauges. */
void ngx_http_chatdesk_metrics_attach(ngx_shm_zone_t *zone);

/* Whether this process counts in a zone, together with the others. */
ngx_uint_t ngx_http_chatdesk_metrics_shared(void);

/* The content handlers of chatdesk_status and chatdesk_metrics. */
ngx_int_t ngx_http_chatdesk_status_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_chatdesk_metrics_handler(ngx_http_request_t *r);


#endif /* NGX_HTTP_CHATDESK_METRICS_H */
