/*
 * Counters and gauges: the table and its shared zone.
 *
 * Purpose, owner and invariants: see ngx_http_chatdesk_metrics.h.
 *
 * The layout is versioned by `magic`, which is derived from its size and a
 * number that changes with its meaning.  A zone with another layout keeps
 * serving the processes that know it; new ones get a table of their own in
 * the same zone.
 *
 * A process that was killed has not counted its sessions out.  Its row names
 * it, so that whoever adds the rows up can see that it is gone.
 */

#include "ngx_http_chatdesk_census.h"
#include "ngx_http_chatdesk_metrics.h"


#define NGX_HTTP_CHATDESK_LAYOUT  3


typedef struct {
    ngx_atomic_t               pid;
    ngx_atomic_t               gauges[3];   /* sessions, feeds, polls */
} ngx_http_chatdesk_row_t;

typedef struct {
    ngx_atomic_uint_t          magic;
    ngx_http_chatdesk_census_t  *census;    /* in the same zone; NULL: there
                                               was no room */
    ngx_atomic_t               counters[NGX_HTTP_CHATDESK_METRICS];
    ngx_http_chatdesk_row_t    rows[NGX_MAX_PROCESSES]; /* by process slot */
} ngx_http_chatdesk_table_t;


/* column of `gauges` and 1 */

enum {
    NGX_HTTP_CHATDESK_GAUGE_COUNTER = 0,
    NGX_HTTP_CHATDESK_GAUGE_SESSIONS = 1,
    NGX_HTTP_CHATDESK_GAUGE_FEEDS = 2,
    NGX_HTTP_CHATDESK_GAUGE_POLLS = 3
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

    case NGX_HTTP_CHATDESK_POLLS:
        return NGX_HTTP_CHATDESK_GAUGE_POLLS;

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

    (void) ngx_atomic_fetch_add(
               &table->rows[ngx_process_slot].gauges[gauge - 1], n);
}


/* Whether the process that counts in this row is there. */

static ngx_uint_t
ngx_http_chatdesk_metric_alive(ngx_http_chatdesk_row_t *row)
{
    return kill((pid_t) row->pid, 0) == 0 || ngx_errno != NGX_ESRCH;
}


ngx_atomic_int_t
ngx_http_chatdesk_metric_get(ngx_http_chatdesk_metric_e metric)
{
    ngx_uint_t                  i, gauge;
    ngx_atomic_int_t            sum;
    ngx_http_chatdesk_row_t    *row;
    ngx_http_chatdesk_table_t  *table;

    table = ngx_http_chatdesk_table;
    gauge = ngx_http_chatdesk_metric_gauge(metric);

    if (gauge == NGX_HTTP_CHATDESK_GAUGE_COUNTER) {
        return (ngx_atomic_int_t) table->counters[metric];
    }

    sum = 0;

    for (i = 0; i < NGX_MAX_PROCESSES; i++) {
        row = &table->rows[i];

        if (row->gauges[gauge - 1] != 0
            && ngx_http_chatdesk_metric_alive(row))
        {
            sum += (ngx_atomic_int_t) row->gauges[gauge - 1];
        }
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
        table->census = ngx_http_chatdesk_census_create(pool, zone->shm.size);
        pool->data = table;
    }

    zone->data = table;

    return NGX_OK;
}


void
ngx_http_chatdesk_metrics_attach(ngx_shm_zone_t *zone)
{
    ngx_http_chatdesk_row_t    *row;
    ngx_http_chatdesk_table_t  *table;

    table = (zone != NULL) ? zone->data : &ngx_http_chatdesk_own_table;
    row = &table->rows[ngx_process_slot];

    row->gauges[0] = 0;
    row->gauges[1] = 0;
    row->gauges[2] = 0;
    row->pid = (ngx_atomic_uint_t) ngx_pid;

    ngx_http_chatdesk_table = table;

    ngx_http_chatdesk_census_attach(table->census, zone != NULL
                        ? (ngx_slab_pool_t *) zone->shm.addr : NULL);
}


ngx_uint_t
ngx_http_chatdesk_metrics_shared(void)
{
    return ngx_http_chatdesk_table != &ngx_http_chatdesk_own_table;
}
