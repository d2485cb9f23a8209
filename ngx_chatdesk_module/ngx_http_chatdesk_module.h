/*
 * Configuration of the module, and what its parts share of it.
 *
 * Purpose:    the result of the directives.
 * Owner:      the cycle's pool; everything here is constant once nginx has
 *             read its configuration.
 * Invariants: a location with a role has a desk and a Redis, a visitor's
 *             location secrets too.
 */

#ifndef NGX_HTTP_CHATDESK_MODULE_H
#define NGX_HTTP_CHATDESK_MODULE_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "chatdesk_wire.h"
#include "ngx_http_chatdesk_desk.h"
#include "ngx_http_chatdesk_rate.h"
#include "ngx_http_chatdesk_redis.h"
#include "ngx_http_chatdesk_token.h"
#include "ngx_http_chatdesk_ws.h"


/* the subprotocol of the sockets */
#define NGX_HTTP_CHATDESK_PROTOCOL  "chatdesk.v1"


/* what a location does */

typedef enum {
    NGX_HTTP_CHATDESK_NOTHING = 0,
    NGX_HTTP_CHATDESK_VISITOR = 1,      /* chatdesk_socket visitor */
    NGX_HTTP_CHATDESK_AGENT = 2,        /* chatdesk_socket agent */
    NGX_HTTP_CHATDESK_API = 3,          /* chatdesk_api */
    NGX_HTTP_CHATDESK_STATUS = 4,       /* chatdesk_status, metrics */
    NGX_HTTP_CHATDESK_POLL_VISITOR = 5, /* chatdesk_poll visitor */
    NGX_HTTP_CHATDESK_POLL_AGENT = 6    /* chatdesk_poll agent */
} ngx_http_chatdesk_use_e;

typedef struct {
    unsigned       any:1;
    unsigned       same:1;
    ngx_array_t    list;                /* of ngx_str_t, lower case */
} ngx_http_chatdesk_origins_t;

typedef struct {
    ngx_array_t      redis;     /* of ngx_http_chatdesk_redis_conf_t *, all
                                   different */
    ngx_shm_zone_t  *zone;      /* NULL: each process counts for itself */
    ngx_msec_t       drain;     /* time to move all clients at exit */
    size_t           send_memory;   /* of an nginx worker's frames */
} ngx_http_chatdesk_main_conf_t;

typedef struct {
    ngx_http_chatdesk_use_e          use;
    ngx_str_t                        used_file; /* where `use` was said */
    ngx_uint_t                       used_line;

    ngx_http_chatdesk_redis_conf_t  *redis;
    ngx_uint_t                       replicas;  /* see redis.h; 0: none */
    ngx_msec_t                       replicas_ms;
    ngx_http_complex_value_t        *desk;
    ngx_http_chatdesk_secrets_t     *secrets;
    ngx_http_chatdesk_origins_t     *origins;

    ngx_http_chatdesk_ws_conf_t      ws;
    ngx_msec_t                       hello_timeout;
    ngx_open_file_t                 *log;       /* NULL: off */
    ngx_msec_t                       recheck;   /* of an agent's login */
    ngx_msec_t                       poll_hold;
    ngx_http_chatdesk_rate_conf_t    rate;      /* per_second 0: unset */
    uint32_t                         most[2];   /* connections of an address,
                                                   of a person; 0: any */
} ngx_http_chatdesk_loc_conf_t;


extern ngx_module_t  ngx_http_chatdesk_module;

/* The desk of a request in *desk: NGX_OK, or the status to answer. */
ngx_int_t ngx_http_chatdesk_desk_of(ngx_http_request_t *r,
    ngx_http_chatdesk_desk_t **desk);

/* Now, in ms since 1970; the turn of the event loop's clock. */

static ngx_inline uint64_t
ngx_http_chatdesk_now(void)
{
    ngx_time_t  *tp = ngx_timeofday();

    return (uint64_t) tp->sec * 1000 + tp->msec;
}


#endif /* NGX_HTTP_CHATDESK_MODULE_H */
