/*
 * A token bucket that counts in milliseconds.
 *
 * Purpose:    bounds how often one session may do one class of things.
 * Owner:      whoever embeds it.
 * Invariants: pure; the clock comes in.  A clock that goes back grants
 *             nothing and takes nothing.  `excess` never passes
 *             burst * 1000, so that no wait is longer than needed for one.
 */

#ifndef NGX_HTTP_CHATDESK_RATE_H
#define NGX_HTTP_CHATDESK_RATE_H

#include <stdint.h>


/* what chatdesk_rate says */

typedef struct {
    uint32_t   per_second;      /* 1..1000 */
    uint32_t   burst;           /* 1..10000, at once */
} ngx_http_chatdesk_rate_conf_t;

/* all zero is a full bucket */

typedef struct {
    uint64_t   last_ms;
    uint32_t   excess;          /* thousandths of what was taken and is not
                                   yet given back */
} ngx_http_chatdesk_rate_t;


/* Takes one.  0 when it was there, else the milliseconds until it is. */
uint32_t ngx_http_chatdesk_rate_take(ngx_http_chatdesk_rate_t *rate,
    const ngx_http_chatdesk_rate_conf_t *conf, uint64_t now_ms);


#endif /* NGX_HTTP_CHATDESK_RATE_H */
